/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types, over the whole program, to a fixed point.
 *
 * Needs: names resolved. Gives: a type to every expression, local, global, key and function;
 * DEREF nodes whose operand has got a meaning (expr.detail) have become machine accesses. A
 * conflict is one error that shows both uses; what is in error has TYPE_ERROR, which agrees
 * with everything.
 *
 * infer-expr.c has a function for each kind of expression; here are statements, what is
 * bound, and the loop.
 */
#include <string.h>

#include "translator/elab/infer.h"
#include "translator/elab/tvar.h"

const char *type_name(enum type type)
{
	static const char *const names[] = {
		[TYPE_UNKNOWN] = "of unknown type", [TYPE_LONG] = "a long",
		[TYPE_STRING] = "a string",	    [TYPE_STATS] = "an aggregate",
		[TYPE_ERROR] = "in error",
	};

	return names[type];
}

const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static bool agree(enum type a, enum type b)
{
	return a == b || a == TYPE_ERROR || b == TYPE_ERROR || a == TYPE_UNKNOWN ||
	       b == TYPE_UNKNOWN;
}

void infer_bind(struct infer *in, enum type *type, struct span *first, struct expr *use,
		enum type want, const char *name)
{
	if (want == TYPE_UNKNOWN || want == *type)
		return;
	if (*type == TYPE_UNKNOWN) {
		*type = want;
		*first = use->tok;
		in->changed = true;
		return;
	}
	if (agree(*type, want))
		return;
	diag(in->session->diags, DIAG_TYPE_CONFLICT, use->tok, name, type_name(want));
	if (first->source)
		diag_note(in->session->diags, *first, "'%s' is %s here", name, type_name(*type));
	use->type = TYPE_ERROR;
	in->failed = true;
}

void infer_want(struct infer *in, struct expr *e, enum type want)
{
	if (agree(e->type, want))
		return;
	diag(in->session->diags, DIAG_TYPE_MISMATCH, e->span, type_name(want), type_name(e->type));
	e->type = TYPE_ERROR;
	in->failed = true;
}

void infer_detail(struct infer *in, const struct detail **detail, bool *dropped,
		  const struct expr *value)
{
	if (!value->detail || *dropped || *detail == value->detail)
		return;
	*dropped = *detail != NULL;
	*detail = *dropped ? NULL : value->detail;
	in->changed = true;
}

/* ---- statements ---- */

static void infer_value(struct infer *in, struct expr **slot, enum type want)
{
	if (*slot)
		infer_expr(in, slot, want);
}

static void bind_key(struct infer *in, struct foreach_key *key, enum type *type)
{
	struct expr use = { .kind = EXPR_SYMBOL, .span = key->span, .tok = key->span };

	infer_bind(in, &key->local->type, &key->local->type_span, &use, *type, key->name);
	if (*type == TYPE_UNKNOWN && key->local->type != TYPE_UNKNOWN) {
		*type = key->local->type;
		in->changed = true;
	}
}

static void infer_foreach_array(struct infer *in, struct stmt *stmt, struct global *global)
{
	static enum type unknown;

	for (size_t i = 0; i < stmt->foreach.keys.count && i < global->key_types.count; i++)
		bind_key(in, &stmt->foreach.keys.data[i], &global->key_types.data[i]);
	for (size_t i = 0; i < stmt->foreach.slice.count && i < global->key_types.count; i++)
		if (stmt->foreach.slice.data[i])
			infer_key(in, global, i, &stmt->foreach.slice.data[i]);
	stmt->foreach.array->type = global->type;
	if (!stmt->foreach.value.name)
		return;
	if (global->type == TYPE_STATS) {
		if (in->final) {
			diag(in->session->diags, DIAG_TYPE_MISMATCH, stmt->foreach.value.span,
			     "a long or a string", "an aggregate");
			diag_hint(in->session->diags,
				  "loop over the keys and take @count, @sum … of the element");
			in->failed = true;
		}
		stmt->foreach.value.local->type = TYPE_ERROR;
		return;
	}
	unknown = TYPE_UNKNOWN;
	bind_key(in, &stmt->foreach.value, global->type == TYPE_ERROR ? &unknown : &global->type);
}

static void infer_foreach(struct infer *in, struct stmt *stmt)
{
	struct expr *array = stmt->foreach.array;
	enum type number = TYPE_LONG;

	infer_value(in, &stmt->foreach.limit, TYPE_LONG);
	if (array->kind == EXPR_HIST) {
		infer_value(in, &array->hist.stat, TYPE_STATS);
		if (stmt->foreach.keys.count)
			bind_key(in, &stmt->foreach.keys.data[0], &number);
		if (stmt->foreach.value.name)
			bind_key(in, &stmt->foreach.value, &number);
	} else if (array->kind == EXPR_SYMBOL && array->symbol.global) {
		infer_foreach_array(in, stmt, array->symbol.global);
	} else if (array->type != TYPE_ERROR) {
		diag(in->session->diags, DIAG_SEM_FOREACH, array->span);
		array->type = TYPE_ERROR;
		in->failed = true;
	}
	walk_stmt(&in->walk, &stmt->foreach.body);
}

static void infer_delete(struct infer *in, struct expr **slot)
{
	struct expr *e = *slot;

	/* says nothing about the value */
	if (e->kind == EXPR_INDEX && e->index.base->kind == EXPR_SYMBOL &&
	    e->index.base->symbol.global) {
		struct global *global = e->index.base->symbol.global;

		for (size_t i = 0; i < e->index.keys.count && i < global->key_types.count; i++)
			if (e->index.keys.data[i])
				infer_key(in, global, i, &e->index.keys.data[i]);
	}
}

