/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries: "name@file:line" taken apart, and matched against the index. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/elfsym.h"
#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

static bool query_number(const char **p, int *out)
{
	char *end;
	long n = strtol(*p, &end, 10);

	if (end == *p || !isdigit((unsigned char)**p) || n > 100000000)
		return false;
	*out = n;
	*p = end;
	return true;
}

/* What follows the file's ':'. */
static bool query_line(const char *p, struct dquery *q)
{
	if (!strcmp(p, "*")) {
		q->line_kind = DQUERY_ALL;
		return true;
	}
	q->line_kind = DQUERY_LINE;
	if (*p == '+') {
		q->line_kind = DQUERY_PLUS;
		p++;
	}
	if (!query_number(&p, &q->line))
		return false;
	q->line_end = q->line;
	if (*p == '-' && q->line_kind == DQUERY_LINE) {
		q->line_kind = DQUERY_RANGE;
		p++;
		if (!query_number(&p, &q->line_end))
			return false;
	}
	return !*p;
}

int dquery_parse(struct dsession *ds, const char *text, struct dquery *q)
{
	struct arena *a = ds->arena;
	const char *at = strchr(text, '@'), *colon, *file;

	memset(q, 0, sizeof(*q));
	q->text = arena_strdup(a, text);
	q->name = at ? arena_strndup(a, text, at - text) : q->text;
	if (!*q->name)
		return dsession_fail(ds, "'%s' names no function: write name, name@file or "
				     "name@file:line", text);
	q->name_is_glob = dglob_is(q->name);
	if (!at)
		return 0;
	file = at + 1;
	colon = strrchr(file, ':');
	if (colon) {
		if (!query_line(colon + 1, q))
			return dsession_fail(ds, "'%s': after the file comes :LINE, :FIRST-LAST, "
					     ":+OFFSET or :*, not ':%s'", text, colon + 1);
		if (q->line_kind == DQUERY_RANGE && q->line_end < q->line)
			return dsession_fail(ds, "'%s': line %d is after line %d", text, q->line,
					     q->line_end);
	}
	q->file = colon ? arena_strndup(a, file, colon - file) : arena_strdup(a, file);
	if (!*q->file)
		return dsession_fail(ds, "'%s' names no file after '@'", text);
	q->file_is_glob = dglob_is(q->file);
	return 0;
}

/* "f" matches "f<int>", the way it is written in the source. */
static bool match_name(const char *pattern, const char *name)
{
	const char *angle;
	char bare[256];

	if (dglob_match(pattern, name))
		return true;
	angle = strchr(name, '<');
	if (!angle || angle == name || strchr(pattern, '<') || !strncmp(name, "operator", 8) ||
	    (size_t)(angle - name) >= sizeof(bare))
		return false;
	memcpy(bare, name, angle - name);
	bare[angle - name] = 0;
	return dglob_match(pattern, bare);
}

/* A qualified pattern may leave out leading namespaces. */
static bool match_qualified(const char *pattern, const char *name)
{
	const char *p = name;

	if (match_name(pattern, name))
		return true;
	while ((p = strstr(p, "::"))) {
		p += 2;
		if (match_name(pattern, p))
			return true;
	}
	return false;
}

struct match {
	struct dmodule *m;
	struct dindex *x;
	const struct dquery *q;
	const char *last;		/* of "a::b": "b"; NULL for a plain pattern */
};

static void match_begin(struct match *k, struct arena *a)
{
	const char *p = k->q->name;
	/* "::" inside of template arguments or parameters does not count. */
	const char *end = p + strcspn(p, "<("), *last = p;

	if (strstr(p, "operator"))
		end = strchr(p, '(') ? strchr(p, '(') : p + strlen(p);
	for (; p + 1 < end; p++)
		if (p[0] == ':' && p[1] == ':')
			last = p + 2;
	if (last != k->q->name || strchr(k->q->name, '(') || strchr(k->q->name, '<'))
		k->last = arena_strndup(a, last, end - last);
}

static bool match_plain(const struct match *k, const struct dindex_func *r, const char *name)
{
	const char *pattern = k->q->name;

	if (match_name(pattern, name))
		return true;
	if (r->linkage && dglob_match(pattern, dindex_string(k->x, r->linkage)))
		return true;
	for (int i = 0; i < r->naliases && r->first_alias + i < k->x->head->naliases; i++)
		if (dglob_match(pattern, dindex_string(k->x, k->x->aliases[r->first_alias + i])))
			return true;
	return false;
}

/* The record as a function, if its name matches. */
static struct dfunc *match_record(const struct match *k, uint32_t record)
{
	const struct dindex_func *r = &k->x->funcs[record];
	const char *name = dindex_string(k->x, r->name);
	bool mangled = r->flags & DINDEX_SYMTAB && name[0] == '_' && strchr("ZR", name[1]);
	struct dfunc *f;

