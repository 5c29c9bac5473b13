/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscall.NAME and its kin: the raw tracepoints at the entry to and the return from every system
 * call. Handlers look at the number first; however many calls a point names, it is one program.
 * What is text of an argument is made from tables (format.h).
 */
#include "translator/probes/syscall.h"

#include <string.h>

#include "translator/debuginfo/dtype.h"
#include "translator/elab/access.h"
#include "translator/elab/build.h"
#include "translator/elab/debuginfo.h"
#include "translator/elab/elab.h"
#include "translator/elab/expand.h"
#include "translator/probes/kinds.h"
#include "translator/session.h"
#include "translator/util/diag.h"

enum { AT_ENTRY, AT_RETURN };

#define FORMS(root)                                                                          \
	{ root ".<call>", AT_ENTRY, "when a process enters a system call" },                  \
	{ root ".<call>.return[.maxactive(num)]", AT_RETURN, "when a system call returns" }

static const struct probe_form forms[] = {
	FORMS("syscall"), FORMS("nd_syscall"), FORMS("tp_syscall"), FORMS("dw_syscall"), { 0 }
};

static const struct syscall_site *calls_of(const struct site *site)
{
	return site->detail;
}

static struct site *add_site(struct elab *elab, struct handler *handler,
			     const struct syscall_site *detail)
{
	struct site *site = elab_site_new(elab, handler);
	const char *name = detail->is_return ? "sys_exit" : "sys_enter";

	site->entry = SITE_ARGS;
	site->section = "raw_tp";
	site->attach.mech = MECH_RAWTP;
	site->attach.symbol = site->attach.function = name;
	site->attach.name = arena_printf(elab_session(elab)->arena,
					 "kernel.trace(\"raw_syscalls:%s\")", name);
	site->is_return = detail->is_return;
	site->arguments = detail->machine->args;
	site->detail = detail;
	return site;
}

static struct syscall_site *detail_new(struct elab *elab, const struct probe_match *match,
				       const struct syscall_machine *machine)
{
	struct syscall_site *detail =
		arena_new_of(elab_session(elab)->arena, struct syscall_site);

	detail->machine = machine;
	detail->params = arena_new_of(elab_session(elab)->arena, syscall_arg_vec *);
	*detail->params = NULL;
	detail->root = match->point->parts.data[0].functor;
	detail->is_return = match->form->tag == AT_RETURN;
	return detail;
}

static bool add_handler(struct elab *elab, const struct probe_match *match,
			struct syscall_site *detail)
{
	struct arena *arena = elab_session(elab)->arena;
	struct handler *handler = elab_handler_new(elab, &probe_kind_syscall, match->point);
	const syscall_vec *calls = &detail->calls;

	detail->args = arena_alloc(arena, calls->count * sizeof(*detail->args));
	for (size_t i = 0; i < calls->count; i++)
		syscall_args(arena, calls->data[i], &detail->args[i]);
	handler->trigger = TRIGGER_KERNEL;
	if (elab_is_listing(elab) && !handler->is_alias) {
		handler->alias = arena_printf(arena, "%s.%s%s", detail->root,
					      calls->data[0]->alias,
					      detail->is_return ? ".return" : "");
		handler->is_alias = true;
	}
	add_site(elab, handler, detail);
	return syscall_body(elab, handler, detail);
}

static int no_call(struct session *session, const struct probe_match *match,
		   const syscall_vec *calls)
{
	VEC(const char *) names = { 0 };
	const char *pattern = match->args[0].text;

	diag(session->diags, DIAG_PROBE_NO_SYSCALL, match->point->span, pattern);
	for (size_t i = 0; i < calls->count; i++)
		*vec_push(session->arena, &names) = calls->data[i]->alias;
	const char *near = diag_nearest(pattern, names.data, names.count);

	if (near)
		diag_hint(session->diags, "did you mean '%s'?", near);
	return 0;
}

/* To be listed: a handler for each alias. */
static int list_calls(struct elab *elab, const struct probe_match *match,
		      const struct syscall_machine *machine, const syscall_vec *calls)
{
	struct arena *arena = elab_session(elab)->arena;
	int made = 0;

	for (size_t i = 0; i < calls->count; i++) {
		struct syscall_site *detail = detail_new(elab, match, machine);
		bool first = true;

		for (size_t j = 0; j < i && first; j++)
			first = strcmp(calls->data[i]->alias, calls->data[j]->alias) != 0;
		if (!first)
			continue;
		for (size_t j = i; j < calls->count; j++)
			if (!strcmp(calls->data[i]->alias, calls->data[j]->alias))
				*vec_push(arena, &detail->calls) = calls->data[j];
		if (!add_handler(elab, match, detail))
			return -1;
		made++;
	}
	return made;
}

