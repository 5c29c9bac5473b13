/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys in creation order: the ring beside arrays that wrap, or that kernel handlers walk through.
 * An entry counts while the element of its key has the entry's creation number.
 */
#include "backends/llvm/element.h"

void order_push(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef sequence,
		LLVMValueRef if_made)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef push = block_new(g, "push"), done = block_new(g, "pushed");
	LLVMValueRef entry = ptr_add(g, key, -8);

	LLVMBuildCondBr(g->builder, if_made, push, done);
	go_on_in(g, push);
	need(g, "atomics", f->insn->place);
	store(g, sequence, entry, 0);
	KERN(g, "sonde_order_push", order_of(f, global), map_of(f, global), entry,
	     const64(g, order_slots(global_of(f, global))));
	LLVMBuildBr(g->builder, done);
	go_on_in(g, done);
}

LLVMValueRef order_insert(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef value)
{
	const struct program_global *info = global_of(f, global);
	struct gen *g = f->g;
	LLVMValueRef map, ours, views = LLVMConstNull(g->ptr);
	uint64_t how;

	map = map_of(f, global);
	ours = info->swapped ? KERN(g, "sonde_order_ours", g->globals[global], map) : const64(g, 1);
	how = order_slots(info) * 4ul + (info->type == PROGRAM_STATS ? 2 : 0);
	if (has_view(g, global))
		views = views_of(f, global);
	return KERN(g, "sonde_order_insert", order_of(f, global), map, views, key, value,
		    LLVMBuildOr(g->builder, const64(g, how), ours, ""));
}
