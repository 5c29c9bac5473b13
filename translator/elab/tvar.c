/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over a handler: one function for each kind of target node. */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/debuginfo/dtype.h"
#include "translator/elab/walk.h"
#include "translator/probes/probe-kind.h"
#include "translator/session.h"
#include "translator/util/diag.h"

static void poison(struct tvar *t, struct expr **slot)
{
	struct build b = build_at(t->session, *slot);

	t->failed = true;
	(*slot)->type = TYPE_ERROR;
	*slot = build_number(&b, 0);
	(*slot)->type = TYPE_ERROR;
}

/* --skip-badvars: what cannot be had is 0, or "" where it would be text. */
static bool fail_softly(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);

	if (!t->session->options.skip_badvars || e->kind != EXPR_TARGET || !t->site ||
	    t->is_trial || t->written)
		return false;
	diag(t->session->diags, DIAG_VAR_SKIPPED, e->span, e->target.name);
	*slot = e->target.pretty ? build_string(&b, "") : build_number(&b, 0);
	return true;
}

void tvar_fail(struct tvar *t, struct expr **slot, enum diag_id id, struct span span, ...)
{
	va_list args;

	if (fail_softly(t, slot))
		return;
	va_start(args, span);
	diag_v(t->session->diags, id, span, args);
	va_end(args);
	poison(t, slot);
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

bool tvar_variable(struct tvar *t, const struct build *b, const char *name, struct access *out,
		   const char **why)
{
	return t->site && t->handler->kind->variable &&
	       t->handler->kind->variable(t->elab, t->site, name, b->span, out, why);
}

bool tvar_root(struct tvar *t, const struct build *b, const char *name, struct access *out,
	       const char **why)
{
	int64_t value;

	*why = "it names no variable of this probe";
	if (tvar_variable(t, b, name, out, why))
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
			tvar_node(t, &components->data[i].index);
}

/* Can @e be had at the function's entry? Asking must not make the probe that saves it. */
static bool entry_has(struct tvar *t, const struct expr *e)
{
	struct tvar trial = *t;
	struct expr *copy = expr_copy(t->session->arena, e);

	trial.is_trial = true;
	trial.failed = false;
	trial.site = t->handler->kind->entry(t->elab, t->site);
	if (!trial.site)
		return false;
	tvar_node(&trial, &copy);
	return !trial.failed;
}

/* A return probe sees what its parameters were at entry: the whole path is evaluated there. */
static void expand_entry_value(struct tvar *t, struct expr **slot)
{
	struct build b = build_at(t->session, *slot);
	size_t mark = diags_mark(t->session->diags);
	const char *why;

	if (!entry_has(t, *slot) && diags_mark(t->session->diags) != mark) {
		struct diag_list *said = diags_take(t->session->diags, mark);

		if (fail_softly(t, slot))
			return;
		diags_put(t->session->diags, said);
		poison(t, slot);
		return;
	}
	struct expr *saved = tvar_entry(t, &b, *slot, &why);

	if (saved)
		*slot = saved;
	else
		tvar_fail(t, slot, DIAG_VAR_UNKNOWN, (*slot)->span, (*slot)->target.name, why);
}

/* Is it the text that an event of user space came with? */
bool tvar_is_value(const struct tvar *t, const struct expr *e)
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

	if (tvar_is_value(t, e)) {
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

	tvar_node(t, &e->cast.operand);
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

	tvar_node(t, &e->deref.operand);
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
	trial.is_trial = true;
	if (copy->kind == EXPR_TARGET && tvar_is_entry_value(t, copy->target.name + 1))
		trial.failed = !entry_has(t, copy);
	else if (copy->kind == EXPR_ENTRY && tvar_is_entry_value(t, ""))
		trial.failed = !entry_has(t, copy->wrap.operand);
	else
		tvar_node(&trial, &copy);
	diags_rewind(t->session->diags, mark);
	*slot = build_number(&b, !trial.failed);
	(*slot)->is_made = true;
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
	tvar_node(t, &e->regop.address);
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

	tvar_node(t, &e->named.operand);
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
		  "perf counters cannot be read in handlers; perf.*.sample(N) has one run at every "
		  "N-th event");
}

/* Those in aliases, and of probes that use one, have been answered (expand-body.c). */
static void expand_probewrite(struct tvar *t, struct expr **slot)
{
	tvar_fail(t, slot, DIAG_SEM_PLACEMENT, (*slot)->span, "@probewrite", "an alias");
}

