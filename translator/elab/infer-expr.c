/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types of expressions: one function for each kind. */
#include <string.h>

#include "translator/elab/infer.h"
#include "translator/elab/tvar.h"

typedef void infer_fn(struct infer *in, struct expr **slot, enum type want);

static void infer_number(struct infer *in, struct expr **slot, enum type want)
{
	(*slot)->type = TYPE_LONG;
	infer_want(in, *slot, want);
}

static void infer_text(struct infer *in, struct expr **slot, enum type want)
{
	(*slot)->type = TYPE_STRING;
	infer_want(in, *slot, want);
}

static void infer_symbol(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot;
	struct global *global = e->symbol.global;
	struct local *local = e->symbol.local;

	if (global) {
		infer_bind(in, &global->type, &global->type_span, e, want, global->name);
		e->detail = global->detail;
		if (e->type != TYPE_ERROR)
			e->type = global->type;
	} else if (local) {
		infer_bind(in, &local->type, &local->type_span, e, want, local->name);
		e->detail = local->detail;
		if (e->type != TYPE_ERROR)
			e->type = local->type;
	}
}

enum type infer_hint(const struct expr *e, enum type type)
{
	switch (e->kind) {
	case EXPR_SYMBOL:
	case EXPR_INDEX:
	case EXPR_CALL:
	case EXPR_TERNARY:
	case EXPR_ASSIGN:
		return type;
	default:
		return TYPE_UNKNOWN;
	}
}

void infer_key(struct infer *in, struct global *global, size_t index, struct expr **slot)
{
	enum type *type = &global->key_types.data[index];

	infer_expr(in, slot, infer_hint(*slot, *type));
	enum type found = (*slot)->type;

	if (found == TYPE_UNKNOWN || found == TYPE_ERROR || found == *type)
		return;
	if (*type == TYPE_UNKNOWN && found != TYPE_STATS) {
		*type = found;
		global->key_spans.data[index] = (*slot)->tok;
		in->changed = true;
		return;
	}
	diag(in->session->diags, DIAG_TYPE_KEY_CONFLICT, (*slot)->span, index + 1, global->name,
	     type_name(found));
	if (*type != TYPE_UNKNOWN)
		diag_note(in->session->diags, global->key_spans.data[index], "it is %s here",
			  type_name(*type));
	(*slot)->type = TYPE_ERROR;
	in->failed = true;
}

static void infer_keys(struct infer *in, struct global *global, expr_vec *keys)
{
	for (size_t i = 0; i < keys->count && i < global->key_types.count; i++)
		if (keys->data[i])
			infer_key(in, global, i, &keys->data[i]);
}

static void infer_hist_stat(struct infer *in, struct expr *hist)
{
	infer_expr(in, &hist->hist.stat, TYPE_STATS);
	if (hist->hist.bucket)
		infer_expr(in, &hist->hist.bucket, TYPE_LONG);
}

static void infer_index(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot, *base = e->index.base;

	if (base->kind == EXPR_HIST) {
		infer_hist_stat(in, base);
		for (size_t i = 0; i < e->index.keys.count; i++)
			if (e->index.keys.data[i])
				infer_expr(in, &e->index.keys.data[i], TYPE_LONG);
		e->type = TYPE_LONG;
		infer_want(in, e, want);
		return;
	}
	struct global *global = base->kind == EXPR_SYMBOL ? base->symbol.global : NULL;

	if (!global)
		return;
	infer_keys(in, global, &e->index.keys);
	infer_bind(in, &global->type, &global->type_span, base, want, global->name);
	e->detail = global->detail;
	if (e->type != TYPE_ERROR)
		e->type = base->type == TYPE_ERROR ? TYPE_ERROR : global->type;
	base->type = global->type;
}

static void infer_unary(struct infer *in, struct expr **slot, enum type want)
{
	infer_expr(in, &(*slot)->unary.operand, TYPE_LONG);
	(*slot)->type = TYPE_LONG;
	infer_want(in, *slot, want);
}

static void infer_binary(struct infer *in, struct expr **slot, enum type want)
{
	infer_expr(in, &(*slot)->binary.left, TYPE_LONG);
	infer_expr(in, &(*slot)->binary.right, TYPE_LONG);
	(*slot)->type = TYPE_LONG;
	infer_want(in, *slot, want);
}

static void infer_concat(struct infer *in, struct expr **slot, enum type want)
{
	infer_expr(in, &(*slot)->binary.left, TYPE_STRING);
	infer_expr(in, &(*slot)->binary.right, TYPE_STRING);
	(*slot)->type = TYPE_STRING;
	infer_want(in, *slot, want);
}

static enum type known(const struct expr *e)
{
	return e->type == TYPE_LONG || e->type == TYPE_STRING ? e->type : TYPE_UNKNOWN;
}

/* Both operands have one type, whichever is known. */
static void unify(struct infer *in, struct expr **left, struct expr **right, enum type want)
{
	infer_expr(in, left, want);
	infer_expr(in, right, want != TYPE_UNKNOWN ? want : known(*left));
	if (known(*left) == TYPE_UNKNOWN && known(*right) != TYPE_UNKNOWN)
		infer_expr(in, left, known(*right));
}

