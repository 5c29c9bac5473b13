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

/* What an insertion is about: @ours is 1 if the ring is the map's; @views may be NULL. */
struct insertion {
	LLVMValueRef order, map, views, key, value, ours;
};

static LLVMValueRef insert_body(struct gen *g, uint32_t global, const struct insertion *in)
{
	const struct program_global *info = &g->program->globals.data[global];
	uint64_t how = order_slots(info) * 4ul + (info->type == PROGRAM_STATS ? 2 : 0);
	LLVMValueRef error;

	error = KERN(g, "sonde_order_insert", in->order, in->map, in->views, in->key, in->value,
		     LLVMBuildOr(g->builder, const64(g, how), in->ours, ""));
	return KERN(g, "sonde_order_search", in->map, in->key, in->value, error);
}

/* A function of one array, for handlers with little stack: the verifier sees one map in it. It gets
 * no ring if that is not the map's. */
static LLVMValueRef insert_function(struct gen *g, uint32_t global)
{
	LLVMTypeRef params[] = { g->ptr, g->ptr, g->ptr, g->ptr, g->ptr };
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
	LLVMMetadataRef place = LLVMGetCurrentDebugLocation2(g->builder);
	char *name = arena_printf(g->arena, "insert_in_%u", global);
	LLVMValueRef function = LLVMGetNamedFunction(g->module, name), args[5];
	struct insertion in;

	if (function)
		return function;
	function = LLVMAddFunction(g->module, name, LLVMFunctionType(g->i64, params, 5, false));
	LLVMSetLinkage(function, LLVMInternalLinkage);
	LLVMAddAttributeAtIndex(
		function, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(g->context,
					LLVMGetEnumAttributeKindForName("noinline", 8), 0));
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, function, "entry"));
	LLVMSetCurrentDebugLocation2(g->builder, NULL);
	LLVMGetParams(function, args);
	in = (struct insertion){ args[0], args[1], args[2], args[3], args[4], NULL };
	in.ours = LLVMBuildNot(g->builder, is_null(g, in.order), "");
	in.ours = LLVMBuildZExt(g->builder, in.ours, g->i64, "");
	if (!has_view(g, global))
		in.views = LLVMConstNull(g->ptr);
	LLVMBuildRet(g->builder, insert_body(g, global, &in));
	go_on_in(g, here);
	LLVMSetCurrentDebugLocation2(g->builder, place);
	return function;
}

LLVMValueRef order_insert(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef value)
{
	struct gen *g = f->g;
	LLVMValueRef none = LLVMConstNull(g->ptr), function, args[5];
	struct insertion in = { .map = map_of(f, global), .key = key, .value = value };

	in.order = ptr_cast(g, order_of(f, global));
	in.views = has_view(g, global) ? views_of(f, global) : none;
	in.ours = const64(g, 1);
	if (global_of(f, global)->swapped)
		in.ours = KERN(g, "sonde_order_ours", g->globals[global], in.map);
	if (!g->apart)
		return insert_body(g, global, &in);
	function = insert_function(g, global);
	args[0] = LLVMBuildSelect(g->builder,
				  LLVMBuildICmp(g->builder, LLVMIntNE, in.ours, const64(g, 0), ""),
				  in.order, none, "");
	args[1] = ptr_cast(g, in.map);
	args[2] = ptr_cast(g, in.views);
	args[3] = ptr_cast(g, key);
	args[4] = ptr_cast(g, value);
	return LLVMBuildCall2(g->builder, LLVMGlobalGetValueType(function), function, args, 5, "");
}
