/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/traceable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	bool tried;
	char **names;
	size_t count, room;
} list;

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static FILE *list_open(void)
{
	static const char *const places[] = {
		"/sys/kernel/tracing/available_filter_functions",
		"/sys/kernel/debug/tracing/available_filter_functions",
	};
	FILE *f = NULL;

	for (size_t i = 0; !f && i < sizeof(places) / sizeof(places[0]); i++)
		f = fopen(places[i], "re");
	return f;
}

/* Lines are "name" or "name [module]". */
static bool list_add(char *line)
{
	char *name;

	line[strcspn(line, " \t\n")] = '\0';
	if (list.count == list.room) {
		size_t room = list.room ? list.room * 2 : 1 << 16;
		char **names = reallocarray(list.names, room, sizeof(*names));

		if (!names)
			return false;
		list.names = names;
		list.room = room;
	}
	name = strdup(line);
	if (name)
		list.names[list.count++] = name;
	return name != NULL;
}

static void list_read(void)
{
	FILE *f = list_open();
	char *line = NULL;
	size_t room = 0;
	bool whole = f;

	list.tried = true;
	while (whole && getline(&line, &room, f) > 0)
		whole = list_add(line);
	free(line);
	if (f)
		fclose(f);
	if (!whole)	/* half a list would say no to what is there */
		list.count = 0;
	if (list.count)
		qsort(list.names, list.count, sizeof(*list.names), name_compare);
}

bool traceable_has(const char *function)
{
	if (!list.tried)
		list_read();
	return !list.count || bsearch(&function, list.names, list.count, sizeof(*list.names),
				      name_compare);
}
