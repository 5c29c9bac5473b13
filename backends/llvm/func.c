/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Emits one handler: prologue, its regions (itself and one callback a loop), the exits. */
#include <stdio.h>
#include <stddef.h>

#include <linux/bpf.h>

#include "backends/llvm/emit.h"
#include "backends/llvm/far.h"
#include "backends/llvm/iter.h"

/* ---- variables ---- */

static LLVMValueRef var_slot(struct fn *f, uint32_t var)
{
	struct gen *g = f->g;

	if (f->shared[var])
		return ptr_add(g, f->frame, f->frame_at[var] * 8);
	if (!f->locals[var]) {
		LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(f->function);
		LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
		LLVMValueRef space;

		/* No array: what is only read and written whole becomes a register at once. */
		LLVMPositionBuilderBefore(g->builder, LLVMGetFirstInstruction(entry));
		space = LLVMBuildAlloca(g->builder, g->i64, "");
		f->locals[var] = space;
		/* Set right behind: a run that never writes it reads 0. */
		LLVMPositionBuilderBefore(g->builder, LLVMGetBasicBlockTerminator(entry));
		store(g, const64(g, 0), space, 0);
		LLVMPositionBuilderAtEnd(g->builder, here);
	}
	return f->locals[var];
}

LLVMValueRef fn_get(struct fn *f, uint32_t var)
{
	uint32_t at;

	/* It cannot be handed on: this handler is made again with near ones. */
	if (f->far && f->region && var == var_fixed(f, VAR_CTX))
		f->g->wants_near[f->index] = true;
	if (var_in_scratch(f, var, &at))
		return load_volatile(f->g, f->g->i64, scratch_at(f, at), 0);
	return load64(f->g, var_slot(f, var), 0);
}

/* Pointers, and what only ever has the values that this code stores, are not hidden from the
 * verifier. */
static bool var_hidden(const struct fn *f, uint32_t var)
{
	return f->shared[var] && !f->far && var != var_fixed(f, VAR_CTX) &&
	       var != var_fixed(f, VAR_SCRATCH) && var != var_fixed(f, VAR_NEXT) &&
	       var != var_fixed(f, VAR_FAULT);
}

void fn_set(struct fn *f, uint32_t var, LLVMValueRef value)
{
	struct gen *g = f->g;
	uint32_t at;

	if (var_in_scratch(f, var, &at)) {
		LLVMSetVolatile(store(g, value, scratch_at(f, at), 0), true);
		return;
	}
	if (var_hidden(f, var))
		value = LLVMBuildAdd(g->builder, value, unknown_zero(g), "");
	store(g, value, var_slot(f, var), 0);
}

LLVMValueRef fn_pointer(struct fn *f, enum fixed_var which)
{
	return LLVMBuildIntToPtr(f->g->builder, fn_get(f, var_fixed(f, which)), f->g->ptr, "");
}

LLVMValueRef lent_space(struct fn *f, uint32_t bytes)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(f->g->builder);
	LLVMValueRef function = LLVMGetBasicBlockParent(here);
	struct lent_space *made;

	for (size_t i = 0; i < f->lent.count; i++)
		if (f->lent.data[i].function == function && f->lent.data[i].bytes == bytes)
			return f->lent.data[i].space;
	made = vec_push(f->g->arena, &f->lent);
	*made = (struct lent_space){ function, stack_space(f->g, bytes), bytes };
	return made->space;
}

LLVMValueRef scratch_at(struct fn *f, uint32_t offset)
{
	return ptr_add(f->g, fn_pointer(f, VAR_SCRATCH), offset);
}

LLVMValueRef long_operand(struct fn *f, uint32_t operand)
{
	switch (OPERAND_TAG(operand)) {
	case OPERAND_REG:
		return fn_get(f, OPERAND_INDEX(operand));
	case OPERAND_LONG:
		return const64(f->g, f->flat->program->longs.data[OPERAND_INDEX(operand)]);
	default:
		return const64(f->g, 0);
	}
}

