/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over a handler: one function for each kind of target node. */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/debuginfo/dtype.h"
#include "translator/probes/probe-kind.h"
#include "translator/session.h"
#include "translator/util/diag.h"

static void expand(struct tvar *t, struct expr **slot);

void tvar_fail(struct tvar *t, struct expr **slot, enum diag_id id, struct span span, ...)
{
	va_list args;

	va_start(args, span);
	diag_v(t->session->diags, id, span, args);
	va_end(args);
	t->failed = true;
	(*slot)->type = TYPE_ERROR;
	struct build b = build_at(t->session, *slot);

	*slot = build_number(&b, 0);
	(*slot)->type = TYPE_ERROR;
}

static void suggest_variable(struct tvar *t, const char *name)
{
	const struct site_var *vars;
	VEC(const char *) names = { 0 };

	if (!t->site || !t->handler->kind->variables)
		return;
	size_t count = t->handler->kind->variables(t->elab, t->site, &vars);

	for (size_t i = 0; i < count; i++)
		*vec_push(t->session->arena, &names) = vars[i].name;
	const char *near = count ? diag_nearest(name, names.data, names.count) : NULL;

	if (near)
		diag_hint(t->session->diags, "did you mean '$%s'?", near);
}

bool tvar_root(struct tvar *t, const struct build *b, const char *name, struct access *out,
	       const char **why)
{
	int64_t value;

	*why = "it names no variable of this probe";
	if (t->site && t->handler->kind->variable &&
	    t->handler->kind->variable(t->elab, t->site, name, b->span, out, why))
		return true;
	if (!tvar_enumerator(t, name, &value))
		return false;
	*out = access_of_value(build_number(b, value), NULL, SPACE_KERNEL);
	return true;
}

bool tvar_finish(struct tvar *t, struct expr **slot, struct access *access,
		 const component_vec *components, unsigned int pretty, bool address_of)
{
	struct build b = build_at(t->session, *slot);
	struct span span = (*slot)->span;
	struct expr *value;
	const char *why;
	bool ok = access_walk(&b, access, components, &span, &why);

	if (ok && pretty) {
		*slot = tvar_pretty(t, &b, access, pretty);
		return true;
	}
	if (ok)
		ok = address_of ? access_address(&b, t->session, access, &value, &why)
				: access_value(&b, t->session, access, &value, &why);
	if (!ok) {
		tvar_fail(t, slot, DIAG_VAR_ACCESS, span, why);
		return false;
	}
	*slot = value;
	if (value->kind == EXPR_CALL || value->kind == EXPR_MACH)
		return true;
	return true;
}

static void expand_components(struct tvar *t, component_vec *components)
{
	for (size_t i = 0; i < components->count; i++)
		if (components->data[i].index)
			expand(t, &components->data[i].index);
}

/* A return probe sees what its parameters were at entry: the whole path is evaluated there. */
static void expand_entry_value(struct tvar *t, struct expr **slot)
{
	struct build b = build_at(t->session, *slot);
	const char *why;
	struct expr *saved = tvar_entry(t, &b, *slot, &why);

	if (saved)
		*slot = saved;
	else
		tvar_fail(t, slot, DIAG_VAR_UNKNOWN, (*slot)->span, (*slot)->target.name, why);
}

/* Is it the text that an event of user space came with? */
static bool is_value(const struct tvar *t, const struct expr *e)
{
	return t->site && t->site->value && e->kind == EXPR_TARGET &&
	       strcmp(e->target.name + 1, t->site->value) == 0 && !e->target.components.count &&
	       !e->target.address_of;
}

static void expand_target(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);
	struct access access;
	const char *why, *name = e->target.name;

	if (is_value(t, e)) {
		*slot = build_call(&b, "__value", NULL, 0);
		return;
	}
	if (strncmp(name, "$$", 2) == 0 && tvar_context(t, slot, &b, name, e->target.pretty))
		return;
	if (tvar_is_entry_value(t, name + 1)) {
		expand_entry_value(t, slot);
		return;
	}
	expand_components(t, &e->target.components);
	if (!tvar_root(t, &b, name + 1, &access, &why)) {
		tvar_fail(t, slot, DIAG_VAR_UNKNOWN, e->span, name, why);
		suggest_variable(t, name + 1);
		return;
	}
	tvar_finish(t, slot, &access, &e->target.components, e->target.pretty,
		    e->target.address_of);
}

