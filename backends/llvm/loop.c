/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loops: every loop of the source is a function that does one iteration, long (u32 n, void *frame),
 * which gives 0 to go on and 1 to leave, with VAR_NEXT saying where to. bpf_loop() calls it from
 * 5.17 on; before, a counted loop does, whose bound is what the verifier can follow (bound.c).
 */
#include <stdio.h>

#include <linux/bpf.h>

#include "backends/llvm/far.h"

#define BPF_LOOP_MOST (1 << 23)
/* In one another: each is a call, and BPF has 8 frames. */
#define LOOPS_MOST 7
#define LOOPS_MOST_TEXT "7"
/* A call of a recursive function is an action, and takes a few turns. */
#define TURNS_PER_ACTION 8

uint32_t loop_depth(const struct flat *flat, uint32_t loop)
{
	uint32_t depth = 0;

	for (; loop; loop = flat->loops.data[loop - 1].parent)
		depth++;
	return depth;
}

void loops_declare(struct fn *f)
{
	struct gen *g = f->g;
	LLVMTypeRef params[] = { g->i32, g->ptr };
	LLVMTypeRef type = LLVMFunctionType(g->i64, params, 2, false);

	f->callbacks = arena_alloc(g->arena, (f->flat->loops.count + 1) * sizeof(*f->callbacks));
	for (size_t i = 0; i < f->flat->loops.count; i++) {
		char *name = arena_printf(g->arena, "%s_loop%zu", f->handler->symbol, i + 1);

		if (loop_depth(f->flat, i + 1) > f->deepest)
			f->deepest = loop_depth(f->flat, i + 1);
		if (loop_depth(f->flat, i + 1) > LOOPS_MOST)
			refuse(g, f->flat->loops.data[i].place, "this loop",
			       "it is in " LOOPS_MOST_TEXT " others, and BPF goes no deeper");
		if (f->far) {
			f->callbacks[i] = far_declare(g, name);
			continue;
		}
		f->callbacks[i] = LLVMAddFunction(g->module, name, type);
		LLVMSetLinkage(f->callbacks[i], LLVMInternalLinkage);
		LLVMAddAttributeAtIndex(
			f->callbacks[i], LLVMAttributeFunctionIndex,
			LLVMCreateEnumAttribute(g->context,
						LLVMGetEnumAttributeKindForName("noinline", 8), 0));
	}
}

static bool loop_within(const struct flat *flat, uint32_t loop, uint32_t outer)
{
	for (; loop; loop = flat->loops.data[loop - 1].parent)
		if (loop == outer)
			return true;
	return false;
}

static uint32_t loop_most(const struct fn *f, uint32_t loop)
{
	int64_t actions = f->flat->program->head.max_action;

	if (actions <= 0 || actions > BPF_LOOP_MOST / TURNS_PER_ACTION)
		return BPF_LOOP_MOST;
	/* The verifier may go through all of them: no more than needed. */
	for (size_t i = 0; i < f->flat->stacks.count; i++)
		if (f->flat->stacks.data[i].loop == loop)
			return actions * TURNS_PER_ACTION;
	return actions + 1;
}

static void loop_call(struct fn *f, uint32_t loop)
{
	struct gen *g = f->g;
	LLVMValueRef most = const32(g, loop_most(f, loop));

	need(g, "bpf_loop", f->flat->loops.data[loop - 1].place);
	HELPER(g, BPF_FUNC_loop, most, ptr_cast(g, f->callbacks[loop - 1]), f->frame,
	       const64(g, 0));
}

static void loop_far(struct fn *f, uint32_t loop)
{
	far_loop(f, f->callbacks[loop - 1], fn_get(f, var_fixed(f, VAR_CLAIM)),
		 loop_most(f, loop), far_between(f, loop_depth(f->flat, loop)));
}