void long_result(struct fn *f, uint32_t operand, LLVMValueRef value)
{
	if (OPERAND_TAG(operand) == OPERAND_REG)
		fn_set(f, OPERAND_INDEX(operand), value);
}

/* ---- control between regions ---- */

static uint32_t region_of(const struct fn *f, uint32_t target)
{
	return target == FLAT_EXIT || target == FLAT_ERROR ? 0 : f->flat->blocks.data[target].loop;
}

static bool region_within(const struct fn *f, uint32_t region, uint32_t outer)
{
	for (; region; region = f->flat->loops.data[region - 1].parent)
		if (region == outer)
			return true;
	return !outer;
}

static void region_leave(struct fn *f, uint32_t target)
{
	struct gen *g = f->g;

	fn_set(f, var_fixed(f, VAR_NEXT), const64(g, (int64_t)target));
	LLVMBuildRet(g->builder, const64(g, 1));
}

void fn_branch(struct fn *f, uint32_t target)
{
	struct gen *g = f->g;
	uint32_t region = region_of(f, target);

	/* Out of a part of a region: far.h. */
	if (f->outlined)
		LLVMBuildRet(g->builder, const64(g, FAR_LEFT));
	else if (region == f->region && target == FLAT_EXIT)
		LLVMBuildBr(g->builder, f->exit_block);
	else if (region == f->region && target == FLAT_ERROR)
		LLVMBuildBr(g->builder, f->error_block);
	else if (region == f->region && region && f->flat->loops.data[region - 1].header == target)
		LLVMBuildRet(g->builder, const64(g, 0));
	else if (region == f->region)
		LLVMBuildBr(g->builder, f->blocks[target]);
	else if (region_within(f, region, f->region))
		loop_enter(f, region);
	else
		region_leave(f, target);
}

LLVMBasicBlockRef fn_target(struct fn *f, uint32_t target)
{
	struct gen *g = f->g;
	uint32_t region = region_of(f, target);
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder), made;

	if (region == f->region && target == FLAT_EXIT)
		return f->exit_block;
	if (region == f->region && target == FLAT_ERROR)
		return f->error_block;
	if (region == f->region && !(region && f->flat->loops.data[region - 1].header == target))
		return f->blocks[target];
	made = block_new(g, "go");
	go_on_in(g, made);
	fn_branch(f, target);
	go_on_in(g, here);
	return made;
}

/* ---- regions ---- */

static void region_blocks(struct fn *f)
{
	struct gen *g = f->g;

	for (uint32_t b = 0; b < f->flat->blocks.count; b++)
		f->blocks[b] = f->flat->blocks.data[b].loop == f->region ? block_new(g, "b") : NULL;
	for (uint32_t b = 0; b < f->flat->blocks.count; b++) {
		const struct flat_block *block = &f->flat->blocks.data[b];

		if (!f->blocks[b])
			continue;
		go_on_in(g, f->blocks[b]);
		for (size_t i = 0; i < block->insns.count; i++)
			insn_emit(f, &block->insns.data[i]);
		if (!LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(g->builder)))
			LLVMBuildUnreachable(g->builder);
	}
}

/* Starts a function for the current region: its entry block ends with a branch to the block
 * returned. */
static LLVMBasicBlockRef region_begin(struct fn *f, LLVMValueRef function)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef entry, body;

	g->frames = 1;
	for (uint32_t loop = f->region; loop; loop = f->flat->loops.data[loop - 1].parent)
		g->frames += f->far ? 1 + far_between(f, loop_depth(f->flat, loop)) : 1;
	f->function = function;
	f->locals = arena_alloc(g->arena, f->var_count * sizeof(*f->locals));
	entry = LLVMAppendBasicBlockInContext(g->context, function, "entry");
	body = LLVMAppendBasicBlockInContext(g->context, function, "body");
	go_on_in(g, entry);
	LLVMBuildBr(g->builder, body);
	go_on_in(g, body);
	f->key_space = f->key_bytes && f->key_on_stack ? stack_space(g, f->key_bytes) : NULL;
	return body;
}

