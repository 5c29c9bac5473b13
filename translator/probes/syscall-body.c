/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a handler of system calls has before its body: the test of the number, and an assignment to
 * each variable that the body uses. An assignment stands where it is first needed: what a
 * handler leaves by `next` before that costs nothing.
 */
#include "translator/probes/syscall.h"

#include <string.h>

#include "translator/elab/build.h"
#include "translator/elab/elab.h"
#include "translator/elab/elab-priv.h"
#include "translator/elab/walk.h"
#include "translator/parse/parse.h"
#include "translator/probes/syscall-format.h"
#include "translator/session.h"

static struct stmt *parse_stmt(struct session *session, const char *text)
{
	struct file *file = parse_text(session, "<syscall>",
				       arena_printf(session->arena, "probe never { %s }", text),
				       true);

	return file && file->probes.count ? file->probes.data[0]->body : NULL;
}

/* ---- which calls ---- */

/* "__nr >= 0 && __nr <= 5 || __nr == 7" */
static const char *numbers_text(struct arena *arena, const syscall_vec *calls)
{
	const char *text = "";

	for (size_t i = 0; i < calls->count;) {
		size_t last = i;

		while (last + 1 < calls->count &&
		       calls->data[last + 1]->number == calls->data[last]->number + 1)
			last++;
		text = arena_printf(arena, last > i ? "%s%s__nr >= %d && __nr <= %d"
						    : "%s%s__nr == %d",
				    text, *text ? " || " : "", calls->data[i]->number,
				    calls->data[last]->number);
		i = last + 1;
	}
	return text;
}

/* The numbers of 32-bit calls are others. */
static const char compat_text[] =
	" if (@defined(@cast(0, \"task_struct\", \"kernel\")->thread_info->status) &&"
	" (@cast(__task(), \"task_struct\", \"kernel\")->thread_info->status & 2)) next";

bool syscall_guard(struct elab *elab, struct handler *handler, const struct syscall_site *site)
{
	struct session *session = elab_session(elab);

	handler->guard = parse_stmt(session,
				    arena_printf(session->arena,
						 "__nr = $__number if (!(%s)) next%s",
						 numbers_text(session->arena, &site->calls),
						 compat_text));
	return handler->guard != NULL;
}

/* ---- where a variable is needed ---- */

struct search {
	const char *name;
	bool found;
};

static bool find_symbol(struct walk *walk, struct expr **slot)
{
	struct search *search = walk->context;

	search->found |= (*slot)->kind == EXPR_SYMBOL &&
			 !strcmp((*slot)->symbol.name, search->name);
	return !search->found;
}

static bool uses_expr(struct expr *expr, const char *name)
{
	struct search search = { .name = name };
	struct walk walk = { .expr_before = find_symbol, .context = &search };

	if (expr)
		walk_expr(&walk, &expr);
	return search.found;
}

static bool uses(struct stmt *stmt, const char *name)
{
	struct search search = { .name = name };
	struct walk walk = { .expr_before = find_symbol, .context = &search };

	if (stmt)
		walk_stmt(&walk, &stmt);
	return search.found;
}

static void place(struct session *session, struct stmt **slot, const char *name,
		  struct stmt *assignment);

static void place_before(struct session *session, struct stmt **slot, struct stmt *assignment)
{
	struct build b = { session, (*slot)->span, (*slot)->tok, (*slot)->tok_kind };

	*slot = build_block(&b, (struct stmt *[]){ assignment, *slot }, 2);
}

static void place_in_block(struct session *session, struct stmt *block, const char *name,
			   struct stmt *assignment)
{
	size_t first = block->block.count, count = 0;

	for (size_t i = block->block.count; i-- > 0;) {
		if (!uses(block->block.data[i], name))
			continue;
		first = i;
		count++;
	}
	if (count == 1)
		place(session, &block->block.data[first], name, assignment);
	else if (count)
		place_before(session, &block->block.data[first], assignment);
}

/* Puts @assignment before the part of *@slot that has all uses of @name. */
static void place(struct session *session, struct stmt **slot, const char *name,
		  struct stmt *assignment)
{
	struct stmt *s = *slot;

