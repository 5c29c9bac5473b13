/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small tidying for the VM (LLVM needs none of it): jumps to jumps, blocks that nothing reaches,
 * blocks with one way in, results that nobody reads. Loops keep their header and exit.
 */
#include <string.h>

#include "translator/ir/ir.h"
#include "translator/session.h"

struct tidy {
	struct arena *arena;
	struct ir_func *func;
	bool *fixed;			/* entry, headers, exits, catch blocks: stay as they are */
};

/* The operands that name blocks: all of JMP, the last two of BR. */
static uint32_t *block_operand(struct ir_insn *insn, size_t *count)
{
	*count = insn->op == IR_JMP ? 1 : insn->op == IR_BR ? 2 : 0;
	return insn->operands.data + insn->operands.count - *count;
}

static struct ir_insn *terminator(struct ir_func *func, uint32_t block)
{
	return &vec_last(&func->blocks.data[block].insns);
}

static void find_fixed(struct tidy *t)
{
	struct ir_func *func = t->func;

	t->fixed = arena_alloc(t->arena, func->blocks.count);
	t->fixed[0] = true;
	for (size_t i = 0; i < func->loops.count; i++) {
		t->fixed[func->loops.data[i].header] = true;
		t->fixed[func->loops.data[i].exit] = true;
	}
	for (size_t b = 0; b < func->blocks.count; b++)
		for (size_t i = 0; i < func->blocks.data[b].insns.count; i++)
			t->fixed[func->blocks.data[b].insns.data[i].catch_block] = true;
}

/* Where a jump to @block ends up. */
static uint32_t destination(struct tidy *t, uint32_t block)
{
	for (size_t steps = 0; steps < t->func->blocks.count && !t->fixed[block]; steps++) {
		struct ir_block *at = &t->func->blocks.data[block];

		if (at->insns.count != 1 || at->insns.data[0].op != IR_JMP)
			break;
		block = at->insns.data[0].operands.data[1];
	}
	return block;
}

static void thread_jumps(struct tidy *t)
{
	for (size_t b = 0; b < t->func->blocks.count; b++) {
		size_t count;
		uint32_t *targets = block_operand(terminator(t->func, b), &count);

		for (size_t i = 0; i < count; i++)
			targets[i] = destination(t, targets[i]);
	}
}

static void reach(struct tidy *t, uint32_t block, bool *reached)
{
	struct ir_block *at = &t->func->blocks.data[block];
	size_t count;
	uint32_t *targets;

	if (reached[block])
		return;
	reached[block] = true;
	for (size_t i = 0; i < at->insns.count; i++)
		if (at->insns.data[i].catch_block)
			reach(t, at->insns.data[i].catch_block, reached);
	targets = block_operand(terminator(t->func, block), &count);
	for (size_t i = 0; i < count; i++)
		reach(t, targets[i], reached);
}

static bool *find_reached(struct tidy *t)
{
	bool *reached = arena_alloc(t->arena, t->func->blocks.count);

	bool again = true;

	reach(t, 0, reached);
	/* A loop that is never left has an exit all the same. */
	while (again) {
		again = false;
		for (size_t i = 0; i < t->func->loops.count; i++) {
			const struct ir_loop *loop = &t->func->loops.data[i];

			if (!reached[loop->header] || reached[loop->exit])
				continue;
			reach(t, loop->exit, reached);
			again = true;
		}
	}
	return reached;
}

/* A block that is entered only by the jump at another's end becomes the rest of that. */
static void join_blocks(struct tidy *t, bool *reached)
{
	struct ir_func *func = t->func;
	unsigned int *entries = arena_alloc(t->arena, func->blocks.count * sizeof(*entries));

	for (size_t b = 0; b < func->blocks.count; b++) {
		size_t count;
		uint32_t *targets = block_operand(terminator(func, b), &count);

		for (size_t i = 0; reached[b] && i < count; i++)
			entries[targets[i]]++;
	}
	for (size_t b = 0; b < func->blocks.count; b++) {
		struct ir_block *at = &func->blocks.data[b];

		while (reached[b] && terminator(func, b)->op == IR_JMP) {
			uint32_t next = terminator(func, b)->operands.data[1];
			struct ir_block *rest = &func->blocks.data[next];

			if (next == b || t->fixed[next] || entries[next] != 1 ||
			    rest->loop != at->loop)
				break;
			at->insns.count--;
			for (size_t i = 0; i < rest->insns.count; i++)
				*vec_push(t->arena, &at->insns) = rest->insns.data[i];
			/* Left without a way in: dropped with what is not reached. */
			rest->insns.data[0] = vec_last(&rest->insns);
			rest->insns.count = 1;
			reached[next] = false;
		}
	}
}

