/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names to globals, locals, functions and intrinsics.
 *
 * Needs: the body's target variables replaced. Gives: symbol.global or symbol.local,
 * call.targets or call.intrinsic, the locals of handlers and functions; resolves the
 * functions that are called, too. x[i] on what is no array becomes DEREF. Resolving a tree
 * twice is harmless: everything is looked up by name again.
 */
#include <stdlib.h>
#include <string.h>

#include "translator/elab/build.h"
#include "translator/elab/elab-priv.h"
#include "translator/elab/expand.h"
#include "translator/elab/tvar.h"
#include "translator/util/intern.h"

struct scope {
	struct elab *elab;
	struct session *session;
	struct handler *handler;	/* whose target variables and clones are meant */
	struct function *function;	/* NULL: the handler's own body */
	local_vec *locals;
	bool failed;
	struct walk walk;
};

static void fail(struct scope *s, struct expr *e)
{
	s->failed = true;
	e->type = TYPE_ERROR;
}

static struct local *local_find(const struct scope *s, const char *name)
{
	for (size_t i = 0; s->function && i < s->function->params.count; i++)
		if (s->function->params.data[i]->name == name)
			return s->function->params.data[i];
	for (size_t i = 0; i < s->locals->count; i++)
		if (s->locals->data[i]->name == name)
			return s->locals->data[i];
	return NULL;
}

static struct local *local_new(struct scope *s, const char *name, struct span span)
{
	struct local *local = arena_new_of(s->session->arena, struct local);

	local->name = name;
	local->span = span;
	local->index = s->locals->count;
	*vec_push(s->session->arena, s->locals) = local;
	return local;
}

static struct local *local_get(struct scope *s, const char *name, struct span span)
{
	struct local *local = local_find(s, name);

	return local ? local : local_new(s, name, span);
}

static bool in_library(struct span span)
{
	return span.source && span.source->tapset;
}

/* In one-liners an undeclared name that is indexed or aggregated into is a global. */
static bool sugar_applies(const struct scope *s, const struct expr *e)
{
	return s->session->options.one_liner && e->tok.source && !e->tok.source->tapset;
}

/*
 * Is @e, a name used as an array, a variable of the handler's? What an alias sets is not, in a
 * one-liner: of the hundreds that syscall.* stands for one may well have an n of its own.
 */
static bool is_local_array(const struct scope *s, const struct expr *e)
{
	const struct local *local = local_find(s, e->symbol.name);

	return local && !(sugar_applies(s, e) && in_library(local->span));
}

static struct global *sugar_global(struct scope *s, const struct expr *e)
{
	if (!sugar_applies(s, e))
		return NULL;
	struct global *global = arena_new_of(s->session->arena, struct global);

	global->name = e->symbol.name;
	global->span = e->tok;
	global->is_implicit = true;
	map_put(&s->elab->user_globals, global->name, global);
	return global;
}

static void suggest_global(struct scope *s, const char *name)
{
	name_vec names = { 0 };

	for (size_t i = 0; i < s->elab->user_globals.count; i++)
		*vec_push(s->session->arena, &names) = s->elab->user_globals.entries[i].key;
	const char *near = diag_nearest(name, names.data, names.count);

	if (near)
		diag_hint(s->session->diags, "did you mean '%s'?", near);
	else
		diag_hint(s->session->diags, "declare it: global %s", name);
}

/* A name that must be a global: an array, or an aggregate. */
static bool resolve_global(struct scope *s, struct expr *e, enum diag_id id)
{
	if (e->kind != EXPR_SYMBOL || e->symbol.global)
		return true;
	if (!is_local_array(s, e)) {
		e->symbol.global = names_global(s->elab, e->symbol.name, e->tok.source);
		if (!e->symbol.global)
			e->symbol.global = sugar_global(s, e);
	}
	if (e->symbol.global)
		return true;
	diag(s->session->diags, id, e->tok, e->symbol.name);
	suggest_global(s, e->symbol.name);
	fail(s, e);
	return false;
}

