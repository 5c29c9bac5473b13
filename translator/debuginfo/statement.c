/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .statement(): a query's lines → sites, one for each function or inlined copy. */
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

enum { STATEMENT_MAX_UNITS = 65536 };

/* A row of a line table that was asked for, in its function or copy. */
struct stmt_row {
	uint64_t pc;
	int line;
	const char *file;
	struct dfunc *func;		/* physically */
	uint64_t owner;			/* DIE offset of the function or copy it belongs to */
	bool inlined;
	Dwarf_Die owner_die;
};

struct stmt {
	struct dmodule *m;
	const struct dquery *q;
	struct dfunc_list funcs;	/* those that the name selects; empty: any */
	struct { Dwarf_Die *data; size_t count, capacity; } units;
	struct { struct stmt_row *data; size_t count, capacity; } rows;
	size_t nstrong;			/* while rows that begin no statement are added */
	struct dfunc *only;		/* rows of this one; NULL: of any that is selected */
	bool any_name;
};

static void stmt_add_unit(struct stmt *s, Dwarf_Die *die)
{
	Dwarf_Die cu;
	uint64_t offset;

	if (!dwarf_diecu(die, &cu, NULL, NULL) || s->units.count >= STATEMENT_MAX_UNITS)
		return;
	offset = dwarf_dieoffset(&cu);
	for (size_t i = s->units.count; i-- > 0; )
		if (dwarf_dieoffset(&s->units.data[i]) == offset)
			return;
	*vec_push(s->m->session->arena, &s->units) = cu;
}

