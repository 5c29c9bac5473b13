/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Far functions, for kernels before 5.17: parts of a handler that the verifier looks at once, as
 * it does with all global functions, and not from each call and in each turn of a loop. Before 5.13
 * such a function takes nothing but numbers; so it gets that of the run's scratch block, looks
 * the block up again, and has everything else in there.
 */
#include <string.h>

#include <llvm-c/DebugInfo.h>

#include "backends/llvm/far.h"

/*
 * Each turn leaves the verifier a branch to come back to, and it keeps 8192 at most; those of loops
 * one after the other add up. So there are functions in between, as many as there are frames for:
 * each calls the next a few times.
 */
#define BRANCHES_MOST 7000
#define FRAMES_MOST 8
#define BETWEEN_MOST 3

LLVMValueRef far_declare(struct gen *g, const char *name)
{
	LLVMValueRef function =
		LLVMAddFunction(g->module, name, LLVMFunctionType(g->i64, &g->i64, 1, false));

	LLVMAddAttributeAtIndex(
		function, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(g->context,
					LLVMGetEnumAttributeKindForName("noinline", 8), 0));
	return function;
}

LLVMValueRef far_block(struct gen *g, LLVMValueRef claim)
{
	LLVMBasicBlockRef none = block_new(g, "none"), here;
	LLVMValueRef key = stack_space(g, 8), block;

	store(g, LLVMBuildTrunc(g->builder, claim, g->i32, ""), key, 0);
	block = map_lookup(g, map_scratch(g), key);
	unlikely(g, is_null(g, block), none, "block");
	here = LLVMGetInsertBlock(g->builder);
	go_on_in(g, none);
	LLVMBuildRet(g->builder, const64(g, FAR_LEFT));
	go_on_in(g, here);
	return block;
}

void far_enter(struct fn *f)
{
	struct gen *g = f->g;
	LLVMValueRef claim = LLVMGetParam(f->function, 0), block;

	lines_alone(g, f->function, 8);
	lines_silence(g, true);
	fn_set(f, var_fixed(f, VAR_CLAIM), claim);
	block = far_block(g, claim);
	fn_set(f, var_fixed(f, VAR_SCRATCH), LLVMBuildPtrToInt(g->builder, block, g->i64, ""));
	if (f->far)
		f->frame = scratch_at(f, f->scratch.frame);
}

/* Calls @function until it gives another number than 0, @turns times at most; gives that, or 0. */
static LLVMValueRef turns_count(struct gen *g, LLVMValueRef function, LLVMValueRef claim,
				uint32_t turns)
{
	LLVMBasicBlockRef before = LLVMGetInsertBlock(g->builder), head = block_new(g, "count");
	LLVMBasicBlockRef next = block_new(g, "next"), out = block_new(g, "counted");
	LLVMBasicBlockRef from[2] = { before, next };
	LLVMValueRef phi, ended, values[2] = { const64(g, 0) }, again;

	LLVMBuildBr(g->builder, head);
	go_on_in(g, head);
	phi = LLVMBuildPhi(g->builder, g->i64, "");
	ended = LLVMBuildCall2(g->builder, LLVMGlobalGetValueType(function), function, &claim, 1,
			       "");
	LLVMBuildCondBr(g->builder, LLVMBuildICmp(g->builder, LLVMIntNE, ended, const64(g, 0), ""),
			out, next);
	go_on_in(g, next);
	values[1] = LLVMBuildAdd(g->builder, phi, const64(g, 1), "");
	LLVMAddIncoming(phi, values, from, 2);
	again = LLVMBuildICmp(g->builder, LLVMIntULT, values[1], const64(g, turns), "");
	LLVMBuildCondBr(g->builder, again, head, out);
	go_on_in(g, out);
	return ended;
}

/* The smallest number whose @power'th power is @product at least. */
static uint32_t root_above(uint64_t product, uint32_t power)
{
	for (uint64_t n = 1;; n++) {
		uint64_t all = 1;

		for (uint32_t i = 0; i < power && all < product; i++)
			all *= n;
		if (all >= product)
			return n;
	}
}

uint32_t far_between(const struct fn *f, uint32_t depth)
{
	uint32_t taken = 1 + f->deepest + f->frames_work, left, between;

	if (taken >= FRAMES_MOST)
		return 0;
	left = FRAMES_MOST - taken;
	between = left / f->deepest + (depth <= left % f->deepest);
	return between < BETWEEN_MOST ? between : BETWEEN_MOST;
}

void far_loop(struct fn *f, LLVMValueRef function, LLVMValueRef claim, uint64_t most,
	      uint32_t between)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
	LLVMMetadataRef place = LLVMGetCurrentDebugLocation2(g->builder);
	uint32_t turns = root_above(most, between + 1), limit;
	size_t length;

	limit = BRANCHES_MOST / (f->flat->loops.count * 2 + 1);
	turns = turns < limit ? turns : limit;
	for (uint32_t i = 0; i < between; i++) {
		LLVMValueRef next = far_declare(
			g, arena_printf(g->arena, "%s_x", LLVMGetValueName2(function, &length)));

		go_on_in(g, LLVMAppendBasicBlockInContext(g->context, next, "entry"));
		lines_alone(g, next, 8);
		LLVMBuildRet(g->builder,
			     turns_count(g, function, LLVMGetParam(next, 0), turns));
		function = next;
	}
	go_on_in(g, here);
	LLVMSetCurrentDebugLocation2(g->builder, place);
	turns_count(g, function, claim, turns);
}

