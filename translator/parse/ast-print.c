/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -p1: the tree as source, every operand in parentheses, so that it parses back to the same tree
 * whatever the precedence. Low-level nodes of elaboration get a form that does not parse.
 */
#include <inttypes.h>
#include <string.h>

#include "translator/parse/ast.h"
#include "translator/parse/print-op.h"

static void print_quoted(FILE *out, const char *text, size_t length)
{
	static const char letters[] = "abtnvfr";	/* of the bytes 7 to 13 */

	putc('"', out);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c >= '\a' && c <= '\r')
			fprintf(out, "\\%c", letters[c - '\a']);
		else if (c < ' ' || c == 0x7f)
			fprintf(out, "\\%03o", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void print_text(FILE *out, const char *text)
{
	print_quoted(out, text, strlen(text));
}

/* Where the grammar has room for one number with a sign. */
static void print_signed(FILE *out, int64_t number)
{
	fprintf(out, "%" PRId64, number);
}

static void print_operand(FILE *out, const struct expr *expr)
{
	putc('(', out);
	ast_print_expr(out, expr);
	putc(')', out);
}

static void print_list(FILE *out, const expr_vec *list)
{
	for (size_t i = 0; i < list->count; i++) {
		fputs(i ? ", " : "", out);
		if (list->data[i])
			ast_print_expr(out, list->data[i]);
		else
			putc('*', out);
	}
}

static void print_components(FILE *out, const component_vec *components, int pretty)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct component *step = &components->data[i];

		if (step->kind == COMPONENT_MEMBER) {
			fprintf(out, "->%s", step->member);
			continue;
		}
		putc('[', out);
		ast_print_expr(out, step->index);
		putc(']', out);
	}
	fputs(pretty == 2 ? "$$" : pretty ? "$" : "", out);
}

static void print_number(FILE *out, const struct expr *e)
{
	/* A literal has no sign: a negative one was written past 2^63. */
	fprintf(out, e->number < 0 ? "0x%" PRIx64 : "%" PRId64, e->number);
}

static void print_string(FILE *out, const struct expr *e)
{
	print_quoted(out, e->string.text, e->string.length);
}

static void print_symbol(FILE *out, const struct expr *e)
{
	fputs(e->symbol.name, out);
}

static void print_index(FILE *out, const struct expr *e)
{
	if (e->index.base->kind == EXPR_SYMBOL)
		ast_print_expr(out, e->index.base);
	else
		print_operand(out, e->index.base);
	putc('[', out);
	print_list(out, &e->index.keys);
	putc(']', out);
}

static void print_unary(FILE *out, const struct expr *e)
{
	fputs(op_spelling[e->unary.op], out);
	print_operand(out, e->unary.operand);
}

static void print_postinc(FILE *out, const struct expr *e)
{
	print_operand(out, e->unary.operand);
	fputs(op_spelling[e->unary.op], out);
}

static void print_binary(FILE *out, const struct expr *e)
{
	print_operand(out, e->binary.left);
	fprintf(out, " %s ", op_spelling[e->binary.op]);
	print_operand(out, e->binary.right);
}

static void print_ternary(FILE *out, const struct expr *e)
{
	print_operand(out, e->ternary.cond);
	putc('?', out);
	print_operand(out, e->ternary.yes);
	putc(':', out);
	print_operand(out, e->ternary.no);
}

static void print_regex(FILE *out, const struct expr *e)
{
	print_operand(out, e->regex.left);
	fputs(e->regex.negated ? " !~ " : " =~ ", out);
	print_text(out, e->regex.pattern);
}

static void print_in(FILE *out, const struct expr *e)
{
	putc('[', out);
	print_list(out, &e->in.keys);
	fputs("] in ", out);
	ast_print_expr(out, e->in.array);
}

static void print_call(FILE *out, const struct expr *e)
{
	fprintf(out, "%s(", e->call.name);
	print_list(out, &e->call.args);
	putc(')', out);
}

static void print_print(FILE *out, const struct expr *e)
{
	const char *first = e->print.print == PRINT_F ? e->print.format_text : e->print.delimiter;

	fprintf(out, "%s(", print_op_name(e));
	if (first) {
		print_text(out, first);
		fputs(e->print.args.count ? ", " : "", out);
	}
	print_list(out, &e->print.args);
	putc(')', out);
}

static void print_target(FILE *out, const struct expr *e)
{
	fprintf(out, "%s%s", e->target.address_of ? "&" : "", e->target.name);
	/* "$x->y$" ends in the suffix, "$x$" too */
	print_components(out, &e->target.components, e->target.pretty);
}

static void print_cast(FILE *out, const struct expr *e)
{
	fputs(e->cast.address_of ? "&" : "", out);
	fputs(e->kind == EXPR_CAST ? "@cast(" : "@var(", out);
	if (e->cast.operand) {
		ast_print_expr(out, e->cast.operand);
		fputs(", ", out);
	}
	print_text(out, e->cast.type_name);
	if (e->cast.module) {
		fputs(", ", out);
		print_text(out, e->cast.module);
	}
	putc(')', out);
	print_components(out, &e->cast.components, e->cast.pretty);
}

static void print_deref(FILE *out, const struct expr *e)
{
	fputs(e->deref.address_of ? "&" : "", out);
	print_operand(out, e->deref.operand);
	print_components(out, &e->deref.components, e->deref.pretty);
}

static const char *expr_name(const struct expr *e)
{
	static const char *const names[EXPR_KIND_COUNT] = {
#define OP(id, spelling, prec)
#define EXPR(id, name) [EXPR_##id] = name,
#define STMT(id, name)
#include "translator/parse/ast.def"
	};

	return names[e->kind];
}

