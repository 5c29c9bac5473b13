/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * println("x ", sprintf("%d", n)) is printf("x %d\n", n): what is formatted only to be printed is
 * formatted once, and for kernel handlers in user space. Not what MAXSTRINGLEN or a NUL may cut.
 */
#include <string.h>

#include "translator/elab/width.h"
#include "translator/ir/lower-priv.h"
#include "translator/session.h"

enum { MAX_FLAT_ARGS = 256 };

struct flat {
	const struct session *session;
	struct arena *arena;
	format_vec pieces;
	expr_vec args;
};

/* Might there be a NUL in what @e, a sprintf(), makes? Its string ends there. */
static bool may_end_early(const struct expr *e)
{
	struct expr *const *next = e->print.args.data;

	for (size_t i = 0; i < e->print.format.count; i++) {
		const struct format_piece *piece = &e->print.format.data[i];

		next += piece->width_kind == SIZE_ARGUMENT;
		next += piece->precision_kind == SIZE_ARGUMENT;
		if (piece->conv == 'b' || piece->conv == 'm')
			return true;
		if (piece->conv == 'c' &&
		    ((*next)->kind != EXPR_NUMBER || !((*next)->number & 0xff)))
			return true;
		next += piece->conv && piece->conv != '%';
	}
	return false;
}

static bool is_nested(const struct session *session, const struct expr *e)
{
	return e->kind == EXPR_PRINT && e->print.to_string &&
	       !(e->print.args.count == 1 && e->print.args.data[0]->kind == EXPR_HIST &&
		 !e->print.args.data[0]->hist.bucket) &&
	       width_of_expr(session, e) < session->max_string && !may_end_early(e);
}

static bool has_nested(const struct session *session, const struct expr *e)
{
	for (size_t i = 0; i < e->print.args.count; i++)
		if (is_nested(session, e->print.args.data[i]))
			return true;
	return false;
}

static void add_text(struct flat *flat, const char *text)
{
	struct format_piece *piece = vec_push(flat->arena, &flat->pieces);

	piece->literal = text;
	piece->literal_length = strlen(text);
}

static void flatten(struct flat *flat, const struct expr *e);

static void add_value(struct flat *flat, const struct format_piece *piece, struct expr *value)
{
	if (piece->conv == 's' && !piece->width_kind && !piece->precision_kind &&
	    is_nested(flat->session, value)) {
		flatten(flat, value);
		return;
	}
	*vec_push(flat->arena, &flat->pieces) = *piece;
	*vec_push(flat->arena, &flat->args) = value;
}

static void flatten_format(struct flat *flat, const struct expr *e)
{
	struct expr *const *next = e->print.args.data;

	for (size_t i = 0; i < e->print.format.count; i++) {
		const struct format_piece *piece = &e->print.format.data[i];
		int stars = (piece->width_kind == SIZE_ARGUMENT) +
			    (piece->precision_kind == SIZE_ARGUMENT);

		if (!piece->conv) {
			*vec_push(flat->arena, &flat->pieces) = *piece;
			continue;
		}
		while (stars-- > 0)
			*vec_push(flat->arena, &flat->args) = *next++;
		add_value(flat, piece, *next++);
	}
}

static void flatten(struct flat *flat, const struct expr *e)
{
	enum print_kind kind = e->print.print;

	if (kind == PRINT_F) {
		flatten_format(flat, e);
		return;
	}
	for (size_t i = 0; i < e->print.args.count; i++) {
		struct expr *value = e->print.args.data[i];
		struct format_piece piece = { .conv = value->type == TYPE_STRING ? 's' : 'd' };

		if (i && (kind == PRINT_D || kind == PRINT_DLN))
			add_text(flat, e->print.delimiter);
		add_value(flat, &piece, value);
	}
	if (kind == PRINT_LN || kind == PRINT_DLN)
		add_text(flat, "\n");
}

struct expr *lower_flatten(struct lower *l, struct expr *expr)
{
	struct flat flat = { .session = l->session, .arena = l->session->arena };
	struct expr *whole;

	if (!has_nested(l->session, expr))
		return expr;
	flatten(&flat, expr);
	if (flat.args.count > MAX_FLAT_ARGS)
		return expr;
	whole = arena_new_of(flat.arena, struct expr);
	*whole = *expr;
	whole->print.print = PRINT_F;
	whole->print.format = flat.pieces;
	whole->print.args = flat.args;
	return whole;
}