/* ---- parts of a region ---- */

void far_begin(struct fn *f, const char *what, struct fn *outer)
{
	struct gen *g = f->g;
	char *name = arena_printf(g->arena, "%s_%s%zu", f->handler->symbol, what, g->callbacks++);
	LLVMValueRef function = far_declare(g, name);
	LLVMBasicBlockRef body;

	*outer = *f;
	f->here = LLVMGetInsertBlock(g->builder);
	outer->here = f->here;
	outer->silent = lines_silence(g, true);
	f->function = function;
	f->outlined = true;
	f->locals = arena_alloc(g->arena, f->var_count * sizeof(*f->locals));
	f->shared = arena_alloc(g->arena, f->var_count);
	memcpy(f->shared, outer->shared, f->var_count);
	f->shared[var_fixed(f, VAR_CLAIM)] = f->shared[var_fixed(f, VAR_SCRATCH)] = false;
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, function, "entry"));
	body = block_new(g, "body");
	LLVMBuildBr(g->builder, body);
	go_on_in(g, body);
	far_enter(f);
}

static void far_leave(struct fn *f, struct fn *outer)
{
	struct gen *g = f->g;

	f->function = outer->function;
	f->outlined = outer->outlined;
	f->locals = outer->locals;
	f->shared = outer->shared;
	f->frame = outer->frame;
	go_on_in(g, outer->here);
	lines_silence(g, outer->silent);
	lines_at(g, f->insn->place);
}

LLVMValueRef far_end(struct fn *f, LLVMValueRef result, struct fn *outer)
{
	struct gen *g = f->g;
	LLVMValueRef function = f->function;

	LLVMBuildRet(g->builder, result);
	far_leave(f, outer);
	return function;
}

LLVMValueRef far_call(struct fn *f, LLVMValueRef function)
{
	LLVMValueRef claim = fn_get(f, var_fixed(f, VAR_CLAIM));

	return LLVMBuildCall2(f->g->builder, LLVMGlobalGetValueType(function), function, &claim, 1,
			      "");
}

/* ---- the library's walks ---- */

#define WALK "sonde_walk" /* u64 sonde_walk(void *step, u64 claim) */

static LLVMValueRef walked_step(LLVMValueRef call)
{
	LLVMValueRef step = LLVMGetOperand(call, 0);

	while (!LLVMIsAFunction(step) && LLVMIsAConstantExpr(step))
		step = LLVMGetOperand(step, 0);
	return step;
}

/* u64 (claim): one call of @step, long (u32 n, struct kern_work **work). The working memory is the
 * first in the block. */
static LLVMValueRef step_function(struct gen *g, LLVMValueRef step, const char *name)
{
	unsigned int noinline = LLVMGetEnumAttributeKindForName("noinline", 8);
	LLVMValueRef function = far_declare(g, name), work, args[2];
	LLVMTypeRef type = LLVMGlobalGetValueType(step), params[2];

	/* A frame less. */
	LLVMRemoveEnumAttributeAtIndex(step, LLVMAttributeFunctionIndex, noinline);
	LLVMAddAttributeAtIndex(
		step, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(g->context,
					LLVMGetEnumAttributeKindForName("alwaysinline", 12), 0));
	LLVMGetParamTypes(type, params);
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, function, "entry"));
	lines_alone(g, function, 8);
	work = stack_space(g, 8);
	store(g, LLVMBuildPtrToInt(g->builder, far_block(g, LLVMGetParam(function, 0)), g->i64, ""),
	      work, 0);
	args[0] = const32(g, 0);
	args[1] = LLVMBuildPointerCast(g->builder, work, params[1], "");
	LLVMBuildRet(g->builder, LLVMBuildCall2(g->builder, type, step, args, 2, ""));
	return function;
}

static LLVMValueRef walk_function(struct gen *g, LLVMValueRef step)
{
	size_t length;
	const char *symbol = LLVMGetValueName2(step, &length);
	char *name = arena_printf(g->arena, "%s_walk", symbol);
	LLVMValueRef walk = LLVMGetNamedFunction(g->module, name), once;
	uint32_t turns = 2 * g->session->max_string + 2;

	if (walk)
		return walk;
	once = step_function(g, step, arena_printf(g->arena, "%s_once", symbol));
	walk = far_declare(g, name);
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, walk, "entry"));
	lines_alone(g, walk, 8);
	LLVMBuildRet(g->builder,
		     turns_count(g, once, LLVMGetParam(walk, 0),
				 turns < BRANCHES_MOST ? turns : BRANCHES_MOST));
	return walk;
}

void far_walks(struct gen *g)
{
	LLVMValueRef ask = LLVMGetNamedFunction(g->module, WALK);

	if (!ask || g->kernel >= KERNEL(5, 17))
		return;
	for (LLVMUseRef use; (use = LLVMGetFirstUse(ask));) {
		LLVMValueRef call = LLVMGetUser(use), claim = LLVMGetOperand(call, 1);
		LLVMValueRef walk = walk_function(g, walked_step(call)), made;

		LLVMPositionBuilderBefore(g->builder, call);
		LLVMSetCurrentDebugLocation2(g->builder, LLVMInstructionGetDebugLoc(call));
		made = LLVMBuildCall2(g->builder, LLVMGlobalGetValueType(walk), walk, &claim, 1,
				      "");
		LLVMReplaceAllUsesWith(call, made);
		LLVMInstructionEraseFromParent(call);
	}
	LLVMDeleteFunction(ask);
}
