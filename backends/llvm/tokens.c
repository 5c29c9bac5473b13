/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which strings may hold tokens (runtime/kern/stack.h): their texts are made in user space, so no
 * kernel handler may look into them. Found for all handlers together, as tokens go from one to
 * another in globals; slots are followed from block to block, as several strings take turns in one.
 */
#include <string.h>

#include "backends/llvm/fn.h"
#include "translator/ir/intrinsics.h"

/* Of all handlers. */
struct tokens {
	struct gen *g;
	bool *values, *keys;		/* by global */
	bool changed;
};

/* Of one. */
struct walk {
	struct tokens *tokens;
	struct fn *f;
	bool **at;			/* by block: the slots where it begins */
	bool *slots;			/* where we are */
	bool *reached;			/* by block */
	uint32_t *iters;		/* the global of each iterator */
};

static bool is_token(const struct walk *w, uint32_t operand)
{
	return OPERAND_TAG(operand) == OPERAND_SLOT && w->slots[OPERAND_INDEX(operand)];
}

static void note(struct walk *w, bool *what, bool holds)
{
	if (!holds || *what)
		return;
	*what = true;
	w->tokens->changed = true;
}

static void note_result(struct walk *w, const struct flat_insn *insn, bool holds)
{
	if (OPERAND_TAG(insn->operands[0]) == OPERAND_SLOT)
		w->slots[OPERAND_INDEX(insn->operands[0])] = holds;
}

static const struct intrinsic *intrinsic_of(const struct walk *w, const struct flat_insn *insn)
{
	return intrinsic_find(w->f->flat->program->texts.data[insn->operands[1]]);
}

static bool makes_token(const struct walk *w, const struct flat_insn *insn)
{
	static const char *const makers[] = { "sonde_backtrace", "sonde_ubacktrace",
					      "sonde_symbol" };
	const struct intrinsic *row = intrinsic_of(w, insn);

	for (size_t i = 0; row && row->how == HOW_KCALL && i < 3; i++)
		if (!strcmp(row->text, makers[i]))
			return true;
	return false;
}

static bool any_token(const struct walk *w, const struct flat_insn *insn, uint32_t from)
{
	for (uint32_t i = from; i < insn->operand_count; i++)
		if (is_token(w, insn->operands[i]))
			return true;
	return false;
}

static void global_follow(struct walk *w, const struct flat_insn *insn)
{
	uint32_t index = insn->operands[1], keys;

	keys = w->f->flat->program->globals.data[index].key_count;
	for (uint32_t k = 0; k < keys && 2 + k < insn->operand_count; k++)
		note(w, &w->tokens->keys[index], is_token(w, insn->operands[2 + k]));
	if (insn->op == IR_SSTORE)
		note(w, &w->tokens->values[index], is_token(w, insn->operands[2 + keys]));
	if (insn->op == IR_SLOAD)
		note_result(w, insn, w->tokens->values[index]);
}

/* What the instruction makes of tokens. */
static void insn_follow(struct walk *w, const struct flat_insn *insn)
{
	const uint32_t *o = insn->operands;

	switch (insn->op) {
	case IR_SMOV: case IR_SCAT:
		note_result(w, insn, any_token(w, insn, 1));
		break;
	case IR_SPRINT:
		note_result(w, insn, any_token(w, insn, 2));
		break;
	case IR_CALLI:
		note_result(w, insn, makes_token(w, insn));
		break;
	case IR_ITER:
		w->iters[o[1]] = o[2];
		break;
	case IR_ITERSKEY:
		note_result(w, insn, w->tokens->keys[w->iters[o[1]]]);
		break;
	case IR_ITERSVAL:
		note_result(w, insn, w->tokens->values[w->iters[o[1]]]);
		break;
	case IR_LOAD: case IR_SLOAD: case IR_STORE: case IR_SSTORE: case IR_RMW: case IR_HAS:
	case IR_DELETE: case IR_AGG: case IR_STAT: case IR_BUCKET:
		global_follow(w, insn);
		break;
	default:
		break;
	}
}

/* ---- what may not be done with them ---- */

static bool pads_token(const struct walk *w, const struct flat_insn *insn)
{
	const struct program_print *print = &w->f->flat->program->prints.data[insn->operands[1]];
	uint32_t arg = 2;

	for (uint32_t i = 0; i < print->piece_count; i++) {
		const struct program_piece *piece = &print->pieces[i];

		if (!piece->conv)
			continue;
		arg += (piece->width_kind == 2) + (piece->precision_kind == 2);
		if ((piece->width_kind || piece->precision_kind) && arg < insn->operand_count &&
		    is_token(w, insn->operands[arg]))
			return true;
		arg++;
	}
	return false;
}