static bool is_target(const struct expr *e)
{
	return e->kind == EXPR_TARGET || e->kind == EXPR_CAST || e->kind == EXPR_ATVAR;
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

static bool find_action(struct walk *walk, struct expr **slot)
{
	static const enum expr_kind actions[] = { EXPR_ASSIGN, EXPR_PREINC, EXPR_POSTINC,
						  EXPR_PRINT, EXPR_REGEX, EXPR_CALL };
	bool *found = walk->context;

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		*found |= (*slot)->kind == actions[i];
	return !*found;
}

/* May leaving the expression out be noticed? */
static bool acts(struct expr *e)
{
	bool found = false;
	struct walk walk = { .expr_before = find_action, .context = &found };

	walk_expr(&walk, &e);
	return found;
}

/*
 * Has a condition made of @defined and literals a value? Where there are variables at all plain
 * literals exclude what follows, too, as they do in SystemTap.
 */
static bool constant_of(const struct tvar *t, const struct expr *e, int64_t *value)
{
	int64_t left, right;

	if (e->kind == EXPR_NUMBER) {
		*value = e->number;
		return e->type != TYPE_ERROR && (e->is_made || t->handler->kind->variable);
	}
	if (e->kind == EXPR_UNARY && e->unary.op == OP_NOT) {
		if (!constant_of(t, e->unary.operand, &left))
			return false;
		*value = !left;
		return true;
	}
	if (e->kind == EXPR_COMPARE && constant_of(t, e->binary.left, &left) &&
	    (e->binary.right->kind == EXPR_NUMBER)) {
		right = e->binary.right->number;
		*value = e->binary.op == OP_EQ ? left == right : left != right;
		return e->binary.op == OP_EQ || e->binary.op == OP_NE;
	}
	if (e->kind != EXPR_LOGICAL)
		return false;
	bool has_left = constant_of(t, e->binary.left, &left);
	bool has_right = constant_of(t, e->binary.right, &right);
	bool decides = e->binary.op == OP_LOGICAL_OR;

	*value = decides;
	if ((has_left && !left == !decides) ||
	    (has_right && !right == !decides && !acts(e->binary.left)))
		return true;
	*value = !decides;
	return has_left && has_right;
}

/* What @defined excludes is never expanded, so it cannot be wrong. */
static bool expand_ternary(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	int64_t constant;

	tvar_node(t, &e->ternary.cond);
	if (!constant_of(t, e->ternary.cond, &constant)) {
		tvar_node(t, &e->ternary.yes);
		tvar_node(t, &e->ternary.no);
		return false;
	}
	*slot = constant ? e->ternary.yes : e->ternary.no;
	tvar_node(t, slot);
	return false;
}

static bool expand_logical(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	struct build b = build_at(t->session, e);
	bool decides = e->binary.op == OP_LOGICAL_OR;
	int64_t left;

	tvar_node(t, &e->binary.left);
	if (constant_of(t, e->binary.left, &left) && !left == !decides) {
		*slot = build_number(&b, decides);
		(*slot)->is_made = true;
	} else {
		tvar_node(t, &e->binary.right);
	}
	return false;
}

/*
 * What cannot be had is an error only if the program still asks for it when what nobody reads has
 * been left out: the message waits in the node.
 */
static void expand_node(struct tvar *t, void (*expander)(struct tvar *, struct expr **),
			struct expr **slot)
{
	bool failed = t->failed;
	size_t mark = diags_mark(t->session->diags);

	t->failed = false;
	expander(t, slot);
	if (t->failed && !t->is_trial && (*slot)->kind == EXPR_NUMBER) {
		(*slot)->late = diags_take(t->session->diags, mark);
		t->failed = false;
	}
	t->failed |= failed;
}

static bool before_expr(struct walk *walk, struct expr **slot)
{
	struct tvar *t = walk->context;
	struct expr *e = *slot;

	if (e->kind == EXPR_TERNARY)
		return expand_ternary(t, slot);
	if (e->kind == EXPR_LOGICAL)
		return expand_logical(t, slot);
	if (e->kind == EXPR_ASSIGN && is_target(e->binary.left)) {
		tvar_write(t, slot);
		return false;
	}
	if ((e->kind == EXPR_PREINC || e->kind == EXPR_POSTINC) && is_target(e->unary.operand)) {
		tvar_step(t, slot);
		return false;
	}
	for (size_t i = 0; i < sizeof expanders / sizeof *expanders; i++) {
		if (expanders[i].kind == e->kind) {
			expand_node(t, expanders[i].expand, slot);
			return false;
		}
	}
	return true;
}

/* A loop that @defined excludes; of others the condition is expanded a second time, to itself. */
static bool expand_loop(struct tvar *t, struct stmt *s)
{
	struct build b = { t->session, s->span, s->tok, s->tok_kind };
	int64_t constant;

	if (!s->loop.cond)
		return true;
	tvar_node(t, &s->loop.cond);
	if (constant_of(t, s->loop.cond, &constant) && !constant)
		s->loop.body = build_block(&b, NULL, 0);
	return true;
}

static bool before_stmt(struct walk *walk, struct stmt **slot)
{
	struct tvar *t = walk->context;
	struct stmt *s = *slot;
	int64_t constant;

	if (s->kind == STMT_WHILE || s->kind == STMT_FOR)
		return expand_loop(t, s);
	if (s->kind != STMT_IF)
		return true;
	tvar_node(t, &s->branch.cond);
	if (!constant_of(t, s->branch.cond, &constant)) {
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

void tvar_node(struct tvar *t, struct expr **slot)
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
