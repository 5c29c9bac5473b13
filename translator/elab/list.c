/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -l and -L: the probe points that match, sorted, once each; with -L the variables that a
 * handler has there. What came through an alias is shown by the alias's name, with its own
 * variables.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/dtype.h"
#include "translator/elab/access.h"
#include "translator/elab/elab-priv.h"
#include "translator/probes/probe-kind.h"

/* Can a handler read it? Parameters of a return probe are those of the entry. */
static bool can_be_had(struct elab *elab, struct handler *handler, struct site *site,
		       const char *name, struct access *access)
{
	const struct probe_kind *kind = handler->kind;
	const char *why;

	if (kind->entry && site->is_return && strcmp(name, "return") != 0)
		site = kind->entry(elab, site);
	return kind->variable &&
	       kind->variable(elab, site, name, handler->point->span, access, &why);
}

static const char *variables_text(struct elab_program *program, struct handler *handler,
				  struct site *site)
{
	struct arena *arena = program->session->arena;
	const struct site_var *vars;
	const char *text = "";

	for (size_t i = 0; i < handler->locals.count; i++) {
		const struct local *local = handler->locals.data[i];

		if (handler->is_alias && local->name[0] != '_' && !strchr(local->name, '@') &&
		    (local->type == TYPE_LONG || local->type == TYPE_STRING))
			text = arena_printf(arena, "%s %s:%s", text, local->name,
					    local->type == TYPE_LONG ? "long" : "string");
	}
	if (handler->is_alias || !handler->kind->variables)
		return text;
	size_t count = handler->kind->variables(program->elab, site, &vars);
	struct access access;

	if (site->is_return && can_be_had(program->elab, handler, site, "return", &access))
		text = arena_printf(arena, " $return:%s",
				    access.type ? dtype_text(access.type) : "long");
	for (size_t i = 0; i < count; i++)
		if (can_be_had(program->elab, handler, site, vars[i].name, &access))
			text = arena_printf(arena, "%s $%s:%s", text, vars[i].name,
					    vars[i].type ? dtype_text(vars[i].type) : "long");
	return text;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int elab_list(FILE *out, struct session *session, struct file *script, bool with_variables)
{
	struct elab_program *program = elaborate_listing(session, script, with_variables);
	name_vec lines = { 0 };
	int shown = 0;

	if (!program)
		return 0;
	for (size_t i = 0; i < program->handlers.count; i++) {
		struct handler *handler = program->handlers.data[i];

		for (size_t j = 0; !handler->is_twin && j < handler->sites.count; j++) {
			struct site *site = handler->sites.data[j];
			const char *name = handler->is_alias ? handler->alias :
					   site->listing     ? site->listing :
							       handler->name;

			*vec_push(session->arena, &lines) =
				with_variables ? arena_printf(session->arena, "%s%s", name,
							      variables_text(program, handler,
									     site)) :
						 name;
		}
	}
	if (lines.count)
		qsort(lines.data, lines.count, sizeof(*lines.data), compare_lines);
	for (size_t i = 0; i < lines.count; i++) {
		if (i && strcmp(lines.data[i], lines.data[i - 1]) == 0)
			continue;
		fprintf(out, "%s\n", lines.data[i]);
		shown++;
	}
	return shown;
}
