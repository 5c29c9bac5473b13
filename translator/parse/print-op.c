/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <string.h>

#include "translator/parse/node.h"
#include "translator/parse/print-op.h"

struct print_op {
	const char *name;
	enum print_kind kind;
	bool to_string;
	size_t least;		/* arguments, the format or delimiter not counted */
	const char *takes;	/* for the message that they are too few */
};

static const struct print_op print_ops[] = {
	{ "print", PRINT_PLAIN, false, 1, "at least one value" },
	{ "println", PRINT_LN, false, 0, "values" },
	{ "printd", PRINT_D, false, 2, "a literal delimiter and at least two values" },
	{ "printdln", PRINT_DLN, false, 2, "a literal delimiter and at least two values" },
	{ "printf", PRINT_F, false, 0, "a literal format and its values" },
	{ "sprint", PRINT_PLAIN, true, 1, "at least one value" },
	{ "sprintln", PRINT_LN, true, 0, "values" },
	{ "sprintd", PRINT_D, true, 2, "a literal delimiter and at least two values" },
	{ "sprintdln", PRINT_DLN, true, 2, "a literal delimiter and at least two values" },
	{ "sprintf", PRINT_F, true, 0, "a literal format and its values" },
};

enum { PRINT_OPS = sizeof print_ops / sizeof print_ops[0] };

const struct print_op *print_op_find(const char *name)
{
	for (int i = 0; i < PRINT_OPS; i++)
		if (!strcmp(print_ops[i].name, name))
			return &print_ops[i];
	return NULL;
}

const char *print_op_name(const struct expr *print)
{
	for (int i = 0; i < PRINT_OPS; i++)
		if (print_ops[i].kind == print->print.print &&
		    print_ops[i].to_string == print->print.to_string)
			return print_ops[i].name;
	return NULL;
}

/* Reads a width or precision: digits or '*'. Returns the text after it, NULL if it is too big. */
static const char *format_size(const char *at, int *kind, int *value)
{
	long n = 0;

	*kind = SIZE_NONE;
	if (*at == '*') {
		*kind = SIZE_ARGUMENT;
		return at + 1;
	}
	for (; *at >= '0' && *at <= '9'; at++) {
		*kind = SIZE_FIXED;
		n = n * 10 + *at - '0';
		if (n > INT_MAX)
			return NULL;
	}
	*value = (int)n;
	return at;
}

/* Reads the conversion behind a '%'. Returns the text after it, or NULL if it is none. */
static const char *format_conversion(const char *at, struct format_piece *piece)
{
	int kind;

	if (*at && strchr("0+- #", *at))
		piece->flag = *at++;
	at = format_size(at, &kind, &piece->width);
	piece->width_kind = kind;
	if (at && *at == '.') {
		at = format_size(at + 1, &kind, &piece->precision);
		/* "%.d" is "%.0d" */
		piece->precision_kind = kind == SIZE_NONE ? SIZE_FIXED : kind;
	}
	if (at && *at == 'l') {
		piece->wide = true;
		at++;
	}
	if (!at || !*at || !strchr("diuoxXpcsbmM", *at))
		return NULL;
	piece->conv = *at;
	return at + 1;
}

static void format_literal(struct parser *p, format_vec *out, const char *text, size_t length)
{
	struct format_piece *last = out->count ? &vec_last(out) : NULL;

	if (!length)
		return;
	if (last && !last->conv) {	/* "a%%b" is one piece */
		char *joined = arena_alloc(p->arena, last->literal_length + length + 1);

		memcpy(joined, last->literal, last->literal_length);
		memcpy(joined + last->literal_length, text, length);
		last->literal = joined;
		last->literal_length += length;
		return;
	}
	last = vec_push(p->arena, out);
	last->literal = arena_strndup(p->arena, text, length);
	last->literal_length = length;
}

static void format_parse(struct parser *p, const struct expr *string, format_vec *out)
{
	const char *at = string->string.text, *end = at + string->string.length;

	while (at < end) {
		const char *percent = memchr(at, '%', (size_t)(end - at)), *after;
		struct format_piece piece = { 0 };

		format_literal(p, out, at, (size_t)((percent ? percent : end) - at));
		if (!percent)
			return;
		if (percent[1] == '%') {
			format_literal(p, out, "%", 1);
			at = percent + 2;
			continue;
		}
		after = format_conversion(percent + 1, &piece);
		if (!after) {
			size_t shown = strcspn(percent, " \n");

			diag(p->diags, DIAG_PARSE_FORMAT, string->span,
			     arena_strndup(p->arena, percent, shown > 8 ? 8 : shown));
			return;
		}
		*vec_push(p->arena, out) = piece;
		at = after;
	}
}

/* The literal that comes first: a format or a delimiter. */
static const struct expr *first_literal(struct parser *p, struct span span,
					const struct print_op *op, const expr_vec *args)
{
	if (args->count && args->data[0]->kind == EXPR_STRING)
		return args->data[0];
	if (args->count)
		diag(p->diags, DIAG_PARSE_LITERAL, args->data[0]->span, "string");
	else
		diag(p->diags, DIAG_PARSE_PRINT, span, op->name, op->takes);
	return NULL;
}

static void check_count(struct parser *p, const struct print_op *op, const struct expr *expr)
{
	const expr_vec *args = &expr->print.args;
	bool histogram = args->count && args->data[0]->kind == EXPR_HIST &&
			 !args->data[0]->hist.bucket;

	if (args->count < op->least)
		diag(p->diags, DIAG_PARSE_PRINT, expr->span, op->name, op->takes);
	else if (histogram && args->count > 1 && op->kind <= PRINT_LN)
		diag(p->diags, DIAG_PARSE_PRINT, args->data[1]->span, op->name,
		     "nothing beside a histogram");
	if (histogram && op->kind <= PRINT_LN)
		args->data[0]->hist.whole = true;
}

struct expr *print_op_node(struct parser *p, struct span span, const struct print_op *op,
			   const struct token *name, const expr_vec *args)
{
	struct expr *expr = node_expr(p, EXPR_PRINT, span, name, TOK_IDENTIFIER);
	const struct expr *literal = NULL;

	expr->print.print = op->kind;
	expr->print.to_string = op->to_string;
	if (op->kind >= PRINT_D) {
		literal = first_literal(p, span, op, args);
		if (op->kind != PRINT_F)
			expr->print.delimiter = literal ? literal->string.text : "";
		else
			expr->print.format_text = literal ? literal->string.text : "";
		if (literal && op->kind == PRINT_F)
			format_parse(p, literal, &expr->print.format);
	}
	for (size_t i = op->kind >= PRINT_D; i < args->count; i++) {
		*vec_push(p->arena, &expr->print.args) = args->data[i];
		node_expr_nest(p, expr, args->data[i]);
	}
	if (op->kind < PRINT_D || literal)
		check_count(p, op, expr);
	return expr;
}