static void resolve_symbol(struct scope *s, struct expr *e)
{
	if (e->symbol.global)
		return;
	e->symbol.local = local_find(s, e->symbol.name);
	if (e->symbol.local)
		return;
	e->symbol.global = names_global(s->elab, e->symbol.name, e->tok.source);
	if (!e->symbol.global)
		e->symbol.local = local_new(s, e->symbol.name, e->tok);
}

/* All uses of a global have the same number of keys; 0 is a scalar. */
static void use_arity(struct scope *s, struct expr *e, size_t arity)
{
	struct global *global = e->symbol.global;

	if (!global)
		return;
	if (!global->arity_known && global->is_array && arity == 0) {
		diag(s->session->diags, DIAG_SEM_ARRAY_ARITY, e->tok, global->name, arity, "s");
		diag_note(s->session->diags, global->span, "declared as an array here");
		fail(s, e);
		return;
	}
	if (global->init && arity > 0 && !global->arity_known) {
		global->arity_known = true;
		global->key_span = global->span;
	}
	if (!global->arity_known) {
		global->arity_known = true;
		global->key_span = e->tok;
		global->is_array = arity > 0;
		for (size_t i = 0; i < arity; i++) {
			*vec_push(s->session->arena, &global->key_types) = TYPE_UNKNOWN;
			*vec_push(s->session->arena, &global->key_spans) = e->tok;
		}
	} else if (global->key_types.count != arity) {
		diag(s->session->diags, DIAG_SEM_ARRAY_ARITY, e->tok, global->name, arity,
		     plural(arity));
		diag_note(s->session->diags, global->key_span, "used with %zu key%s here",
			  global->key_types.count, plural(global->key_types.count));
		fail(s, e);
	}
}

static void walk_keys(struct scope *s, expr_vec *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		walk_expr(&s->walk, &keys->data[i]);
}

/* x[i] where x is a value, not an array. */
static void index_to_deref(struct scope *s, struct expr **slot)
{
	struct expr *e = *slot, *base = e->index.base;
	expr_vec keys = e->index.keys;

	e->kind = EXPR_DEREF;
	memset(&e->deref, 0, sizeof(e->deref));
	e->deref.operand = base;
	for (size_t i = 0; i < keys.count; i++) {
		struct component *c = vec_push(s->session->arena, &e->deref.components);

		c->kind = COMPONENT_INDEX;
		c->index = keys.data[i];
		c->span = keys.data[i] ? keys.data[i]->span : e->span;
		if (!keys.data[i]) {
			diag(s->session->diags, DIAG_SEM_WILDCARD, e->span);
			fail(s, e);
			return;
		}
	}
	walk_expr(&s->walk, slot);
}

static void resolve_index(struct scope *s, struct expr **slot)
{
	struct expr *e = *slot, *base = e->index.base;

	if (base->kind == EXPR_HIST) {
		walk_expr(&s->walk, &e->index.base);
		walk_keys(s, &e->index.keys);
		return;
	}
	if (base->kind != EXPR_SYMBOL ||
	    (!base->symbol.global && is_local_array(s, base))) {
		index_to_deref(s, slot);
		return;
	}
	walk_keys(s, &e->index.keys);
	if (resolve_global(s, base, DIAG_SEM_ARRAY))
		use_arity(s, base, e->index.keys.count);
	else
		e->type = TYPE_ERROR;
}

/* An array named as a whole: in, foreach. @keys 0: any number. */
static void resolve_array(struct scope *s, struct expr **slot, size_t keys)
{
	struct expr *e = *slot;

	if (e->kind != EXPR_SYMBOL) {
		walk_expr(&s->walk, slot);
		return;
	}
	if (resolve_global(s, e, DIAG_SEM_ARRAY))
		use_arity(s, e, keys);
}

/* The operand of @count and of <<<. */
static void resolve_stat(struct scope *s, struct expr **slot)
{
	struct expr *e = *slot;

	if (e->kind == EXPR_SYMBOL && resolve_global(s, e, DIAG_SEM_STATS_LOCAL))
		use_arity(s, e, 0);
	else if (e->kind != EXPR_SYMBOL)
		walk_expr(&s->walk, slot);
}

