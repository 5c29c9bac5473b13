/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is used: which functions are reached from handlers, which variables are read and written.
 *
 * Needs: names. Gives: is_read, is_written, is_used; program->functions and ->globals hold
 * what is used, and nothing else. A value that only a statement makes and drops (`n++` on
 * its own) is not a read.
 */
#include <string.h>

#include "translator/elab/elab-priv.h"

struct usage {
	struct elab *elab;
	struct walk walk;
	const struct expr *statement;	/* its value is not used */
	function_vec functions;
	global_vec globals;		/* of the library, as they are met */
};

static void touch_global(struct usage *u, struct global *global)
{
	if (!global->is_used)
		*vec_push(u->elab->session->arena, &u->globals) = global;
	global->is_used = true;
}

static void mark(struct usage *u, struct expr *e, bool read, bool written)
{
	struct expr *base = e->kind == EXPR_INDEX ? e->index.base : e;

	if (e->kind == EXPR_INDEX)
		for (size_t i = 0; i < e->index.keys.count; i++)
			walk_expr(&u->walk, &e->index.keys.data[i]);
	if (base->kind != EXPR_SYMBOL) {
		walk_expr(&u->walk, &base);
		return;
	}
	if (base->symbol.global) {
		touch_global(u, base->symbol.global);
		base->symbol.global->is_read |= read;
		base->symbol.global->is_written |= written;
	} else if (base->symbol.local) {
		base->symbol.local->is_read |= read;
		base->symbol.local->is_written |= written;
	}
}

static void use_function(struct usage *u, struct function *function)
{
	if (function->is_used)
		return;
	function->is_used = true;
	*vec_push(u->elab->session->arena, &u->functions) = function;
}

static bool usage_expr(struct walk *walk, struct expr **slot)
{
	struct usage *u = walk->context;
	struct expr *e = *slot;
	bool valued = e != u->statement;

	switch (e->kind) {
	case EXPR_ASSIGN:
		walk_expr(walk, &e->binary.right);
		mark(u, e->binary.left, valued, true);
		return false;
	case EXPR_PREINC:
	case EXPR_POSTINC:
		mark(u, e->unary.operand, valued, true);
		return false;
	case EXPR_SYMBOL:
	case EXPR_INDEX:
		mark(u, e, true, false);
		return false;
	case EXPR_CALL:
		for (size_t i = 0; i < e->call.targets.count; i++)
			use_function(u, e->call.targets.data[i]);
		return true;
	default:
		return true;
	}
}

static void write_local(struct local *local)
{
	if (local)
		local->is_written = true;
}

static bool usage_stmt(struct walk *walk, struct stmt **slot)
{
	struct usage *u = walk->context;
	struct stmt *stmt = *slot;

	switch (stmt->kind) {
	case STMT_EXPR:
		u->statement = stmt->expr;
		return true;
	case STMT_FOR:
	case STMT_WHILE:
		u->statement = stmt->loop.init;
		walk_expr(walk, &stmt->loop.init);
		walk_expr(walk, &stmt->loop.cond);
		u->statement = stmt->loop.step;
		walk_expr(walk, &stmt->loop.step);
		walk_stmt(walk, &stmt->loop.body);
		return false;
	case STMT_DELETE:
		mark(u, stmt->expr, false, true);
		return false;
	case STMT_FOREACH:
		for (size_t i = 0; i < stmt->foreach.keys.count; i++)
			write_local(stmt->foreach.keys.data[i].local);
		write_local(stmt->foreach.value.local);
		return true;
	case STMT_TRY:
		write_local(stmt->attempt.local);
		return true;
	default:
		return true;
	}
}

static void forget_locals(const local_vec *locals)
{
	for (size_t i = 0; i < locals->count; i++)
		locals->data[i]->is_read = locals->data[i]->is_written = false;
}

static void forget(struct elab *elab)
{
	struct elab_program *program = elab->program;

	for (size_t i = 0; i < program->handlers.count; i++)
		forget_locals(&program->handlers.data[i]->locals);
	for (size_t i = 0; i < program->functions.count; i++) {
		forget_locals(&program->functions.data[i]->locals);
		forget_locals(&program->functions.data[i]->params);
		program->functions.data[i]->is_used = false;
	}
	for (size_t i = 0; i < program->globals.count; i++) {
		struct global *global = program->globals.data[i];

		global->is_used = global->is_read = global->is_written = false;
	}
}

/* What no statement mentions any more is no variable. */
static void drop_locals(local_vec *locals)
{
	size_t kept = 0;

	for (size_t i = 0; i < locals->count; i++) {
		struct local *local = locals->data[i];

		if (!local->is_read && !local->is_written)
			continue;
		local->index = kept;
		locals->data[kept++] = local;
	}
	locals->count = kept;
}

