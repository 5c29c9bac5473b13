/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "translator/parse/at-op.h"
#include "translator/parse/node.h"

struct at_op {
	const char *name;
	/* Arguments: e an expression, s a literal string, n a literal number; what follows '?' may
	 * be left out. */
	const char *args;
	const char *takes;	/* the same in words */
	enum expr_kind kind;
	int variant;		/* stat_op, hist_kind, mem_space + REG_DEREF */
	bool guru;
	void (*fill)(struct expr *expr, const struct at_op *op, struct expr *const *args,
		     size_t count);
};

enum { AT_ARGS = 4, REG_DEREF = 2 };

/* A literal number that may have a sign in front. */
static bool literal_number(const struct expr *expr, int64_t *value)
{
	if (expr->kind == EXPR_NUMBER) {
		*value = expr->number;
		return true;
	}
	if (expr->kind == EXPR_UNARY && expr->unary.op == OP_NEG &&
	    expr->unary.operand->kind == EXPR_NUMBER) {
		*value = (int64_t)-(uint64_t)expr->unary.operand->number;
		return true;
	}
	return false;
}

static int64_t number_of(const struct expr *expr)
{
	int64_t value = 0;

	literal_number(expr, &value);
	return value;
}

static const char *text_of(struct expr *const *args, size_t count, size_t index)
{
	return index < count ? args[index]->string.text : NULL;
}

static void fill_cast(struct expr *expr, const struct at_op *op, struct expr *const *args,
		      size_t count)
{
	size_t first = op->kind == EXPR_CAST;

	if (first)
		expr->cast.operand = args[0];
	expr->cast.type_name = text_of(args, count, first);
	expr->cast.module = text_of(args, count, first + 1);
}

static void fill_wrap(struct expr *expr, const struct at_op *op, struct expr *const *args,
		      size_t count)
{
	(void)op;
	(void)count;
	expr->wrap.operand = args[0];
}

static void fill_named(struct expr *expr, const struct at_op *op, struct expr *const *args,
		       size_t count)
{
	(void)op;
	(void)count;
	expr->named.text = args[0]->string.text;
}

static void fill_enumname(struct expr *expr, const struct at_op *op, struct expr *const *args,
			  size_t count)
{
	(void)op;
	expr->named.operand = args[0];
	expr->named.type_name = text_of(args, count, 1);
	expr->named.module = text_of(args, count, 2);
}

static void fill_stat(struct expr *expr, const struct at_op *op, struct expr *const *args,
		      size_t count)
{
	expr->stat.op = (enum stat_op)op->variant;
	expr->stat.stat = args[0];
	if (count > 1)
		expr->stat.shift = number_of(args[1]);
}

static void fill_hist(struct expr *expr, const struct at_op *op, struct expr *const *args,
		      size_t count)
{
	expr->hist.hist = (enum hist_kind)op->variant;
	expr->hist.stat = args[0];
	if (count < AT_ARGS)
		return;
	expr->hist.low = number_of(args[1]);
	expr->hist.high = number_of(args[2]);
	expr->hist.step = number_of(args[3]);
}

static void fill_register(struct expr *expr, const struct at_op *op, struct expr *const *args,
			  size_t count)
{
	(void)count;
	expr->regop.space = (enum mem_space)(op->variant & ~REG_DEREF);
	expr->regop.is_deref = op->variant & REG_DEREF;
	expr->regop.number = number_of(args[0]);
	if (expr->regop.is_deref)
		expr->regop.address = args[1];
}

#define A_VALUE "a value"
#define A_NAME "a literal name"
#define A_STAT "an aggregate"

