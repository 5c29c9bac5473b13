/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file names of a line table's header. libdw has them too, but decodes
 * the whole line program for it, which costs more than the rest of the index.
 */
#include <dwarf.h>
#include <string.h>

#include "translator/debuginfo/scan.h"
#include "translator/util/arena.h"
#include "translator/util/vec.h"

/* As libdw joins them, so that the same file has one spelling everywhere. */
static const char *line_join(struct scan *s, const char *dir, const char *name)
{
	if (!name || *name == '/' || !dir || !*dir)
		return name;
	return arena_printf(s->arena, "%s/%s", dir, name);
}

static uint32_t line_at(const struct scan *s, const struct scan_cur *c)
{
	return c->p - s->section[SCAN_LINE].data;
}

static void line_row_add(struct scan *s, const struct scan_cur *c)
{
	*vec_push(s->arena, &s->rows) = line_at(s, c);
}

/* The rows found so far are the list's. */
static void line_rows_take(struct scan *s, struct scan_names *list)
{
	size_t size = s->rows.count * sizeof(*list->rows);

	list->rows = arena_alloc(s->arena, size + 1);
	if (size)
		memcpy(list->rows, s->rows.data, size);
	list->count = s->rows.count;
	s->rows.count = 0;
}

/* DWARF 2 to 4: strings, each table ended by an empty one; directory and file 0 are implied. */
static void line_files_old(struct scan *s, struct scan_unit *u, struct scan_cur *c)
{
	const char *name;

	line_row_add(s, c);
	for (;;) {
		line_row_add(s, c);
		name = scan_cstr(c);
		if (!name || !*name)
			break;
	}
	s->rows.count--;
	line_rows_take(s, &u->dirs);
	line_row_add(s, c);
	for (;;) {
		line_row_add(s, c);
		name = scan_cstr(c);
		if (!name || !*name)
			break;
		for (int i = 0; i < 3; i++)	/* directory, time, size */
			scan_uleb(c);
	}
	s->rows.count--;
	line_rows_take(s, &u->files);
}

struct line_columns { uint64_t what[256], form[256], count; };
struct line_entry { const char *path; uint64_t dir; };

static void line_columns_read(struct scan_cur *c, struct line_columns *columns)
{
	columns->count = scan_fixed(c, 1);
	for (uint64_t i = 0; i < columns->count; i++) {
		columns->what[i] = scan_uleb(c);
		columns->form[i] = scan_uleb(c);
	}
}

/* One row; what is not asked for is passed over. */
static bool line_entry_read(struct scan *s, const struct scan_unit *lu, struct scan_cur *c,
			    const struct line_columns *columns, struct line_entry *out)
{
	for (uint64_t i = 0; i < columns->count; i++) {
		int size = scan_form_size(columns->form[i], lu);
		struct scan_value v;

		if (size >= 0 && !out) {
			scan_skip(c, size);
			continue;
		}
		if (!scan_attr(s, lu, c, columns->form[i], 0, &v))
			return false;
		if (out && columns->what[i] == DW_LNCT_path)
			out->path = v.s;
		else if (out && columns->what[i] == DW_LNCT_directory_index)
			out->dir = v.u;
	}
	return !c->bad;
}

/* DWARF 5: a description of the columns, then the rows. */
static void line_names_new(struct scan *s, const struct scan_unit *lu, struct scan_cur *c,
			   struct scan_names *list)
{
	struct line_columns columns;
	uint64_t nrows;

	list->columns = line_at(s, c);
	line_columns_read(c, &columns);
	nrows = scan_uleb(c);
	for (uint64_t row = 0; row < nrows && columns.count && !c->bad; row++) {
		line_row_add(s, c);
		if (!line_entry_read(s, lu, c, &columns, NULL)) {
			c->bad = true;
			s->rows.count--;
		}
	}
	line_rows_take(s, list);
}

/* A unit as the forms of its line table see it. */
static struct scan_unit line_unit(const struct scan_unit *u)
{
	struct scan_unit lu = *u;

	lu.version = u->line_version;
	lu.offset_size = u->line_offset_size;
	return lu;
}

static void line_files(struct scan *s, struct scan_unit *u)
{
	const struct scan_section *sec = &s->section[SCAN_LINE];
	struct scan_cur c = { sec->data, sec->data + sec->size, false };
	struct scan_unit lu;
	uint64_t length, version, opcodes;

	if (sec->size > UINT32_MAX)
		return;
	scan_skip(&c, u->stmt_list);
	u->line_offset_size = 4;
	length = scan_fixed(&c, 4);
	if (length == 0xffffffff) {
		u->line_offset_size = 8;
		length = scan_fixed(&c, 8);
	}
	if (c.bad || length > (uint64_t)(c.end - c.p))
		return;
	c.end = c.p + length;
	version = scan_fixed(&c, 2);
	if (version < 2 || version > 5)
		return;
	u->line_version = version;
	if (u->line_version >= 5)
		scan_skip(&c, 2);
	scan_skip(&c, u->line_offset_size);
	scan_skip(&c, u->line_version >= 4 ? 5 : 4);	/* up to line_range */
	opcodes = scan_fixed(&c, 1);
	scan_skip(&c, opcodes ? opcodes - 1 : 0);
	if (u->line_version < 5) {
		line_files_old(s, u, &c);
		return;
	}
	lu = line_unit(u);
	line_names_new(s, &lu, &c, &u->dirs);
	if (!c.bad)
		line_names_new(s, &lu, &c, &u->files);
}

static struct line_entry line_name(struct scan *s, const struct scan_unit *u,
				   const struct scan_names *list, uint64_t row)
{
	const struct scan_section *sec = &s->section[SCAN_LINE];
	struct scan_cur c = { sec->data, sec->data + sec->size, false };
	struct scan_unit lu = line_unit(u);
	struct line_entry entry = { 0 };
	struct line_columns columns;

	if (row >= list->count)
		return entry;
	if (u->line_version >= 5) {
		scan_skip(&c, list->columns);
		line_columns_read(&c, &columns);
		c.p = sec->data + list->rows[row];
		line_entry_read(s, &lu, &c, &columns, &entry);
	} else if (row) {
		scan_skip(&c, list->rows[row]);
		entry.path = scan_cstr(&c);
		entry.dir = scan_uleb(&c);
	} else if (list == &u->dirs) {
		entry.path = u->comp_dir;
	}
	return entry;
}

const char *scan_file(struct scan *s, uint32_t unit, uint32_t file)
{
	struct scan_unit *u = &s->units.data[unit];
	size_t slot = file % (sizeof(s->paths) / sizeof(*s->paths));
	struct line_entry entry;

	if (!u->files_done) {
		u->files_done = true;
		if (u->stmt_list != UINT64_MAX)
			line_files(s, u);
	}
	if (s->paths[slot].path && s->paths[slot].unit == unit && s->paths[slot].file == file)
		return s->paths[slot].path;
	entry = line_name(s, u, &u->files, file);
	if (!entry.path)
		return NULL;
	s->paths[slot].unit = unit;
	s->paths[slot].file = file;
	s->paths[slot].path = line_join(s, line_name(s, u, &u->dirs, entry.dir).path, entry.path);
	return s->paths[slot].path;
}
