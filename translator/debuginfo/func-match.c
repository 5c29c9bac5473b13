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

/* "8,10-12" */
static int query_lines(struct dsession *ds, const char *p, struct dquery *q)
{
	VEC(struct dline_range) lines = { 0 };
	struct dline_range r;

	do {
		if (!query_number(&p, &r.first))
			return -1;
		r.last = r.first;
		if (*p == '-') {
			p++;
			if (!query_number(&p, &r.last))
				return -1;
		}
		if (r.last < r.first)
			return dsession_fail(ds, "'%s': line %d is after line %d", q->text, r.first,
					     r.last);
		*vec_push(ds->arena, &lines) = r;
	} while (*p++ == ',');
	q->line_kind = DQUERY_LINES;
	q->lines = lines.data;
	q->nlines = lines.count;
	return p[-1] ? -1 : 0;
}

/* What follows the file's ':', or its '+' (that too). */
static int query_line(struct dsession *ds, const char *p, struct dquery *q)
{
	if (!strcmp(p, "*")) {
		q->line_kind = DQUERY_ALL;
		return 0;
	}
	if (*p != '+')
		return query_lines(ds, p, q);
	p++;
	q->line_kind = DQUERY_PLUS;
	return query_number(&p, &q->plus) && !*p ? 0 : -1;
}

/* Where the line part begins: at the last ':', or at a last '+' with nothing but digits behind. */
static const char *query_line_start(const char *file)
{
	const char *colon = strrchr(file, ':'), *plus = strrchr(file, '+');

	if (colon || !plus || !plus[1] || plus[1 + strspn(plus + 1, "0123456789")])
		return colon;
	return plus;
}

int dquery_parse(struct dsession *ds, const char *text, struct dquery *q)
{
	struct arena *a = ds->arena;
	const char *at = strchr(text, '@'), *line, *file;

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
	line = query_line_start(file);
	ds->error = NULL;
	if (line && query_line(ds, *line == ':' ? line + 1 : line, q))
		return ds->error ? -1
				 : dsession_fail(ds, "'%s': after the file comes :LINE, "
						 ":FIRST-LAST, several of these with commas, "
						 "+OFFSET or :*, not '%s'", text, line);
	q->file = line ? arena_strndup(a, file, line - file) : arena_strdup(a, file);
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

/* The '(' that parameters begin with; that of "operator()" is part of the name. */
static const char *match_params(const char *pattern)
{
	const char *op = strstr(pattern, "operator()");

	return strchr(op ? op + strlen("operator()") : pattern, '(');
}

static void match_begin(struct match *k, struct arena *a)
{
	const char *p = k->q->name, *last = p, *params = match_params(p);
	const char *end = params ? params : p + strlen(p);
	bool is_operator = strstr(p, "operator");
	int depth = 0;

	/* "::" inside of template arguments or parameters does not count. */
	for (; p + 1 < end; p++) {
		if (!is_operator)
			depth += (*p == '<') - (*p == '>');
		if (!depth && p[0] == ':' && p[1] == ':')
			last = p + 2;
	}
	if (!is_operator && memchr(last, '<', end - last))
		end = memchr(last, '<', end - last);
	if (last != k->q->name || match_params(k->q->name) || strchr(k->q->name, '<'))
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

/* A member function's "const" need not be written. */
static const char *match_text(const struct match *k, const struct dfunc *f)
{
	static const char suffix[] = " const";
	size_t n = strlen(f->pretty), cut = strlen(suffix);
	const char *params = match_params(k->q->name);

	if (!params)
		return f->qualified;
	if (n < cut || strcmp(f->pretty + n - cut, suffix) || strstr(params, suffix))
		return f->pretty;
	return arena_strndup(k->m->session->arena, f->pretty, n - cut);
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
	return match_qualified(k->q->name, match_text(k, f)) ? f : NULL;
}

/* Header's functions are not the unit's that includes it. */
static bool match_file(const struct dquery *q, const struct dfunc *f)
{
	const char *file = f->file ? f->file : f->cu_name;

	return !q->file || (file && dglob_path(q->file, file));
}

/* The last line that F, or a copy of it, has code for. */
static int match_last_line(struct dfunc *f)
{
	struct dquery all = { .text = f->name, .name = f->name, .file = f->file,
			      .line_kind = DQUERY_ALL };
	struct dsite_list sites = { 0 };
	int last = f->line;

	if (!f->file || dline_sites(f->module, &all, false, &sites) <= 0)
		return last;
	for (size_t i = 0; i < sites.count; i++) {
		const struct dsite *at = &sites.data[i];

		if ((at->in ? at->in->func : at->func) == f && at->line > last)
			last = at->line;
	}
	return last;
}

/* Is one of the lines inside of the function, with code or without? */
static bool match_holds_line(struct dfunc *f, const struct dquery *q)
{
	int last = 0;

	if (q->line_kind == DQUERY_PLUS)
		return !q->plus || f->line + q->plus <= match_last_line(f);
	for (int i = 0; i < q->nlines; i++) {
		if (q->lines[i].last < f->line)
			continue;
		if (q->lines[i].first <= f->line)
			return true;
		if (!last)
			last = match_last_line(f);
		if (q->lines[i].first <= last)
			return true;
	}
	return q->line_kind != DQUERY_LINES;
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