static const struct at_op at_ops[] = {
	{ "cast", "es?s", "a value, a literal type name and possibly a literal module name",
	  EXPR_CAST, 0, false, fill_cast },
	{ "var", "s?s", "a literal name and possibly a literal module name", EXPR_ATVAR, 0, false,
	  fill_cast },
	{ "defined", "e", A_VALUE, EXPR_DEFINED, 0, false, fill_wrap },
	{ "entry", "e", A_VALUE, EXPR_ENTRY, 0, false, fill_wrap },
	{ "probewrite", "e", "a target variable", EXPR_PROBEWRITE, 0, false, fill_wrap },
	{ "perf", "s", A_NAME, EXPR_PERF, 0, false, fill_named },
	{ "const", "s", "a literal string", EXPR_CONST, 0, true, fill_named },
	{ "enum", "s", A_NAME, EXPR_ENUM, 0, false, fill_named },
	{ "enumname", "e?ss", "a value, and possibly a literal type and module name",
	  EXPR_ENUMNAME, 0, false, fill_enumname },
	{ "kregister", "n", "a literal number", EXPR_REG_OP, SPACE_KERNEL, true, fill_register },
	{ "uregister", "n", "a literal number", EXPR_REG_OP, SPACE_USER, false, fill_register },
	{ "kderef", "ne", "a literal size and an address", EXPR_REG_OP, SPACE_KERNEL | REG_DEREF,
	  true, fill_register },
	{ "uderef", "ne", "a literal size and an address", EXPR_REG_OP, SPACE_USER | REG_DEREF,
	  false, fill_register },
	{ "count", "e", A_STAT, EXPR_STAT, STAT_COUNT, false, fill_stat },
	{ "sum", "e", A_STAT, EXPR_STAT, STAT_SUM, false, fill_stat },
	{ "min", "e", A_STAT, EXPR_STAT, STAT_MIN, false, fill_stat },
	{ "max", "e", A_STAT, EXPR_STAT, STAT_MAX, false, fill_stat },
	{ "avg", "e", A_STAT, EXPR_STAT, STAT_AVG, false, fill_stat },
	{ "variance", "e?n", "an aggregate and possibly a literal shift", EXPR_STAT,
	  STAT_VARIANCE, false, fill_stat },
	{ "hist_log", "e", A_STAT, EXPR_HIST, HIST_LOG, false, fill_hist },
	{ "hist_linear", "ennn", "an aggregate and a literal low, high and step", EXPR_HIST,
	  HIST_LINEAR, false, fill_hist },
	/* Taken by the preprocessor; the row keeps macros from having the name. */
	{ "define", "", "no arguments", EXPR_NUMBER, 0, false, NULL },
};

enum { AT_OPS = sizeof at_ops / sizeof at_ops[0] };

const struct at_op *at_op_find(const char *name)
{
	for (int i = 0; i < AT_OPS; i++)
		if (!strcmp(at_ops[i].name, name))
			return &at_ops[i];
	return NULL;
}

enum stat_op at_op_stat(const char *name)
{
	const struct at_op *op = at_op_find(name);

	return op && op->kind == EXPR_STAT ? (enum stat_op)op->variant : STAT_NONE;
}

static void report_unknown(struct parser *p, const struct token *name)
{
	const char *names[AT_OPS], *near;

	for (int i = 0; i < AT_OPS; i++)
		names[i] = at_ops[i].name;
	diag(p->diags, DIAG_PARSE_AT_UNKNOWN, name->span, name->text);
	near = diag_nearest(name->text, names, AT_OPS);
	if (near)
		diag_hint(p->diags, "did you mean '@%s'?", near);
}

/* Whether the arguments are what the row's `args` says. */
static bool args_fit(const struct at_op *op, const expr_vec *args)
{
	bool optional = false;
	size_t at = 0;

	for (const char *want = op->args; *want; want++) {
		int64_t value;

		if (*want == '?') {
			optional = true;
			continue;
		}
		if (at == args->count)
			return optional;
		if (*want == 's' && args->data[at]->kind != EXPR_STRING)
			return false;
		if (*want == 'n' && !literal_number(args->data[at], &value))
			return false;
		at++;
	}
	return at == args->count;
}

struct expr *node_histogram(struct parser *p, struct span span, const struct token *name,
			    const expr_vec *args)
{
	const struct at_op *op = at_op_find(name->text);
	struct expr *expr;

	if (op && op->kind != EXPR_HIST)
		diag(p->diags, DIAG_PARSE_SYNTAX, name->span,
		     arena_printf(p->arena, "expected an array or a histogram, found '@%s'",
				  name->text));
	expr = node_at(p, span, name, args);
	if (expr->kind == EXPR_HIST)
		expr->hist.whole = true;
	return expr;
}

struct expr *node_at(struct parser *p, struct span span, const struct token *name,
		     const expr_vec *args)
{
	const struct at_op *op = at_op_find(name->text);
	struct expr *expr;

	if (!op || !args || !op->fill || !args_fit(op, args)) {
		if (op)
			diag(p->diags, DIAG_PARSE_AT_ARGS, span, name->text, op->takes);
		else
			report_unknown(p, name);
		return node_number(p, name);
	}
	if (op->guru && !p->session->options.guru && !name->span.source->privileged)
		diag(p->diags, DIAG_PARSE_GURU, name->span, name->text);
	expr = node_expr(p, op->kind, span, name, TOK_OPERATOR);
	op->fill(expr, op, args->data, args->count);
	if (expr->kind == EXPR_HIST)
		*vec_push(p->arena, &p->histograms) = expr;
	for (size_t i = 0; i < args->count; i++)
		node_expr_nest(p, expr, args->data[i]);
	return expr;
}
