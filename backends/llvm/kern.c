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

#include "backends/llvm/gen.h"
#include "runtime/paths.h"

static const struct kern_row {
	const char *symbol, *topic;
} kern_rows[] = {
#define KERN_FUNCTION(symbol, topic) { #symbol, #topic },
#include "runtime/kern/kern.def"
};

static const char *topic_of(const char *symbol)
{
	for (size_t i = 0; i < sizeof(kern_rows) / sizeof(*kern_rows); i++)
		if (!strcmp(kern_rows[i].symbol, symbol))
			return kern_rows[i].topic;
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

LLVMValueRef kern_call(struct gen *g, const char *symbol, LLVMValueRef *args, uint32_t count)
{
	const char *topic = topic_of(symbol);
	LLVMValueRef function;
	LLVMTypeRef type, types[12];

	if (topic && !topic_linked(g, topic))
		topic_link(g, topic);
	function = LLVMGetNamedFunction(g->module, symbol);
	if (!function) {
		if (!diags_errors(g->session->diags))
			diag(g->session->diags, DIAG_BE_BITCODE, (struct span){ 0 }, symbol,
			     "no such function");
		return LLVMGetUndef(g->i64);
	}
	type = LLVMGlobalGetValueType(function);
	LLVMGetParamTypes(type, types);
	for (uint32_t i = 0; i < count; i++)
		if (LLVMGetTypeKind(types[i]) == LLVMPointerTypeKind)
			args[i] = LLVMBuildPointerCast(g->builder, args[i], types[i], "");
	return LLVMBuildCall2(g->builder, type, function, args, count, "");
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

void kern_finish(struct gen *g)
{
	constant_set(g, "kern_most", g->session->max_string - 1);
	constant_set(g, "kern_loops", g->kernel >= KERNEL(5, 17));
	constants_gather(g);
	for (size_t i = 0; i < sizeof(kern_rows) / sizeof(*kern_rows); i++) {
		LLVMValueRef function = LLVMGetNamedFunction(g->module, kern_rows[i].symbol);

		if (function && !LLVMIsDeclaration(function))
			LLVMSetLinkage(function, LLVMInternalLinkage);
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
