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

struct strings { const char **data; size_t count, capacity; };
struct names { struct scan_name *data; size_t count, capacity; };

/* As libdw joins them, so that the same file has one spelling everywhere. */
static const char *line_join(struct scan *s, const char *dir, const char *name)
{
	if (!name || *name == '/' || !dir || !*dir)
		return name;
	return arena_printf(s->arena, "%s/%s", dir, name);
}

/* DWARF 2 to 4: strings, each table ended by an empty one; directory 0 is implied. */
static void line_files_old(struct scan *s, struct scan_unit *u, struct scan_cur *c,
			   struct names *files)
{
	struct strings dirs = { 0 };
	const char *name;

	*vec_push(s->arena, &dirs) = u->comp_dir;
	while ((name = scan_cstr(c)) && *name)
		*vec_push(s->arena, &dirs) = name;
	vec_push(s->arena, files);
	while ((name = scan_cstr(c)) && *name) {
		uint64_t dir = scan_uleb(c);

		scan_uleb(c);
		scan_uleb(c);
		*vec_push(s->arena, files) = (struct scan_name){
			.dir = dir < dirs.count ? dirs.data[dir] : NULL, .name = name };
	}
}

struct line_entry { const char *path; uint64_t dir; };
struct line_entries { struct line_entry *data; size_t count, capacity; };

/* DWARF 5: a description of the columns, then the rows. */
static void line_entries_new(struct scan *s, const struct scan_unit *u, struct scan_cur *c,
			     struct line_entries *out)
{
	uint64_t what[256], form[256], ncolumns = scan_fixed(c, 1), nrows;

	for (uint64_t i = 0; i < ncolumns; i++) {
		what[i] = scan_uleb(c);
		form[i] = scan_uleb(c);
	}
	nrows = scan_uleb(c);
	for (uint64_t row = 0; row < nrows && ncolumns && !c->bad; row++) {
		struct line_entry e = { 0 };

		for (uint64_t i = 0; i < ncolumns; i++) {
			struct scan_value v;

			if (!scan_attr(s, u, c, form[i], 0, &v)) {
				c->bad = true;
				return;
			}
			if (what[i] == DW_LNCT_path)
				e.path = v.s;
			else if (what[i] == DW_LNCT_directory_index)
				e.dir = v.u;
		}
		*vec_push(s->arena, out) = e;
	}
}

static void line_files_new(struct scan *s, struct scan_unit *u, struct scan_cur *c,
			   struct names *files)
{
	struct line_entries dirs = { 0 }, rows = { 0 };

	line_entries_new(s, u, c, &dirs);
	if (!c->bad)
		line_entries_new(s, u, c, &rows);
	for (size_t i = 0; i < rows.count; i++) {
		const struct line_entry *e = &rows.data[i];

		*vec_push(s->arena, files) = (struct scan_name){
			.dir = e->dir < dirs.count ? dirs.data[e->dir].path : NULL,
			.name = e->path };
	}
}

static void line_files(struct scan *s, struct scan_unit *u, struct names *files)
{
	const struct scan_section *sec = &s->section[SCAN_LINE];
	struct scan_cur c = { sec->data, sec->data + sec->size, false };
	struct scan_unit lu = *u;
	uint64_t length, opcodes;

	scan_skip(&c, u->stmt_list);
	lu.offset_size = 4;
	length = scan_fixed(&c, 4);
	if (length == 0xffffffff) {
		lu.offset_size = 8;
		length = scan_fixed(&c, 8);
	}
	if (c.bad || length > (uint64_t)(c.end - c.p))
		return;
	c.end = c.p + length;
	lu.version = scan_fixed(&c, 2);
	if (lu.version < 2 || lu.version > 5)
		return;
	if (lu.version >= 5)
		scan_skip(&c, 2);
	scan_skip(&c, lu.offset_size);
	scan_skip(&c, lu.version >= 4 ? 5 : 4);	/* up to line_range */
	opcodes = scan_fixed(&c, 1);
	scan_skip(&c, opcodes ? opcodes - 1 : 0);
	if (lu.version >= 5)
		line_files_new(s, &lu, &c, files);
	else
		line_files_old(s, &lu, &c, files);
}

const char *scan_file(struct scan *s, uint32_t unit, uint32_t file)
{
	struct scan_unit *u = &s->units.data[unit];

	if (!u->files_done) {
		struct names files = { 0 };

		u->files_done = true;
		if (u->stmt_list != UINT64_MAX)
			line_files(s, u, &files);
		u->files = files.data;
		u->nfiles = files.count;
	}
	if (file >= u->nfiles)
		return NULL;
	struct scan_name *n = &u->files[file];

	if (!n->path)
		n->path = line_join(s, n->dir, n->name);
	return n->path;
}