static void expand_cast(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	enum mem_space space;
	const char *why;

	expand(t, &e->cast.operand);
	expand_components(t, &e->cast.components);
	struct dtype *type = tvar_type(t, e->cast.type_name, e->cast.module, &space, &why);

	if (!type) {
		tvar_fail(t, slot, DIAG_VAR_TYPE, e->span, e->cast.type_name, why);
		return;
	}
	struct access access = access_of_value(e->cast.operand, type, space);

	/* the operand is the address of what is named, unless that is itself a pointer or a number
	 */
	if (!dtype_is_pointer(type) && (e->cast.components.count || e->cast.pretty ||
					dtype_is_compound(type)))
		access.kind = ACCESS_MEMORY;
	access.is_first = access.kind == ACCESS_MEMORY && dtype_strip(type)->kind != DTYPE_ARRAY;
	if (access.kind == ACCESS_MEMORY && !e->cast.components.count && !e->cast.pretty)
		e->cast.address_of = true;
	tvar_finish(t, slot, &access, &e->cast.components, e->cast.pretty, e->cast.address_of);
}

static void expand_atvar(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);
	struct access access;
	const char *why;

	expand_components(t, &e->cast.components);
	if (!tvar_global(t, &b, e->cast.type_name, e->cast.module, &access, &why))
		tvar_fail(t, slot, DIAG_VAR_UNKNOWN, e->span, e->cast.type_name, why);
	else
		tvar_finish(t, slot, &access, &e->cast.components, e->cast.pretty,
			    e->cast.address_of);
}

static void expand_deref(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;

	expand(t, &e->deref.operand);
	expand_components(t, &e->deref.components);
	if (e->deref.operand->detail)
		tvar_autocast(t->elab, t->handler, slot);
}

static void expand_entry(struct tvar *t, struct expr **slot)
{
	struct build b = build_at(t->session, *slot);
	const char *why;
	struct expr *saved = tvar_entry(t, &b, (*slot)->wrap.operand, &why);

	if (saved)
		*slot = saved;
	else
		tvar_fail(t, slot, DIAG_VAR_ENTRY, (*slot)->span, why);
}

/* 1 when the operand could be expanded here, 0 otherwise; nothing is reported. */
static void expand_defined(struct tvar *t, struct expr **slot)
{
	struct build b = build_at(t->session, *slot);
	struct tvar trial = *t;
	struct expr *copy = expr_copy(t->session->arena, (*slot)->wrap.operand);
	size_t mark = diags_mark(t->session->diags);

	trial.failed = false;
	if (copy->kind == EXPR_TARGET && tvar_is_entry_value(t, copy->target.name + 1)) {
		/* asking must not make the probe that saves it */
		trial.site = t->handler->kind->entry(t->elab, t->site);
		trial.failed = !trial.site;
	}
	if (!trial.failed)
		expand(&trial, &copy);
	diags_rewind(t->session->diags, mark);
	*slot = build_number(&b, !trial.failed);
}

static void expand_regop(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);
	int64_t n = e->regop.number;

	if (!e->regop.is_deref) {
		if (!t->site || t->site->entry == SITE_ARGS)
			tvar_fail(t, slot, DIAG_VAR_ACCESS, e->span,
				  "this probe has no saved registers");
		else
			*slot = build_register(&b, n);
		return;
	}
	expand(t, &e->regop.address);
	if (n != 1 && n != 2 && n != 4 && n != 8)
		tvar_fail(t, slot, DIAG_VAR_ACCESS, e->span, "the size must be 1, 2, 4 or 8");
	else
		*slot = build_read(&b, e->regop.space, n, false, e->regop.address);
}

static void expand_enum(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);
	int64_t value;

	if (tvar_enumerator(t, e->named.text, &value))
		*slot = build_number(&b, value);
	else
		tvar_fail(t, slot, DIAG_VAR_CONSTANT, e->span, e->named.text);
}

/* A chain of comparisons: enums are small, and the kernel has no table to ask. */
static void expand_enumname(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);
	const struct denumerator *values;
	enum mem_space space;
	const char *why = "name the enum as the second argument";

	expand(t, &e->named.operand);
	struct dtype *type = e->named.type_name ? tvar_type(t, e->named.type_name, e->named.module,
							    &space, &why)
						: NULL;
	int count = type ? dtype_enumerators(type, &values) : -1;

	if (count < 0) {
		tvar_fail(t, slot, DIAG_VAR_TYPE, e->span, "enum", why);
		return;
	}
	struct expr *name = build_string(&b, "");

	for (int i = count - 1; i >= 0; i--) {
		struct expr *operand = expr_copy(t->session->arena, e->named.operand);

		name = build_select(&b, build_binary(&b, OP_EQ, operand,
						     build_number(&b, values[i].value)),
				    build_string(&b, values[i].name), name);
	}
	*slot = name;
}