static void callback_emit(struct fn *f, uint32_t loop)
{
	struct gen *g = f->g;
	const struct ir_loop *info = &f->flat->loops.data[loop - 1];
	uint32_t at;

	f->region = loop;
	if (!f->far)
		lines_function(g, f->callbacks[loop - 1], info->place);
	region_begin(f, f->callbacks[loop - 1]);
	if (f->far)
		far_enter(f);
	else
		f->frame = LLVMGetParam(f->function, 1);
	/* The verifier does not know that a turn that leaves is the last: what it leaves behind
	 * would make a way of its own through all of the next. */
	if (g->kernel >= KERNEL(5, 17)) {
		fn_set(f, var_fixed(f, VAR_NEXT), const64(g, NEXT_NONE));
		if (!var_in_scratch(f, var_fixed(f, VAR_FAULT), &at))
			fn_set(f, var_fixed(f, VAR_FAULT), const64(g, 0));
	}
	LLVMBasicBlockRef body = LLVMGetInsertBlock(g->builder);

	region_blocks(f);
	go_on_in(g, body);
	LLVMBuildBr(g->builder, f->blocks[info->header]);
}

/* ---- the handler ---- */

static const char *claim_symbol(const struct gen *g, bool release)
{
	if (g->kernel >= KERNEL(5, 12))
		return release ? "sonde_release" : "sonde_claim";
	return release ? "sonde_release_nested" : "sonde_claim_nested";
}

/* A block of scratch memory, or the run is counted as skipped. */
static void scratch_claim(struct fn *f)
{
	struct gen *g = f->g;
	LLVMValueRef key = stack_space(g, 8), claim, block;
	LLVMBasicBlockRef full = block_new(g, "full"), none = block_new(g, "none"), here;

	bss_global(g, "sonde_claims", ABI_CPU_SLOTS * 8);
	claim = kern_call(g, claim_symbol(g, false), NULL, 0);
	fn_set(f, var_fixed(f, VAR_CLAIM), claim);
	unlikely(g, LLVMBuildICmp(g->builder, LLVMIntSLT, claim, const64(g, 0), ""), full,
		 "claimed");
	store(g, LLVMBuildTrunc(g->builder, claim, g->i32, ""), key, 0);
	block = map_lookup(g, map_scratch(g), key);
	fn_set(f, var_fixed(f, VAR_SCRATCH), LLVMBuildPtrToInt(g->builder, block, g->i64, ""));
	unlikely(g, is_null(g, block), none, "scratch");
	here = LLVMGetInsertBlock(g->builder);
	go_on_in(g, none);
	KERN(g, claim_symbol(g, true), claim);
	LLVMBuildBr(g->builder, full);
	go_on_in(g, full);
	skip_count(g, SKIP_SCRATCH);
	LLVMBuildRet(g->builder, const64(g, 0));
	go_on_in(g, here);
}

/* Scratch memory is as the last run left it: what may be read first is set. */
static void scratch_start(struct fn *f)
{
	struct gen *g = f->g;

	if (f->buffered)
		fn_set(f, var_fixed(f, VAR_OUT), const64(g, 0));
	for (uint32_t reg = 0; reg < f->flat->reg_count; reg++)
		if (f->spilled[reg])
			fn_set(f, reg, const64(g, 0));
	if (f->walks_views)
		views_start(f);
	for (uint32_t i = 0; i < f->flat->slots.count && !f->strings_on_stack; i++)
		if (f->starts_empty[i]) {
			store(g, const64(g, 0), slot_pointer(f, i), 0);
			slot_set_length(f, i, const64(g, 0));
		}
}

static void frame_clear(struct fn *f)
{
	for (uint32_t var = 0; var < f->var_count; var++)
		if (f->shared[var])
			fn_set(f, var, const64(f->g, 0));
}