static void renumber_block(struct ir_block *block, const uint32_t *numbers)
{
	for (size_t i = 0; i < block->insns.count; i++) {
		struct ir_insn *insn = &block->insns.data[i];
		size_t count;
		uint32_t *targets = block_operand(insn, &count);

		insn->catch_block = numbers[insn->catch_block];
		for (size_t j = 0; j < count; j++)
			targets[j] = numbers[targets[j]];
	}
}

/* Loops behind something that ends the handler go with their blocks. */
static void drop_loops(struct tidy *t, const bool *reached, const uint32_t *numbers)
{
	struct ir_func *func = t->func;
	uint32_t *kept = arena_alloc(t->arena, (func->loops.count + 1) * sizeof(*kept));
	uint32_t count = 0;

	for (size_t i = 0; i < func->loops.count; i++) {
		struct ir_loop *loop = &func->loops.data[count];

		if (!reached[func->loops.data[i].header])
			continue;
		*loop = func->loops.data[i];
		loop->header = numbers[loop->header];
		loop->exit = numbers[loop->exit];
		loop->parent = kept[loop->parent];
		kept[i + 1] = ++count;
	}
	func->loops.count = count;
	for (size_t b = 0; b < func->blocks.count; b++)
		func->blocks.data[b].loop = kept[func->blocks.data[b].loop];
}

static void drop_unreached(struct tidy *t)
{
	struct ir_func *func = t->func;
	bool *reached = find_reached(t);
	uint32_t *numbers = arena_alloc(t->arena, func->blocks.count * sizeof(*numbers));
	size_t kept = 0;

	for (size_t b = 0; b < func->blocks.count; b++)
		if (reached[b])
			numbers[b] = kept++;
	for (size_t b = 0; b < func->blocks.count; b++)
		if (reached[b]) {
			renumber_block(&func->blocks.data[b], numbers);
			func->blocks.data[numbers[b]] = func->blocks.data[b];
		}
	func->blocks.count = kept;
	drop_loops(t, reached, numbers);
}

/* ---- results that nobody reads ---- */

static size_t target_number(const struct ir_func *func, uint32_t operand)
{
	if (OPERAND_TAG(operand) == OPERAND_REG)
		return OPERAND_INDEX(operand);
	return func->reg_count + OPERAND_INDEX(operand);
}

static bool is_target(uint32_t operand)
{
	return OPERAND_TAG(operand) == OPERAND_REG || OPERAND_TAG(operand) == OPERAND_SLOT;
}

static void count_reads(struct tidy *t, uint32_t *reads)
{
	struct ir_func *func = t->func;

	for (size_t b = 0; b < func->blocks.count; b++)
		for (size_t i = 0; i < func->blocks.data[b].insns.count; i++) {
			struct ir_insn *insn = &func->blocks.data[b].insns.data[i];

			for (size_t j = 1; j < insn->operands.count; j++)
				if (is_target(insn->operands.data[j]))
					reads[target_number(func, insn->operands.data[j])]++;
		}
}

static bool drop_dead(struct tidy *t)
{
	struct ir_func *func = t->func;
	size_t targets = func->reg_count + func->slot_widths.count;
	uint32_t *reads = arena_alloc(t->arena, (targets + 1) * sizeof(*reads));
	bool changed = false;

	count_reads(t, reads);
	for (size_t b = 0; b < func->blocks.count; b++) {
		struct ir_block *block = &func->blocks.data[b];
		size_t kept = 0;

		for (size_t i = 0; i < block->insns.count; i++) {
			struct ir_insn *insn = &block->insns.data[i];
			uint32_t result = insn->operands.data[0];
			bool dead = is_target(result) && insn->op != IR_CATCH &&
				    insn->op != IR_ITERNEXT &&
				    !(ir_ops[insn->op].effects & ~(unsigned int)READS) &&
				    !reads[target_number(func, result)];

			changed |= dead;
			if (!dead)
				block->insns.data[kept++] = *insn;
		}
		block->insns.count = kept;
	}
	return changed;
}

static void tidy_func(struct tidy *t)
{
	find_fixed(t);
	thread_jumps(t);
	join_blocks(t, find_reached(t));
	drop_unreached(t);
	while (drop_dead(t))
		;
}

void ir_optimize(struct ir_program *program)
{
	for (size_t i = 0; i < program->funcs.count; i++) {
		struct tidy t = { .arena = program->session->arena,
				  .func = program->funcs.data[i] };

		tidy_func(&t);
	}
}
