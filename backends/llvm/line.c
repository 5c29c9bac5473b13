/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debug information, from which LLVM makes BTF: programs with the .stp lines of their instructions,
 * and the definitions of maps as libbpf reads them.
 */
#include <stdlib.h>
#include <string.h>

#include <llvm-c/DebugInfo.h>

#include "backends/llvm/gen.h"
#include "translator/util/map.h"

struct lines {
	LLVMDIBuilderRef builder;
	LLVMMetadataRef unit, routine, int_type;
	struct map files;		/* name → LLVMMetadataRef */
	LLVMMetadataRef scope;		/* of the current function */
	const char *scope_file;
	struct map scopes;		/* other files within the current function */
	bool silent;			/* it has no places */
};

static LLVMMetadataRef file_of(struct gen *g, const char *name)
{
	struct lines *lines = g->lines;
	LLVMMetadataRef file = map_get(&lines->files, name);

	if (!file) {
		file = LLVMDIBuilderCreateFile(lines->builder, name, strlen(name), "", 0);
		map_put(&lines->files, name, file);
	}
	return file;
}

static void flag_set(struct gen *g, const char *name, uint32_t value)
{
	LLVMAddModuleFlag(g->module, LLVMModuleFlagBehaviorWarning, name, strlen(name),
			  LLVMValueAsMetadata(const32(g, value)));
}

void lines_init(struct gen *g)
{
	struct lines *lines = arena_new_of(g->arena, struct lines);
	LLVMMetadataRef file;

	g->lines = lines;
	map_init(&lines->files, g->arena);
	lines->builder = LLVMCreateDIBuilder(g->module);
	file = file_of(g, "sonde");
	lines->unit = LLVMDIBuilderCreateCompileUnit(
		lines->builder, LLVMDWARFSourceLanguageC, file, "sonde", 5, false, "", 0, 0, "", 0,
		LLVMDWARFEmissionLineTablesOnly, 0, false, false, "", 0, "", 0);
	lines->int_type = LLVMDIBuilderCreateBasicType(lines->builder, "int", 3, 32, 5,
						       LLVMDIFlagZero);
	/* The result's type must be there: without it LLVM's BTF names no type at all. */
	lines->routine = LLVMDIBuilderCreateSubroutineType(lines->builder, file, &lines->int_type,
							   1, LLVMDIFlagZero);
	flag_set(g, "Debug Info Version", LLVMDebugMetadataVersion());
	flag_set(g, "Dwarf Version", 4);
}

void lines_function(struct gen *g, LLVMValueRef function, uint32_t place)
{
	struct lines *lines = g->lines;
	const struct program_place *at = &g->program->places.data[place];
	size_t length;
	const char *name = LLVMGetValueName2(function, &length);
	LLVMMetadataRef file = file_of(g, at->file);

	lines->scope = LLVMDIBuilderCreateFunction(lines->builder, file, name, length, "", 0, file,
						   at->line, lines->routine,
						   LLVMGetLinkage(function) == LLVMInternalLinkage,
						   true, at->line, LLVMDIFlagZero, true);
	lines->scope_file = at->file;
	map_init(&lines->scopes, g->arena);
	LLVMSetSubprogram(function, lines->scope);
	lines->silent = false;
	lines_at(g, place);
}

static LLVMMetadataRef scope_of(struct gen *g, const char *file)
{
	struct lines *lines = g->lines;
	LLVMMetadataRef scope;

	if (!strcmp(file, lines->scope_file))
		return lines->scope;
	scope = map_get(&lines->scopes, file);
	if (!scope) {
		scope = LLVMDIBuilderCreateLexicalBlockFile(lines->builder, lines->scope,
							    file_of(g, file), 0);
		map_put(&lines->scopes, file, scope);
	}
	return scope;
}

void lines_at(struct gen *g, uint32_t place)
{
	const struct program_place *at = &g->program->places.data[place];
	LLVMMetadataRef location;

	if (g->lines->silent)
		return;
	location = LLVMDIBuilderCreateDebugLocation(g->context, at->line, at->column,
						    scope_of(g, at->file), NULL);
	LLVMSetCurrentDebugLocation2(g->builder, location);
}

/* A number as libbpf reads it: the length of an array that a pointer points to. */
static LLVMMetadataRef number_type(struct gen *g, uint32_t number)
{
	struct lines *lines = g->lines;
	LLVMMetadataRef range = LLVMDIBuilderGetOrCreateSubrange(lines->builder, 0, number);
	LLVMMetadataRef array = LLVMDIBuilderCreateArrayType(lines->builder, (uint64_t)number * 32,
							     32, lines->int_type, &range, 1);

	return LLVMDIBuilderCreatePointerType(lines->builder, array, 64, 0, 0, "", 0);
}

