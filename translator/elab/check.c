/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that types do not say: where statements may stand, what can be assigned and deleted,
 * arrays that change while foreach goes through them.
 *
 * Needs: names. Changes nothing.
 */
#include <string.h>

#include "translator/elab/elab-priv.h"
#include "translator/util/regex.h"

struct check {
	struct elab *elab;
	struct session *session;
	struct function *function;
	struct walk walk;
	int loops;
	VEC(const struct global *) iterated;	/* of the foreach statements around */
	bool failed;
};

static bool fail(struct check *check)
{
	check->failed = true;
	return false;
}

/* ---- what may be assigned ---- */

static const struct global *global_of(const struct expr *lvalue)
{
	const struct expr *base = lvalue->kind == EXPR_INDEX ? lvalue->index.base : lvalue;

	return base->kind == EXPR_SYMBOL ? base->symbol.global : NULL;
}

static void check_loops(struct check *check, const struct global *global, struct span span)
{
	for (size_t i = 0; global && i < check->iterated.count; i++) {
		if (check->iterated.data[i] != global)
			continue;
		diag(check->session->diags, DIAG_SEM_LOOP_MODIFY, span, global->name);
		fail(check);
		return;
	}
}

static void check_keys(struct check *check, const struct expr *e)
{
	for (size_t i = 0; e->kind == EXPR_INDEX && i < e->index.keys.count; i++)
		if (!e->index.keys.data[i]) {
			diag(check->session->diags, DIAG_SEM_WILDCARD, e->span);
			fail(check);
			return;
		}
}

static void check_lvalue(struct check *check, const struct expr *e, const struct expr *target,
			 const char *what)
{
	bool element = target->kind == EXPR_INDEX && target->index.base->kind == EXPR_SYMBOL;

	/* types tell whether that is a place of the probed program: infer.c */
	if (target->kind == EXPR_DEREF && e->kind == EXPR_ASSIGN)
		return;
	if (target->kind == EXPR_MACH || target->kind == EXPR_DEREF) {
		diag(check->session->diags, DIAG_SEM_TARGET_LVALUE, target->span,
		     op_spelling[e->kind == EXPR_ASSIGN ? e->binary.op : e->unary.op]);
		fail(check);
	} else if (target->kind != EXPR_SYMBOL && !element && target->type != TYPE_ERROR) {
		diag(check->session->diags, DIAG_SEM_LVALUE, target->span, what);
		fail(check);
	}
	check_loops(check, global_of(target), target->tok);
}

/* ---- functions that change an array ---- */

struct modifies {
	struct elab *elab;
	const struct global *global;
	VEC(const struct function *) seen;
	bool found;
};

static void modifies_function(struct modifies *m, struct function *function);

static bool modifies_expr(struct walk *walk, struct expr **slot)
{
	struct modifies *m = walk->context;
	const struct expr *e = *slot;

	if (e->kind == EXPR_ASSIGN)
		m->found |= global_of(e->binary.left) == m->global;
	else if (e->kind == EXPR_PREINC || e->kind == EXPR_POSTINC)
		m->found |= global_of(e->unary.operand) == m->global;
	for (size_t i = 0; e->kind == EXPR_CALL && i < e->call.targets.count; i++)
		modifies_function(m, e->call.targets.data[i]);
	return !m->found;
}

static bool modifies_stmt(struct walk *walk, struct stmt **slot)
{
	struct modifies *m = walk->context;

	if ((*slot)->kind == STMT_DELETE)
		m->found |= global_of((*slot)->expr) == m->global;
	return !m->found;
}

static void modifies_function(struct modifies *m, struct function *function)
{
	struct walk walk = { .expr_before = modifies_expr, .stmt_before = modifies_stmt,
			     .context = m };

	for (size_t i = 0; i < m->seen.count; i++)
		if (m->seen.data[i] == function)
			return;
	*vec_push(m->elab->session->arena, &m->seen) = function;
	walk_stmt(&walk, &function->body);
}

static void check_call(struct check *check, const struct expr *e)
{
	for (size_t i = 0; i < check->iterated.count; i++) {
		struct modifies m = { .elab = check->elab, .global = check->iterated.data[i] };

		for (size_t j = 0; j < e->call.targets.count; j++)
			modifies_function(&m, e->call.targets.data[j]);
		if (!m.found)
			continue;
		diag(check->session->diags, DIAG_SEM_LOOP_MODIFY, e->tok, m.global->name);
		diag_hint(check->session->diags, "function '%s' changes it", e->call.name);
		fail(check);
	}
}

