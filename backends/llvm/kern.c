/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The in-kernel library: bitcode of runtime/kern, one file a topic, linked when the first of its
 * functions is called. kern.def says which topic a function is in.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <llvm-c/BitReader.h>
#include <llvm-c/Linker.h>

#include "backends/llvm/far.h"
#include "backends/llvm/gen.h"
#include "runtime/kern/work.h"
#include "runtime/paths.h"

static const struct kern_row {
	const char *symbol, *topic;
	enum kern_alone { ALONE_NOT, ALONE_WORK, ALONE_WORDS, ALONE_NEVER } alone;
} kern_rows[] = {
#define KERN_FUNCTION(symbol, topic) { #symbol, #topic, ALONE_NOT },
#define KERN_PLACED(symbol, topic) { #symbol, #topic, ALONE_NEVER },
#define KERN_ALONE(symbol, topic) { #symbol, #topic, ALONE_WORK },
#define KERN_WORDS(symbol, topic) { #symbol, #topic, ALONE_WORDS },
#include "runtime/kern/kern.def"
};

static const struct kern_row *row_of(const char *symbol)
{
	for (size_t i = 0; i < sizeof(kern_rows) / sizeof(*kern_rows); i++)
		if (!strcmp(kern_rows[i].symbol, symbol))
			return &kern_rows[i];
	return NULL;
}

static bool topic_linked(const struct gen *g, const char *topic)
{
	for (size_t i = 0; i < g->topics.count; i++)
		if (!strcmp(g->topics.data[i], topic))
			return true;
	return false;
}

static bool topic_link(struct gen *g, const char *topic)
{
	char path[PATH_MAX], name[64];
	LLVMMemoryBufferRef buffer;
	LLVMModuleRef module;
	char *why = NULL;

	*vec_push(g->arena, &g->topics) = topic;
	snprintf(name, sizeof(name), "%s.bc", topic);
	if (path_kern_bitcode(name, path, sizeof(path)))
		return diag(g->session->diags, DIAG_BE_BITCODE, (struct span){ 0 }, name,
			    "path too long");
	if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &why))
		return diag(g->session->diags, DIAG_BE_BITCODE, (struct span){ 0 }, path, why);
	if (LLVMParseBitcodeInContext2(g->context, buffer, &module))
		return diag(g->session->diags, DIAG_BE_BITCODE, (struct span){ 0 }, path,
			    "not bitcode that this LLVM reads");
	/* Each module names its layout in its own words; ours is the target's. */
	LLVMSetTarget(module, LLVMGetTarget(g->module));
	LLVMSetDataLayout(module, LLVMGetDataLayoutStr(g->module));
	if (LLVMLinkModules2(g->module, module))
		return diag(g->session->diags, DIAG_BE_BITCODE, (struct span){ 0 }, path,
			    "does not link");
	return true;
}

static LLVMValueRef call_made(struct gen *g, LLVMValueRef function, LLVMValueRef *args,
			      uint32_t count)
{
	LLVMTypeRef type = LLVMGlobalGetValueType(function), types[12];

	LLVMGetParamTypes(type, types);
	for (uint32_t i = 0; i < count; i++)
		if (LLVMGetTypeKind(types[i]) == LLVMPointerTypeKind)
			args[i] = LLVMBuildPointerCast(g->builder, args[i], types[i], "");
	return LLVMBuildCall2(g->builder, type, function, args, count, "");
}

/* ---- functions that are verified alone ---- */

/*
 * The verifier follows a static function from each call, with all that it knows there, and what
 * comes behind once for each way through it. A global one it looks at once, by its type; behind a
 * call it knows nothing of the result. So handlers may use as many as they like. What their type
 * can say: pointers to so many bytes, and numbers; the library's functions are called by one that
 * has such a type. Another pointer goes by way of the memory.
 */
#define ALONE_KERNEL KERNEL(5, 13)	/* takes pointers to memory */
#define FRAMES_MOST 8
#define ALONE_FRAMES 3		/* itself, and steps in steps */
#define WORDS_FEW 8
#define CALLS_FEW 6		/* that a handler has put in place: a little faster */

/* The pointer that goes by way of the memory. */
static uint32_t pointer_index(const struct kern_row *row, LLVMTypeRef type)
{
	LLVMTypeRef types[12];
	uint32_t count = LLVMCountParamTypes(type);

	LLVMGetParamTypes(type, types);
	for (uint32_t i = 1; i < count && row->alone == ALONE_WORK; i++)
		if (LLVMGetTypeKind(types[i]) == LLVMPointerTypeKind)
			return i;
	return count;
}