static int syscall_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	const struct syscall_machine *machine = syscall_machine_of(session->kernel.arch);
	const char *pattern = match->args[0].text;
	syscall_vec calls = { 0 };

	if (!machine) {
		diag(session->diags, DIAG_PROBE_PLACE, match->point->span, pattern,
		     "the system calls of this machine are not known");
		return -1;
	}
	const syscall_vec *all = syscall_calls(session->arena, machine);

	for (size_t i = 0; i < all->count; i++)
		if (glob_match(pattern, all->data[i]->alias) &&
		    (all->data[i]->number != SYSCALL_NEVER || !has_wildcard(pattern)))
			*vec_push(session->arena, &calls) = all->data[i];
	if (!calls.count)
		return no_call(session, match, all);
	if (elab_is_listing(elab))
		return list_calls(elab, match, machine, &calls);
	struct syscall_site *detail = detail_new(elab, match, machine);

	detail->calls = calls;
	return add_handler(elab, match, detail) ? 1 : -1;
}

/* ---- variables ---- */

static struct expr *registers_at(const struct build *b, uint16_t offset, unsigned int size,
				 bool is_signed)
{
	struct expr *address = build_binary(b, OP_ADD, build_argument(b, 0),
					    build_number(b, offset));

	return build_read(b, SPACE_KERNEL, size, is_signed, address);
}

static struct expr *number_of(const struct build *b, const struct syscall_site *detail)
{
	return detail->is_return ? registers_at(b, detail->machine->number, 8, true)
				 : build_argument(b, 1);
}

static const struct syscall_arg *arg_named(const syscall_arg_vec *args, const char *name)
{
	for (size_t i = 0; i < args->count; i++) {
		const struct syscall_arg *arg = &args->data[i];

		if ((arg->number && !strcmp(arg->number, name)) ||
		    (arg->plain && !strcmp(arg->plain, name)))
			return arg;
	}
	return NULL;
}

/* The argument that $name means in the @i'th call: the kernel's names go before ours. */
static const struct syscall_arg *arg_of(const struct syscall_site *detail, size_t i,
					const char *name)
{
	const struct syscall_arg *arg = arg_named(&(*detail->params)[i], name);

	return arg ? arg : arg_named(&detail->args[i], name);
}

static void params_fill(struct arena *arena, const struct syscall_site *detail)
{
	size_t count = detail->calls.count;

	if (*detail->params)
		return;
	*detail->params = arena_alloc(arena, count * sizeof(**detail->params));
	memset(*detail->params, 0, count * sizeof(**detail->params));
	for (size_t i = 0; i < count; i++)
		syscall_params(arena, detail->calls.data[i], &(*detail->params)[i]);
}

static struct expr *arg_value(const struct build *b, const struct syscall_site *detail,
			      const struct syscall_arg *arg)
{
	int size = arg->kind->size;
	struct expr *value = registers_at(b, detail->machine->args[arg->index],
					  size < 0 ? -size : size, size < 0);

	if (arg->kind->memory < 0)
		return value;
	value = build_binary(b, OP_ADD, value, build_number(b, arg->kind->memory));
	value = build_read(b, SPACE_USER, arg->kind->memory_size, true, value);
	value->mach.is_soft = true;
	return value;
}

static bool same_value(const struct syscall_arg *a, const struct syscall_arg *b)
{
	return a && b && a->index == b->index && a->kind->size == b->kind->size &&
	       a->kind->memory == b->kind->memory &&
	       a->kind->memory_size == b->kind->memory_size;
}

/* A pointer to what is at the address that an argument is; NULL: a plain number. */
static struct dtype *target_type(struct session *session, const struct syscall_arg *arg)
{
	struct dbtf *btf = arg->target ? elab_btf(session) : NULL;
	struct dtype *type = NULL;

	if (btf)
		type = dtype_find_btf(btf, arena_printf(session->arena, "%s*", arg->target));
	if (btf && !type)
		type = dtype_find_btf(btf, arena_printf(session->arena, "union %s*", arg->target));
	return type;
}

/* Of all calls that have it, the same; else it is a plain number. */
static struct dtype *variable_type(struct session *session, const struct syscall_site *detail,
				   const char *name)
{
	const struct syscall_arg *first = NULL;

	for (size_t i = 0; i < detail->calls.count; i++) {
		const struct syscall_arg *arg = arg_of(detail, i, name);

		if (!arg)
			continue;
		if (!arg->target || (first && strcmp(first->target, arg->target) != 0))
			return NULL;
		first = arg;
	}
	return first ? target_type(session, first) : NULL;
}