static void check_regex(struct check *check, const struct expr *e)
{
	struct regex_nfa nfa = { .arena = check->session->arena };
	const char *error;

	if (regex_parse(&nfa, e->regex.pattern, &error))
		return;
	diag(check->session->diags, DIAG_SEM_REGEX, e->span, error);
	fail(check);
}

/* ---- the walk ---- */

static bool check_expr(struct walk *walk, struct expr **slot)
{
	struct check *check = walk->context;
	const struct expr *e = *slot;

	switch (e->kind) {
	case EXPR_ASSIGN:
		check_lvalue(check, e, e->binary.left, "an assignment");
		break;
	case EXPR_PREINC:
	case EXPR_POSTINC:
		check_lvalue(check, e, e->unary.operand, "an increment");
		break;
	case EXPR_INDEX:
		check_keys(check, e);
		break;
	case EXPR_CALL:
		check_call(check, e);
		break;
	case EXPR_REGEX:
		check_regex(check, e);
		break;
	default:
		break;
	}
	return true;
}

static void check_foreach(struct check *check, struct stmt *stmt)
{
	const struct expr *array = stmt->foreach.array;

	walk_expr(&check->walk, &stmt->foreach.limit);
	for (size_t i = 0; i < stmt->foreach.slice.count; i++)
		walk_expr(&check->walk, &stmt->foreach.slice.data[i]);
	*vec_push(check->session->arena, &check->iterated) =
		array->kind == EXPR_SYMBOL ? array->symbol.global : NULL;
	check->loops++;
	walk_stmt(&check->walk, &stmt->foreach.body);
	check->loops--;
	check->iterated.count--;
}

static void check_delete(struct check *check, struct expr *e)
{
	bool element = e->kind == EXPR_INDEX && e->index.base->kind == EXPR_SYMBOL;

	bool local = e->kind == EXPR_SYMBOL && e->symbol.local;

	if (!element && !local && !global_of(e) && e->type != TYPE_ERROR) {
		diag(check->session->diags, DIAG_SEM_DELETE, e->span);
		fail(check);
	}
	/* deleting all of it is harmless: the loop ends */
	if (element) {
		check_loops(check, global_of(e), e->tok);
		for (size_t i = 0; i < e->index.keys.count; i++)
			walk_expr(&check->walk, &e->index.keys.data[i]);
	}
}

static void check_place(struct check *check, const struct stmt *stmt, bool ok, const char *word,
			const char *place)
{
	if (ok)
		return;
	diag(check->session->diags, DIAG_SEM_PLACEMENT, stmt->tok, word, place);
	fail(check);
}

static bool check_stmt(struct walk *walk, struct stmt **slot)
{
	struct check *check = walk->context;
	struct stmt *stmt = *slot;

	switch (stmt->kind) {
	case STMT_BREAK:
		check_place(check, stmt, check->loops, "break", "a loop");
		return false;
	case STMT_CONTINUE:
		check_place(check, stmt, check->loops, "continue", "a loop");
		return false;
	case STMT_RETURN:
		check_place(check, stmt, check->function, "return", "a function");
		return true;
	case STMT_WHILE:
	case STMT_FOR:
		check->loops++;
		walk_stmt_children(walk, stmt);
		check->loops--;
		return false;
	case STMT_FOREACH:
		check_foreach(check, stmt);
		return false;
	case STMT_DELETE:
		check_delete(check, stmt->expr);
		return false;
	default:
		return true;
	}
}

static void check_body(struct elab *elab, struct handler *handler, struct function *function,
		       struct stmt **body, void *context)
{
	struct check *check = context;

	(void)elab;
	(void)handler;
	check->function = function;
	walk_stmt(&check->walk, body);
}

static void check_globals(struct check *check)
{
	const struct elab_program *program = check->elab->program;

	for (size_t i = 0; i < program->globals.count; i++) {
		const struct global *global = program->globals.data[i];

		if (!global->wraps || !global->arity_known || global->is_array)
			continue;
		diag(check->session->diags, DIAG_SEM_WRAPS, global->span, global->name);
		fail(check);
	}
}

bool check_program(struct elab *elab)
{
	struct check check = { .elab = elab, .session = elab->session };

	check.walk = (struct walk){ .expr_before = check_expr, .stmt_before = check_stmt,
				    .context = &check };
	elab_each_body(elab, check_body, &check);
	check_globals(&check);
	return !check.failed;
}