static void infer_compare(struct infer *in, struct expr **slot, enum type want)
{
	unify(in, &(*slot)->binary.left, &(*slot)->binary.right, TYPE_UNKNOWN);
	if ((*slot)->binary.left->type == TYPE_STATS)
		infer_want(in, (*slot)->binary.left, TYPE_LONG);
	(*slot)->type = TYPE_LONG;
	infer_want(in, *slot, want);
}

static void infer_aggregate(struct infer *in, struct expr *e, enum type want)
{
	infer_expr(in, &e->binary.left, TYPE_STATS);
	infer_expr(in, &e->binary.right, TYPE_LONG);
	e->type = TYPE_LONG;
	infer_want(in, e, want);
}

static void assign_detail(struct infer *in, struct expr *left, const struct expr *right)
{
	if (left->kind == EXPR_INDEX)
		left = left->index.base;
	if (left->kind != EXPR_SYMBOL)
		return;
	if (left->symbol.local)
		infer_detail(in, &left->symbol.local->detail, &left->symbol.local->detail_dropped,
			     right);
	else if (left->symbol.global)
		infer_detail(in, &left->symbol.global->detail,
			     &left->symbol.global->detail_dropped, right);
}

/* `t->member = v`: what @t points to is known, so it is a write to that place. */
static bool infer_write(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot, *left = e->binary.left;

	if (left->kind != EXPR_DEREF)
		return false;
	infer_expr(in, &left->deref.operand, TYPE_LONG);
	if (!left->deref.operand->detail)
		return false;
	if (!tvar_autocast_write(in->elab, in->handler, slot)) {
		in->failed = true;
		return true;
	}
	resolve_expr(in->elab, in->handler, in->function, slot);
	in->changed = true;
	infer_expr(in, slot, want);
	return true;
}

static void infer_assign(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot;

	if (infer_write(in, slot, want))
		return;
	enum type type = e->binary.op == OP_CAT_ASSIGN ? TYPE_STRING :
			 e->binary.op == OP_ASSIGN     ? TYPE_UNKNOWN :
							 TYPE_LONG;

	if (e->binary.op == OP_AGGREGATE) {
		infer_aggregate(in, e, want);
		return;
	}
	if (type == TYPE_UNKNOWN) {
		/* the value first: its detail and type are what the variable gets */
		infer_expr(in, &e->binary.right, want);
		infer_expr(in, &e->binary.left, known(e->binary.right));
		if (known(e->binary.right) == TYPE_UNKNOWN)
			infer_expr(in, &e->binary.right, known(e->binary.left));
		assign_detail(in, e->binary.left, e->binary.right);
		e->detail = e->binary.right->detail;
		e->type = e->binary.left->type;
		if (e->type == TYPE_STATS || e->binary.right->type == TYPE_STATS)
			infer_want(in, e->type == TYPE_STATS ? e->binary.left : e->binary.right,
				   TYPE_LONG);
	} else {
		infer_expr(in, &e->binary.left, type);
		infer_expr(in, &e->binary.right, type);
		e->type = type;
	}
	infer_want(in, e, want);
}

static void infer_ternary(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot;

	infer_expr(in, &e->ternary.cond, TYPE_LONG);
	unify(in, &e->ternary.yes, &e->ternary.no, want);
	const struct detail *yes = e->ternary.yes->detail, *no = e->ternary.no->detail;

	e->detail = yes == no || !no ? yes : !yes ? no : NULL;
	e->type = e->ternary.yes->type == TYPE_UNKNOWN ? e->ternary.no->type : e->ternary.yes->type;
	infer_want(in, e, want);
}

static void infer_regex(struct infer *in, struct expr **slot, enum type want)
{
	infer_expr(in, &(*slot)->regex.left, TYPE_STRING);
	(*slot)->type = TYPE_LONG;
	infer_want(in, *slot, want);
}

static void infer_in(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot, *array = e->in.array;

	if (array->kind == EXPR_HIST) {
		infer_hist_stat(in, array);
		for (size_t i = 0; i < e->in.keys.count; i++)
			if (e->in.keys.data[i])
				infer_expr(in, &e->in.keys.data[i], TYPE_LONG);
	} else if (array->kind == EXPR_SYMBOL && array->symbol.global) {
		infer_keys(in, array->symbol.global, &e->in.keys);
		array->type = array->symbol.global->type;
	}
	e->type = TYPE_LONG;
	infer_want(in, e, want);
}

static void infer_argument(struct infer *in, struct expr **arg, struct local *param)
{
	infer_expr(in, arg, infer_hint(*arg, param->type));
	infer_bind(in, &param->type, &param->type_span, *arg, (*arg)->type, param->name);
	infer_detail(in, &param->detail, &param->detail_dropped, *arg);
}

