/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: C++ names, classes and return values
//# target: cxx
#include "debuginfo-kit.h"

static void test_names(struct dmodule *m)
{
	struct dfunc *f;

	is_number(kit_count(m, "feed"), 2, "overloads by their last name");
	is_number(kit_count(m, "zoo::cat::feed"), 2, "qualified");
	is_number(kit_count(m, "cat::feed"), 2, "partly qualified");
	is_number(kit_count(m, "zoo::cat::feed(int)"), 1, "with parameters");
	is_number(kit_count(m, "dog::feed"), 0, "of another class");
	is_number(kit_count(m, "twice"), 1, "a template");
	is_number(kit_count(m, "zoo::twice<long>"), 1, "an instance");
	is_number(kit_count(m, "_ZN3zoo3cat4feedEi"), 1, "a symbol");
	f = kit_func(m, "zoo::cat::feed(int)");
	is_text(f->pretty, "zoo::cat::feed(int)", "its full name");
	is_text(f->qualified, "zoo::cat::feed", "without parameters");
	is_text(f->name, "feed", "and short");
}

static void test_classes(struct dmodule *m)
{
	struct dtype *t = dtype_find(m, "zoo::cat");
	struct dmember mem;
	struct dvar *v;

	ok(t && t->kind == DTYPE_CLASS, "a class");
	ok(dtype_member(t, "lives", &mem), "its member");
	ok(dtype_member(t, "legs", &mem) && mem.bit_offset == 64, "its base's, behind the vtable");
	ok(dtype_member(t, "sleepy", &mem) && mem.bit_size == 3, "a bit-field");
	ok(dtype_member(t, "count", &mem) && mem.is_static, "a static member");
	v = dscope_global(m, NULL, "zoo::cat::count", NULL);
	ok(v && dscope_location(NULL, v)->kind == DLOC_MEMORY, "is a global");
	v = dscope_global(m, NULL, "zoo::visitors", NULL);
	ok(v && dscope_location(NULL, v)->kind == DLOC_MEMORY, "a namespace's variable");
	t = dtype_find(m, "zoo::size");
	ok(t && t->kind == DTYPE_ENUM && t->size == 2 && t->is_signed, "a scoped enum");
	is_text(dtype_enum_name(t, 300), "big", "its value");
	is_text(dtype_enum_name(t, -1), "small", "and a negative one");
}

static void test_returns(struct dmodule *m)
{
	struct dtype *t = dfunc_return_type(kit_func(m, "zoo::at"));

	is_text(dloc_text(arena, dloc_return_value(m, t)), "64 bits rax, 64 bits rdx",
		"a plain struct in registers");
	t = dfunc_return_type(kit_func(m, "zoo::label*"));
	/* clang leaves the library's classes to the library's own debug information. */
	if (!dtype_strip(t)->is_incomplete)
		is_text(dloc_text(arena, dloc_return_value(m, t)), "[rax]", "a string in memory");
	ok(dscope_lookup(dscope_at_site(m, dfunc_site(kit_func(m, "zoo::cat::feed(int)"))),
			 "this") != NULL, "$this");
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
	test_names(m);
	test_classes(m);
	test_returns(m);
	return kit_end();
}
