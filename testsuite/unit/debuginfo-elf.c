/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: libraries, symbols, PLT, USDT marks and their arguments, globs
//# target: marks
#include "debuginfo-kit.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/debuginfo/sdt.h"
#include "translator/debuginfo/sdt-arg.h"

static void test_marks(struct dmodule *m)
{
	const struct dsdt *marks;
	int n = dsdt_list(m, &marks);
	const struct dsdt *a = marks;

	is_number(n, 2, "two marks");
	if (n < 2)
		return;
	ok(!strcmp(a->provider, "demo") && !strcmp(a->name, "first"), "their names");
	ok(a->site->insn == DINSN_NOP && a->site->file_offset != D_NO_OFFSET, "their place");
	is_number(a->semaphore_vaddr, elfsym_find(m, "demo_first_semaphore")->vaddr,
		  "the semaphore");
	is_number(a->semaphore_offset, dmodule_file_offset(m, a->semaphore_vaddr),
		  "and its file offset");
	is_number(marks[1].semaphore_offset, 0, "none for the other");
	is_number(a->nargs, 5, "arguments");
	ok(a->args[0].size == 4 && a->args[0].is_signed, "int");
	ok(a->args[1].size == 8 && !a->args[1].is_signed, "unsigned long");
	is_text(dloc_text(arena, a->args[2].loc), "=-5", "a constant");
	is_number(a->args[3].loc->expr->value, elfsym_find(m, "table")->vaddr + 8, "a variable");
	is_text(dloc_text(arena, a->args[4].loc), "[rsp+8]", "memory");
}

static void test_operands(struct dmodule *m)
{
	static const struct { const char *text; int size; bool is_signed; const char *loc; }
	rows[] = {
		{ "-4@%eax", 4, true, "rax" }, { "8@%r10", 8, false, "r10" },
		{ "1@%ah", 1, false, "=(rax >> 8)" }, { "-1@%bpl", 1, true, "rbp" },
		{ "4@$0x10", 4, false, "=16" }, { "-8@-16(%rbp)", 8, true, "[rbp-16]" },
		{ "4@(%rax,%rbx,4)", 4, false, "[(rbx * 4)+rax]" },
		{ "8@8(%rdx,%rcx)", 8, false, "[rcx+rdx+8]" },
		{ "8@(,%rcx,8)", 8, false, "[(rcx * 8)]" }, { "%rdi", 8, false, "rdi" },
	};
	struct dsdt_arg arg;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		sdt_arg_parse(m, rows[i].text, &arg);
		ok(arg.size == rows[i].size && arg.is_signed == rows[i].is_signed, rows[i].text);
		is_text(dloc_text(arena, arg.loc), rows[i].loc, "its location");
	}
	sdt_arg_parse(m, "8f@%xmm0", &arg);
	ok(arg.is_float && arg.loc->kind == DLOC_NONE && arg.loc->reason, "a vector register");
	sdt_arg_parse(m, "4@nosuch(%rip)", &arg);
	ok(arg.loc->kind == DLOC_NONE, "an unknown symbol");
	sdt_arg_parse(m, "4@(%rax", &arg);
	ok(arg.loc->kind == DLOC_NONE, "half an operand");
	sdt_arg_parse(m, "16@%rax", &arg);
	ok(arg.loc->kind == DLOC_NONE, "a strange size");
}

static void test_library(struct dmodule *m)
{
	struct dmodule *c = dmodule_open_library(ds, "libc.so.6", m);
	const struct elfsym *s;
	const struct dplt *plt;
	const char **needed;
	int n;

	ok(c && c->is_library && !strcmp(c->soname, "libc.so.6"), "a library by its soname");
	ok(dmodule_open_library(ds, "libc", NULL) == c, "by its stem");
	ok(dmodule_open_library(ds, "libc.so*", m) == c, "by a glob");
	ok(dmodule_open_library(ds, c->path, NULL) == c, "by its path");
	ok(!dmodule_open_library(ds, "libnothing", NULL), "an unknown library is an error");
	s = elfsym_find(c, "malloc");
	ok(s && s->kind == ELFSYM_FUNC && s->size, "a symbol");
	ok(elfsym_at(c, s->vaddr + 3) && elfsym_at(c, s->vaddr + 3)->vaddr == s->vaddr, "around");
	ok(dfunc_find(c, "malloc") && dfunc_find(c, "malloc")->entry == s->vaddr, "a function");
	n = elfsym_needed(m, &needed);
	ok(n >= 1 && !strcmp(needed[n - 1], "libc.so.6"), "what the program needs");
	m = dmodule_open(ds, "/bin/sh");
	ok(m && dplt_list(m, &plt) > 0 && plt[0].file_offset != D_NO_OFFSET, "PLT entries");
	ok(dmodule_open(ds, "sh") == m, "a program in PATH");
}

static void test_without_dwarf(void)
{
	struct dmodule *m = dmodule_open(ds, "/bin/sh");

	if (!m || dmodule_has_dwarf(m))
		return;		/* its debug package is installed */
	ok(strstr(dmodule_no_dwarf_reason(m), ".build-id/") != NULL, "what would help is said");
	ok(kit_count(m, "*") >= 0, "functions by symbols all the same");
	ok(!dtype_find(m, "struct x") && strstr(dsession_error(ds), "no debug information"),
	   "types are refused with the reason");
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
	test_marks(m);
	test_operands(m);
	test_library(m);
	test_without_dwarf();
	return kit_end();
}