static void loop_count(struct fn *f, uint32_t loop)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef before = LLVMGetInsertBlock(g->builder), head = block_new(g, "count");
	LLVMBasicBlockRef out = block_new(g, "counted");
	LLVMValueRef callback = f->callbacks[loop - 1], most = bound_ask(g, callback);
	LLVMValueRef phi, ended, next, again;
	LLVMValueRef values[2], args[2];
	LLVMBasicBlockRef from[2];

	LLVMBuildBr(g->builder, head);
	go_on_in(g, head);
	phi = LLVMBuildPhi(g->builder, g->i64, "");
	args[0] = LLVMBuildTrunc(g->builder, phi, g->i32, "");
	args[1] = f->frame;
	ended = LLVMBuildCall2(g->builder, LLVMGlobalGetValueType(callback), callback, args, 2, "");
	next = LLVMBuildAdd(g->builder, phi, const64(g, 1), "");
	again = LLVMBuildAnd(g->builder,
			     LLVMBuildICmp(g->builder, LLVMIntEQ, ended, const64(g, 0), ""),
			     LLVMBuildICmp(g->builder, LLVMIntULT, next, most, ""), "");
	values[0] = const64(g, 0);
	values[1] = next;
	from[0] = before;
	from[1] = LLVMGetInsertBlock(g->builder);
	LLVMAddIncoming(phi, values, from, 2);
	LLVMBuildCondBr(g->builder, again, head, out);
	go_on_in(g, out);
}

/* Where code inside @loop may go that is outside of it. */
static void dispatch_case(struct fn *f, uint32_t target, LLVMValueRef next, uint32_t *seen,
			  uint32_t *count)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef take = block_new(g, "to"), other = block_new(g, "other");
	LLVMValueRef is_it;

	for (uint32_t i = 0; i < *count; i++)
		if (seen[i] == target) {
			LLVMDeleteBasicBlock(take);
			LLVMDeleteBasicBlock(other);
			return;
		}
	seen[(*count)++] = target;
	is_it = LLVMBuildICmp(g->builder, LLVMIntEQ, next, const64(g, (int64_t)target), "");
	LLVMBuildCondBr(g->builder, is_it, take, other);
	go_on_in(g, take);
	fn_branch(f, target);
	go_on_in(g, other);
}

static void dispatch(struct fn *f, uint32_t loop)
{
	struct flat *flat = f->flat;
	LLVMValueRef next = fn_get(f, var_fixed(f, VAR_NEXT));
	uint32_t *seen = arena_alloc(f->g->arena, (flat->blocks.count + 2) * sizeof(*seen)),
		 count = 0;

	/* Always the same outside: or the verifier goes through all that follows once a way out. */
	fn_set(f, var_fixed(f, VAR_NEXT), const64(f->g, NEXT_NONE));
	for (size_t b = 0; b < flat->blocks.count; b++) {
		const struct flat_block *block = &flat->blocks.data[b];
		uint32_t targets[2], n = flat_successors(block, targets);

		if (!loop_within(flat, block->loop, loop))
			continue;
		for (uint32_t i = 0; i < n; i++)
			if (!loop_within(flat, flat->blocks.data[targets[i]].loop, loop))
				dispatch_case(f, targets[i], next, seen, &count);
		for (size_t i = 0; i < block->insns.count; i++) {
			uint32_t caught = block->insns.data[i].catch_block;

			if (caught && !loop_within(flat, flat->blocks.data[caught].loop, loop))
				dispatch_case(f, caught, next, seen, &count);
		}
	}
	dispatch_case(f, FLAT_EXIT, next, seen, &count);
	dispatch_case(f, FLAT_ERROR, next, seen, &count);
}

/* The calls that lead to the loop. */
static const struct flat_call *loop_calls(const struct flat *flat, const struct ir_loop *loop)
{
	const struct flat_block *header = &flat->blocks.data[loop->header];

	return header->insns.count ? header->insns.data[0].calls : NULL;
}

void loop_enter(struct fn *f, uint32_t loop)
{
	struct gen *g = f->g;
	const struct flat_insn *insn = f->insn;
	struct flat_insn at = { 0 };

	/* The outermost loop that is not ours yet: a header may be that of a nested one. */
	while (f->flat->loops.data[loop - 1].parent != f->region)
		loop = f->flat->loops.data[loop - 1].parent;
	fn_set(f, var_fixed(f, VAR_NEXT), const64(g, NEXT_NONE));
	if (f->far)
		loop_far(f, loop);
	else if (g->kernel >= KERNEL(5, 17))
		loop_call(f, loop);
	else
		loop_count(f, loop);
	dispatch(f, loop);
	at.place = f->flat->loops.data[loop - 1].place;
	at.calls = loop_calls(f->flat, &f->flat->loops.data[loop - 1]);
	f->insn = &at;
	raise_now(f, FAULT_ACTIONS, NULL);
	f->insn = insn;
}