/* ---- calls ---- */

static bool stmt_is_next(struct walk *walk, struct stmt **slot)
{
	if ((*slot)->kind == STMT_NEXT)
		*(bool *)walk->context = true;
	return true;
}

static bool function_has_next(struct function *function)
{
	struct walk walk = { .stmt_before = stmt_is_next, .context = &function->has_next };

	walk_stmt(&walk, &function->body);
	return function->has_next;
}

static int64_t priority_of(const struct function *function)
{
	if (function->priority >= 0)
		return function->priority;
	return in_library(function->span);
}

/*
 * Keeps the candidates of the arity, by priority, up to the first that cannot go on to the next.
 * What the script itself declares behind that is kept for the sake of its types (infer.c drops
 * it): overloads agree. The library is not held against the script.
 */
static void choose_overloads(struct scope *s, function_vec *candidates, size_t arity,
			     function_vec *out)
{
	for (size_t i = 0; i < candidates->count; i++) {
		struct function *function = candidates->data[i];

		if (function->params.count != arity)
			continue;
		size_t at = out->count;

		*vec_push(s->session->arena, out) = function;
		for (; at && priority_of(out->data[at - 1]) > priority_of(function); at--)
			out->data[at] = out->data[at - 1];
		out->data[at] = function;
	}
	size_t kept = 0;
	bool reached = true;

	for (size_t i = 0; i < out->count; i++) {
		if (reached || !in_library(out->data[i]->span))
			out->data[kept++] = out->data[i];
		reached = function_has_next(out->data[i]) && reached;
	}
	out->count = kept;
}

static void report_embedded(struct scope *s, struct expr *e, const struct function *function)
{
	const tapset_vec *files = library_functions(s->session->library, function->name);

	diag(s->session->diags, DIAG_SEM_EMBEDDED, e->tok,
	     arena_printf(s->session->arena, "'%s' is written in C", function->name));
	diag_note(s->session->diags, function->span, "its definition");
	if (files->count)
		diag_hint(s->session->diags, "leave the definition out: the tapsets have '%s'",
			  function->name);
	else
		diag_hint(s->session->diags, "write it in the script language: @cast, @kderef, "
					     "kernel_string() and user_string() read memory");
	fail(s, e);
}

/* The copy of a context function that belongs to the handler; itself where nothing depends
 * on it. */
static struct function *function_for(struct scope *s, struct function *function)
{
	if (context_of_function(s->elab, function) < CONTEXT_HANDLER || !s->handler)
		return function;
	const char *key = arena_printf(s->session->arena, "%p %p", (void *)function,
				       (void *)s->handler);
	struct function *clone = map_get(&s->elab->clones, key);

	if (!clone) {
		clone = function_copy(s->session->arena, function);
		clone->original = function;
		clone->owner = s->handler;
		map_put(&s->elab->clones, key, clone);
	}
	return clone;
}

static void resolve_targets(struct scope *s, struct expr *e, const function_vec *chosen)
{
	e->call.intrinsic = NULL;
	e->call.targets.count = 0;
	for (size_t i = 0; i < chosen->count; i++) {
		struct function *function = chosen->data[i];

		names_use_function(s->elab, function);
		if (!function->body) {
			report_embedded(s, e, function);
			return;
		}
		function = function_for(s, function);
		*vec_push(s->session->arena, &e->call.targets) = function;
		if (!resolve_function(s->elab, s->handler, function))
			fail(s, e);
	}
}

static void resolve_intrinsic(struct scope *s, struct expr *e, const struct intrinsic *intrinsic)
{
	struct function *signature = names_signature(s->elab, intrinsic);

	if (!e->tok.source->privileged && !e->call.is_made && !s->session->options.guru) {
		diag(s->session->diags, DIAG_SEM_INTRINSIC, e->tok, e->call.name);
		fail(s, e);
	} else if (!signature) {
		fail(s, e);
	} else if (signature->params.count != e->call.args.count) {
		diag(s->session->diags, DIAG_SEM_CALL_ARITY, e->tok, e->call.name,
		     e->call.args.count, plural(e->call.args.count));
		fail(s, e);
	} else {
		e->call.intrinsic = intrinsic;
	}
}

