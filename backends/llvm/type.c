/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LLVM types, memory access, helper calls: what every emitter uses. */
#include <string.h>

#include "backends/llvm/gen.h"

void types_init(struct gen *g)
{
	g->i1 = LLVMInt1TypeInContext(g->context);
	g->i8 = LLVMInt8TypeInContext(g->context);
	g->i16 = LLVMInt16TypeInContext(g->context);
	g->i32 = LLVMInt32TypeInContext(g->context);
	g->i64 = LLVMInt64TypeInContext(g->context);
	g->nothing = LLVMVoidTypeInContext(g->context);
	g->ptr = LLVMPointerType(g->i8, 0);
}

LLVMValueRef const64(struct gen *g, int64_t value)
{
	return LLVMConstInt(g->i64, (uint64_t)value, true);
}

LLVMValueRef const32(struct gen *g, uint32_t value)
{
	return LLVMConstInt(g->i32, value, false);
}

LLVMTypeRef int_type(struct gen *g, uint32_t bytes)
{
	return bytes == 1 ? g->i8 : bytes == 2 ? g->i16 : bytes == 4 ? g->i32 : g->i64;
}

LLVMValueRef ptr_index(struct gen *g, LLVMValueRef pointer, LLVMValueRef offset)
{
	return LLVMBuildGEP2(g->builder, g->i8, pointer, &offset, 1, "");
}

LLVMValueRef ptr_add(struct gen *g, LLVMValueRef pointer, int64_t offset)
{
	return offset ? ptr_index(g, pointer, const64(g, offset)) : pointer;
}

LLVMValueRef ptr_cast(struct gen *g, LLVMValueRef value)
{
	return LLVMBuildPointerCast(g->builder, value, g->ptr, "");
}

static LLVMValueRef typed(struct gen *g, LLVMTypeRef type, LLVMValueRef pointer, int64_t offset)
{
	return LLVMBuildPointerCast(g->builder, ptr_add(g, pointer, offset),
				    LLVMPointerType(type, 0), "");
}

LLVMValueRef load(struct gen *g, LLVMTypeRef type, LLVMValueRef pointer, int64_t offset)
{
	return LLVMBuildLoad2(g->builder, type, typed(g, type, pointer, offset), "");
}

LLVMValueRef load_volatile(struct gen *g, LLVMTypeRef type, LLVMValueRef pointer, int64_t offset)
{
	LLVMValueRef value = load(g, type, pointer, offset);

	LLVMSetVolatile(value, true);
	return value;
}

LLVMValueRef load64(struct gen *g, LLVMValueRef pointer, int64_t offset)
{
	return load(g, g->i64, pointer, offset);
}

LLVMValueRef store(struct gen *g, LLVMValueRef value, LLVMValueRef pointer, int64_t offset)
{
	return LLVMBuildStore(g->builder, value, typed(g, LLVMTypeOf(value), pointer, offset));
}

LLVMValueRef atomic_op(struct gen *g, LLVMAtomicRMWBinOp op, LLVMValueRef pointer,
		       LLVMValueRef value)
{
	LLVMValueRef old = LLVMBuildAtomicRMW(g->builder, op, typed(g, g->i64, pointer, 0), value,
					      LLVMAtomicOrderingMonotonic, false);

	LLVMSetVolatile(old, true);
	return old;
}

void atomic_add(struct gen *g, LLVMValueRef pointer, int64_t offset, LLVMValueRef value)
{
	atomic_op(g, LLVMAtomicRMWBinOpAdd, ptr_add(g, pointer, offset), value);
}

LLVMValueRef opaque(struct gen *g, LLVMValueRef value)
{
	LLVMTypeRef type = LLVMTypeOf(value);
	LLVMTypeRef function = LLVMFunctionType(type, &type, 1, false);
	LLVMValueRef nop = LLVMGetInlineAsm(function, (char *)"", 0, (char *)"=r,0", 4, true, false,
					    LLVMInlineAsmDialectATT, false);

	return LLVMBuildCall2(g->builder, function, nop, &value, 1, "");
}

LLVMValueRef unknown_zero(struct gen *g)
{
	return load_volatile(g, g->i64, bss_global(g, "sonde_zero", 8), 0);
}

void words_copy(struct gen *g, LLVMValueRef to, LLVMValueRef from, uint32_t bytes)
{
	for (uint32_t at = 0; at < bytes; at += 8)
		store(g, load64(g, from, at), to, at);
}

void words_clear(struct gen *g, LLVMValueRef to, uint32_t from, uint32_t bytes)
{
	for (uint32_t at = from; at < bytes; at += 8)
		store(g, const64(g, 0), to, at);
}