static void infer_return(struct infer *in, struct stmt *stmt)
{
	struct function *function = in->function;

	if (!stmt->expr || !function)
		return;
	infer_expr(in, &stmt->expr, infer_hint(stmt->expr, function->type));
	infer_bind(in, &function->type, &function->type_span, stmt->expr, stmt->expr->type,
		   function->name);
	infer_detail(in, &function->detail, &function->detail_dropped, stmt->expr);
}

static bool before_stmt(struct walk *walk, struct stmt **slot)
{
	struct infer *in = walk->context;
	struct stmt *stmt = *slot;
	struct expr use = { .kind = EXPR_SYMBOL, .span = stmt->tok, .tok = stmt->tok };

	switch (stmt->kind) {
	case STMT_EXPR:
		in->statement = stmt->expr;
		infer_expr(in, &stmt->expr, TYPE_UNKNOWN);
		return false;
	case STMT_IF:
		infer_value(in, &stmt->branch.cond, TYPE_LONG);
		walk_stmt(walk, &stmt->branch.yes);
		walk_stmt(walk, &stmt->branch.no);
		return false;
	case STMT_WHILE:
	case STMT_FOR:
		in->statement = stmt->loop.init;
		infer_value(in, &stmt->loop.init, TYPE_UNKNOWN);
		infer_value(in, &stmt->loop.cond, TYPE_LONG);
		in->statement = stmt->loop.step;
		infer_value(in, &stmt->loop.step, TYPE_UNKNOWN);
		walk_stmt(walk, &stmt->loop.body);
		return false;
	case STMT_FOREACH:
		infer_foreach(in, stmt);
		return false;
	case STMT_RETURN:
		infer_return(in, stmt);
		return false;
	case STMT_DELETE:
		infer_delete(in, &stmt->expr);
		return false;
	case STMT_TRY:
		if (stmt->attempt.local)
			infer_bind(in, &stmt->attempt.local->type, &stmt->attempt.local->type_span,
				   &use, TYPE_STRING, stmt->attempt.name);
		return true;
	default:
		return true;
	}
}

static void infer_body(struct elab *elab, struct handler *handler, struct function *function,
		       struct stmt **body, void *context)
{
	struct infer *in = context;

	(void)elab;
	in->handler = handler;
	in->function = function;
	walk_stmt(&in->walk, body);
}

/* ---- what is left unknown ---- */

static void report_unresolved(struct infer *in, const char *what, const char *name,
			      struct span span)
{
	if (in->has_late)
		return;
	diag(in->session->diags, DIAG_TYPE_UNRESOLVED, span,
	     arena_printf(in->session->arena, "%s '%s'", what, name));
	in->failed = true;
}

static void finish_locals(struct infer *in, const local_vec *locals, const char *what)
{
	for (size_t i = 0; i < locals->count; i++)
		if (locals->data[i]->type == TYPE_UNKNOWN)
			report_unresolved(in, what, locals->data[i]->name, locals->data[i]->span);
}

static void finish_global(struct infer *in, struct global *global)
{
	struct span at = global->key_span.source ? global->key_span : global->span;

	/* a tapset's, of which the script uses only functions that delete: any type will do */
	if (global->type == TYPE_UNKNOWN && global->span.source && global->span.source->tapset)
		global->type = TYPE_LONG;
	for (size_t i = 0; i < global->key_types.count; i++)
		if (global->key_types.data[i] == TYPE_UNKNOWN && !in->has_late) {
			diag(in->session->diags, DIAG_TYPE_UNRESOLVED, at,
			     arena_printf(in->session->arena, "key %zu of '%s'", i + 1,
					  global->name));
			in->failed = true;
			return;
		}
	if (global->type == TYPE_UNKNOWN)
		report_unresolved(in, global->is_array ? "the elements of" : "global", global->name,
				  at);
}

static void finish_body(struct elab *elab, struct handler *handler, struct function *function,
			struct stmt **body, void *context)
{
	infer_body(elab, handler, function, body, context);
	if (function) {
		finish_locals(context, &function->params, "parameter");
		finish_locals(context, &function->locals, "variable");
	} else {
		finish_locals(context, &handler->locals, "variable");
	}
}

static void bind_initial(struct infer *in)
{
	for (size_t i = 0; i < in->elab->program->globals.count; i++) {
		struct global *global = in->elab->program->globals.data[i];

		if (global->init && !global->arity_known)
			global->arity_known = true;
		if (global->init)
			infer_bind(in, &global->type, &global->type_span, global->init,
				   global->init->kind == EXPR_STRING ? TYPE_STRING : TYPE_LONG,
				   global->name);
	}
}

bool infer_program(struct elab *elab)
{
	struct infer in = { .elab = elab, .session = elab->session,
			    .has_late = late_program(elab, false) };

	in.walk = (struct walk){ .stmt_before = before_stmt, .context = &in };
	bind_initial(&in);
	do {
		in.changed = false;
		elab_each_body(elab, infer_body, &in);
	} while (in.changed && !in.failed);
	if (in.failed)
		return false;
	in.final = true;
	elab_each_body(elab, finish_body, &in);
	/* what hangs on a variable in error says nothing new */
	for (size_t i = 0; i < elab->program->globals.count && !in.failed; i++)
		finish_global(&in, elab->program->globals.data[i]);
	return !in.failed;
}
