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
	int first, last;		/* wanted lines; of :+n relative to the function */
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
			    (!s->any_name && !stmt_is_selected(s, f)))
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
		if (!s->any_name && !stmt_is_selected(s, dfunc_of_die(s->m, &sc->dies[i])))
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

/* Rows of one unit with a line from FIRST to LAST. */
static void stmt_unit_rows(struct stmt *s, Dwarf_Die *unit, int first, int last)
{
	struct arena *a = s->m->session->arena;
	const char *seen = NULL;
	bool seen_matches = false;
	Dwarf_Lines *lines;
	size_t n;

	if (dwarf_getsrclines(unit, &lines, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *row = dwarf_onesrcline(lines, i);
		struct stmt_row r = { 0 };
		bool stmt = false, end = true;
		Dwarf_Addr at;
		const char *file;

		if (dwarf_lineno(row, &r.line) || r.line < first || r.line > last)
			continue;
		dwarf_linebeginstatement(row, &stmt);
		dwarf_lineendsequence(row, &end);
		file = dwarf_linesrc(row, NULL, NULL);
		if (!stmt || end || !file || dwarf_lineaddr(row, &at))
			continue;
		if (file != seen) {
			seen = file;
			seen_matches = stmt_file_matches(s, file);
		}
		if (!seen_matches)
			continue;
		r.pc = at + s->m->priv->delta;
		r.file = file;
		if (stmt_owner(s, &r))
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

static void stmt_collect(struct stmt *s, int first, int last)
{
	s->rows.count = 0;
	for (size_t i = 0; i < s->units.count; i++)
		stmt_unit_rows(s, &s->units.data[i], first, last);
	if (s->rows.count)
		qsort(s->rows.data, s->rows.count, sizeof(*s->rows.data), stmt_compare);
}

static struct dinline *stmt_inline(struct stmt *s, struct stmt_row *row)
{
	struct arena *a = s->m->session->arena;
	struct dfunc *f = dfunc_of_die(s->m, &row->owner_die);
	struct dinline_list copies = { 0 };
	struct dinline *in;

	if (f && dfunc_inlines(f, &copies) > 0)
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

/* One site a line and owner: the lowest address, that is where the line begins. */
static void stmt_emit(struct stmt *s, struct dsite_list *out)
{
	struct arena *a = s->m->session->arena;

	for (size_t i = 0; i < s->rows.count; i++) {
		struct stmt_row *r = &s->rows.data[i];
		struct dsite site;

		if (i && r[-1].line == r->line && r[-1].owner == r->owner)
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

static void stmt_plus_lines(struct stmt *s, int *first, int *last)
{
	int base = s->funcs.data[0]->line;

	for (size_t i = 1; i < s->funcs.count; i++)
		if (s->funcs.data[i]->line < base)
			base = s->funcs.data[i]->line;
	*first = *last = base + s->q->line;
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

int dline_sites(struct dmodule *m, const struct dquery *q, bool nearest,
		struct dsite_list *out)
{
	struct stmt s = { .m = m, .q = q };
	size_t before = out->count;
	int first = q->line, last = q->line_end;

	if (!dmodule_dwarf(m))
		return dsession_fail(m->session, "%s", m->priv->no_dwarf);
	s.any_name = !strcmp(q->name, "*");
	if (stmt_units(&s))
		return -1;
	if (q->line_kind == DQUERY_NONE)
		return stmt_entries(&s, out);
	if (q->line_kind == DQUERY_ALL) {
		first = 1;
		last = 1 << 30;
	} else if (q->line_kind == DQUERY_PLUS) {
		stmt_plus_lines(&s, &first, &last);
	}
	stmt_collect(&s, first, last);
	if (!s.rows.count && stmt_nearest(&s, first, nearest))
		return -1;
	stmt_emit(&s, out);
	return out->count - before;
}