static void infer_intrinsic(struct infer *in, struct expr *e, enum type want)
{
	const struct function *signature = names_signature(in->elab, e->call.intrinsic);

	for (size_t i = 0; i < e->call.args.count; i++)
		infer_expr(in, &e->call.args.data[i], signature->params.data[i]->type);
	e->type = signature->type;
	if (want != TYPE_UNKNOWN && e->type == TYPE_UNKNOWN) {
		diag(in->session->diags, DIAG_TYPE_NO_VALUE, e->span, e->call.name);
		in->failed = true;
		e->type = TYPE_ERROR;
	}
	infer_want(in, e, want);
}

/* Overloads behind one that never goes on to the next were there to agree in their types. */
static void drop_unreached(struct expr *call)
{
	for (size_t i = 0; i < call->call.targets.count; i++)
		if (!call->call.targets.data[i]->has_next)
			call->call.targets.count = i + 1;
}

static void infer_call(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot;

	if (e->call.intrinsic) {
		infer_intrinsic(in, e, want);
		return;
	}
	enum type type = want;

	for (size_t i = 0; i < e->call.targets.count; i++) {
		struct function *function = e->call.targets.data[i];

		for (size_t j = 0; j < e->call.args.count && j < function->params.count; j++)
			infer_argument(in, &e->call.args.data[j], function->params.data[j]);
		infer_bind(in, &function->type, &function->type_span, e, type, function->name);
		if (type == TYPE_UNKNOWN)
			type = function->type;
		e->detail = i == 0 || e->detail == function->detail ? function->detail : NULL;
	}
	if (e->type != TYPE_ERROR)
		e->type = type;
	if (in->final)
		drop_unreached(e);
	if (in->final && e->type == TYPE_UNKNOWN && e != in->statement && !in->has_late) {
		diag(in->session->diags, DIAG_TYPE_NO_VALUE, e->span, e->call.name);
		in->failed = true;
	}
}

static void infer_deref(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot;

	infer_expr(in, &e->deref.operand, TYPE_LONG);
	for (size_t i = 0; i < e->deref.components.count; i++)
		if (e->deref.components.data[i].index)
			infer_expr(in, &e->deref.components.data[i].index, TYPE_LONG);
	if (e->deref.operand->detail) {
		if (!tvar_autocast(in->elab, in->handler, slot)) {
			in->failed = true;
			return;
		}
		resolve_expr(in->elab, in->handler, in->function, slot);
		in->changed = true;
		infer_expr(in, slot, want);
		return;
	}
	e->type = e->deref.pretty ? TYPE_STRING : TYPE_LONG;
	if (in->final) {
		const struct component *c =
			e->deref.components.count ? &e->deref.components.data[0] : NULL;

		diag(in->session->diags, DIAG_TYPE_MEMBER, e->span,
		     c && c->member ? arena_printf(in->session->arena, "->%s", c->member) : "[]");
		in->failed = true;
	}
	infer_want(in, e, want);
}

static void infer_stat(struct infer *in, struct expr **slot, enum type want)
{
	infer_expr(in, &(*slot)->stat.stat, TYPE_STATS);
	(*slot)->type = TYPE_LONG;
	infer_want(in, *slot, want);
}

static void infer_hist(struct infer *in, struct expr **slot, enum type want)
{
	infer_hist_stat(in, *slot);
	(*slot)->type = TYPE_LONG;
	if (!(*slot)->hist.bucket) {
		diag(in->session->diags, DIAG_SEM_HIST_USE, (*slot)->span);
		(*slot)->type = TYPE_ERROR;
		in->failed = true;
	}
	infer_want(in, *slot, want);
}

static void infer_mach(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot;

	if (e->mach.base)
		infer_expr(in, &e->mach.base, TYPE_LONG);
	if (e->mach.value)
		infer_expr(in, &e->mach.value, TYPE_LONG);
	e->type = TYPE_LONG;
	infer_want(in, e, want);
}

static infer_fn *const infer_kinds[EXPR_KIND_COUNT] = {
	[EXPR_NUMBER] = infer_number,	[EXPR_STRING] = infer_text,
	[EXPR_SYMBOL] = infer_symbol,	[EXPR_INDEX] = infer_index,
	[EXPR_UNARY] = infer_unary,	[EXPR_PREINC] = infer_unary,
	[EXPR_POSTINC] = infer_unary,	[EXPR_BINARY] = infer_binary,
	[EXPR_COMPARE] = infer_compare, [EXPR_LOGICAL] = infer_binary,
	[EXPR_CONCAT] = infer_concat,	[EXPR_ASSIGN] = infer_assign,
	[EXPR_TERNARY] = infer_ternary, [EXPR_REGEX] = infer_regex,
	[EXPR_IN] = infer_in,		[EXPR_CALL] = infer_call,
	[EXPR_PRINT] = infer_print,	[EXPR_DEREF] = infer_deref,
	[EXPR_STAT] = infer_stat,	[EXPR_HIST] = infer_hist,
	[EXPR_MACH] = infer_mach,
};

void infer_expr(struct infer *in, struct expr **slot, enum type want)
{
	if ((*slot)->type != TYPE_ERROR && infer_kinds[(*slot)->kind])
		infer_kinds[(*slot)->kind](in, slot, want);
}