static void expand_perf(struct tvar *t, struct expr **slot)
{
	tvar_fail(t, slot, DIAG_VAR_ACCESS, (*slot)->span,
		  "perf counters cannot be read from here yet; use a perf.* probe to sample them");
}

struct search {
	const char *name;
	bool found;
};

static bool finds_write(struct walk *walk, struct expr **slot)
{
	struct search *search = walk->context;
	const struct expr *e = *slot;

	if (e->kind == EXPR_ASSIGN && e->binary.left->kind == EXPR_TARGET &&
	    strcmp(e->binary.left->target.name, search->name) == 0)
		search->found = true;
	return true;
}

static void expand_probewrite(struct tvar *t, struct expr **slot)
{
	struct build b = build_at(t->session, *slot);
	const struct expr *operand = (*slot)->wrap.operand;
	struct search search = { operand->kind == EXPR_TARGET ? operand->target.name : "", false };
	struct walk walk = { .expr_before = finds_write, .context = &search };

	walk_stmt(&walk, &t->handler->body);
	*slot = build_number(&b, search.found);
}

/* `$x = v`: a write to the place that $x was read from. */
static void expand_write(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot, *left = e->binary.left;
	struct span span = left->span;

	expand(t, &e->binary.right);
	if (is_value(t, left) && (e->binary.op == OP_ASSIGN || e->binary.op == OP_CAT_ASSIGN)) {
		struct build b = build_at(t->session, e);

		*slot = build_call(&b, e->binary.op == OP_ASSIGN ? "__set_value"
								  : "__add_value",
				   &e->binary.right, 1);
		return;
	}
	if (!t->session->options.guru && !left->span.source->privileged) {
		tvar_fail(t, slot, DIAG_VAR_WRITE_GURU, span);
		return;
	}
	expand(t, &e->binary.left);
	struct expr *place = e->binary.left;

	if (place->type == TYPE_ERROR)
		return;
	if (place->kind != EXPR_MACH || place->mach.mach != MACH_READ ||
	    e->binary.op != OP_ASSIGN) {
		tvar_fail(t, slot, DIAG_VAR_WRITE, span);
		return;
	}
	struct build b = build_at(t->session, e);
	struct expr *write = build_mach(&b, MACH_WRITE, 0);

	write->mach.space = place->mach.space;
	write->mach.size = place->mach.size;
	write->mach.base = place->mach.base;
	write->mach.value = e->binary.right;
	*slot = write;
}

static const struct {
	enum expr_kind kind;
	void (*expand)(struct tvar *t, struct expr **slot);
} expanders[] = {
	{ EXPR_TARGET, expand_target }, { EXPR_CAST, expand_cast }, { EXPR_ATVAR, expand_atvar },
	{ EXPR_DEREF, expand_deref }, { EXPR_ENTRY, expand_entry },
	{ EXPR_DEFINED, expand_defined }, { EXPR_REG_OP, expand_regop },
	{ EXPR_ENUM, expand_enum }, { EXPR_CONST, expand_enum },
	{ EXPR_ENUMNAME, expand_enumname }, { EXPR_PERF, expand_perf },
	{ EXPR_PROBEWRITE, expand_probewrite },
};

/* The constant that a condition made of @defined and literals has; -1: it has none. */
static int constant_of(const struct expr *e)
{
	int left;

	if (e->kind == EXPR_NUMBER)
		return e->number != 0;
	if (e->kind == EXPR_UNARY && e->unary.op == OP_NOT) {
		left = constant_of(e->unary.operand);
		return left < 0 ? -1 : !left;
	}
	if (e->kind != EXPR_LOGICAL)
		return -1;
	left = constant_of(e->binary.left);
	int right = constant_of(e->binary.right), decides = e->binary.op == OP_LOGICAL_OR;

	if (left == decides || right == decides)
		return decides;
	return left < 0 || right < 0 ? -1 : !decides;
}

/* What @defined excludes is never expanded, so it cannot be wrong. */
static bool expand_ternary(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;

	expand(t, &e->ternary.cond);
	int constant = constant_of(e->ternary.cond);

	if (constant < 0) {
		expand(t, &e->ternary.yes);
		expand(t, &e->ternary.no);
		return false;
	}
	*slot = constant ? e->ternary.yes : e->ternary.no;
	expand(t, slot);
	return false;
}

