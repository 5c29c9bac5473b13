/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several elements at once: `delete a`, `delete a[k, *]`, `[k, *] in a`, by
 * bpf_for_each_map_elem(). */
#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

enum slice_do { SLICE_DELETE, SLICE_FIND };

static bool slice_possible(struct fn *f)
{
	if (f->g->kernel >= KERNEL(5, 13))
		return true;
	refuse(f->g, f->insn->place, "going through all elements",
	       "it needs bpf_for_each_map_elem() (Linux 5.13)");
	return false;
}

/* One word after the other: LLVM would load them all first, and keep them on the stack. */
static LLVMValueRef word_differs(struct gen *g, LLVMValueRef differ, LLVMValueRef key,
				 LLVMValueRef slice, uint32_t at)
{
	LLVMValueRef word = LLVMBuildXor(g->builder, load_volatile(g, g->i64, key, at),
					 load_volatile(g, g->i64, slice, at), "");

	return opaque(g, LLVMBuildOr(g->builder, differ, word, ""));
}

LLVMValueRef slice_differs(struct gen *g, const struct program_global *global,
			   const uint32_t *keys, LLVMValueRef key, LLVMValueRef slice)
{
	LLVMValueRef differ = const64(g, 0);
	uint32_t at = 0;

	for (uint32_t i = 0; i < global->key_count; i++) {
		uint32_t width = global->keys[i].type == PROGRAM_STRING
					 ? ABI_ROUND8(global->keys[i].width) : 8;

		if (keys && OPERAND_TAG(keys[i]) != OPERAND_WILD)
			for (uint32_t w = at; w < at + width; w += 8)
				differ = word_differs(g, differ, key, slice, w);
		at += width;
	}
	return LLVMBuildICmp(g->builder, LLVMIntNE, differ, const64(g, 0), "");
}

/* long (map, key, value, ctx): ctx is { address of the slice's bytes, found }. */
static LLVMValueRef slice_callback(struct fn *f, const struct program_global *global,
				   const uint32_t *keys, enum slice_do what)
{
	struct gen *g = f->g;
	LLVMTypeRef params[] = { g->ptr, g->ptr, g->ptr, g->ptr };
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder), match, other;
	LLVMValueRef function, key, ctx, slice;
	char *name = arena_printf(g->arena, "%s_slice%zu", f->handler->symbol, g->callbacks++);

	function = LLVMAddFunction(g->module, name, LLVMFunctionType(g->i64, params, 4, false));
	LLVMSetLinkage(function, LLVMInternalLinkage);
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, function, "entry"));
	LLVMSetCurrentDebugLocation2(g->builder, NULL);
	match = LLVMAppendBasicBlockInContext(g->context, function, "match");
	other = LLVMAppendBasicBlockInContext(g->context, function, "other");
	key = LLVMGetParam(function, 1);
	ctx = LLVMGetParam(function, 3);
	slice = LLVMBuildIntToPtr(g->builder, load64(g, ctx, 0), g->ptr, "");
	LLVMBuildCondBr(g->builder, slice_differs(g, global, keys, key, slice), other, match);
	go_on_in(g, match);
	if (what == SLICE_DELETE)
		HELPER(g, BPF_FUNC_map_delete_elem, LLVMGetParam(function, 0), key);
	else
		store(g, const64(g, 1), ctx, 8);
	LLVMBuildRet(g->builder, const64(g, what == SLICE_FIND));
	go_on_in(g, other);
	LLVMBuildRet(g->builder, const64(g, 0));
	go_on_in(g, here);
	lines_at(g, f->insn->place);
	return function;
}

/* Gives whether an element was found (SLICE_FIND). @keys NULL: all elements. */
static LLVMValueRef slice_walk(struct fn *f, uint32_t index, const uint32_t *keys,
			       enum slice_do what)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, index);
	LLVMValueRef ctx, slice, callback = slice_callback(f, global, keys, what);

	slice = keys ? key_build(f, index, keys) : bss_global(g, "sonde_session", 8);
	ctx = lent_space(f, 16);
	store(g, LLVMBuildPtrToInt(g->builder, slice, g->i64, ""), ctx, 0);
	store(g, unknown_zero(g), ctx, 8);
	need(g, "for_each_map_elem", f->insn->place);
	HELPER(g, BPF_FUNC_for_each_map_elem, map_of(f, index), ptr_cast(g, callback), ctx,
	       const64(g, 0));
	return load_volatile(g, g->i64, ctx, 8);
}

void slice_has(struct fn *f, const uint32_t *o)
{
	if (slice_possible(f))
		long_result(f, o[0], slice_walk(f, o[1], o + 2, SLICE_FIND));
}

void slice_delete(struct fn *f, const uint32_t *o)
{
	if (slice_possible(f))
		slice_walk(f, o[1], o + 2, SLICE_DELETE);
}

void emit_clear(struct fn *f, const uint32_t *o)
{
	const struct program_global *global = global_of(f, o[1]);

	if (!global->is_array)
		emit_delete(f, o);
	else if (slice_possible(f))
		slice_walk(f, o[1], NULL, SLICE_DELETE);
}
