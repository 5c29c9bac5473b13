/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of globals. Before the code is lowered: types, widths, initial values. Afterwards, from
 * the instructions made: which handlers use each and how, and so where it lives and what an
 * aggregate keeps.
 */
#include <ctype.h>
#include <string.h>

#include "translator/elab/walk.h"
#include "translator/ir/lower-priv.h"
#include "translator/session.h"

static uint32_t string_width(const struct lower *l, uint32_t width)
{
	return width && width < lower_max_string(l) ? width : lower_max_string(l);
}

static void fill_keys(struct lower *l, const struct global *global, struct program_global *out)
{
	struct program_key *keys;

	out->key_count = global->is_array ? global->key_types.count : 0;
	keys = arena_alloc(l->session->arena, (out->key_count + 1) * sizeof(*keys));
	for (uint32_t i = 0; i < out->key_count; i++) {
		uint32_t width = i < global->key_widths.count ? global->key_widths.data[i] : 0;

		keys[i].type = global->key_types.data[i] == TYPE_STRING ? PROGRAM_STRING :
									  PROGRAM_LONG;
		keys[i].width = keys[i].type == PROGRAM_LONG ?
					8 : ABI_ROUND8(string_width(l, width));
	}
	out->keys = keys;
}

static void fill_init(struct lower *l, const struct global *global, struct program_global *out)
{
	out->init_text = "";
	if (!global->init)
		return;
	out->has_init = true;
	if (global->init->kind == EXPR_STRING)
		out->init_text = arena_strndup(l->session->arena, global->init->string.text,
					       global->init->string.length);
	else
		out->init_long = global->init->number;
}

/* An ELF symbol: the script's name, made unique. */
static const char *map_name(struct lower *l, const struct global *global)
{
	char *name = arena_printf(l->session->arena, "v%d_%s", global->index, global->name);

	for (char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at))
			*at = '_';
	return name;
}

static void fill(struct lower *l, const struct global *global, struct program_global *out)
{
	bool size_given = global->max_entries > 0;
	static const enum program_type types[] = { [TYPE_STRING] = PROGRAM_STRING,
		[TYPE_STATS] = PROGRAM_STATS, [TYPE_LONG] = PROGRAM_LONG,
		[TYPE_UNKNOWN] = PROGRAM_LONG, [TYPE_ERROR] = PROGRAM_LONG };

	out->name = global->name;
	out->map_name = map_name(l, global);
	out->type = types[global->type];
	out->width = out->type == PROGRAM_STRING ? string_width(l, global->width) : 0;
	out->is_array = global->is_array && global->key_types.count;
	out->wraps = global->wraps;
	out->autoprint = global->is_written && !global->is_read && !global->synthetic &&
			 !global->span.source->tapset;
	out->tabulated = out->autoprint && global->is_implicit && out->type == PROGRAM_STATS;
	out->size_given = size_given;
	out->max_entries = size_given ? global->max_entries : l->program->head.max_map_entries;
	out->place = ir_place(l->program, "identifier", global->span);
	fill_keys(l, global, out);
	fill_init(l, global, out);
}

/* ---- order: of first use, in which SystemTap shows the globals that nobody reads ---- */

struct order {
	struct lower *l;
	VEC(const struct function *) seen;
};

static void add_global(struct lower *l, struct global *global)
{
	if (global->index >= 0)
		return;
	global->index = l->program->globals.count;
	fill(l, global, vec_push(l->session->arena, &l->program->globals));
}

static void order_expr(struct walk *walk, struct expr **slot);

static void order_function(struct order *order, const struct function *function)
{
	struct walk walk = { .expr = order_expr, .context = order };
	struct stmt *body = function->body;

	for (size_t i = 0; i < order->seen.count; i++)
		if (order->seen.data[i] == function)
			return;
	*vec_push(order->l->session->arena, &order->seen) = function;
	if (body)
		walk_stmt(&walk, &body);
}

static void order_expr(struct walk *walk, struct expr **slot)
{
	struct order *order = walk->context;
	const struct expr *expr = *slot;

	if (expr->kind == EXPR_SYMBOL && expr->symbol.global)
		add_global(order->l, expr->symbol.global);
	for (size_t i = 0; expr->kind == EXPR_CALL && i < expr->call.targets.count; i++)
		order_function(order, expr->call.targets.data[i]);
}

void lower_globals(struct lower *l)
{
	struct order order = { .l = l };
	struct walk walk = { .expr = order_expr, .context = &order };

	for (size_t i = 0; i < l->elab->globals.count; i++)
		l->elab->globals.data[i]->index = -1;
	for (size_t i = 0; i < l->elab->handlers.count; i++)
		if (l->elab->handlers.data[i]->body)
			walk_stmt(&walk, &l->elab->handlers.data[i]->body);
	for (size_t i = 0; i < l->elab->globals.count; i++)
		add_global(l, l->elab->globals.data[i]);
}

/* ---- after lowering ---- */

/* What user-space handlers do that matters for where a global lives. */
struct uses {
	bool kernel, kernel_iterates, user_clears, user_multiplies;
};

static uint32_t global_operand(const struct ir_insn *insn)
{
	const char *args = ir_ops[insn->op].args, *at = strchr(args, 'g');

	return at ? insn->operands.data[1 + (at - args)] : UINT32_MAX;
}

static const uint8_t use_of_op[IR_OP_COUNT] = {
	[IR_LOAD] = USE_READ, [IR_SLOAD] = USE_READ, [IR_HAS] = USE_READ, [IR_STAT] = USE_READ,
	[IR_BUCKET] = USE_READ, [IR_ITER] = USE_READ, [IR_PRINTHIST] = USE_READ,
	[IR_SPRINTHIST] = USE_READ, [IR_STORE] = USE_STORE, [IR_SSTORE] = USE_STORE,
	[IR_DELETE] = USE_STORE, [IR_CLEAR] = USE_STORE, [IR_AGG] = USE_ADD,
};

