/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: functions, inlined copies, statements, labels and callees of a C program
//# target: vars
#include "debuginfo-kit.h"

static void test_queries(struct dmodule *m)
{
	struct dquery q;

	is_number(kit_count(m, "walk"), 1, "a name");
	is_number(kit_count(m, "make_*"), 2, "a glob");
	is_number(kit_count(m, "make_*@vars.c"), 2, "a file");
	is_number(kit_count(m, "make_*@var?.[ch]"), 2, "a glob for a file");
	is_number(kit_count(m, "make_*@ars.c"), 0, "half a file name does not match");
	is_number(kit_count(m, "nothing"), 0, "no such function");
	is_number(kit_count(m, "*@vars.c:52-54"), 1, "a range of lines holds a function");
	ok(dquery_parse(ds, "f@a.c:x", &q) < 0, "a bad line is refused");
	ok(dquery_parse(ds, "f@a.c:9-3", &q) < 0, "a range backwards is refused");
	ok(dquery_parse(ds, "f@", &q) < 0, "no file behind @ is refused");
}

static void test_sites(struct dmodule *m)
{
	struct dfunc *f = kit_func(m, "walk");
	const struct dsite *site = dfunc_site(f);

	is_text(f->name, "walk", "its name");
	ok(f->file && strstr(f->file, "vars.c"), "its file");
	is_number(f->line, 51, "its line");
	ok(f->source == DFUNC_DWARF && f->is_exported && f->size > 20, "its properties");
	ok(f->is_optimized == (site->pc == f->entry), "optimised: at the entry; else behind");
	is_number(site->file_offset, dmodule_file_offset(m, site->vaddr), "its file offset");
	is_number(dmodule_vaddr(m, site->file_offset), site->vaddr, "and back");
	ok(dfunc_at(m, f->entry + 5) == f, "found again by an address in it");
	ok(!dfunc_find(m, "callback")->is_exported, "a static function is not exported");
	ok(f->aliases == NULL && !f->is_ifunc, "no aliases");
}

static void test_inlines(struct dmodule *m)
{
	struct dfunc *f = kit_func(m, "square");
	struct dinline_list copies = { 0 };
	struct dsite_list sites = { 0 };
	struct dquery q;

	ok(f && f->entry == D_NO_OFFSET && f->is_inlined, "square exists only inlined");
	is_number(dfunc_inlines(f, &copies), 1, "one copy");
	is_text(copies.data[0]->caller, "walk", "in walk");
	is_number(copies.data[0]->call_line, 56, "called there");
	is_text(copies.data[0]->site.func->name, "walk", "which is the physical function");
	dquery_parse(ds, "square@vars.c:47", &q);
	ok(dline_sites(m, &q, false, &sites) >= 1, "a statement of it");
	ok(sites.count && sites.data[0].in && sites.data[0].in->func == f, "lies in the copy");
}

static void test_statements(struct dmodule *m)
{
	struct dsite_list sites = { 0 };
	struct dquery q;
	const char *file;
	int line;

	dquery_parse(ds, "walk@vars.c:59", &q);
	is_number(dline_sites(m, &q, false, &sites), 1, "one line, one site");
	is_number(dline_at(m, sites.data[0].vaddr, &file, &line), 0, "the line of its address");
	is_number(line, 59, "is the same");
	sites.count = 0;
	dquery_parse(ds, "walk@vars.c:+8", &q);
	ok(dline_sites(m, &q, false, &sites) == 1 && sites.data[0].line == 59, "relative");
	sites.count = 0;
	dquery_parse(ds, "walk@vars.c:*", &q);
	ok(dline_sites(m, &q, false, &sites) >= 6, "all lines");
	sites.count = 0;
	dquery_parse(ds, "walk@vars.c:54", &q);
	ok(dline_sites(m, &q, false, &sites) < 0 &&
	   strstr(dsession_error(ds), "line 54 has no code"), "an empty line is an error");
	ok(dline_sites(m, &q, true, &sites) == 1 && sites.data[0].line == 55, "or the next one");
	sites.count = 0;
	dquery_parse(ds, "*@vars.c:59", &q);
	ok(dline_sites(m, &q, false, &sites) == 1, "any function");
}

static void test_inside(struct dmodule *m)
{
	struct dlabel *labels;
	struct dcallee *callees;
	int n = dfunc_labels(kit_func(m, "walk"), "o*", &labels);
	bool square = false;

	ok(n == 1 && !strcmp(labels[0].name, "out") && labels[0].site.file_offset, "a label");
	n = dfunc_callees(kit_func(m, "walk"), "*", &callees);
	for (int i = 0; i < n; i++)
		square |= callees[i].in && !strcmp(callees[i].name, "square");
	ok(square, "an inlined callee");
}

static int count_name(const char *name, void *ctx)
{
	*(int *)ctx += !strcmp(name, "walk");
	return 0;
}

int main(void)
{
	struct dmodule *m;
	int n = 0;

	kit_begin("");
	m = dmodule_open(ds, "./target");
	ok(m && dmodule_has_dwarf(m) && m->is_pie && !m->is_library, "the target opens");
	if (!m)
		return 1;
	test_queries(m);
	test_sites(m);
	test_inlines(m);
	test_statements(m);
	test_inside(m);
	dfunc_each_name(m, count_name, &n);
	is_number(n, 1, "names can be enumerated");
	ok(!dmodule_open(ds, "/etc/passwd") && strstr(dsession_error(ds), "not an ELF"),
	   "a text file is refused");
	ok(!dmodule_open(ds, "./nothing") && strstr(dsession_error(ds), "No such file"),
	   "a missing file is refused");
	ok(!dmodule_open(ds, "/usr") && strstr(dsession_error(ds), "directory"),
	   "a directory is refused");
	return kit_end();
}
