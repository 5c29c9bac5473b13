/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which string slots may be read before they are written. The memory of a slot is not cleared
 * between runs, so those, and only those, start as "". Forward over the blocks, until nothing
 * changes; a catch block may be entered from anywhere in the blocks it serves.
 */
#include <string.h>

#include "backends/llvm/fn.h"

struct assigned {
	struct fn *f;
	size_t words;
	uint64_t *in;			/* by block: slots written on every way to it */
	bool *reached;
};

static bool join(struct assigned *a, uint32_t block, const uint64_t *set)
{
	uint64_t *in = a->in + block * a->words;
	bool changed = !a->reached[block];

	for (size_t w = 0; w < a->words; w++) {
		uint64_t before = in[w];

		in[w] = a->reached[block] ? before & set[w] : set[w];
		changed |= in[w] != before;
	}
	a->reached[block] = true;
	return changed;
}

static void slot_read(struct assigned *a, const uint64_t *set, uint32_t operand)
{
	uint32_t slot = OPERAND_INDEX(operand);

	if (OPERAND_TAG(operand) == OPERAND_SLOT && !(set[slot / 64] >> slot % 64 & 1))
		a->f->starts_empty[slot] = true;
}

static bool block_walk(struct assigned *a, uint32_t index, uint64_t *set)
{
	const struct flat_block *block = &a->f->flat->blocks.data[index];
	uint32_t next[2], count = flat_successors(block, next);
	bool changed = false;

	memcpy(set, a->in + index * a->words, a->words * sizeof(*set));
	for (size_t i = 0; i < block->insns.count; i++) {
		const struct flat_insn *insn = &block->insns.data[i];
		uint32_t slot = OPERAND_INDEX(insn->operands[0]);

		if (insn->catch_block)
			changed |= join(a, insn->catch_block, set);
		for (uint32_t o = 1; o < insn->operand_count; o++)
			slot_read(a, set, insn->operands[o]);
		if (OPERAND_TAG(insn->operands[0]) == OPERAND_SLOT)
			set[slot / 64] |= (uint64_t)1 << slot % 64;
	}
	for (uint32_t i = 0; i < count; i++)
		changed |= join(a, next[i], set);
	return changed;
}

void plan_assigned(struct fn *f)
{
	struct arena *arena = f->g->arena;
	size_t blocks = f->flat->blocks.count;
	struct assigned a = { .f = f, .words = f->flat->slots.count / 64 + 1 };
	uint64_t *set = arena_alloc(arena, a.words * sizeof(*set));
	bool changed = true;

	f->starts_empty = arena_alloc(arena, f->flat->slots.count + 1);
	a.in = arena_alloc(arena, blocks * a.words * sizeof(*a.in));
	a.reached = arena_alloc(arena, blocks);
	a.reached[0] = true;
	while (changed) {
		changed = false;
		/* What was found wanting with too much taken as written is found again. */
		for (uint32_t b = 0; b < blocks; b++)
			if (a.reached[b])
				changed |= block_walk(&a, b, set);
	}
}