LLVMValueRef stack_space(struct gen *g, uint32_t bytes)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
	LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(LLVMGetBasicBlockParent(here));
	LLVMTypeRef type = LLVMArrayType(g->i64, ABI_ROUND8(bytes) / 8);
	LLVMValueRef first = LLVMGetFirstInstruction(entry), space;

	if (first)
		LLVMPositionBuilderBefore(g->builder, first);
	else
		LLVMPositionBuilderAtEnd(g->builder, entry);
	space = LLVMBuildAlloca(g->builder, type, "");
	LLVMSetAlignment(space, 8);
	space = ptr_cast(g, space);
	LLVMPositionBuilderAtEnd(g->builder, here);
	return space;
}

LLVMValueRef helper_call(struct gen *g, int64_t number, LLVMValueRef *args, uint32_t count)
{
	LLVMTypeRef types[5], type;
	LLVMValueRef function;

	for (uint32_t i = 0; i < count; i++)
		types[i] = LLVMTypeOf(args[i]);
	type = LLVMFunctionType(g->i64, types, count, false);
	function = LLVMConstIntToPtr(const64(g, number), LLVMPointerType(type, 0));
	return LLVMBuildCall2(g->builder, type, function, args, count, "");
}

LLVMValueRef is_null(struct gen *g, LLVMValueRef pointer)
{
	return LLVMBuildIsNull(g->builder, pointer, "");
}

LLVMValueRef to64(struct gen *g, LLVMValueRef truth)
{
	return LLVMBuildZExt(g->builder, truth, g->i64, "");
}

LLVMValueRef bss_global(struct gen *g, const char *name, uint32_t bytes)
{
	LLVMValueRef made = LLVMGetNamedGlobal(g->module, name);
	LLVMTypeRef type = LLVMArrayType(g->i64, ABI_ROUND8(bytes) / 8);

	if (!made) {
		made = LLVMAddGlobal(g->module, type, name);
		LLVMSetInitializer(made, LLVMConstNull(type));
		LLVMSetAlignment(made, bytes >= ABI_CACHE_LINE ? ABI_CACHE_LINE : 8);
		LLVMSetSection(made, ".bss");
		lines_data(g, made, name, ABI_ROUND8(bytes));
	}
	return LLVMConstPointerCast(made, g->ptr);
}

LLVMValueRef rodata(struct gen *g, const char *name, LLVMValueRef initial)
{
	LLVMValueRef made = LLVMAddGlobal(g->module, LLVMTypeOf(initial), name);

	LLVMSetInitializer(made, initial);
	LLVMSetAlignment(made, 8);
	LLVMSetGlobalConstant(made, true);
	LLVMSetLinkage(made, LLVMInternalLinkage);
	LLVMSetSection(made, ".rodata");
	return LLVMConstPointerCast(made, g->ptr);
}

LLVMBasicBlockRef block_new(struct gen *g, const char *name)
{
	LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(g->builder));

	return LLVMAppendBasicBlockInContext(g->context, function, name);
}

void go_on_in(struct gen *g, LLVMBasicBlockRef block)
{
	LLVMPositionBuilderAtEnd(g->builder, block);
}

LLVMValueRef go_on_with(struct gen *g, LLVMBasicBlockRef block, LLVMValueRef values[2],
			LLVMBasicBlockRef from[2])
{
	LLVMValueRef phi;

	go_on_in(g, block);
	phi = LLVMBuildPhi(g->builder, LLVMTypeOf(values[0]), "");
	LLVMAddIncoming(phi, values, from, 2);
	return phi;
}

void unlikely(struct gen *g, LLVMValueRef condition, LLVMBasicBlockRef then, const char *name)
{
	LLVMBasicBlockRef otherwise = block_new(g, name);
	LLVMValueRef branch = LLVMBuildCondBr(g->builder, condition, then, otherwise);
	LLVMValueRef weights[3];

	weights[0] = LLVMMDStringInContext(g->context, "branch_weights", 14);
	weights[1] = const32(g, 1);
	weights[2] = const32(g, 1000);
	LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(g->context, "prof", 4),
			LLVMMDNodeInContext(g->context, weights, 3));
	go_on_in(g, otherwise);
}

LLVMBasicBlockRef aside(struct gen *g, LLVMValueRef condition, const char *name)
{
	LLVMBasicBlockRef rare = block_new(g, name), here;

	unlikely(g, condition, rare, "usual");
	here = LLVMGetInsertBlock(g->builder);
	go_on_in(g, rare);
	return here;
}

LLVMValueRef zero_bytes(struct gen *g)
{
	return bss_global(g, "sonde_zeros", 16384);
}
