/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreach in a kernel handler: along the order ring, one entry a step, or along a view (view.c).
 * The key of the current element, and that of the slice, are in scratch memory. An entry of the
 * ring that does not count takes a turn of the loop, too.
 */
#include <linux/bpf.h>

#include "backends/llvm/emit.h"
#include "backends/llvm/iter.h"

LLVMValueRef iter_key(struct fn *f, uint32_t iter)
{
	return scratch_at(f, f->scratch.iters + iter * 2 * f->iter_key_bytes);
}

static LLVMValueRef iter_slice(struct fn *f, uint32_t iter)
{
	return scratch_at(f, f->scratch.iters + (iter * 2 + 1) * f->iter_key_bytes);
}

/* The ITER that a later operation belongs to. */
static const struct flat_insn *iter_begin(const struct fn *f, uint32_t iter)
{
	for (size_t b = 0; b < f->flat->blocks.count; b++) {
		const struct flat_block *block = &f->flat->blocks.data[b];

		for (size_t i = 0; i < block->insns.count; i++)
			if (block->insns.data[i].op == IR_ITER &&
			    block->insns.data[i].operands[1] == iter)
				return &block->insns.data[i];
	}
	return NULL;
}

static bool iter_refused(struct fn *f, const uint32_t *o)
{
	const struct program_global *global = global_of(f, o[2]);

	if (o[3] && f->g->kernel < KERNEL(5, 17)) {
		refuse(f->g, f->insn->place, "a sorted foreach",
		       "it needs bpf_loop() (Linux 5.17); sort in a user-space handler (timer, "
		       "end)");
		return true;
	}
	if (global->home != HOME_MAP || !has_order(global)) {
		refuse(f->g, f->insn->place, "this foreach", "the array keeps no order");
		return true;
	}
	return global->type == PROGRAM_STATS && !stat_possible(f, o[2]);
}

static void slice_build(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	LLVMValueRef area = iter_slice(f, o[1]);
	uint32_t at = 0;

	for (uint32_t i = 0; i < global->key_count; i++) {
		uint32_t key = o[7 + i], width = ABI_ROUND8(global->keys[i].width);

		if (global->keys[i].type != PROGRAM_STRING)
			width = 8;
		if (OPERAND_TAG(key) != OPERAND_WILD && global->keys[i].type == PROGRAM_STRING) {
			struct str from = str_operand(f, key);

			str_to_key(f, ptr_add(g, area, at), &from, width);
		} else if (OPERAND_TAG(key) != OPERAND_WILD) {
			store(g, long_operand(f, key), area, at);
		}
		at += width;
	}
}

void emit_iter(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef most = const64(g, INT64_MAX), order;

	if (iter_refused(f, o))
		return;
	slice_build(f, o);
	if (OPERAND_TAG(o[6]) != OPERAND_NONE)
		most = long_operand(f, o[6]);
	fn_set(f, var_iter(f, o[1], ITER_LEFT), most);
	if (o[3])
		sort_begin(f, o);
	else if (has_view(g, o[2]))
		view_open(f, o);
	if (has_view(g, o[2]))
		return;
	order = order_of(f, o[2]);
	fn_set(f, var_iter(f, o[1], ITER_AT),
	       KERN(g, "sonde_order_first", order, const64(g, order_slots(global_of(f, o[2])))));
	fn_set(f, var_iter(f, o[1], ITER_END),
	       KERN(g, "sonde_order_end", order, const64(g, order_slots(global_of(f, o[2])))));
}

/* i1: the current key is of the slice. */
static LLVMValueRef slice_match(struct fn *f, const uint32_t *o)
{
	LLVMValueRef differs = slice_differs(f->g, global_of(f, o[2]), o + 7, iter_key(f, o[1]),
					     iter_slice(f, o[1]));

	return LLVMBuildNot(f->g->builder, differs, "");
}

/* i1: there is no element at @at that counts; else its key is the current one. */
static LLVMValueRef iter_fetch(struct fn *f, const uint32_t *o, LLVMValueRef at)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	LLVMValueRef found;

	found = KERN(g, "sonde_order_get", order_of(f, o[2]), map_of(f, o[2]), at,
		     const64(g, order_slots(global)), iter_key(f, o[1]),
		     const64(g, key_size(global)), const64(g, global->type == PROGRAM_STATS));
	return LLVMBuildICmp(g->builder, LLVMIntEQ, found, const64(g, 0), "");
}