/* The user's globals as declared, then the library's as met, then elaboration's own. */
static void collect_globals(struct elab *elab, const global_vec *met)
{
	struct arena *arena = elab->session->arena;
	struct elab_program *program = elab->program;

	program->globals.count = 0;
	for (size_t i = 0; i < elab->user_globals.count; i++) {
		struct global *global = elab->user_globals.entries[i].value;

		if (global->is_used)
			*vec_push(arena, &program->globals) = global;
	}
	for (int synthetic = 0; synthetic < 2; synthetic++)
		for (size_t i = 0; i < met->count; i++)
			if (met->data[i]->synthetic == synthetic &&
			    map_get(&elab->user_globals, met->data[i]->name) != met->data[i])
				*vec_push(arena, &program->globals) = met->data[i];
}

void usage_program(struct elab *elab)
{
	struct usage u = { .elab = elab };
	struct elab_program *program = elab->program;

	u.walk = (struct walk){ .expr_before = usage_expr, .stmt_before = usage_stmt,
				.context = &u };
	forget(elab);
	for (size_t i = 0; i < program->handlers.count; i++)
		walk_stmt(&u.walk, &program->handlers.data[i]->body);
	for (size_t i = 0; i < u.functions.count; i++)
		walk_stmt(&u.walk, &u.functions.data[i]->body);
	program->functions.count = 0;
	for (size_t i = 0; i < u.functions.count; i++) {
		*vec_push(elab->session->arena, &program->functions) = u.functions.data[i];
		drop_locals(&u.functions.data[i]->locals);
	}
	for (size_t i = 0; i < program->handlers.count; i++)
		drop_locals(&program->handlers.data[i]->locals);
	collect_globals(elab, &u.globals);
}

/* ---- recursion ---- */

struct reach {
	const struct function *goal;
	function_vec seen;
	struct arena *arena;
	bool found;
};

static bool reach_expr(struct walk *walk, struct expr **slot)
{
	struct reach *r = walk->context;

	for (size_t i = 0; (*slot)->kind == EXPR_CALL && i < (*slot)->call.targets.count; i++) {
		struct function *target = (*slot)->call.targets.data[i];
		bool seen = false;

		r->found |= target == r->goal;
		for (size_t j = 0; j < r->seen.count && !seen; j++)
			seen = r->seen.data[j] == target;
		if (!seen)
			*vec_push(r->arena, &r->seen) = target;
	}
	return true;
}

void recursion_program(struct elab *elab)
{
	for (size_t i = 0; i < elab->program->functions.count; i++) {
		struct function *function = elab->program->functions.data[i];
		struct reach r = { .goal = function, .arena = elab->session->arena };
		struct walk walk = { .expr_before = reach_expr, .context = &r };

		walk_stmt(&walk, &function->body);
		for (size_t j = 0; j < r.seen.count && !r.found; j++)
			walk_stmt(&walk, &r.seen.data[j]->body);
		function->is_recursive = r.found;
	}
}

/* ---- warnings ---- */

bool usage_is_users(struct span span)
{
	return span.source && !span.source->tapset && !span.origin;
}

/* Names in scripts have no @. */
bool usage_is_made(const struct local *local)
{
	return strchr(local->name, '@');
}

static void warn_locals(struct elab *elab, const local_vec *locals)
{
	for (size_t i = 0; i < locals->count; i++) {
		const struct local *local = locals->data[i];

		if (usage_is_users(local->span) && !usage_is_made(local) && local->is_read &&
		    !local->is_written)
			diag(elab->session->diags, DIAG_SEM_NEVER_ASSIGNED, local->span,
			     "variable", local->name);
	}
}

/* As in SystemTap, only who asks hears of it: scripts are made of parts that others use, too. */
static void warn_unused(struct elab *elab, struct span span, const char *what, const char *name)
{
	if (elab->session->options.verbose)
		diag(elab->session->diags, DIAG_SEM_UNUSED, span, what, name);
}

void usage_warnings(struct elab *elab)
{
	usage_program(elab);
	for (size_t i = 0; i < elab->program->handlers.count; i++)
		warn_locals(elab, &elab->program->handlers.data[i]->locals);
	for (size_t i = 0; i < elab->program->functions.count; i++)
		warn_locals(elab, &elab->program->functions.data[i]->locals);
	for (size_t i = 0; i < elab->user_globals.count; i++) {
		const struct global *global = elab->user_globals.entries[i].value;

		if (!global->is_used)
			warn_unused(elab, global->span, "global", global->name);
		else if (!global->is_written && !global->init)
			diag(elab->session->diags, DIAG_SEM_NEVER_ASSIGNED, global->span, "global",
			     global->name);
	}
	for (size_t i = 0; i < elab->user_functions.count; i++) {
		const function_vec *list = elab->user_functions.entries[i].value;

		for (size_t j = 0; j < list->count; j++)
			if (!list->data[j]->is_resolved && !list->data[j]->context)
				warn_unused(elab, list->data[j]->span, "function",
					    list->data[j]->name);
	}
}