/* The units to look through: those of the functions that name and file select. */
static int stmt_units(struct stmt *s)
{
	struct dquery q = *s->q;

	q.line_kind = DQUERY_NONE;
	if (dfunc_match(s->m, &q, &s->funcs) < 0)
		return -1;
	if (!s->funcs.count && q.file && !s->any_name) {
		/* Included lines may be in another file than the function's. */
		q.file = NULL;
		if (dfunc_match(s->m, &q, &s->funcs) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->funcs.count; i++) {
		Dwarf_Die *dies;
		int n = dfunc_dies(s->funcs.data[i], &dies);

		for (int j = 0; j < n; j++)
			stmt_add_unit(s, &dies[j]);
	}
	if (s->funcs.count)
		return 0;
	if (s->any_name)
		return dsession_fail(s->m->session, "no function of %s is from a file '%s'",
				     s->m->path, q.file ? q.file : s->q->file);
	return dsession_fail(s->m->session, "no function '%s'%s%s in %s", s->q->name,
			     s->q->file ? " of a file " : "", s->q->file ? s->q->file : "",
			     s->m->path);
}

static bool stmt_is_selected(struct stmt *s, struct dfunc *f)
{
	if (s->only)
		return f == s->only;
	for (size_t i = 0; i < s->funcs.count; i++)
		if (s->funcs.data[i] == f)
			return true;
	return false;
}

static void stmt_set_owner(struct stmt_row *row, Dwarf_Die *die)
{
	row->owner_die = *die;
	row->owner = dwarf_dieoffset(die);
	row->inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine;
}

/*
 * A copy of no extent that is entered at the row's pc, and whose function the
 * row's line is in: gcc puts such in front of a copy's first range.
 */
static bool stmt_entered_here(struct stmt *s, struct dscope *sc, struct stmt_row *row)
{
	Dwarf_Die die;
	Dwarf_Addr pc;

	for (int i = 0; i < sc->ndies; i++) {
		if (dwarf_child(&sc->dies[i], &die))
			continue;
		do {
			struct dfunc *f;

			if (dwarf_tag(&die) != DW_TAG_inlined_subroutine ||
			    dwarf_entrypc(&die, &pc) || pc + s->m->priv->delta != row->pc ||
			    dwarf_haspc(&die, pc) > 0)
				continue;
			f = dfunc_of_die(s->m, &die);
			if (!f || !f->file || strcmp(f->file, row->file) || row->line < f->line ||
			    ((s->only || !s->any_name) && !stmt_is_selected(s, f)))
				continue;
			stmt_set_owner(row, &die);
			return true;
		} while (!dwarf_siblingof(&die, &die));
	}
	return false;
}

/*
 * Whose row is this? From the innermost copy outward, the first that is a
 * function the query selects.
 */
static bool stmt_owner(struct stmt *s, struct stmt_row *row)
{
	struct dscope *sc = dscope_at(s->m, NULL, row->pc);

	if (!sc)
		return false;
	row->func = sc->func;
	if (stmt_entered_here(s, sc, row))
		return true;
	for (int i = 0; i < sc->ndies; i++) {
		int tag = dwarf_tag(&sc->dies[i]);

		if (tag != DW_TAG_inlined_subroutine && i != sc->ndies - 1)
			continue;
		if ((s->only || !s->any_name) &&
		    !stmt_is_selected(s, dfunc_of_die(s->m, &sc->dies[i])))
			continue;
		stmt_set_owner(row, &sc->dies[i]);
		return true;
	}
	return false;
}

static bool stmt_file_matches(struct stmt *s, const char *file)
{
	if (s->q->file)
		return dglob_path(s->q->file, file);
	for (size_t i = 0; i < s->funcs.count; i++)
		if (s->funcs.data[i]->file && !strcmp(s->funcs.data[i]->file, file))
			return true;
	return false;
}

static bool stmt_has_line(const struct stmt *s, int line)
{
	size_t lo = 0, hi = s->nstrong;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->rows.data[mid].line == line)
			return true;
		if (s->rows.data[mid].line < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* Is ROW one that this pass takes? Fills R's line, pc and file. */
static bool stmt_row_take(struct stmt *s, Dwarf_Line *row, int first, int last, bool begins,
			  struct stmt_row *r)
{
	bool begin = false, end = true;
	Dwarf_Addr at;

	if (dwarf_lineno(row, &r->line) || r->line < first || r->line > last)
		return false;
	dwarf_linebeginstatement(row, &begin);
	dwarf_lineendsequence(row, &end);
	r->file = dwarf_linesrc(row, NULL, NULL);
	if (begin != begins || end || !r->file || dwarf_lineaddr(row, &at))
		return false;
	r->pc = at + s->m->priv->delta;
	return begins || !stmt_has_line(s, r->line);
}

/* Rows of one unit with a line from FIRST to LAST, that begin a statement or do not. */
static void stmt_unit_rows(struct stmt *s, Dwarf_Die *unit, int first, int last, bool begins)
{
	struct arena *a = s->m->session->arena;
	const char *seen = NULL;
	bool seen_matches = false;
	Dwarf_Lines *lines;
	size_t n;

	if (dwarf_getsrclines(unit, &lines, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		struct stmt_row r = { 0 };

		if (!stmt_row_take(s, dwarf_onesrcline(lines, i), first, last, begins, &r))
			continue;
		if (r.file != seen) {
			seen = r.file;
			seen_matches = stmt_file_matches(s, r.file);
		}
		if (seen_matches && stmt_owner(s, &r))
			*vec_push(a, &s->rows) = r;
	}
}

static int stmt_compare(const void *a, const void *b)
{
	const struct stmt_row *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return x->pc < y->pc ? -1 : x->pc > y->pc;
}

/*
 * Optimised code has lines that no row begins a statement of: those rows are taken for want of
 * better.
 */
static void stmt_collect(struct stmt *s, int first, int last)
{
	s->rows.count = 0;
	for (int pass = 0; pass < 2; pass++) {
		s->nstrong = s->rows.count;
		for (size_t i = 0; i < s->units.count; i++)
			stmt_unit_rows(s, &s->units.data[i], first, last, !pass);
		if (s->rows.count)
			qsort(s->rows.data, s->rows.count, sizeof(*s->rows.data), stmt_compare);
	}
}

static struct dinline *stmt_inline(struct stmt *s, struct stmt_row *row)
{
	struct arena *a = s->m->session->arena;
	struct dfunc *f = dfunc_of_die(s->m, &row->owner_die);
	struct dinline_list copies = { 0 };
	struct dinline *in;

	if (!f)
		return NULL;
	if (dfunc_inlines(f, &copies) > 0)
		for (size_t i = 0; i < copies.count; i++)
			if (dwarf_dieoffset(&copies.data[i]->priv->die) == row->owner)
				return copies.data[i];
	in = arena_alloc(a, sizeof(*in));
	in->func = f;
	in->caller = row->func->name;
	in->priv = arena_alloc(a, sizeof(*in->priv));
	in->priv->die = row->owner_die;
	dsite_choose(s->m, row->pc, &in->site);
	return in;
}

static bool stmt_is_out(const struct dsite *sites, size_t n, const struct stmt_row *r)
{
	for (size_t i = 0; i < n; i++)
		if (sites[i].pc == r->pc && sites[i].line == r->line && sites[i].func == r->func)
			return true;
	return false;
}

/*
 * One site a line and owner: the lowest address, that is where the line begins. Those that OUT has
 * since FROM are not repeated.
 */
static void stmt_emit(struct stmt *s, size_t from, struct dsite_list *out)
{
	struct arena *a = s->m->session->arena;
	size_t before = out->count - from;

	for (size_t i = 0; i < s->rows.count; i++) {
		struct stmt_row *r = &s->rows.data[i];
		struct dsite site;

		if (i && r[-1].line == r->line && r[-1].owner == r->owner)
			continue;
		if (stmt_is_out(out->data + from, before, r))
			continue;
		dsite_choose(s->m, r->pc, &site);
		site.func = r->func;
		site.in = r->inlined ? stmt_inline(s, r) : NULL;
		site.file = arena_strdup(a, r->file);
		site.line = r->line;
		*vec_push(a, out) = site;
	}
}

/* No code at the line: what is near that has some. */
static int stmt_nearest(struct stmt *s, int line, bool take)
{
	struct dsession *ds = s->m->session;
	int before = 0, after = 0;

	stmt_collect(s, 1, 1 << 30);
	for (size_t i = 0; i < s->rows.count; i++) {
		int at = s->rows.data[i].line;

		if (at < line)
			before = at;
		else if (at > line && !after)
			after = at;
	}
	if (after && take) {
		stmt_collect(s, after, after);
		return 0;
	}
	if (!before && !after)
		return dsession_fail(ds, "no statement of '%s' has code in %s", s->q->text,
				     s->m->path);
	if (!before || !after)
		return dsession_fail(ds, "line %d has no code; the nearest that has is line %d",
				     line, before ? before : after);
	return dsession_fail(ds, "line %d has no code; the nearest that have are lines %d and %d",
			     line, before, after);
}

/* Without a line: where the functions begin. */
static int stmt_entries(struct stmt *s, struct dsite_list *out)
{
	int n = 0;

	for (size_t i = 0; i < s->funcs.count; i++) {
		struct dfunc *f = s->funcs.data[i];
		struct dsite site;

		if (f->entry == D_NO_OFFSET)
			continue;
		dsite_choose(s->m, f->entry, &site);
		site.func = f;
		site.file = f->file;
		site.line = f->line;
		*vec_push(s->m->session->arena, out) = site;
		n++;
	}
	return n;
}

static int stmt_lines(struct stmt *s, int first, int last, bool nearest)
{
	stmt_collect(s, first, last);
	return s->rows.count ? 0 : stmt_nearest(s, first, nearest);
}

/* Lines counted from where each function is declared. */
static void stmt_plus(struct stmt *s, bool nearest, struct dsite_list *out)
{
	size_t from = out->count;

	for (size_t i = 0; i < s->funcs.count; i++) {
		int line = s->funcs.data[i]->line + s->q->plus;

		s->only = s->funcs.data[i];
		if (!stmt_lines(s, line, line, nearest))
			stmt_emit(s, from, out);
	}
}

int dline_sites(struct dmodule *m, const struct dquery *q, bool nearest,
		struct dsite_list *out)
{
	struct stmt s = { .m = m, .q = q };
	size_t before = out->count;

	if (!dmodule_dwarf(m))
		return dsession_fail(m->session, "%s", m->priv->no_dwarf);
	s.any_name = !strcmp(q->name, "*");
	if (stmt_units(&s))
		return -1;
	if (q->line_kind == DQUERY_NONE)
		return stmt_entries(&s, out);
	if (q->line_kind == DQUERY_PLUS)
		stmt_plus(&s, nearest, out);
	if (q->line_kind == DQUERY_ALL && !stmt_lines(&s, 1, 1 << 30, false))
		stmt_emit(&s, before, out);
	for (int i = 0; i < q->nlines; i++)
		if (!stmt_lines(&s, q->lines[i].first, q->lines[i].last, nearest))
			stmt_emit(&s, before, out);
	return out->count > before ? (int)(out->count - before) : -1;
}
