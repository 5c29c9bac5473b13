/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -p2: globals, functions and probes in SystemTap's form; with -v also locals and bodies. */
#include <stdio.h>
#include <string.h>

#include "translator/elab/elab.h"
#include "translator/elab/elab-priv.h"

static const char *plain_name(enum type type)
{
	static const char *const names[] = {
		[TYPE_UNKNOWN] = "unknown", [TYPE_LONG] = "long",    [TYPE_STRING] = "string",
		[TYPE_STATS] = "stats",	    [TYPE_ERROR] = "error",
	};

	return names[type];
}

static void print_locals(FILE *out, const local_vec *locals)
{
	if (locals->count)
		fprintf(out, "  # locals\n");
	for (size_t i = 0; i < locals->count; i++)
		fprintf(out, "  %s:%s\n", locals->data[i]->name,
			plain_name(locals->data[i]->type));
}

static void print_globals(FILE *out, const struct elab_program *program)
{
	if (program->globals.count)
		fprintf(out, "# globals\n");
	for (size_t i = 0; i < program->globals.count; i++) {
		const struct global *global = program->globals.data[i];

		fprintf(out, "%s:%s", global->name, plain_name(global->type));
		for (size_t k = 0; k < global->key_types.count; k++)
			fprintf(out, "%s%s", k ? ", " : " [",
				plain_name(global->key_types.data[k]));
		fprintf(out, "%s", global->key_types.count ? "]" : "");
		if (global->init) {
			fprintf(out, " = ");
			ast_print_expr(out, global->init);
		}
		fprintf(out, "\n");
	}
}

void elab_print_signature(FILE *out, const struct function *function)
{
	fprintf(out, "%s:%s (", function->name, plain_name(function->type));
	for (size_t i = 0; i < function->params.count; i++)
		fprintf(out, "%s%s:%s", i ? ", " : "", function->params.data[i]->name,
			plain_name(function->params.data[i]->type));
	fprintf(out, ")");
}

/* Handlers' own copies of a function are shown once. */
static bool is_shown(const struct elab_program *program, size_t index)
{
	const struct function *original = program->functions.data[index]->original;

	for (size_t i = 0; original && i < index; i++)
		if (program->functions.data[i]->original == original)
			return true;
	return false;
}

static void print_functions(FILE *out, const struct elab_program *program, bool verbose)
{
	if (program->functions.count)
		fprintf(out, "# functions\n");
	for (size_t i = 0; i < program->functions.count; i++) {
		const struct function *function = program->functions.data[i];

		if (is_shown(program, i))
			continue;
		elab_print_signature(out, function);
		fprintf(out, "\n");
		if (!verbose)
			continue;
		print_locals(out, &function->locals);
		ast_print_stmt(out, function->body, 0);
		fprintf(out, "\n");
	}
}

static void print_handler(FILE *out, const struct handler *handler, bool verbose)
{
	for (size_t i = 0; i < handler->sites.count; i++) {
		const struct site *site = handler->sites.data[i];

		fprintf(out, "%s", site->attach.name ? site->attach.name : handler->name);
		if (site->pc)
			fprintf(out, " /* pc=%#llx */", (unsigned long long)site->pc);
		fprintf(out, " /* <- %s */\n", handler->origin ? handler->origin : handler->name);
	}
	if (!verbose)
		return;
	print_locals(out, &handler->locals);
	ast_print_stmt(out, handler->body, 0);
	fprintf(out, "\n");
}

void elab_print(FILE *out, const struct elab_program *program, bool verbose)
{
	print_globals(out, program);
	print_functions(out, program, verbose);
	if (program->handlers.count)
		fprintf(out, "# probes\n");
	for (size_t i = 0; i < program->handlers.count; i++)
		print_handler(out, program->handlers.data[i], verbose);
}
