/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The body of a handler: the condition, the prologues of the aliases on the way from the
 * inside out, the probe's own statements, the epilogues from the outside in. And what else a
 * kind makes while it resolves.
 */
#include <stdio.h>
#include <string.h>

#include "translator/elab/build.h"
#include "translator/elab/expand.h"
#include "translator/parse/parse.h"
#include "translator/util/intern.h"

static void set_origin(struct span *span, const struct origin *origin)
{
	if (!span->origin)
		span->origin = origin;
}

static bool origin_expr(struct walk *walk, struct expr **slot)
{
	set_origin(&(*slot)->span, walk->context);
	set_origin(&(*slot)->tok, walk->context);
	return true;
}

static bool origin_stmt(struct walk *walk, struct stmt **slot)
{
	set_origin(&(*slot)->span, walk->context);
	set_origin(&(*slot)->tok, walk->context);
	return true;
}

/* A copy of @stmt that says which alias brought it in. */
static struct stmt *body_copy(struct session *session, const struct stmt *stmt,
			      const struct origin *origin)
{
	struct stmt *copy = stmt_copy(session->arena, stmt);
	struct walk walk = { .expr_before = origin_expr, .stmt_before = origin_stmt,
			     .context = (void *)origin };

	if (origin)
		walk_stmt(&walk, &copy);
	return copy;
}

/* What a probe without a body does: it says that it was there. */
static struct stmt *default_body(struct session *session)
{
	static const char text[] =
		"probe never { printf(\"%s %s(%d)%s\\n\", pn(), execname(), tid(),"
		" @defined($$parms) ? \" \" . $$parms : \"\") }";
	struct file *file = parse_text(session, "<default handler>", text, false);

	return file && file->probes.count ? file->probes.data[0]->body : NULL;
}

static struct stmt *condition_stmt(struct session *session, const struct expr *condition)
{
	struct build b = build_at(session, condition);

	b.tok = condition->span;
	return build_next_unless(&b, expr_copy(session->arena, condition));
}

static const char *variable_name(const struct expr *e)
{
	if (e->kind == EXPR_INDEX)
		e = e->index.base;
	return e->kind == EXPR_SYMBOL ? e->symbol.name :
	       e->kind == EXPR_TARGET ? e->target.name :
					"";
}

struct search {
	const char *name;
	bool found;
};

static bool finds_write(struct walk *walk, struct expr **slot)
{
	struct search *search = walk->context;
	const struct expr *e = *slot, *left = NULL;

	if (e->kind == EXPR_ASSIGN)
		left = e->binary.left;
	else if (e->kind == EXPR_PREINC || e->kind == EXPR_POSTINC)
		left = e->unary.operand;
	search->found |= left && strcmp(variable_name(left), search->name) == 0;
	return true;
}

/* @probewrite in a part of an alias: does what is derived from it write the variable? */
static void replace_probewrite(struct walk *walk, struct expr **slot)
{
	const struct expansion *x = walk->context;
	struct expr *e = *slot;

	if (e->kind != EXPR_PROBEWRITE)
		return;
	struct search search = { variable_name(e->wrap.operand), false };
	struct walk find = { .expr_before = finds_write, .context = &search };

	for (x = x->up; x; x = x->up) {
		walk_stmt(&find, &x->probe->body);
		walk_stmt(&find, &x->probe->alias_epilogue);
	}
	e->kind = EXPR_NUMBER;
	e->number = search.found;
	e->late = NULL;
	e->is_made = true;
}

static void push_copy(struct session *session, stmt_vec *parts, const struct stmt *stmt,
		      const struct expansion *x)
{
	struct walk walk = { .expr = replace_probewrite, .context = (void *)x };

	if (!stmt)
		return;
	struct stmt *copy = body_copy(session, stmt, x->origin);

	walk_stmt(&walk, &copy);
	*vec_push(session->arena, parts) = copy;
}

static void push_epilogues(struct session *session, stmt_vec *parts, const struct expansion *x)
{
	if (!x->up)
		return;
	push_epilogues(session, parts, x->up);
	push_copy(session, parts,
		  x->probe->alias_is_epilogue ? x->probe->body : x->probe->alias_epilogue, x);
}

static const struct expansion *top_of(const struct expansion *x)
{
	while (x->up)
		x = x->up;
	return x;
}

static struct stmt *make_body(struct elab *elab, const struct expansion *x)
{
	struct session *session = elab->session;
	struct probe *probe = top_of(x)->probe;
	struct build b = { session, probe->span, probe->span, TOK_KEYWORD };
	struct stmt *body = build_block(&b, NULL, 0);