static void print_wrap(FILE *out, const struct expr *e)
{
	fprintf(out, "%s(", expr_name(e));
	ast_print_expr(out, e->wrap.operand);
	putc(')', out);
}

static void print_named(FILE *out, const struct expr *e)
{
	const char *separator = "";

	fprintf(out, "%s(", expr_name(e));
	if (e->named.operand) {
		ast_print_expr(out, e->named.operand);
		separator = ", ";
	}
	for (int i = 0; i < 3; i++) {
		const char *text = i == 0   ? e->named.text
				   : i == 1 ? e->named.type_name
					    : e->named.module;

		if (!text)
			continue;
		fputs(separator, out);
		print_text(out, text);
		separator = ", ";
	}
	putc(')', out);
}

static void print_stat(FILE *out, const struct expr *e)
{
	static const char *const names[] = { "count", "sum", "min", "max", "avg", "variance" };

	fprintf(out, "@%s(", names[e->stat.op]);
	ast_print_expr(out, e->stat.stat);
	if (e->stat.shift) {
		fputs(", ", out);
		print_signed(out, e->stat.shift);
	}
	putc(')', out);
}

static void print_hist(FILE *out, const struct expr *e)
{
	fputs(e->hist.hist == HIST_LOG ? "@hist_log(" : "@hist_linear(", out);
	ast_print_expr(out, e->hist.stat);
	if (e->hist.hist == HIST_LINEAR)
		fprintf(out, ", %" PRId64 ", %" PRId64 ", %" PRId64, e->hist.low, e->hist.high,
			e->hist.step);
	putc(')', out);
	if (!e->hist.bucket)
		return;
	putc('[', out);
	ast_print_expr(out, e->hist.bucket);
	putc(']', out);
}

static void print_regop(FILE *out, const struct expr *e)
{
	fprintf(out, "@%c%s(%" PRId64, e->regop.space == SPACE_USER ? 'u' : 'k',
		e->regop.is_deref ? "deref" : "register", e->regop.number);
	if (e->regop.is_deref) {
		fputs(", ", out);
		ast_print_expr(out, e->regop.address);
	}
	putc(')', out);
}

static void print_embedded(FILE *out, const struct expr *e)
{
	fprintf(out, "%%{%s%%}", e->named.text);
}

static void print_mach(FILE *out, const struct expr *e)
{
	static const char *const names[] = {
		"reg", "arg", "retval", "read", "perf", "symbol", "write",
	};

	fprintf(out, "<%s", names[e->mach.mach]);
	if (e->mach.size)
		fprintf(out, " %c%d %s", e->mach.is_signed ? 's' : 'u', e->mach.size * 8,
			e->mach.space == SPACE_USER ? "user" : "kernel");
	if (e->mach.number)
		fprintf(out, " %" PRId64, e->mach.number);
	if (e->mach.symbol)
		fprintf(out, " %s", e->mach.symbol);
	if (e->mach.base) {
		putc(' ', out);
		print_operand(out, e->mach.base);
	}
	if (e->mach.value) {
		fputs(" = ", out);
		print_operand(out, e->mach.value);
	}
	putc('>', out);
}

static void (*const expr_printers[EXPR_KIND_COUNT])(FILE *out, const struct expr *expr) = {
	[EXPR_NUMBER] = print_number,	[EXPR_STRING] = print_string,
	[EXPR_SYMBOL] = print_symbol,	[EXPR_INDEX] = print_index,
	[EXPR_UNARY] = print_unary,	[EXPR_PREINC] = print_unary,
	[EXPR_POSTINC] = print_postinc, [EXPR_BINARY] = print_binary,
	[EXPR_COMPARE] = print_binary,	[EXPR_LOGICAL] = print_binary,
	[EXPR_CONCAT] = print_binary,	[EXPR_ASSIGN] = print_binary,
	[EXPR_TERNARY] = print_ternary, [EXPR_REGEX] = print_regex,
	[EXPR_IN] = print_in,		[EXPR_CALL] = print_call,
	[EXPR_PRINT] = print_print,	[EXPR_TARGET] = print_target,
	[EXPR_CAST] = print_cast,	[EXPR_ATVAR] = print_cast,
	[EXPR_DEREF] = print_deref,	[EXPR_ENTRY] = print_wrap,
	[EXPR_DEFINED] = print_wrap,	[EXPR_PROBEWRITE] = print_wrap,
	[EXPR_PERF] = print_named,	[EXPR_CONST] = print_named,
	[EXPR_ENUM] = print_named,	[EXPR_ENUMNAME] = print_named,
	[EXPR_REG_OP] = print_regop,	[EXPR_STAT] = print_stat,
	[EXPR_HIST] = print_hist,	[EXPR_EMBEDDED] = print_embedded,
	[EXPR_MACH] = print_mach,
};

void ast_print_expr(FILE *out, const struct expr *expr)
{
	expr_printers[expr->kind](out, expr);
}

void ast_print_point(FILE *out, const struct point *point)
{
	for (size_t i = 0; i < point->parts.count; i++) {
		const struct point_part *part = &point->parts.data[i];

		fprintf(out, "%s%s", i ? "." : "", part->functor);
		if (!part->arg)
			continue;
		putc('(', out);
		if (part->arg->kind == EXPR_NUMBER)
			print_signed(out, part->arg->number);
		else
			ast_print_expr(out, part->arg);
		putc(')', out);
	}
	fputs(point->optional ? "?" : point->sufficient ? "!" : "", out);
	if (point->condition) {
		fputs(" if (", out);
		ast_print_expr(out, point->condition);
		putc(')', out);
	}
}