	if (s->kind == STMT_BLOCK) {
		place_in_block(session, s, name, assignment);
		return;
	}
	if (s->kind == STMT_IF && !uses_expr(s->branch.cond, name)) {
		bool yes = uses(s->branch.yes, name), no = uses(s->branch.no, name);

		if (yes != no) {
			place(session, yes ? &s->branch.yes : &s->branch.no, name, assignment);
			return;
		}
	}
	place_before(session, slot, assignment);
}

/* ---- texts ---- */

/* An expression that makes the text which @format says. */
static const char *text_of(struct elab *elab, const struct syscall_site *site,
			   const char *builtin, struct format *format, int most)
{
	struct session *session = elab_session(elab);

	return arena_printf(session->arena, "%s(%u, %s, $__registers, %d)", builtin,
			    format_finish(format, session), site->calls.count > 1 ? "__nr" : "0",
			    most);
}

static uint32_t table_index(const struct syscall_site *site, size_t i)
{
	int number = site->calls.count > 1 ? site->calls.data[i]->number : 0;

	return number < 0 ? 0 : number;
}

static const char *argstr_text(struct elab *elab, const struct syscall_site *site)
{
	struct format format = { .arena = elab_session(elab)->arena };

	for (size_t i = 0; i < site->calls.count; i++) {
		format_begin(&format, table_index(site, i));
		format_argstr(&format, site->machine, &site->args[i]);
	}
	return text_of(elab, site, "__argfmt", &format, 0x7fffffff);
}

static const char *retstr_text(struct elab *elab, const struct syscall_site *site)
{
	struct format format = { .arena = elab_session(elab)->arena };

	for (size_t i = 0; i < site->calls.count; i++) {
		format_begin(&format, table_index(site, i));
		format_retstr(&format, site->machine, site->calls.data[i]->base);
	}
	return text_of(elab, site, "__argresult", &format, 63);
}

static bool same_names(const struct syscall_site *site)
{
	for (size_t i = 1; i < site->calls.count; i++)
		if (strcmp(site->calls.data[i]->name, site->calls.data[0]->name) != 0)
			return false;
	return true;
}

/* A text that a call has: its name, or with @point its probe point. */
static const char *constant_text(struct elab *elab, const struct syscall_site *site, bool point)
{
	struct arena *arena = elab_session(elab)->arena;
	struct format format = { .arena = arena };

	if (!point && same_names(site))
		return arena_printf(arena, "\"%s\"", site->calls.data[0]->name);
	for (size_t i = 0; i < site->calls.count; i++) {
		const struct syscall_call *call = site->calls.data[i];
		const char *text = point ? arena_printf(arena, "%s.%s%s", site->root, call->alias,
							site->is_return ? ".return" : "")
					 : call->name;

		format_begin(&format, table_index(site, i));
		format_text(&format, text, 0);
		format_row(&format, ARGFMT_END, 0, 8);
	}
	return text_of(elab, site, "__argtext", &format, point ? 47 : 31);
}

static const struct syscall_arg *string_arg(const syscall_arg_vec *args, const char *name)
{
	for (size_t i = 0; i < args->count; i++)
		if (args->data[i].string && !strcmp(args->data[i].string, name))
			return &args->data[i];
	return NULL;
}

static const char *string_text(struct elab *elab, const struct syscall_site *site,
			       const char *name)
{
	struct format format = { .arena = elab_session(elab)->arena };
	bool any = false;

	for (size_t i = 0; i < site->calls.count; i++) {
		const struct syscall_arg *arg = string_arg(&site->args[i], name);

		if (!arg)
			continue;
		any = true;
		format_begin(&format, table_index(site, i));
		format_arg(&format, site->machine, arg, false);
		format_row(&format, ARGFMT_END, 0, 8);
	}
	return any ? text_of(elab, site, "__argfmt", &format, 0x7fffffff) : NULL;
}

/* Is it a variable of some of the calls: 1 a number, 2 an address of a string; else 0. */
static int number_kind(const struct syscall_site *site, const char *name)
{
	for (size_t i = 0; i < site->calls.count; i++)
		for (size_t j = 0; j < site->args[i].count; j++) {
			const struct syscall_arg *arg = &site->args[i].data[j];

			if (arg->number && !strcmp(arg->number, name))
				return 1;
			if (arg->plain && !strcmp(arg->plain, name))
				return 2;
		}
	return 0;
}

