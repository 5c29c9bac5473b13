/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: C types from DWARF: members, enums, declarations, where values are returned
//# target: vars
#include "debuginfo-kit.h"

static void test_members(struct dmodule *m)
{
	struct dtype *t = dtype_find(m, "struct rec");
	struct dmember mem;
	const struct dmember *all;

	ok(t && t->kind == DTYPE_STRUCT && t->size == 88, "a struct");
	is_number(dtype_members(t, &all), 8, "its members");
	is_text(dtype_decl(all[0].type, all[0].name), "char name[16]", "an array");
	ok(dtype_is_string(all[0].type), "is a string");
	is_text(dtype_decl(all[2].type, all[2].name), "struct inner *link", "a pointer");
	is_text(dtype_text(all[2].type), "struct inner*", "without a name");
	ok(dtype_member(t, "grid", &mem), "an array of arrays");
	is_text(dtype_decl(mem.type, "grid"), "int grid[2][3]", "has both dimensions");
	is_number(mem.type->size, 24, "and their size");
	ok(dtype_member(t, "call", &mem), "a function pointer");
	is_text(dtype_decl(mem.type, "call"), "int (*call)(int, void*)", "is declared as in C");
	ok(dtype_member(t, "as_bytes", &mem) && mem.bit_offset == 40 * 8, "in a union");
	ok(!dtype_member(t, "nme", &mem) && strstr(dsession_error(ds), "no member 'nme'"),
	   "an unknown member is an error");
	t = dtype_find(m, "struct inner");
	ok(dtype_member(t, "low", &mem) && mem.bit_offset == 0 && mem.bit_size == 3, "low");
	ok(dtype_member(t, "mid", &mem) && mem.bit_offset == 3 && mem.bit_size == 5, "mid");
	ok(dtype_member(t, "wide", &mem) && mem.bit_offset == 64 && !mem.bit_size, "wide");
}

static void test_names(struct dmodule *m)
{
	struct dtype *t = dtype_find(m, "enum colour");
	int64_t v = 0;

	ok(t && t->is_signed && t->size == 4, "an enum with a negative value is signed");
	is_text(dtype_enum_name(t, -2), "BLUE", "by value");
	is_text(dtype_enum_name(t, 200), "GREEN", "a value over 127");
	ok(dtype_find_enumerator(m, "BLUE", &v) && v == -2, "by name");
	ok(!dtype_find(m, "struct nothing"), "no such struct");
	t = dtype_find(m, "struct rec **");
	ok(t && t->kind == DTYPE_POINTER, "stars");
	is_text(dtype_text(t), "struct rec**", "are printed");
	ok(dtype_find(m, "rec") == dtype_find(m, "struct rec"), "a bare name finds the struct");
}

static void test_returns(struct dmodule *m)
{
	static const struct { const char *func; enum dloc_kind kind; const char *text; } rows[] = {
		{ "walk", DLOC_REGISTER, "rax" },
		{ "make_pair", DLOC_PIECES, "64 bits rax, 64 bits rdx" },
		{ "make_large", DLOC_MEMORY, "[rax]" },
		{ "half", DLOC_NONE, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dtype *t = dfunc_return_type(kit_func(m, rows[i].func));
		struct dloc *l = dloc_return_value(m, t);

		ok(l->kind == rows[i].kind, rows[i].func);
		if (rows[i].text)
			is_text(dloc_text(arena, l), rows[i].text, "is returned there");
		else
			ok(strstr(l->reason, "xmm0") != NULL, "and the reason is given");
	}
}

static void test_lists(struct dmodule *m)
{
	struct dscope *sc = dscope_at_site(m, dfunc_site(kit_func(m, "walk")));
	struct dvar_list v = { 0 };
	struct dloc *l;

	is_number(dscope_vars(sc, DSCOPE_PARAMS, &v), 4, "$$parms");
	ok(!strcmp(v.data[0]->name, "r") && !strcmp(v.data[3]->name, "small"), "in order");
	is_text(dtype_decl(v.data[2]->type, "text"), "const char *text", "with types");
	v.count = 0;
	is_number(dscope_vars(sc, DSCOPE_LOCALS, &v), 1, "$$locals of the outermost block");
	ok(!dscope_lookup(sc, "nothing") && strstr(dsession_error(ds), "'nothing'"),
	   "an unknown variable is an error");
	l = dscope_location(NULL, dscope_global(m, NULL, "per_thread", NULL));
	ok(l->kind == DLOC_MEMORY && l->expr->op == DEXPR_TLS, "a thread-local variable");
	ok(dmodule_tls_offset(m) < 0, "lies in front of the thread pointer");
	ok(dscope_global(m, NULL, "counter", "vars.c") != NULL, "a global of a file");
	ok(!dscope_global(m, NULL, "counter", "other.c"), "but not of another");
}

int main(void)
{
	struct dmodule *m;

	kit_begin("");
	m = dmodule_open(ds, "./target");
	if (!m) {
		printf("Bail out! %s\n", dsession_error(ds));
		return 1;
	}
	test_members(m);
	test_names(m);
	test_returns(m);
	test_lists(m);
	return kit_end();
}