/* Goes on with the next turn of the loop that this instruction is the head of. */
static void turn_if(struct fn *f, LLVMValueRef condition, uint32_t header)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef here = aside(g, condition, "turn");

	fn_branch(f, header);
	go_on_in(g, here);
}

/* One step along the ring; its end is at @end. */
static void ring_step(struct fn *f, const uint32_t *o, LLVMBasicBlockRef end, uint32_t header)
{
	struct gen *g = f->g;
	LLVMValueRef at = fn_get(f, var_iter(f, o[1], ITER_AT)), last;

	last = fn_get(f, var_iter(f, o[1], ITER_END));
	unlikely(g, LLVMBuildICmp(g->builder, LLVMIntUGE, at, last, ""), end, "step");
	fn_set(f, var_iter(f, o[1], ITER_AT),
	       LLVMBuildAdd(g->builder, at, const64(g, 1), ""));
	turn_if(f, iter_fetch(f, o, at), header);
}

/* The same along a view. */
static void view_step(struct fn *f, const uint32_t *o, LLVMBasicBlockRef end, uint32_t header)
{
	struct gen *g = f->g;
	LLVMValueRef found = view_next(f, o);

	unlikely(g, LLVMBuildICmp(g->builder, LLVMIntEQ, found, const64(g, 0), ""), end, "step");
	turn_if(f, LLVMBuildICmp(g->builder, LLVMIntNE, found, const64(g, 1), ""), header);
}

void emit_iternext(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct flat_insn *begin = iter_begin(f, o[1]);
	LLVMBasicBlockRef end = block_new(g, "end"), done = block_new(g, "next");
	LLVMValueRef left, result;

	if (!begin || !f->region) {
		refuse(g, f->insn->place, "this foreach", "it is not in a loop of its own");
		return;
	}
	uint32_t header = f->flat->loops.data[f->region - 1].header;
	const uint32_t *iter = begin->operands;

	result = stack_space(g, 8);
	left = fn_get(f, var_iter(f, o[1], ITER_LEFT));
	unlikely(g, LLVMBuildICmp(g->builder, LLVMIntSLE, left, const64(g, 0), ""), end, "wanted");
	if (has_view(g, iter[2]))
		view_step(f, iter, end, header);
	else
		ring_step(f, iter, end, header);
	turn_if(f, LLVMBuildNot(g->builder, slice_match(f, iter), ""), header);
	left = fn_get(f, var_iter(f, o[1], ITER_LEFT));
	fn_set(f, var_iter(f, o[1], ITER_LEFT), LLVMBuildSub(g->builder, left, const64(g, 1), ""));
	store(g, const64(g, 1), result, 0);
	LLVMBuildBr(g->builder, done);
	go_on_in(g, end);
	store(g, const64(g, 0), result, 0);
	LLVMBuildBr(g->builder, done);
	go_on_in(g, done);
	long_result(f, o[0], load64(g, result, 0));
}

uint32_t key_offset(const struct program_global *global, uint32_t index)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < index; i++)
		at += global->keys[i].type == PROGRAM_STRING ? ABI_ROUND8(global->keys[i].width)
							     : 8;
	return at;
}

void emit_iterkey(struct fn *f, const uint32_t *o)
{
	const struct flat_insn *begin = iter_begin(f, o[1]);
	uint32_t at = key_offset(global_of(f, begin->operands[2]), o[2]);

	long_result(f, o[0], load64(f->g, iter_key(f, o[1]), at));
}

void emit_iterskey(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, iter_begin(f, o[1])->operands[2]);
	uint32_t width = ABI_ROUND8(global->keys[o[2]].width);
	struct str from = { ptr_add(g, iter_key(f, o[1]), key_offset(global, o[2])), NULL,
			    global->keys[o[2]].width, true, NULL };

	from.length = KERN(g, "sonde_str_length", from.pointer, const64(g, width / 8));
	str_copy(f, OPERAND_INDEX(o[0]), &from);
}

void emit_iterval(struct fn *f, const uint32_t *o)
{
	const struct flat_insn *begin = iter_begin(f, o[1]);

	element_value(f, begin->operands[2], iter_key(f, o[1]), begin->operands[5], o[0]);
}

void emit_itersval(struct fn *f, const uint32_t *o)
{
	string_load(f, iter_begin(f, o[1])->operands[2], iter_key(f, o[1]), OPERAND_INDEX(o[0]));
}

void emit_iterend(struct fn *f, const uint32_t *o)
{
	const struct flat_insn *begin = iter_begin(f, o[1]);

	if (begin)
		view_close(f, begin->operands);
}