static void variable_attach(struct gen *g, LLVMValueRef global, const char *name,
			    LLVMMetadataRef type)
{
	struct lines *lines = g->lines;
	LLVMMetadataRef variable = LLVMDIBuilderCreateGlobalVariableExpression(
		lines->builder, lines->unit, name, strlen(name), "", 0, file_of(g, "sonde"), 0,
		type, false, LLVMDIBuilderCreateExpression(lines->builder, NULL, 0), NULL, 0);

	LLVMGlobalSetMetadata(global, LLVMGetMDKindIDInContext(g->context, "dbg", 3), variable);
}

void lines_map(struct gen *g, LLVMValueRef map, const struct map_spec *spec)
{
	struct lines *lines = g->lines;
	static const char *const names[] = { "type", "key_size", "value_size", "max_entries",
					     "map_flags" };
	uint32_t numbers[] = { spec->type, spec->key_size, spec->value_size, spec->max_entries,
			       spec->flags };
	LLVMMetadataRef members[5], file = file_of(g, "sonde"), type;
	uint32_t count = 0;

	for (uint32_t i = 0; i < 5; i++) {
		if (!numbers[i])
			continue;
		members[count] = LLVMDIBuilderCreateMemberType(
			lines->builder, file, names[i], strlen(names[i]), file, 0, 64, 64,
			count * 64, LLVMDIFlagZero, number_type(g, numbers[i]));
		count++;
	}
	type = LLVMDIBuilderCreateStructType(lines->builder, file, "", 0, file, 0, count * 64, 64,
					     LLVMDIFlagZero, NULL, members, count, 0, NULL, "", 0);
	variable_attach(g, map, spec->name, type);
}

void lines_data(struct gen *g, LLVMValueRef data, const char *name, uint32_t bytes)
{
	struct lines *lines = g->lines;
	LLVMMetadataRef word, type, range;

	word = LLVMDIBuilderCreateBasicType(lines->builder, "long", 4, 64, 5, LLVMDIFlagZero);
	range = LLVMDIBuilderGetOrCreateSubrange(lines->builder, 0, bytes / 8);
	type = LLVMDIBuilderCreateArrayType(lines->builder, (uint64_t)bytes * 8, 64, word, &range,
					    1);
	variable_attach(g, data, name, type);
}

void lines_describe(struct gen *g, LLVMValueRef function)
{
	struct lines *lines = g->lines;
	LLVMMetadataRef file = file_of(g, "sonde");
	size_t length;
	const char *name = LLVMGetValueName2(function, &length);

	if (!LLVMGetSubprogram(function))
		LLVMSetSubprogram(function,
				  LLVMDIBuilderCreateFunction(lines->builder, file, name, length,
							      "", 0, file, 0, lines->routine, true,
							      true, 0, LLVMDIFlagZero, true));
}

/* The kernel wants each argument's name. */
static void argument_named(struct gen *g, LLVMMetadataRef function, uint32_t number,
			   LLVMMetadataRef type)
{
	static const char names[] = "abcdefgh";

	LLVMDIBuilderCreateParameterVariable(g->lines->builder, function, names + number, 1,
					     number + 1, file_of(g, "sonde"), 0, type, true,
					     LLVMDIFlagZero);
}

void lines_alone(struct gen *g, LLVMValueRef function, uint32_t bytes)
{
	struct lines *lines = g->lines;
	LLVMMetadataRef file = file_of(g, "sonde"), word, array, range, routine, types[8], made;
	uint32_t count = LLVMCountParams(function);
	size_t length;
	const char *name = LLVMGetValueName2(function, &length);

	word = LLVMDIBuilderCreateBasicType(lines->builder, "long", 4, 64, 5, LLVMDIFlagZero);
	range = LLVMDIBuilderGetOrCreateSubrange(lines->builder, 0, bytes / 8);
	array = LLVMDIBuilderCreateArrayType(lines->builder, (uint64_t)bytes * 8, 64, word, &range,
					     1);
	types[0] = word;
	for (uint32_t i = 0; i < count; i++)
		types[i + 1] = LLVMTypeOf(LLVMGetParam(function, i)) != g->ptr
				       ? word
				       : LLVMDIBuilderCreatePointerType(lines->builder, array, 64,
									0, 0, "", 0);
	routine = LLVMDIBuilderCreateSubroutineType(lines->builder, file, types, count + 1,
						    LLVMDIFlagZero);
	made = LLVMDIBuilderCreateFunction(lines->builder, file, name, length, "", 0, file, 0,
					   routine, false, true, 0, LLVMDIFlagZero, true);
	for (uint32_t i = 0; i < count; i++)
		argument_named(g, made, i, types[i + 1]);
	LLVMSetSubprogram(function, made);
	/* With a place in it, LLVM would want to describe the arguments in DWARF too, which it
	 * cannot where there are lines only. */
	LLVMSetCurrentDebugLocation2(g->builder, NULL);
}

bool lines_silence(struct gen *g, bool silent)
{
	bool was = g->lines->silent;

	g->lines->silent = silent;
	return was;
}

void lines_finish(struct gen *g)
{
	LLVMDIBuilderFinalize(g->lines->builder);
}
