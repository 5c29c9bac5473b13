/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stack of recursive functions in scratch memory (recurse.c). A frame: where to go on, the
 * registers that live longer than a turn, then length and text of each string.
 */
#include <linux/bpf.h>

#include "backends/llvm/emit.h"
#include "backends/llvm/fn.h"

static LLVMValueRef frame_at(struct fn *f, const uint32_t *o)
{
	const struct flat_stack *stack = &f->flat->stacks.data[o[3]];
	LLVMValueRef depth = length_limit(f->g, long_operand(f, o[2]), stack->depth);

	depth = LLVMBuildMul(f->g->builder, depth, const64(f->g, stack->bytes), "");
	return ptr_index(f->g, scratch_at(f, f->scratch.stack + stack->offset), depth);
}

/* Moves what is kept, there or back. */
static void frame_move(struct fn *f, const uint32_t *o, bool keep)
{
	struct gen *g = f->g;
	LLVMValueRef frame = frame_at(f, o);
	uint32_t at = 8;

	for (uint32_t reg = o[4]; reg < o[4] + o[5]; reg++, at += 8) {
		if (!f->shared[reg] && !f->spilled[reg])
			continue;
		if (keep)
			LLVMSetVolatile(store(g, fn_get(f, reg), frame, at), true);
		else
			fn_set(f, reg, load_volatile(g, g->i64, frame, at));
	}
	for (uint32_t slot = o[6]; slot < o[6] + o[7]; slot++) {
		uint32_t bytes = ABI_ROUND8(f->flat->slots.data[slot].width);
		LLVMValueRef kept = ptr_add(g, frame, at + 8), text = slot_pointer(f, slot);

		if (keep)
			LLVMSetVolatile(store(g, fn_get(f, var_len(f, slot)), frame, at), true);
		else
			fn_set(f, var_len(f, slot), load_volatile(g, g->i64, frame, at));
		HELPER(g, BPF_FUNC_probe_read_kernel, keep ? kept : text, const64(g, bytes),
		       keep ? text : kept);
		at += 8 + bytes;
	}
}

void emit_push(struct fn *f, const uint32_t *o)
{
	LLVMSetVolatile(store(f->g, long_operand(f, o[1]), frame_at(f, o), 0), true);
	frame_move(f, o, true);
}

void emit_pop(struct fn *f, const uint32_t *o)
{
	frame_move(f, o, false);
}

/* The trail: a word for each call that is under way. */
void emit_note(struct fn *f, const uint32_t *o)
{
	LLVMValueRef at = length_limit(f->g, long_operand(f, o[1]), f->flat->trail_most - 1);

	at = LLVMBuildShl(f->g->builder, at, const64(f->g, 2), "");
	LLVMSetVolatile(store(f->g, const32(f->g, o[2]),
			      ptr_index(f->g, scratch_at(f, f->scratch.trail), at), 0),
			true);
}

void emit_back(struct fn *f, const uint32_t *o)
{
	long_result(f, o[0], load_volatile(f->g, f->g->i64, frame_at(f, o), 0));
}
