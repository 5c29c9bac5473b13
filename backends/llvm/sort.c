/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorted foreach in a kernel handler: a pass along the order ring for every turn, which finds the
 * element that follows the last one (runtime/kern/sort.bpf.c). Nothing is moved, so that other
 * handlers may go on with the array.
 */
#include <linux/bpf.h>

#include "backends/llvm/iter.h"
#include "runtime/kern/sort.h"

static bool sorts_text(const struct program_global *global, uint32_t sort)
{
	if (sort == ITER_BY_VALUE)
		return global->type == PROGRAM_STRING;
	return global->keys[sort - 1].type == PROGRAM_STRING;
}

uint32_t sort_words(const struct ir_program *program, const uint32_t *o)
{
	const struct program_global *global = &program->globals.data[o[2]];

	if (!o[3])
		return 0;
	if (!sorts_text(global, o[3]))
		return 1;
	return ABI_ROUND8(o[3] == ITER_BY_VALUE ? global->width : global->keys[o[3] - 1].width) / 8;
}

static LLVMValueRef sort_state(struct fn *f, const uint32_t *o)
{
	return scratch_at(f, f->scratch.sorts + o[1] * SORT_BYTES(f->sort_words));
}

/* What is compared of the current element, as the candidate. */
static void candidate_store(struct fn *f, const uint32_t *o, LLVMBasicBlockRef gone)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	uint32_t words = sort_words(f->flat->program, o);
	LLVMValueRef to = ptr_add(g, sort_state(f, o), (SORT_HEAD + 2 * words) * 8);
	LLVMValueRef key = iter_key(f, o[1]), from = key, value;

	if (o[3] != ITER_BY_VALUE) {
		from = ptr_add(g, key, key_offset(global, o[3] - 1));
	} else if (global->type != PROGRAM_STATS) {
		from = map_lookup(g, map_of(f, o[2]), key);
		unlikely(g, is_null(g, from), gone, "there");
		from = ptr_add(g, from,
			       global->type == PROGRAM_STRING ? ABI_VALUE_TEXT : ABI_VALUE_LONG);
	}
	if (sorts_text(global, o[3])) {
		KERN(g, "sonde_sort_text", to, from, const64(g, words), const64(g, o[4]));
		return;
	}
	if (o[3] == ITER_BY_VALUE && global->type == PROGRAM_STATS)
		value = stat_or_zero(f, o[2], key, o[5]);
	else
		value = load_volatile(g, g->i64, from, 0);
	value = LLVMBuildXor(g->builder, value, const64(g, o[4] ? INT64_MAX : INT64_MIN), "");
	store(g, value, to, 0);
}

static void step_body(struct fn *f, const uint32_t *o, LLVMValueRef n)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef gone = block_new(g, "gone"), ended = block_new(g, "ended");
	LLVMValueRef at = LLVMBuildZExt(g->builder, n, g->i64, "");

	at = LLVMBuildAdd(g->builder, at, fn_get(f, var_iter(f, o[1], ITER_AT)), "");
	unlikely(g,
		 LLVMBuildICmp(g->builder, LLVMIntUGE, at, fn_get(f, var_iter(f, o[1], ITER_END)),
			       ""),
		 ended, "inside");
	unlikely(g, iter_fetch(f, o, at), gone, "alive");
	unlikely(g, LLVMBuildNot(g->builder, slice_match(f, o), ""), gone, "match");
	candidate_store(f, o, gone);
	KERN(g, "sonde_sort_take", sort_state(f, o), at,
	     const64(g, sort_words(f->flat->program, o)));
	LLVMBuildBr(g->builder, gone);
	go_on_in(g, gone);
	LLVMBuildRet(g->builder, const64(g, 0));
	go_on_in(g, ended);
	LLVMBuildRet(g->builder, const64(g, 1));
}

/* long (u32 n, frame): looks at one entry of the ring. It shares the variables in the frame, not
 * the others. */
static LLVMValueRef sort_callback(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMTypeRef params[] = { g->i32, g->ptr };
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder), body;
	char *name = arena_printf(g->arena, "%s_sort%zu", f->handler->symbol, g->callbacks++);
	struct fn outer = *f;

	f->function = LLVMAddFunction(g->module, name, LLVMFunctionType(g->i64, params, 2, false));
	LLVMSetLinkage(f->function, LLVMInternalLinkage);
	f->locals = arena_alloc(g->arena, f->var_count * sizeof(*f->locals));
	f->frame = LLVMGetParam(f->function, 1);
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, f->function, "entry"));
	LLVMSetCurrentDebugLocation2(g->builder, NULL);
	body = block_new(g, "body");
	LLVMBuildBr(g->builder, body);
	go_on_in(g, body);
	step_body(f, o, LLVMGetParam(f->function, 0));
	LLVMValueRef made = f->function;

	f->function = outer.function;
	f->locals = outer.locals;
	f->frame = outer.frame;
	go_on_in(g, here);
	lines_at(g, f->insn->place);
	return made;
}

void sort_begin(struct fn *f, const uint32_t *o)
{
	words_clear(f->g, sort_state(f, o), 0, SORT_HEAD * 8);
}

LLVMValueRef sort_next(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);

	need(g, "bpf_loop", f->insn->place);
	HELPER(g, BPF_FUNC_loop, const64(g, order_slots(global)), ptr_cast(g, sort_callback(f, o)),
	       f->frame, const64(g, 0));
	return KERN(g, "sonde_sort_next", sort_state(f, o),
		    const64(g, sort_words(f->flat->program, o)));
}