/* 1 for each call of those from @i on that has the value of the @i'th; *any: its test. */
static struct expr *calls_test(const struct build *b, const struct syscall_site *detail,
			       const char *name, size_t i, bool *done)
{
	const struct syscall_arg *arg = arg_of(detail, i, name);
	struct expr *test = NULL;

	for (size_t j = i; j < detail->calls.count; j++) {
		if (done[j] || !same_value(arg, arg_of(detail, j, name)))
			continue;
		struct expr *one = build_binary(b, OP_EQ, build_symbol(b, "__nr"),
						build_number(b, detail->calls.data[j]->number));

		done[j] = true;
		test = test ? build_binary(b, OP_LOGICAL_OR, test, one) : one;
	}
	return test;
}

static struct expr *variable_value(const struct build *b, const struct syscall_site *detail,
				   const char *name)
{
	bool *done = arena_alloc(b->session->arena, detail->calls.count);
	const struct syscall_arg *first = NULL;
	struct expr *value = NULL;
	bool same = true;

	for (size_t i = 0; i < detail->calls.count; i++) {
		const struct syscall_arg *arg = arg_of(detail, i, name);

		first = first ? first : arg;
		same &= same_value(first, arg);
	}
	if (!first || same)
		return first ? arg_value(b, detail, first) : NULL;
	value = build_number(b, 0);
	for (size_t i = 0; i < detail->calls.count; i++) {
		const struct syscall_arg *arg = arg_of(detail, i, name);

		if (arg && !done[i]) {
			struct expr *test = calls_test(b, detail, name, i, done);

			value = build_select(b, test, arg_value(b, detail, arg), value);
		}
	}
	return value;
}

static bool syscall_variable(struct elab *elab, struct site *site, const char *name,
			     struct span span, struct access *out, const char **why)
{
	const struct syscall_site *detail = calls_of(site);
	struct build b = { .session = elab_session(elab), .span = span, .tok = span };
	struct dtype *type = NULL;
	struct expr *value = NULL;

	if (!strcmp(name, "__number"))
		value = number_of(&b, detail);
	else if (!strcmp(name, "__registers"))
		value = build_argument(&b, 0);
	else if (!strcmp(name, "return") && detail->is_return)
		value = build_argument(&b, 1);
	else if (!strncmp(name, "arg", 3) && name[3] >= '1' && name[3] <= '6' && !name[4])
		value = registers_at(&b, detail->machine->args[name[3] - '1'], 8, false);
	else {
		params_fill(b.session->arena, detail);
		value = variable_value(&b, detail, name);
		type = variable_type(b.session, detail, name);
	}
	if (value) {
		*out = access_of_value(value, type, SPACE_USER);
		return true;
	}
	*why = arena_printf(b.session->arena, "the system call has no such argument");
	return false;
}

static size_t syscall_variables(struct elab *elab, struct site *site, const struct site_var **vars)
{
	struct arena *arena = elab_session(elab)->arena;
	const struct syscall_site *detail = calls_of(site);
	VEC(struct site_var) out = { 0 };

	params_fill(arena, detail);
	for (size_t i = 0; detail->calls.count == 1 && i < (*detail->params)[0].count; i++) {
		const struct syscall_arg *arg = &(*detail->params)[0].data[i];

		*vec_push(arena, &out) = (struct site_var){
			arg->number, target_type(elab_session(elab), arg), true };
	}
	if (detail->is_return)
		*vec_push(arena, &out) = (struct site_var){ "return", NULL, false };
	*vars = out.data;
	return out.count;
}

/* ---- @entry ---- */

static struct site *syscall_entry(struct elab *elab, struct site *site)
{
	const struct syscall_site *detail = calls_of(site);
	struct arena *arena = elab_session(elab)->arena;
	struct syscall_site *entry = arena_new_of(arena, struct syscall_site);
	struct handler holder = { 0 };

	*entry = *detail;
	entry->is_return = false;
	return add_site(elab, &holder, entry);
}

static bool syscall_twin(struct elab *elab, struct handler *twin)
{
	return syscall_guard(elab, twin, calls_of(twin->sites.data[0]));
}

/* The registers still hold the arguments when a call returns, unless it has put another program
 * in place. */
static bool syscall_keeps(const struct site *site)
{
	const syscall_vec *calls = &calls_of(site)->calls;

	for (size_t i = 0; i < calls->count; i++)
		if (strstr(calls->data[i]->call, "exec"))
			return false;
	return true;
}

const struct probe_kind probe_kind_syscall = {
	.name = "syscall", .forms = forms, .resolve = syscall_resolve,
	.variable = syscall_variable, .variables = syscall_variables, .entry = syscall_entry,
	.twin = syscall_twin, .keeps_arguments = syscall_keeps,
};