/* Is one side ""? What a token stands for never is: at least an address is there. */
static bool with_nothing(const struct walk *w, const struct flat_insn *insn)
{
	for (uint32_t i = 1; i < insn->operand_count; i++) {
		uint32_t operand = insn->operands[i];

		if (OPERAND_TAG(operand) == OPERAND_TEXT &&
		    !*w->f->flat->program->texts.data[OPERAND_INDEX(operand)])
			return true;
	}
	return false;
}

static bool looks_into(const struct walk *w, const struct flat_insn *insn)
{
	switch (insn->op) {
	case IR_SEQ:
		return any_token(w, insn, 1) && !with_nothing(w, insn);
	case IR_SCMP: case IR_REGEX:
		return any_token(w, insn, 1);
	case IR_CALLI:
		return any_token(w, insn, 2);
	case IR_SPRINT:
		return pads_token(w, insn);
	case IR_ITER:
		return insn->operands[3] && insn->operands[3] != ITER_BY_VALUE &&
		       w->tokens->keys[insn->operands[2]];
	default:
		return false;
	}
}

static void insn_check(const struct walk *w, const struct flat_insn *insn)
{
	if (looks_into(w, insn))
		refuse(w->f->g, insn->place, "looking into the text of a stack or symbol",
		       "it is made in user space: compare, search or cut it in a handler there "
		       "(timer, end), or compare addresses");
}

/* What holds here holds where @block begins, too. */
static void block_reach(struct walk *w, uint32_t block)
{
	if (block >= w->f->flat->blocks.count)
		return;
	w->tokens->changed |= !w->reached[block];
	w->reached[block] = true;
	for (size_t i = 0; i < w->f->flat->slots.count; i++)
		note(w, &w->at[block][i], w->slots[i]);
}

static void block_follow(struct walk *w, uint32_t block, bool check)
{
	const struct flat_block *from = &w->f->flat->blocks.data[block];
	uint32_t next[2], count = flat_successors(from, next);

	memcpy(w->slots, w->at[block], w->f->flat->slots.count);
	for (size_t i = 0; i < from->insns.count; i++) {
		const struct flat_insn *insn = &from->insns.data[i];

		if (insn->catch_block)
			block_reach(w, insn->catch_block);
		if (check)
			insn_check(w, insn);
		insn_follow(w, insn);
	}
	for (uint32_t i = 0; i < count; i++)
		block_reach(w, next[i]);
}

static void handler_follow(struct walk *w, bool check)
{
	w->reached[0] = true;
	for (uint32_t b = 0; b < w->f->flat->blocks.count; b++)
		if (w->reached[b])
			block_follow(w, b, check);
}

static struct walk walk_new(struct tokens *tokens, struct fn *f)
{
	struct arena *arena = f->g->arena;
	size_t blocks = f->flat->blocks.count, slots = f->flat->slots.count + 1;
	struct walk w = { .tokens = tokens, .f = f, .slots = arena_alloc(arena, slots),
			  .at = arena_alloc(arena, (blocks + 1) * sizeof(*w.at)),
			  .reached = arena_alloc(arena, blocks + 1),
			  .iters = arena_alloc(arena, (f->flat->iter_count + 1) *
							      sizeof(*w.iters)) };

	for (size_t i = 0; i < blocks; i++)
		w.at[i] = arena_alloc(arena, slots);
	return w;
}

static bool uses_tokens(const struct gen *g)
{
	static const char *const names[] = { "__stack", "__ustack", "__symbol", "__usymbol" };

	for (size_t i = 0; i < g->program->texts.count; i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			if (!strcmp(g->program->texts.data[i], names[k]))
				return true;
	return false;
}

void tokens_check(struct gen *g, struct fn *const *fns, size_t count)
{
	size_t globals = g->program->globals.count + 1;
	struct tokens tokens = { .g = g, .values = arena_alloc(g->arena, globals),
				 .keys = arena_alloc(g->arena, globals) };
	struct walk *walks = arena_alloc(g->arena, (count + 1) * sizeof(*walks));

	if (!uses_tokens(g))
		return;
	for (size_t i = 0; i < count; i++)
		walks[i] = walk_new(&tokens, fns[i]);
	do {
		tokens.changed = false;
		for (size_t i = 0; i < count; i++)
			handler_follow(&walks[i], false);
	} while (tokens.changed);
	for (size_t i = 0; i < count; i++)
		handler_follow(&walks[i], true);
}
