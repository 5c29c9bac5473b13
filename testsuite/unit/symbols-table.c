/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: which symbol of a file an address belongs to: sizes, labels, symbols in one another, gaps
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/symbols-user.h"
#include "runtime/symbols.h"

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

/* In one section: a function of 32 bytes with a local one within, a gap, a label, two names at one
 * place of which the global counts. */
__asm__(".pushsection .text.table,\"ax\",@progbits\n"
	".globl table_outer\n.type table_outer,@function\ntable_outer: .skip 8, 0x90\n"
	".type table_inner,@function\ntable_inner: .skip 8, 0x90\n.size table_inner, 8\n"
	".skip 16, 0x90\n.size table_outer, 32\n"
	".skip 16, 0x90\n"
	"table_label: .skip 16, 0x90\n"
	".type table_local,@function\ntable_local:\n"
	".globl table_global\n.type table_global,@function\ntable_global: .skip 16, 0x90\n"
	".size table_local, 16\n.size table_global, 16\n"
	".skip 16, 0x90\n"
	".popsection\n");
extern char table_outer[];

static const struct row {
	int at;
	const char *name;
	uint64_t offset, size;
} rows[] = {
	{ 0, "table_outer", 0, 32 },	{ 7, "table_outer", 7, 32 },
	{ 9, "table_outer", 9, 32 },	/* the local one within is not seen from outside */
	{ 31, "table_outer", 31, 32 },	{ 40, NULL, 0, 0 },
	{ 48, "table_label", 0, 0 },	{ 60, "table_label", 12, 0 },
	{ 64, "table_global", 0, 16 },	{ 79, "table_global", 15, 16 },
	{ 80, NULL, 0, 0 },
};

static void test_row(const struct user_ops *ops, struct user_file *file, uint64_t start,
		     const struct row *row)
{
	struct symbol symbol = { 0 };
	bool found = ops->find(file, start + row->at, false, &symbol);
	char what[100];

	snprintf(what, sizeof(what), "at %d: %s", row->at, row->name ? row->name : "nothing");
	ok(row->name ? found && !strcmp(symbol.name, row->name) && symbol.size == row->size &&
			       symbol.offset == row->offset
		     : !found, what);
}

int main(void)
{
	char plug_in[4096];
	Dl_info here;

	snprintf(plug_in, sizeof(plug_in), "%s/.libs/sonde-symbols.so", getenv("BUILDDIR"));
	void *library = dlopen(plug_in, RTLD_NOW);
	const struct user_ops *ops = library ? dlsym(library, USER_OPS) : NULL;
	struct user_file *file =
		ops ? ops->open("self", open("/proc/self/exe", O_RDONLY)) : NULL;

	ok(file, "the plug-in and this file");
	if (!file || !dladdr(table_outer, &here))
		return 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		test_row(ops, file, table_outer - (char *)here.dli_fbase, &rows[i]);
	ops->close(file);
	printf("1..%d\n", tests);
	return failures != 0;
}