static const struct { const char *pattern, *why; } refused[] = {
#define REFUSED(pattern, why) { pattern, why },
#include "translator/elab/refused.def"
};

static void unknown_function(struct scope *s, struct expr *e)
{
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]) && !why; i++)
		if (glob_match(refused[i].pattern, e->call.name))
			why = refused[i].why;
	if (why) {
		diag(s->session->diags, DIAG_SEM_REFUSED, e->tok, e->call.name, why);
	} else {
		diag(s->session->diags, DIAG_SEM_FUNCTION, e->tok, e->call.name);
		names_suggest_function(s->elab, e->call.name);
	}
	fail(s, e);
}

static void resolve_call(struct scope *s, struct expr *e)
{
	function_vec candidates = { 0 }, chosen = { 0 };
	size_t count = e->call.args.count;

	walk_keys(s, &e->call.args);
	/* made by elaboration for this very function */
	if (e->call.targets.count && e->call.targets.data[0]->is_synthetic)
		return;
	names_functions(s->elab, e->call.name, e->tok.source, &candidates);
	choose_overloads(s, &candidates, count, &chosen);
	const struct intrinsic *intrinsic =
		chosen.count || strncmp(e->call.name, "__", 2) != 0 ?
			NULL :
			intrinsic_find(e->call.name);

	if (chosen.count) {
		resolve_targets(s, e, &chosen);
	} else if (intrinsic) {
		resolve_intrinsic(s, e, intrinsic);
	} else if (candidates.count) {
		diag(s->session->diags, DIAG_SEM_CALL_ARITY, e->tok, e->call.name, count,
		     plural(count));
		diag_note(s->session->diags, candidates.data[0]->span, "it is declared here");
		fail(s, e);
	} else {
		unknown_function(s, e);
	}
}

/* ---- the walk ---- */

static bool before_expr(struct walk *walk, struct expr **slot)
{
	struct scope *s = walk->context;
	struct expr *e = *slot;

	switch (e->kind) {
	case EXPR_SYMBOL:
		resolve_symbol(s, e);
		use_arity(s, e, 0);
		return false;
	case EXPR_INDEX:
		resolve_index(s, slot);
		return false;
	case EXPR_IN:
		walk_keys(s, &e->in.keys);
		resolve_array(s, &e->in.array, e->in.keys.count);
		return false;
	case EXPR_STAT:
		resolve_stat(s, &e->stat.stat);
		return false;
	case EXPR_HIST:
		resolve_stat(s, &e->hist.stat);
		walk_expr(walk, &e->hist.bucket);
		return false;
	case EXPR_CALL:
		resolve_call(s, e);
		return false;
	case EXPR_ASSIGN:
		if (e->binary.op != OP_AGGREGATE)
			return true;
		resolve_stat(s, &e->binary.left);
		walk_expr(walk, &e->binary.right);
		return false;
	case EXPR_EMBEDDED:
		diag(s->session->diags, DIAG_SEM_EMBEDDED, e->span, "this is written in C");
		diag_hint(s->session->diags, "write it in the script language: @cast, @kderef, "
					     "kernel_string() and user_string() read memory");
		fail(s, e);
		return false;
	default:
		return true;
	}
}

/* A loop or catch variable that is a global is assigned first thing in @body from a local. */
static struct local *bind_variable(struct scope *s, const char *name, struct span span,
				   struct stmt **body)
{
	struct global *global =
		local_find(s, name) ? NULL : names_global(s->elab, name, span.source);

	if (!global)
		return local_get(s, name, span);
	struct build b = { s->session, span, span, TOK_IDENTIFIER };
	struct expr *left = build_symbol(&b, name);
	const char *hidden = arena_printf(s->session->arena, "%s@%d", name, s->elab->unique++);
	struct expr *right = build_symbol(&b, hidden);
	struct stmt *parts[2] = { build_expr_stmt(&b, build_assign(&b, left, right)), *body };

	left->symbol.global = global;
	*body = build_block(&b, parts, 2);
	return local_new(s, right->symbol.name, span);
}

