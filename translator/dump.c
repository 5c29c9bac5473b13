/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/dump.h"
#include "translator/elab/library.h"
#include "translator/parse/token.h"
#include "translator/probes/probe-kind.h"
#include "translator/session.h"

void dump_probe_types(void)
{
	for (int i = 0; probe_kinds[i]; i++)
		for (const struct probe_form *form = probe_kinds[i]->forms; form->pattern; form++)
			printf("%-60s %s\n", form->pattern, form->help ? form->help : "");
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Prints each of the texts once, sorted. */
static void print_sorted(const char **texts, size_t count)
{
	qsort(texts, count, sizeof *texts, compare_texts);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(texts[i - 1], texts[i]))
			puts(texts[i]);
}

void dump_probe_aliases(struct session *session)
{
	const library_alias_vec *aliases = library_aliases(session->library);
	VEC(const char *) names = { 0 };

	for (size_t i = 0; i < aliases->count; i++)
		*vec_push(session->arena, &names) = aliases->data[i].name;
	print_sorted(names.data, names.count);
}

static const char *type_suffix(enum type type)
{
	return type == TYPE_LONG ? ":long" : type == TYPE_STRING ? ":string" : "";
}

static const char *signature(struct session *session, const struct function *function)
{
	const char *text = arena_printf(session->arena, "%s%s (", function->name,
					type_suffix(function->type));

	for (size_t i = 0; i < function->params.count; i++)
		text = arena_printf(session->arena, "%s%s%s%s", text, i ? ", " : "",
				    function->params.data[i]->name,
				    type_suffix(function->params.data[i]->type));
	return arena_printf(session->arena, "%s)", text);
}

void dump_functions(struct session *session)
{
	const struct map *names = library_function_names(session->library);
	VEC(const char *) lines = { 0 };

	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->entries[i].key;
		const tapset_vec *files = library_functions(session->library, name);

		if (!strncmp(name, "__", 2))
			continue;
		for (size_t j = 0; files && j < files->count; j++) {
			const struct file *file = files->data[j]->file;

			for (size_t k = 0; k < file->functions.count; k++) {
				const struct function *function = file->functions.data[k];

				if (!function->is_private && !strcmp(function->name, name))
					*vec_push(session->arena, &lines) =
						signature(session, function);
			}
		}
	}
	print_sorted(lines.data, lines.count);
}

void dump_tokens(struct session *session, struct source *source)
{
	token_vec scanned = { 0 }, processed = { 0 }, shaped = { 0 };

	tokens_scan(session, source, &scanned);
	tokens_preprocess(session, &scanned, &processed);
	tokens_shape(session, &processed, session->options.one_liner, &shaped);
	for (size_t i = 0; i < shaped.count; i++) {
		struct position at = source_position(shaped.data[i].span.source,
						     shaped.data[i].span.begin);

		printf("%u:%u\t%s\n", at.line, at.column, token_describe(session, &shaped.data[i]));
	}
}