static void alone_body(struct gen *g, LLVMValueRef alone, LLVMValueRef function,
		       uint32_t pointer, uint32_t words)
{
	LLVMTypeRef type = LLVMGlobalGetValueType(function);
	uint32_t count = LLVMCountParamTypes(type), given = LLVMCountParams(alone), next = 0;
	LLVMBasicBlockRef none, entry = LLVMAppendBasicBlockInContext(g->context, alone, "entry");
	LLVMValueRef args[12], result;

	go_on_in(g, entry);
	none = block_new(g, "none");
	for (uint32_t i = 0; i < given; i++)
		if (LLVMTypeOf(LLVMGetParam(alone, i)) == g->ptr)
			unlikely(g, is_null(g, LLVMGetParam(alone, i)), none, "there");
	for (uint32_t i = 0; i < count; i++)
		if (i == pointer)
			args[i] = LLVMBuildIntToPtr(
				g->builder,
				load_volatile(g, g->i64, args[0], WORK_POINTER * 8), g->ptr, "");
		else
			args[i] = next < given ? LLVMGetParam(alone, next++) : const64(g, words);
	result = call_made(g, function, args, count);
	if (LLVMGetTypeKind(LLVMGetReturnType(type)) == LLVMVoidTypeKind)
		result = const64(g, 0);
	LLVMBuildRet(g->builder, result);
	go_on_in(g, none);
	LLVMBuildRet(g->builder, const64(g, 0));
}

/* @words: what ALONE_WORDS' pointers point to. */
static LLVMValueRef alone_function(struct gen *g, const struct kern_row *row,
				   LLVMValueRef function, uint32_t words)
{
	LLVMTypeRef type = LLVMGlobalGetValueType(function), types[12];
	uint32_t count = LLVMCountParamTypes(type), pointer = pointer_index(row, type);
	char *name = arena_printf(g->arena, "%s_alone%u", row->symbol, words);
	LLVMValueRef alone = LLVMGetNamedFunction(g->module, name);
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
	LLVMMetadataRef place = LLVMGetCurrentDebugLocation2(g->builder);

	if (alone)
		return alone;
	LLVMGetParamTypes(type, types);
	for (uint32_t i = 0; i < count; i++)
		if (LLVMGetTypeKind(types[i]) == LLVMPointerTypeKind)
			types[i] = g->ptr;
	if (pointer < count)
		memmove(&types[pointer], &types[pointer + 1],
			(count - pointer - 1) * sizeof(*types));
	count -= pointer < count || row->alone == ALONE_WORDS;
	alone = LLVMAddFunction(g->module, name, LLVMFunctionType(g->i64, types, count, false));
	LLVMAddAttributeAtIndex(
		alone, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(g->context,
					LLVMGetEnumAttributeKindForName("noinline", 8), 0));
	lines_alone(g, alone,
		    words ? words * 8 : ABI_ROUND8(WORK_BYTES(g->session->max_string - 1)));
	alone_body(g, alone, function, pointer, words);
	go_on_in(g, here);
	LLVMSetCurrentDebugLocation2(g->builder, place);
	return alone;
}

static LLVMValueRef alone_call(struct gen *g, const struct kern_row *row, LLVMValueRef function,
			       LLVMValueRef *args, uint32_t count)
{
	uint32_t pointer = pointer_index(row, LLVMGlobalGetValueType(function));
	uint32_t next = 0, words = 0;
	LLVMValueRef left[12];

	if (row->alone == ALONE_WORDS)
		words = LLVMConstIntGetZExtValue(args[--count]);
	for (uint32_t i = 0; i < count; i++)
		if (i == pointer)
			LLVMSetVolatile(store(g, LLVMBuildPtrToInt(g->builder, args[i], g->i64, ""),
					      args[0], WORK_POINTER * 8),
					true);
		else
			left[next++] = args[i];
	return call_made(g, alone_function(g, row, function, words), left, next);
}

/* Whether a call is worth it, and possible: constants cannot be given away, as the function might
 * write to what it is given. */
static bool goes_alone(struct gen *g, const struct kern_row *row, LLVMValueRef *args,
		       uint32_t count)
{
	if (!row || row->alone == ALONE_NOT || row->alone == ALONE_NEVER ||
	    g->kernel < ALONE_KERNEL ||
	    g->no_frames || g->frames + ALONE_FRAMES > FRAMES_MOST)
		return false;
	if (row->alone == ALONE_WORK)
		return ++g->calls > CALLS_FEW;
	if (LLVMConstIntGetZExtValue(args[count - 1]) <= WORDS_FEW)
		return false;
	for (uint32_t i = 0; i + 1 < count; i++)
		if (LLVMIsConstant(args[i]) && LLVMTypeOf(args[i]) == g->ptr)
			return false;
	return true;
}