	if (x->condition)
		*vec_push(session->arena, &body->block) = condition_stmt(session, x->condition);
	for (const struct expansion *step = x; step->up; step = step->up)
		if (!step->probe->alias_is_epilogue)
			push_copy(session, &body->block, step->probe->body, step);
	/* The parser leaves a predicate apart only where the handler is left out. */
	if (probe->predicate)
		*vec_push(session->arena, &body->block) = condition_stmt(session, probe->predicate);
	if (!probe->body && !elab->listing)
		probe->body = default_body(session);
	if (x->up)
		push_copy(session, &body->block, probe->body, top_of(x));
	else if (probe->body)
		*vec_push(session->arena, &body->block) = body_copy(session, probe->body, NULL);
	push_epilogues(session, &body->block, x);
	return body;
}

/* "a = begin <- b = a <- b": each alias as its file has it, then what the script says. */
static const char *origin_text(struct session *session, const struct expansion *x)
{
	const char *text = "";

	for (; x->up; x = x->up)
		text = arena_printf(session->arena, "%s%s = %s <- ", text,
				    point_text(session, x->probe->alias_names.data[0]),
				    point_text(session, x->current));
	return arena_printf(session->arena, "%s%s", text, point_text(session, x->current));
}

bool elab_only_names(const struct elab *elab)
{
	return elab->only_names;
}

bool elab_is_listing(const struct elab *elab)
{
	return elab->listing;
}

struct handler *elab_handler_new(struct elab *elab, const struct probe_kind *kind,
				 const struct point *point)
{
	struct session *session = elab->session;
	const struct expansion *x = elab->expansion;
	struct handler *handler = arena_new_of(session->arena, struct handler);

	handler->kind = kind;
	handler->point = point;
	handler->name = point_text(session, point);
	handler->order = elab->program->handlers.count;
	*vec_push(session->arena, &elab->program->handlers) = handler;
	if (x) {
		handler->probe = top_of(x)->probe;
		handler->origin = origin_text(session, x);
		handler->alias = x->alias_name ? x->alias_name :
						 point_text(session, top_of(x)->current);
		handler->is_alias = x->alias_name != NULL;
		handler->body = make_body(elab, x);
	} else if (elab->current) {
		/* a twin, made while the names of another handler are resolved: its maker fills
		 * it */
		handler->probe = elab->current->probe;
		handler->origin = elab->current->origin;
		handler->alias = elab->current->alias;
		handler->is_alias = elab->current->is_alias;
		handler->is_twin = true;
	}
	return handler;
}

struct site *elab_site_new(struct elab *elab, struct handler *handler)
{
	struct site *site = arena_new_of(elab->session->arena, struct site);

	*vec_push(elab->session->arena, &handler->sites) = site;
	return site;
}

struct session *elab_session(struct elab *elab)
{
	return elab->session;
}

struct global *elab_global_new(struct elab *elab, const char *stem, bool is_array,
			       struct span span)
{
	struct session *session = elab->session;
	struct global *global = arena_new_of(session->arena, struct global);
	const char *name = arena_printf(session->arena, "%s@%d", stem, elab->unique++);

	global->name = intern_str(session->names, name);
	global->span = span;
	global->is_array = is_array;
	global->synthetic = true;
	*vec_push(session->arena, &elab->synthetic_globals) = global;
	return global;
}

struct function *elab_function_new(struct elab *elab, const char *stem, const char *const *params,
				   size_t count, struct stmt *body, enum type type)
{
	struct session *session = elab->session;
	struct function *function = arena_new_of(session->arena, struct function);
	const char *name = arena_printf(session->arena, "%s@%d", stem, elab->unique++);

	function->name = intern_str(session->names, name);
	function->span = body->span;
	function->priority = -1;
	function->body = body;
	function->type = type;
	function->type_declared = type != TYPE_UNKNOWN;
	function->is_synthetic = true;
	for (size_t i = 0; i < count; i++) {
		struct local *param = arena_new_of(session->arena, struct local);

		param->name = intern_str(session->names, params[i]);
		param->span = body->span;
		param->type = TYPE_LONG;
		param->is_param = true;
		*vec_push(session->arena, &function->params) = param;
	}
	map_put(&elab->synthetic, function->name, function);
	return function;
}

bool elab_add_probe_text(struct elab *elab, const char *name, const char *text)
{
	int errors = diags_errors(elab->session->diags);
	struct file *file = parse_text(elab->session, name, text, false);

	if (!file || errors != diags_errors(elab->session->diags))
		return false;
	file->source->privileged = true;
	return names_declare_user_file(elab, file);
}