static void handler_prologue(struct fn *f)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef leave = block_new(g, "leave");
	LLVMValueRef session = bss_global(g, "sonde_session", sizeof(struct abi_session)), state;

	state = load_volatile(g, g->i64, session, offsetof(struct abi_session, state));
	unlikely(g, LLVMBuildICmp(g->builder, LLVMIntNE, state, const64(g, STATE_RUNNING), ""),
		 leave, "running");
	LLVMBasicBlockRef running = LLVMGetInsertBlock(g->builder);

	go_on_in(g, leave);
	LLVMBuildRet(g->builder, const64(g, 0));
	go_on_in(g, running);
	if (f->timing)
		f->began = HELPER(g, BPF_FUNC_ktime_get_ns);
	if (f->frame_words && !f->far) {
		f->frame = stack_space(g, f->frame_words * 8);
		frame_clear(f);
	}
	fn_set(f, var_fixed(f, VAR_CTX),
	       LLVMBuildPtrToInt(g->builder, LLVMGetParam(f->function, 0), g->i64, ""));
	if (f->strings_on_stack && f->flat->slot_bytes) {
		f->strings = stack_space(g, f->flat->slot_bytes);
		words_clear(g, f->strings, 0, f->flat->slot_bytes);
	}
	if (f->uses_scratch)
		scratch_claim(f);
	if (f->far) {
		f->frame = scratch_at(f, f->scratch.frame);
		frame_clear(f);
	}
	if (f->works)
		work_reset(f);
	scratch_start(f);
}

/* -t. What cannot be added is left out: it is no error of the handler's. */
static void timing_add(struct fn *f)
{
	const struct flat_insn none = { 0 };
	struct gen *g = f->g;
	LLVMValueRef now;

	f->insn = &none;
	f->exit_block = f->error_block = block_new(g, "timed");
	now = HELPER(g, BPF_FUNC_ktime_get_ns);
	agg_timing(f, f->timing - 1, LLVMBuildSub(g->builder, now, f->began, ""));
	LLVMBuildBr(g->builder, f->exit_block);
	go_on_in(g, f->exit_block);
	f->insn = NULL;
}

static void handler_exits(struct fn *f)
{
	struct gen *g = f->g;

	go_on_in(g, f->error_block);
	error_report(f);
	LLVMBuildBr(g->builder, f->exit_block);
	go_on_in(g, f->exit_block);
	if (f->buffered)
		out_flush(f);
	if (f->walks_views)
		views_end(f);
	if (f->timing)
		timing_add(f);
	if (f->uses_scratch)
		KERN(g, claim_symbol(g, true), fn_get(f, var_fixed(f, VAR_CLAIM)));
	LLVMBuildRet(g->builder, const64(g, 0));
}

static LLVMValueRef handler_function(struct fn *f)
{
	struct gen *g = f->g;
	LLVMTypeRef type = LLVMFunctionType(g->i64, &g->ptr, 1, false);
	LLVMValueRef function = LLVMAddFunction(g->module, f->handler->symbol, type);

	return function;
}

void fn_emit(struct fn *f)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef body;
	LLVMValueRef function = handler_function(f);

	loops_declare(f);
	f->blocks = arena_alloc(g->arena, f->flat->blocks.count * sizeof(*f->blocks));
	f->region = 0;
	g->calls = 0;
	g->no_frames = g->tight[f->index] >= TIGHT_FRAMES;
	lines_function(g, function, f->handler->func->place);
	region_begin(f, function);
	f->exit_block = block_new(g, "exit");
	f->error_block = block_new(g, "error");
	handler_prologue(f);
	body = LLVMGetInsertBlock(g->builder);
	region_blocks(f);
	go_on_in(g, body);
	LLVMBuildBr(g->builder, f->blocks[0]);
	handler_exits(f);
	for (uint32_t loop = 1; loop <= f->flat->loops.count; loop++)
		callback_emit(f, loop);
	LLVMSetSection(function, f->sleeps ? "uprobe.s" : f->handler->section);
}
