/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/kallsyms, read whole and looked up by name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/kallsyms.h"
#include "translator/debuginfo/priv.h"

struct kallsyms {
	struct dsession *session;
	const char *path;
	struct { struct ksym *data; size_t count, capacity; } syms;
	struct map by_name;		/* → 1 + index of the first of that name */
};

/* /proc says that its files are empty: read until nothing more comes. */
static char *kallsyms_read(const char *path)
{
	size_t room = 16 << 20, n = 0, got;
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(room) : NULL;

	while (text && (got = fread(text + n, 1, room - 1 - n, f)) > 0) {
		n += got;
		if (n + 1 == room) {
			char *more = realloc(text, room *= 2);

			if (!more)
				break;
			text = more;
		}
	}
	if (text)
		text[n < room ? n : room - 1] = 0;
	if (f)
		fclose(f);
	return text;
}

/* "ffffffff81000000 T _stext\t[module]" */
static bool kallsyms_line(char *line, struct ksym *out)
{
	char *p, *bracket;

	out->addr = strtoull(line, &p, 16);
	if (p == line || p[0] != ' ' || !p[1] || p[2] != ' ')
		return false;
	out->type = p[1];
	out->name = p + 3;
	bracket = strchr(p, '\t');
	if (bracket) {
		*bracket++ = 0;
		if (*bracket == '[') {
			out->module = ++bracket;
			bracket[strcspn(bracket, "]")] = 0;
		}
	}
	return *out->name != 0;
}

struct kallsyms *kallsyms_open(struct dsession *ds, const char *path)
{
	struct kallsyms *k = ds->kallsyms;
	char *text, *copy, *line, *next;

	if (!path)
		path = "/proc/kallsyms";
	if (k && !strcmp(k->path, path))
		return k;
	errno = 0;
	text = kallsyms_read(path);
	if (!text)
		return dsession_null(ds, "cannot read %s: %s", path,
				     strerror(errno ? errno : ENOMEM));
	copy = arena_strdup(ds->arena, text);
	free(text);
	k = arena_alloc(ds->arena, sizeof(*k));
	k->session = ds;
	k->path = arena_strdup(ds->arena, path);
	map_init(&k->by_name, ds->arena);
	for (line = copy; *line; line = next) {
		struct ksym s = { 0 };

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		if (!kallsyms_line(line, &s))
			continue;
		*vec_push(ds->arena, &k->syms) = s;
		if (!map_get(&k->by_name, s.name))
			map_put(&k->by_name, s.name, (void *)(uintptr_t)k->syms.count);
	}
	if (!k->syms.count)
		return dsession_null(ds, "%s lists no symbols", path);
	ds->kallsyms = k;
	return k;
}

const struct ksym *kallsyms_find(struct kallsyms *k, const char *name, int *count)
{
	size_t first = (uintptr_t)map_get(&k->by_name, name);

	if (!first)
		return NULL;
	if (count) {
		*count = 0;
		for (size_t i = first - 1; i < k->syms.count; i++)
			*count += !strcmp(k->syms.data[i].name, name);
	}
	return &k->syms.data[first - 1];
}

static int kallsyms_compare(const void *a, const void *b)
{
	const struct ksym *x = *(const struct ksym *const *)a;
	const struct ksym *y = *(const struct ksym *const *)b;

	return strcmp(x->name, y->name);
}

int kallsyms_match(struct kallsyms *k, const char *glob, const char *module,
		   const struct ksym ***out)
{
	struct { const struct ksym **data; size_t count, capacity; } v = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < k->syms.count; i++) {
		const struct ksym *s = &k->syms.data[i];

		if (!strchr("tTwW", s->type) || strcmp(s->module ? s->module : "", module ? module
						       : "") || !dglob_match(glob, s->name))
			continue;
		*vec_push(k->session->arena, &v) = s;
	}
	if (v.count)
		qsort(v.data, v.count, sizeof(*v.data), kallsyms_compare);
	for (size_t i = 0; i < v.count; i++)
		if (!kept || strcmp(v.data[kept - 1]->name, v.data[i]->name))
			v.data[kept++] = v.data[i];
	*out = v.data;
	return kept;
}

int kallsyms_each_name(struct kallsyms *k, int (*fn)(const char *name, void *ctx), void *ctx)
{
	int stop = 0;

	for (size_t i = 0; i < k->syms.count && !stop; i++)
		stop = fn(k->syms.data[i].name, ctx);
	return stop;
}
