/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types and number of the arguments of the print family. */
#include <string.h>

#include "translator/elab/infer.h"

/* Arguments of @print, and of a '*' before them. */
static size_t format_arguments(const struct format_piece *piece, enum type types[3])
{
	size_t count = 0;

	if (!piece->conv)
		return 0;
	if (piece->width_kind == SIZE_ARGUMENT)
		types[count++] = TYPE_LONG;
	if (piece->precision_kind == SIZE_ARGUMENT)
		types[count++] = TYPE_LONG;
	if (piece->conv != '%')
		types[count++] = piece->conv == 's' ? TYPE_STRING : TYPE_LONG;
	return count;
}

static void infer_format(struct infer *in, struct expr *e)
{
	expr_vec *args = &e->print.args;
	enum type types[3];
	size_t next = 0;

	for (size_t i = 0; i < e->print.format.count; i++) {
		size_t count = format_arguments(&e->print.format.data[i], types);

		for (size_t j = 0; j < count; j++, next++)
			if (next < args->count)
				infer_expr(in, &args->data[next], types[j]);
	}
	if (next == args->count)
		return;
	diag(in->session->diags, DIAG_SEM_FORMAT_ARGS, e->tok, next, plural(next), args->count);
	in->failed = true;
	e->type = TYPE_ERROR;
}

/* print(@hist_log(x)): the picture. */
static bool infer_picture(struct infer *in, struct expr *e)
{
	if (e->print.args.count != 1 || e->print.args.data[0]->kind != EXPR_HIST ||
	    e->print.args.data[0]->hist.bucket)
		return false;
	infer_expr(in, &e->print.args.data[0]->hist.stat, TYPE_STATS);
	return true;
}

static void infer_values(struct infer *in, struct expr *e)
{
	for (size_t i = 0; i < e->print.args.count; i++) {
		struct expr **arg = &e->print.args.data[i];

		infer_expr(in, arg, TYPE_UNKNOWN);
		if ((*arg)->type == TYPE_STATS) {
			diag(in->session->diags, DIAG_TYPE_MISMATCH, (*arg)->span,
			     "a long or a string", "an aggregate");
			diag_hint(in->session->diags, "use @count, @sum, @avg … or @hist_log");
			(*arg)->type = TYPE_ERROR;
			in->failed = true;
		}
	}
}

/* print(a) takes one value or more, printd at least two beside its delimiter, println any
 * number. */
static void check_count(struct infer *in, struct expr *e)
{
	size_t count = e->print.args.count;
	bool delimited = e->print.print == PRINT_D || e->print.print == PRINT_DLN;
	const char *problem = NULL;

	if (e->print.print == PRINT_F)
		return;
	if (count < (delimited ? 2 : e->print.print == PRINT_PLAIN ? 1 : 0))
		problem = "few";
	if (count > 32)
		problem = "many";
	if (!problem)
		return;
	diag(in->session->diags, DIAG_SEM_PRINT_ARGS, e->tok, problem,
	     delimited ? "printing with a delimiter" : "print");
	in->failed = true;
	e->type = TYPE_ERROR;
}

void infer_print(struct infer *in, struct expr **slot, enum type want)
{
	struct expr *e = *slot;

	check_count(in, e);
	if (e->print.print == PRINT_F)
		infer_format(in, e);
	else if (!infer_picture(in, e))
		infer_values(in, e);
	if (e->type == TYPE_ERROR)
		return;
	/* what is printed is nothing to use, but counts as a long */
	e->type = e->print.to_string ? TYPE_STRING : TYPE_LONG;
	infer_want(in, e, want);
}