/* What the variable @name is; NULL: it is none of these calls'. */
static const char *value_text(struct elab *elab, const struct syscall_site *site,
			      const char *name)
{
	struct arena *arena = elab_session(elab)->arena;

	if (!strcmp(name, "name"))
		return constant_text(elab, site, false);
	if (!strcmp(name, "__point"))
		return constant_text(elab, site, true);
	if (site->is_return)
		return !strcmp(name, "retval")	 ? "$return"
		       : !strcmp(name, "retstr") ? retstr_text(elab, site)
						 : NULL;
	if (!strcmp(name, "argstr"))
		return argstr_text(elab, site);
	switch (number_kind(site, name)) {
	case 1:
		return arena_printf(arena, "$%s", name);
	case 2:
		return arena_printf(arena, "user_string($%s, \"\")", name);
	}
	return string_text(elab, site, name);
}

/* ---- the variables that a body uses ---- */

struct used {
	struct elab *elab;
	struct handler *handler;
	const struct syscall_site *site;
	VEC(const char *) names;
};

static bool collect(struct walk *walk, struct expr **slot)
{
	struct used *used = walk->context;
	struct expr *e = *slot;
	const char *name;

	/* pn() of several calls is not known before */
	if (e->kind == EXPR_CALL && !strcmp(e->call.name, "pn") && !e->call.args.count &&
	    used->site->calls.count > 1 && !used->handler->is_alias) {
		struct build b = build_at(elab_session(used->elab), e);

		*slot = e = build_symbol(&b, "__point");
	}
	if (e->kind != EXPR_SYMBOL)
		return true;
	name = e->symbol.name;
	for (size_t i = 0; i < used->names.count; i++)
		if (!strcmp(used->names.data[i], name))
			return true;
	if (!names_global(used->elab, name, e->tok.source))
		*vec_push(elab_session(used->elab)->arena, &used->names) = name;
	return true;
}

static void add_variable(struct elab *elab, struct handler *handler,
			 const struct syscall_site *site, const char *name)
{
	struct session *session = elab_session(elab);
	const char *value = value_text(elab, site, name);
	struct stmt *assignment;

	if (!value)
		return;
	assignment = parse_stmt(session, arena_printf(session->arena, "%s = %s", name, value));
	if (assignment)
		place(session, &handler->body, name, assignment);
}

/* Assigns all variables, for -L. */
static void list_variables(struct elab *elab, struct handler *handler,
			   const struct syscall_site *site)
{
	struct session *session = elab_session(elab);
	const char *text = site->is_return ? "name = \"\" retval = $return retstr = \"\""
					   : "name = \"\"";

	for (size_t i = 0; !site->is_return && i < site->calls.count; i++)
		for (size_t j = 0; j < site->args[i].count; j++) {
			const struct syscall_arg *arg = &site->args[i].data[j];

			if (arg->number)
				text = arena_printf(session->arena, "%s %s = 0", text, arg->number);
			if (arg->string)
				text = arena_printf(session->arena, "%s %s = \"\"", text,
						    arg->string);
			if (arg->plain)
				text = arena_printf(session->arena, "%s %s = \"\"", text,
						    arg->plain);
		}
	if (!site->is_return)
		text = arena_printf(session->arena, "%s argstr = \"\"", text);
	place_before(session, &handler->body, parse_stmt(session, text));
}

bool syscall_body(struct elab *elab, struct handler *handler, const struct syscall_site *site)
{
	struct used used = { .elab = elab, .handler = handler, .site = site };
	struct walk walk = { .expr_before = collect, .context = &used };

	if (elab_is_listing(elab)) {
		if (!elab_only_names(elab))
			list_variables(elab, handler, site);
		return true;
	}
	walk_stmt(&walk, &handler->body);
	for (size_t i = 0; i < used.names.count; i++)
		add_variable(elab, handler, site, used.names.data[i]);
	return syscall_guard(elab, handler, site);
}