static void resolve_foreach(struct scope *s, struct stmt *stmt)
{
	size_t keys = stmt->foreach.keys.count;

	resolve_array(s, &stmt->foreach.array, keys);
	if (stmt->foreach.slice.count && stmt->foreach.slice.count != keys &&
	    stmt->foreach.array->kind == EXPR_SYMBOL)
		use_arity(s, stmt->foreach.array, stmt->foreach.slice.count);
	walk_keys(s, &stmt->foreach.slice);
	walk_expr(&s->walk, &stmt->foreach.limit);
	for (size_t i = 0; i < keys; i++) {
		struct foreach_key *key = &stmt->foreach.keys.data[i];

		key->local = bind_variable(s, key->name, key->span, &stmt->foreach.body);
	}
	if (stmt->foreach.value.name)
		stmt->foreach.value.local = bind_variable(s, stmt->foreach.value.name,
							  stmt->foreach.value.span,
							  &stmt->foreach.body);
	walk_stmt(&s->walk, &stmt->foreach.body);
}

/* Deleting makes no variable: check.c reports what is none. */
static void resolve_deleted(struct scope *s, struct expr *e)
{
	struct local *local = local_find(s, e->symbol.name);

	if (!local)
		e->symbol.global = names_global(s->elab, e->symbol.name, e->tok.source);
	else if (!local->is_param)
		e->symbol.local = local;
}

static bool before_stmt(struct walk *walk, struct stmt **slot)
{
	struct scope *s = walk->context;
	struct stmt *stmt = *slot;

	switch (stmt->kind) {
	case STMT_FOREACH:
		resolve_foreach(s, stmt);
		return false;
	case STMT_TRY:
		walk_stmt(walk, &stmt->attempt.body);
		if (stmt->attempt.name)
			stmt->attempt.local = bind_variable(s, stmt->attempt.name, stmt->tok,
							    &stmt->attempt.handler);
		walk_stmt(walk, &stmt->attempt.handler);
		return false;
	case STMT_DELETE:
		/* a bare name may be an array: says nothing about its keys */
		if (stmt->expr->kind != EXPR_SYMBOL)
			return true;
		resolve_deleted(s, stmt->expr);
		return false;
	case STMT_NEXT:
		if (s->function)
			s->function->has_next = true;
		return false;
	case STMT_EMBEDDED:
		diag(s->session->diags, DIAG_SEM_EMBEDDED, stmt->span, "this is written in C");
		s->failed = true;
		return false;
	default:
		return true;
	}
}

static void scope_init(struct scope *s, struct elab *elab, struct handler *handler,
		       struct function *function)
{
	static local_vec none;

	memset(s, 0, sizeof(*s));
	s->elab = elab;
	s->session = elab->session;
	s->handler = handler;
	s->function = function;
	s->locals = function ? &function->locals : handler ? &handler->locals : &none;
	s->walk = (struct walk){ .expr_before = before_expr, .stmt_before = before_stmt,
				 .context = s };
}

bool resolve_handler(struct elab *elab, struct handler *handler)
{
	struct scope scope;

	scope_init(&scope, elab, handler, NULL);
	walk_stmt(&scope.walk, &handler->body);
	return !scope.failed;
}

bool resolve_function(struct elab *elab, struct handler *handler, struct function *function)
{
	struct scope scope;

	if (function->is_resolved)
		return true;
	function->is_resolved = true;
	for (size_t i = 0; i < function->params.count; i++)
		function->params.data[i]->is_param = true;
	if (handler && context_has_target(function->body) &&
	    !tvar_expand_body(elab, handler, &function->body))
		return false;
	scope_init(&scope, elab, handler, function);
	*vec_push(elab->session->arena, &elab->program->functions) = function;
	walk_stmt(&scope.walk, &function->body);
	return !scope.failed;
}

void resolve_expr(struct elab *elab, struct handler *handler, struct function *function,
		  struct expr **slot)
{
	struct scope scope;

	scope_init(&scope, elab, handler, function);
	walk_expr(&scope.walk, slot);
}