static bool expand_logical(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);
	int decides = e->binary.op == OP_LOGICAL_OR;

	expand(t, &e->binary.left);
	if (constant_of(e->binary.left) == decides)
		*slot = build_number(&b, decides);
	else
		expand(t, &e->binary.right);
	return false;
}

static bool before_expr(struct walk *walk, struct expr **slot)
{
	struct tvar *t = walk->context;
	struct expr *e = *slot;

	if (e->kind == EXPR_TERNARY)
		return expand_ternary(t, slot);
	if (e->kind == EXPR_LOGICAL)
		return expand_logical(t, slot);
	if (e->kind == EXPR_ASSIGN && (e->binary.left->kind == EXPR_TARGET ||
				       e->binary.left->kind == EXPR_CAST ||
				       e->binary.left->kind == EXPR_ATVAR)) {
		expand_write(t, slot);
		return false;
	}
	for (size_t i = 0; i < sizeof expanders / sizeof *expanders; i++) {
		if (expanders[i].kind == e->kind) {
			expanders[i].expand(t, slot);
			return false;
		}
	}
	return true;
}

static bool before_stmt(struct walk *walk, struct stmt **slot)
{
	struct tvar *t = walk->context;
	struct stmt *s = *slot;

	if (s->kind != STMT_IF)
		return true;
	expand(t, &s->branch.cond);
	int constant = constant_of(s->branch.cond);

	if (constant < 0) {
		walk_stmt(walk, &s->branch.yes);
		walk_stmt(walk, &s->branch.no);
		return false;
	}
	*slot = constant ? s->branch.yes : s->branch.no;
	if (*slot) {
		walk_stmt(walk, slot);
		return false;
	}
	*slot = s;
	s->kind = STMT_EMPTY;
	return false;
}

static void expand(struct tvar *t, struct expr **slot)
{
	struct walk walk = { .expr_before = before_expr, .stmt_before = before_stmt, .context = t };

	walk_expr(&walk, slot);
}

static struct tvar tvar_for(struct elab *elab, struct handler *handler)
{
	return (struct tvar){ .elab = elab, .session = elab_session(elab), .handler = handler,
			      .site = handler->sites.count ? handler->sites.data[0] : NULL };
}

bool tvar_expand_body(struct elab *elab, struct handler *handler, struct stmt **body)
{
	struct tvar t = tvar_for(elab, handler);
	struct walk walk = { .expr_before = before_expr,
			     .stmt_before = before_stmt,
			     .context = &t };

	walk_stmt(&walk, body);
	return !t.failed;
}

bool tvar_expand(struct elab *elab, struct handler *handler)
{
	/* tvar_entry() puts statements before the body while it is walked */
	struct stmt *body = handler->body;
	bool ok = tvar_expand_body(elab, handler, &body);
	struct build b = { .session = elab_session(elab), .span = body->span, .tok = body->tok,
			   .tok_kind = body->tok_kind };

	if (handler->prologue.count) {
		*vec_push(b.session->arena, &handler->prologue) = body;
		body = build_block(&b, handler->prologue.data, handler->prologue.count);
		handler->prologue.count = 0;
	}
	if (handler->guard) {
		ok &= tvar_expand_body(elab, handler, &handler->guard);
		body = build_block(&b, (struct stmt *[]){ handler->guard, body }, 2);
		handler->guard = NULL;
	}
	handler->body = body;
	return ok;
}

static bool finds_target(struct walk *walk, struct expr **slot)
{
	enum expr_kind kind = (*slot)->kind;

	if (kind == EXPR_TARGET || kind == EXPR_ATVAR || kind == EXPR_CAST || kind == EXPR_ENTRY ||
	    kind == EXPR_DEFINED || kind == EXPR_ENUM)
		*(bool *)walk->context = true;
	return true;
}

bool tvar_depends_on_site(const struct handler *handler)
{
	bool found = false;
	struct walk walk = { .expr_before = finds_target, .context = &found };
	struct stmt *body = handler->body;

	walk_stmt(&walk, &body);
	return found;
}

bool tvar_autocast(struct elab *elab, struct handler *handler, struct expr **slot)
{
	struct tvar t = { .elab = elab, .session = elab_session(elab), .handler = handler };
	struct expr *e = *slot;
	const struct detail *detail = e->deref.operand->detail;
	struct access access = access_of_value(e->deref.operand, detail->type, detail->space);

	if (handler && handler->sites.count)
		t.site = handler->sites.data[0];
	return tvar_finish(&t, slot, &access, &e->deref.components, e->deref.pretty,
			   e->deref.address_of);
}
