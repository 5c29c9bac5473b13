/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/elab/dump.h"
#include "translator/elab/expand.h"
#include "translator/probes/probe-kind.h"
#include "translator/util/intern.h"

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_sorted(FILE *out, name_vec *lines)
{
	if (lines->count)
		qsort(lines->data, lines->count, sizeof(*lines->data), compare_lines);
	for (size_t i = 0; i < lines->count; i++)
		if (!i || strcmp(lines->data[i], lines->data[i - 1]) != 0)
			fprintf(out, "%s\n", lines->data[i]);
}

static const char *signature_text(struct session *session, const struct function *function)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return function->name;
	elab_print_signature(out, function);
	fclose(out);
	const char *copy = arena_strdup(session->arena, text);

	free(text);
	return copy;
}

void dump_functions(FILE *out, struct session *session)
{
	const struct map *names = library_function_names(session->library);
	name_vec lines = { 0 };

	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->entries[i].key;

		if (name[0] == '_')
			continue;
		const tapset_vec *files = library_functions(session->library, name);

		for (size_t j = 0; j < files->count; j++) {
			const struct file *file = files->data[j]->file;

			for (size_t k = 0; k < file->functions.count; k++)
				if (file->functions.data[k]->name == name &&
				    !file->functions.data[k]->is_private)
					*vec_push(session->arena, &lines) = signature_text(
						session, file->functions.data[k]);
		}
	}
	print_sorted(out, &lines);
}

/* "(num)" to "(number)", "(str)" to "(string)"; "(str|num)" gives a line of each. */
static void push_form(struct session *session, name_vec *lines, const char *pattern)
{
	const char *both = strstr(pattern, "(str|num)");

	if (both) {
		const char *rest = both + strlen("(str|num)");
		int head = both - pattern;

		push_form(session, lines,
			  arena_printf(session->arena, "%.*s(num)%s", head, pattern, rest));
		push_form(session, lines,
			  arena_printf(session->arena, "%.*s(str)%s", head, pattern, rest));
		return;
	}
	const char *text = "";

	while (*pattern) {
		size_t plain = strcspn(pattern, "(");
		const char *word = strncmp(pattern + plain, "(num)", 5) == 0 ? "(number)" :
				   strncmp(pattern + plain, "(str)", 5) == 0 ? "(string)" :
									       "";

		text = arena_printf(session->arena, "%s%.*s%s", text, (int)plain, pattern, word);
		pattern += plain + (*word ? 5 : pattern[plain] != '\0');
	}
	*vec_push(session->arena, lines) = text;
}

void dump_probe_types(FILE *out, struct session *session)
{
	name_vec lines = { 0 };

	for (size_t i = 0; probe_kinds[i]; i++)
		for (const struct probe_form *form = probe_kinds[i]->forms; form->pattern; form++)
			push_form(session, &lines, form->pattern);
	print_sorted(out, &lines);
}

static void push_aliases(struct session *session, name_vec *lines, const struct probe *alias)
{
	const char *points = "";

	for (size_t i = 0; i < alias->points.count; i++)
		points = arena_printf(session->arena, "%s%s%s", points, i ? ", " : "",
				      point_text(session, alias->points.data[i]));
	for (size_t i = 0; i < alias->alias_names.count; i++)
		*vec_push(session->arena, lines) =
			arena_printf(session->arena, "%s = %s",
				     point_text(session, alias->alias_names.data[i]), points);
}

void dump_probe_aliases(FILE *out, struct session *session)
{
	const library_alias_vec *aliases = library_aliases(session->library);
	struct tapset *last = NULL;
	name_vec lines = { 0 };

	for (size_t i = 0; i < aliases->count; i++) {
		if (aliases->data[i].tapset == last)
			continue;
		last = aliases->data[i].tapset;
		const struct file *file = library_file(session->library, last);

		for (size_t j = 0; j < file->aliases.count; j++)
			if (!file->aliases.data[j]->is_private)
				push_aliases(session, &lines, file->aliases.data[j]);
	}
	print_sorted(out, &lines);
}
