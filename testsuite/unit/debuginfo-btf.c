/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: the kernel's BTF: prototypes, tracepoints, types, features; and its symbols
//# need: btf
#include "debuginfo-kit.h"
#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/kallsyms.h"

static void test_functions(struct dbtf *b)
{
	const struct dparam *params;
	const char **names;
	struct dtype *t;
	bool varargs;
	uint32_t id = 0;

	t = dbtf_func(b, "vfs_read", &id);
	ok(t && id && dtype_params(t, &params, &varargs) == 4, "vfs_read has four parameters");
	is_text(dtype_decl(params[0].type, params[0].name), "struct file *file", "the first");
	is_text(dtype_text(dtype_target(t)), "ssize_t", "what it returns");
	is_number(dtype_strip(dtype_target(t))->size, 8, "which has 8 bytes");
	ok(!dbtf_func(b, "no_such_function_at_all", NULL), "no such function");
	ok(dbtf_match_funcs(b, "vfs_rea*", &names) >= 1, "by a glob");
}

static void test_tracepoints(struct dbtf *b)
{
	const struct dparam *params;
	const char **names;
	struct dtype *t = dbtf_tracepoint(b, "sched_process_exec", NULL);

	ok(t && dtype_params(t, &params, NULL) == 3, "a tracepoint without the data pointer");
	is_text(dtype_text(params[0].type), "struct task_struct*", "its first argument");
	ok(!params[0].name || strlen(params[0].name) > 0, "named, if the kernel names it");
	ok(!dbtf_tracepoint(b, "nothing", NULL), "no such tracepoint");
	ok(dbtf_match_tracepoints(b, "sched_*", &names) > 5, "by a glob");
}

static void test_types(struct dbtf *b)
{
	struct dtype *t = dtype_find_btf(b, "struct task_struct");
	struct dmember m;
	int64_t v = -1;

	ok(t && t->size > 1000, "a struct");
	ok(dtype_member(t, "comm", &m) && m.type->size == 16 && dtype_is_string(m.type), "comm");
	ok(dtype_member(t, "pid", &m) && dtype_strip(m.type)->is_signed, "pid");
	is_text(dtype_text(m.type), "pid_t", "by its typedef");
	ok(dtype_find_btf(b, "struct list_head *")->kind == DTYPE_POINTER, "a pointer");
	ok(dbtf_enumerator(b, "BPF_FUNC_map_lookup_elem", &v) && v == 1, "an enumerator");
	ok(dbtf_has_helper(b, "map_lookup_elem") && !dbtf_has_helper(b, "nothing"), "features");
	ok(dbtf_type_id(t) > 0, "its id");
	ok(!dbtf_open(ds, "/etc/passwd"), "a file without BTF is refused");
}

static void test_kallsyms(void)
{
	struct kallsyms *k = kallsyms_open(ds, NULL);
	const struct ksym **syms;
	int n = 0;

	if (!k)
		return;
	ok(kallsyms_find(k, "vfs_read", &n) && n == 1, "a kernel symbol");
	ok(!kallsyms_find(k, "no_such_symbol_at_all", NULL), "an unknown one");
	ok(kallsyms_match(k, "vfs_rea*", NULL, &syms) >= 1, "by a glob");
	ok(!kallsyms_open(ds, "/etc/passwd"), "another file is refused");
}

int main(void)
{
	struct dbtf *b;

	kit_begin("");
	b = dbtf_open(ds, NULL);
	ok(b != NULL && dbtf_open(ds, NULL) == b, "BTF opens once");
	if (b) {
		test_functions(b);
		test_tracepoints(b);
		test_types(b);
	}
	test_kallsyms();
	return kit_end();
}