LLVMValueRef kern_call(struct gen *g, const char *symbol, LLVMValueRef *args, uint32_t count)
{
	const struct kern_row *row = row_of(symbol);
	LLVMValueRef function;

	if (row && !topic_linked(g, row->topic))
		topic_link(g, row->topic);
	function = LLVMGetNamedFunction(g->module, symbol);
	if (!function) {
		if (!diags_errors(g->session->diags))
			diag(g->session->diags, DIAG_BE_BITCODE, (struct span){ 0 }, symbol,
			     "no such function");
		return LLVMGetUndef(g->i64);
	}
	if (goes_alone(g, row, args, count))
		return alone_call(g, row, function, args, count);
	return call_made(g, function, args, count);
}

/* clang's attributes name its own choice of processor; ours is the target machine's. */
static void attributes_drop(LLVMValueRef function)
{
	static const char *const names[] = { "target-cpu", "target-features", "frame-pointer" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		LLVMRemoveStringAttributeAtIndex(function, LLVMAttributeFunctionIndex, names[i],
						 strlen(names[i]));
}

/* What the library's code leaves to us: its limits. */
static void constant_set(struct gen *g, const char *name, uint64_t value)
{
	LLVMValueRef constant = LLVMGetNamedGlobal(g->module, name);

	if (!constant)
		return;
	LLVMSetInitializer(constant, const64(g, (int64_t)value));
	LLVMSetGlobalConstant(constant, true);
	LLVMSetLinkage(constant, LLVMInternalLinkage);
}

/* All constants in one section, which is one map. */
static void constants_gather(struct gen *g)
{
	for (LLVMValueRef v = LLVMGetFirstGlobal(g->module); v; v = LLVMGetNextGlobal(v)) {
		const char *section = LLVMGetSection(v);

		if (!LLVMIsGlobalConstant(v) || (section && *section) || !LLVMGetInitializer(v))
			continue;
		LLVMSetSection(v, ".rodata");
		LLVMSetUnnamedAddress(v, LLVMNoUnnamedAddr);
		LLVMSetLinkage(v, LLVMInternalLinkage);
	}
}

enum { ARGS_MOST = 5 };

static bool has_stack(LLVMValueRef function)
{
	LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(function);

	for (LLVMValueRef at = LLVMGetFirstInstruction(entry); at; at = LLVMGetNextInstruction(at))
		if (LLVMGetInstructionOpcode(at) == LLVMAlloca)
			return true;
	return false;
}

static unsigned int attribute_of(const char *name)
{
	return LLVMGetEnumAttributeKindForName(name, strlen(name));
}

/* What @function has on the stack is not to be on that of each handler and loop that calls it. */
static void function_part(struct gen *g, LLVMValueRef function)
{
	if (LLVMCountParams(function) > ARGS_MOST || !has_stack(function))
		return;
	LLVMRemoveEnumAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				       attribute_of("alwaysinline"));
	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateEnumAttribute(g->context, attribute_of("noinline"), 0));
}

void kern_finish(struct gen *g)
{
	constant_set(g, "kern_most", g->session->max_string - 1);
	constant_set(g, "kern_loops", g->kernel >= KERNEL(5, 17));
	far_walks(g);
	constants_gather(g);
	for (size_t i = 0; i < sizeof(kern_rows) / sizeof(*kern_rows); i++) {
		LLVMValueRef function = LLVMGetNamedFunction(g->module, kern_rows[i].symbol);

		if (!function || LLVMIsDeclaration(function))
			continue;
		LLVMSetLinkage(function, LLVMInternalLinkage);
		if (g->apart && kern_rows[i].alone != ALONE_NEVER)
			function_part(g, function);
	}
	for (LLVMValueRef f = LLVMGetFirstFunction(g->module); f; f = LLVMGetNextFunction(f)) {
		unsigned int nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);

		if (LLVMIsDeclaration(f))
			continue;
		attributes_drop(f);
		/* No unwinding: or there would be an .eh_frame. */
		LLVMAddAttributeAtIndex(f, LLVMAttributeFunctionIndex,
					LLVMCreateEnumAttribute(g->context, nounwind, 0));
	}
}