	if (r->flags & DINDEX_IFUNC && k->q->name_is_glob)
		return NULL;
	if (!k->last && match_plain(k, r, name))
		return dfunc_of_record(k->m, record);
	/* Demangling is slow: only what holds the name's letters is tried. */
	if (!k->last) {
		if (!mangled || (!k->q->name_is_glob && !strstr(name, k->q->name)))
			return NULL;
		f = dfunc_of_record(k->m, record);
		return f && match_name(k->q->name, f->name) ? f : NULL;
	}
	if (!mangled && !match_name(k->last, name) && !strchr(name, ':'))
		return NULL;
	if (mangled && !dglob_is(k->last) && !strstr(name, k->last))
		return NULL;
	f = dfunc_of_record(k->m, record);
	if (!f)
		return NULL;
	return match_qualified(k->q->name, strchr(k->q->name, '(') ? f->pretty : f->qualified)
		? f : NULL;
}

static bool match_file(const struct dquery *q, const struct dfunc *f)
{
	return !q->file || (f->file && dglob_path(q->file, f->file)) ||
	       (f->cu_name && dglob_path(q->file, f->cu_name));
}

static bool match_holds_line(struct dfunc *f, const struct dquery *q)
{
	struct dquery at = *q;
	struct dsite_list sites = { 0 };

	if (q->line_kind == DQUERY_NONE || q->line_kind == DQUERY_ALL)
		return true;
	if (f->line >= q->line && f->line <= q->line_end && q->line_kind != DQUERY_PLUS)
		return true;
	if (f->line > q->line_end)
		return false;
	at.name = f->name;
	at.name_is_glob = false;
	if (dline_sites(f->module, &at, false, &sites) <= 0)
		return false;
	for (size_t i = 0; i < sites.count; i++)
		if (sites.data[i].in ? sites.data[i].in->func == f : sites.data[i].func == f)
			return true;
	return false;
}

int dfunc_match(struct dmodule *m, const struct dquery *q, struct dfunc_list *out)
{
	struct match k = { .m = m, .q = q };
	int n = 0;

	if (m->is_kernel && !m->path)
		return 0;
	k.x = dmodule_index(m);
	if (!k.x)
		return -1;
	match_begin(&k, m->session->arena);
	for (uint32_t i = 0; i < k.x->head->nfuncs; i++) {
		struct dfunc *f = match_record(&k, i);

		if (!f || !match_file(q, f) || !match_holds_line(f, q))
			continue;
		*vec_push(m->session->arena, out) = f;
		n++;
	}
	return n;
}

struct dfunc *dfunc_find(struct dmodule *m, const char *name)
{
	struct dindex *x = dmodule_index(m);
	struct dquery q = { .name = name };
	struct match k = { .m = m, .x = x, .q = &q };
	struct dfunc *found = NULL;

	for (uint32_t i = 0; x && i < x->head->nfuncs; i++) {
		const struct dindex_func *r = &x->funcs[i];

		if (strcmp(dindex_string(x, r->name), name) &&
		    (!r->linkage || strcmp(dindex_string(x, r->linkage), name)) &&
		    (!r->naliases || !match_plain(&k, r, "")))
			continue;
		found = dfunc_of_record(m, i);
		if (found && found->entry != D_NO_OFFSET)
			return found;
	}
	return found;
}

int dfunc_each_name(struct dmodule *m, int (*fn)(const char *name, void *ctx), void *ctx)
{
	struct dindex *x = dmodule_index(m);
	int stop = 0;

	for (uint32_t i = 0; x && i < x->head->nfuncs && !stop; i++) {
		const struct dindex_func *r = &x->funcs[i];

		stop = fn(dindex_string(x, r->name), ctx);
		for (int j = 0; j < r->naliases && !stop; j++)
			if (r->first_alias + j < x->head->naliases)
				stop = fn(dindex_string(x, x->aliases[r->first_alias + j]), ctx);
	}
	return stop;
}
/* A clone ("f.isra.0") has the name in the debug information only. */
static bool match_symbol(struct dfunc *f)
{
	const struct elfsym *syms, *at = elfsym_at(f->module, f->entry);
	int n = elfsym_list(f->module, &syms);

	for (; at && at < syms + n && at->vaddr == f->entry; at++)
		if (!strcmp(at->name, f->name))
			return true;
	return false;
}

bool dfunc_owns_name(struct dfunc *f)
{
	struct dindex *x = dmodule_index(f->module);
	int count = 0;

	/* equal strings of an index are one */
	for (uint32_t i = 0; x && i < x->head->nfuncs && count < 2; i++)
		count += x->funcs[i].entry != D_NO_OFFSET &&
			 x->funcs[i].name == x->funcs[f->priv->record].name;
	return count == 1 && match_symbol(f);
}