static uint32_t use_of(const struct ir_insn *insn, const struct program_global *global)
{
	uint32_t op = IR_OP_COUNT, use;

	if (insn->op != IR_RMW)
		return use_of_op[insn->op];
	op = insn->operands.data[2 + global->key_count];
	use = op == IR_ADD || op == IR_SUB ? USE_ADD : USE_STORE;
	return OPERAND_TAG(insn->operands.data[0]) == OPERAND_NONE ? use : use | USE_READ;
}

static void note_stat(struct program_global *global, const struct ir_insn *insn)
{
	static const uint32_t words[] = { [IR_STAT_SUM] = AGG_SUM, [IR_STAT_MIN] = AGG_MIN,
		[IR_STAT_MAX] = AGG_MAX, [IR_STAT_AVG] = AGG_SUM,
		[IR_STAT_VARIANCE] = AGG_SUM | AGG_VARIANCE };

	if (global->type != PROGRAM_STATS)
		return;
	if (insn->op == IR_STAT)
		global->agg.words |= words[insn->operands.data[2 + global->key_count]];
	if (insn->op == IR_ITER && insn->operands.data[3] == ITER_BY_VALUE)
		global->agg.words |= words[insn->operands.data[5]];
}

static void note_insn(struct lower *l, const struct ir_func *func, const struct ir_insn *insn,
		      struct uses *uses)
{
	uint32_t index = global_operand(insn);
	struct program_global *global;

	if (index >= l->program->globals.count)
		return;
	global = &l->program->globals.data[index];
	note_stat(global, insn);
	if (func->in_kernel) {
		uses[index].kernel = true;
		global->kernel_use |= use_of(insn, global);
		uses[index].kernel_iterates |= insn->op == IR_ITER;
	}
	if (!func->in_user)
		return;
	if (insn->op == IR_CLEAR || (insn->op == IR_DELETE && !global->is_array))
		uses[index].user_clears = true;
	if (insn->op == IR_RMW && use_of(insn, global) & USE_STORE)
		uses[index].user_multiplies = true;
}

/* Handlers of the kernel only add; those of user space do what can be done to the parts of a number
 * by themselves: *= cannot. Large values are not worth a front. */
static bool front_possible(const struct program_global *global, const struct uses *uses)
{
	if (!global->is_array || global->wraps || global->ordered || uses->user_multiplies ||
	    global->kernel_use != USE_ADD)
		return false;
	return global->type == PROGRAM_LONG ||
	       (global->type == PROGRAM_STATS &&
		!(global->agg.words & (AGG_VARIANCE | AGG_HIST)));
}

static void settle(struct program_global *global, const struct uses *uses, uint32_t *slots)
{
	bool in_map = global->is_array || global->type == PROGRAM_STATS;

	if (global->autoprint && global->type == PROGRAM_STATS)
		global->agg.words |= AGG_SUM | AGG_MIN | AGG_MAX;
	if (global->tabulated && !global->is_array)
		lower_hist_log(&global->agg);
	/* A histogram's buckets are the count, but adding them up is nothing for a handler. */
	if (!(global->agg.words & AGG_HIST) || global->kernel_use & USE_READ)
		global->agg.words |= AGG_COUNT;
	if (!uses->kernel) {
		global->home = HOME_VM;
		return;
	}
	if (global->type == PROGRAM_LONG && !global->is_array && *slots < PROGRAM_MAX_SLOTS) {
		global->home = HOME_DATA;
		global->slot = (*slots)++;
		return;
	}
	global->home = HOME_MAP;
	global->swapped = in_map && uses->user_clears &&
			  global->kernel_use & (USE_ADD | USE_STORE);
	global->ordered = global->is_array && (global->wraps || uses->kernel_iterates);
	global->fronted = front_possible(global, uses);
}

void lower_globals_settle(struct lower *l)
{
	struct ir_program *program = l->program;
	struct uses *uses = arena_alloc(l->session->arena,
					(program->globals.count + 1) * sizeof(*uses));
	uint32_t slots = 0;

	for (size_t f = 0; f < program->funcs.count; f++) {
		struct ir_func *func = program->funcs.data[f];

		for (size_t b = 0; b < func->blocks.count; b++)
			for (size_t i = 0; i < func->blocks.data[b].insns.count; i++)
				note_insn(l, func, &func->blocks.data[b].insns.data[i], uses);
	}
	for (size_t i = 0; i < program->globals.count; i++)
		settle(&program->globals.data[i], &uses[i], &slots);
}

/* -t: what each kernel handler takes, by its index. */
void lower_timing(struct lower *l)
{
	struct ir_program *program = l->program;
	struct program_global *timing;
	struct program_key *key;
	bool in_kernel = false;

	for (size_t i = 0; i < program->handlers.count; i++)
		in_kernel |= program->handlers.data[i]->entry != ENTRY_USER;
	if (!in_kernel || !l->session->options.timing)
		return;
	key = arena_new_of(l->session->arena, struct program_key);
	*key = (struct program_key){ PROGRAM_LONG, 8 };
	timing = vec_push(l->session->arena, &program->globals);
	*timing = (struct program_global){ .name = PROGRAM_TIMING, .map_name = PROGRAM_TIMING,
		.type = PROGRAM_STATS, .home = HOME_MAP, .is_array = true, .keys = key,
		.key_count = 1, .size_given = true, .init_text = "",
		.max_entries = program->handlers.count, .kernel_use = USE_ADD | USE_READ,
		.agg.words = AGG_COUNT | AGG_SUM | AGG_MIN | AGG_MAX | AGG_VARIANCE };
}
