/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each string's greatest width.
 *
 * Needs: types. Gives: the width fields of globals, keys, locals and functions. Widths only
 * grow; a value that grows from itself (s .= "x" in a loop) would never stop, so after a few
 * rounds whatever still grows gets the greatest.
 */
#include <string.h>

#include "translator/elab/elab-priv.h"
#include "translator/elab/width.h"

#define ROUNDS_BEFORE_WIDENING 4

enum { NUMBER_CHARS = 20, OCTAL_CHARS = 23, HEX_CHARS = 18 };

static uint32_t cap(const struct session *session, uint64_t width)
{
	uint64_t max = session->max_string;

	return width > max ? max : width;
}

static uint32_t at_least_one(uint32_t width)
{
	return width ? width : 1;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t width_symbol(const struct expr *e)
{
	return at_least_one(e->symbol.global ? e->symbol.global->width :
			    e->symbol.local  ? e->symbol.local->width :
					       0);
}

/* Of an intrinsic whose row says WIDTH_CUT(source, length) or -source. */
static uint32_t width_by_argument(const struct session *session, const struct expr *e)
{
	const expr_vec *args = &e->call.args;
	size_t source = WIDTH_SOURCE(e->call.intrinsic->width);
	size_t length = WIDTH_LENGTH(e->call.intrinsic->width);
	uint32_t width = source && source <= args->count ?
				 width_of_expr(session, args->data[source - 1]) :
				 session->max_string;
	const struct expr *cut = length && length <= args->count ? args->data[length - 1] : NULL;

	if (cut && cut->kind == EXPR_NUMBER && cut->number >= 0 && cut->number < width)
		return cut->number + 1;
	return width;
}

static uint32_t width_call(const struct session *session, const struct expr *e)
{
	const struct intrinsic *intrinsic = e->call.intrinsic;
	uint32_t width = 1;

	if (intrinsic) {
		if (intrinsic->width > 0)
			return cap(session, intrinsic->width);
		if (intrinsic->width < 0)
			return width_by_argument(session, e);
		return session->max_string;
	}
	for (size_t i = 0; i < e->call.targets.count; i++)
		width = larger(width, e->call.targets.data[i]->width);
	return width;
}

/* Characters of one value printed without a format. */
static uint64_t chars_of(const struct session *session, const struct expr *e)
{
	return e->type == TYPE_STRING ? width_of_expr(session, e) - 1 : NUMBER_CHARS;
}

static uint64_t chars_of_piece(const struct session *session, const struct format_piece *piece,
			       const struct expr *value)
{
	uint64_t chars = NUMBER_CHARS, max = session->max_string;

	if (piece->conv == 0)
		return piece->literal_length;
	if (piece->width_kind == SIZE_ARGUMENT || piece->precision_kind == SIZE_ARGUMENT)
		return max;
	switch (piece->conv) {
	case 's':
		chars = value ? width_of_expr(session, value) - 1 : max;
		if (piece->precision_kind == SIZE_FIXED && piece->precision >= 0 &&
		    (uint64_t)piece->precision < chars)
			chars = piece->precision;
		break;
	case 'c':
		chars = piece->flag == '#' ? 4 : 1;
		break;
	case 'o':
		chars = OCTAL_CHARS;
		break;
	case 'x':
	case 'X':
	case 'p':
		chars = HEX_CHARS;
		break;
	case 'b':
		chars = 8;
		break;
	case 'm':
	case 'M':
		chars = piece->precision_kind == SIZE_FIXED ? 2 * (uint64_t)piece->precision :
							      HEX_CHARS;
		break;
	case '%':
		chars = 1;
		break;
	}
	if (piece->conv != 's' && piece->precision_kind == SIZE_FIXED)
		chars += piece->precision;
	if (piece->width_kind == SIZE_FIXED && (uint64_t)piece->width > chars)
		chars = piece->width;
	return chars;
}

static uint64_t chars_of_format(const struct session *session, const struct expr *e)
{
	const expr_vec *args = &e->print.args;
	uint64_t chars = 0;
	size_t next = 0;

	for (size_t i = 0; i < e->print.format.count; i++) {
		const struct format_piece *piece = &e->print.format.data[i];

		next += piece->width_kind == SIZE_ARGUMENT;
		next += piece->precision_kind == SIZE_ARGUMENT;
		chars += chars_of_piece(session, piece,
					next < args->count ? args->data[next] : NULL);
		next += piece->conv != 0 && piece->conv != '%';
	}
	return chars;
}

static uint32_t width_print(const struct session *session, const struct expr *e)
{
	const expr_vec *args = &e->print.args;
	uint64_t chars = 0;

	if (args->count == 1 && args->data[0]->kind == EXPR_HIST)
		return session->max_string;
	if (e->print.print == PRINT_F)
		return cap(session, chars_of_format(session, e) + 1);
	for (size_t i = 0; i < args->count; i++)
		chars += chars_of(session, args->data[i]);
	if (e->print.delimiter && args->count)
		chars += strlen(e->print.delimiter) * (args->count - 1);
	chars += e->print.print == PRINT_LN || e->print.print == PRINT_DLN;
	return cap(session, chars + 1);
}

uint32_t width_of_expr(const struct session *session, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_STRING:
		return cap(session, (uint64_t)e->string.length + 1);
	case EXPR_SYMBOL:
		return width_symbol(e);
	case EXPR_INDEX:
		return width_symbol(e->index.base);
	case EXPR_CONCAT:
		return cap(session, (uint64_t)width_of_expr(session, e->binary.left) +
					    width_of_expr(session, e->binary.right) - 1);
	case EXPR_TERNARY:
		return larger(width_of_expr(session, e->ternary.yes),
			      width_of_expr(session, e->ternary.no));
	case EXPR_ASSIGN:
		return width_of_expr(session, e->binary.op == OP_ASSIGN ? e->binary.right :
									  e->binary.left);
	case EXPR_CALL:
		return width_call(session, e);
	case EXPR_PRINT:
		return width_print(session, e);
	default:
		return session->max_string;
	}
}

/* ---- to a fixed point ---- */

struct widths {
	struct elab *elab;
	struct session *session;
	struct function *function;
	int round;
	bool changed;
};

static void grow(struct widths *w, uint32_t *width, uint64_t to)
{
	to = cap(w->session, to);
	if (to <= *width)
		return;
	*width = w->round > ROUNDS_BEFORE_WIDENING ? (uint64_t)w->session->max_string : to;
	w->changed = true;
}

static uint32_t width_of(const struct widths *w, const struct expr *e)
{
	return width_of_expr(w->session, e);
}

static void grow_keys(struct widths *w, struct global *global, const expr_vec *keys)
{
	for (size_t i = 0; i < keys->count && i < global->key_types.count; i++)
		if (keys->data[i] && global->key_types.data[i] == TYPE_STRING)
			grow(w, &global->key_widths.data[i], width_of(w, keys->data[i]));
}

static void grow_assign(struct widths *w, const struct expr *e)
{
	const struct expr *base = e->binary.left;
	uint64_t to = width_of(w, e->binary.right);

	if (base->kind == EXPR_INDEX)
		base = base->index.base;
	if (base->kind != EXPR_SYMBOL)
		return;
	if (e->binary.op == OP_CAT_ASSIGN)
		to += width_symbol(base) - 1;
	grow(w, base->symbol.global ? &base->symbol.global->width : &base->symbol.local->width, to);
}

static void grow_call(struct widths *w, const struct expr *e)
{
	for (size_t i = 0; i < e->call.targets.count; i++) {
		const struct function *target = e->call.targets.data[i];

		for (size_t j = 0; j < target->params.count && j < e->call.args.count; j++)
			if (target->params.data[j]->type == TYPE_STRING)
				grow(w, &target->params.data[j]->width,
				     width_of(w, e->call.args.data[j]));
	}
}

static void width_expr(struct walk *walk, struct expr **slot)
{
	struct widths *w = walk->context;
	const struct expr *e = *slot;

	switch (e->kind) {
	case EXPR_INDEX:
		if (e->index.base->kind == EXPR_SYMBOL && e->index.base->symbol.global)
			grow_keys(w, e->index.base->symbol.global, &e->index.keys);
		break;
	case EXPR_IN:
		if (e->in.array->kind == EXPR_SYMBOL && e->in.array->symbol.global)
			grow_keys(w, e->in.array->symbol.global, &e->in.keys);
		break;
	case EXPR_ASSIGN:
		if (e->type == TYPE_STRING)
			grow_assign(w, e);
		break;
	case EXPR_CALL:
		grow_call(w, e);
		break;
	default:
		break;
	}
}

static void grow_loop(struct widths *w, const struct stmt *stmt)
{
	const struct expr *array = stmt->foreach.array;
	struct global *global = array->kind == EXPR_SYMBOL ? array->symbol.global : NULL;

	if (!global)
		return;
	grow_keys(w, global, &stmt->foreach.slice);
	for (size_t i = 0; i < stmt->foreach.keys.count && i < global->key_types.count; i++)
		if (global->key_types.data[i] == TYPE_STRING)
			grow(w, &stmt->foreach.keys.data[i].local->width,
			     global->key_widths.data[i]);
	if (stmt->foreach.value.local && global->type == TYPE_STRING)
		grow(w, &stmt->foreach.value.local->width, global->width);
}

static void width_stmt(struct walk *walk, struct stmt **slot)
{
	struct widths *w = walk->context;
	const struct stmt *stmt = *slot;

	if (stmt->kind == STMT_FOREACH)
		grow_loop(w, stmt);
	else if (stmt->kind == STMT_TRY && stmt->attempt.local)
		grow(w, &stmt->attempt.local->width, w->session->max_string);
	else if (stmt->kind == STMT_RETURN && stmt->expr && w->function &&
		 w->function->type == TYPE_STRING)
		grow(w, &w->function->width, width_of(w, stmt->expr));
}

static void width_body(struct elab *elab, struct handler *handler, struct function *function,
		       struct stmt **body, void *context)
{
	struct widths *w = context;
	struct walk walk = { .expr = width_expr, .stmt = width_stmt, .context = w };

	(void)elab;
	(void)handler;
	w->function = function;
	walk_stmt(&walk, body);
}

static void start_locals(struct widths *w, const local_vec *locals)
{
	for (size_t i = 0; i < locals->count; i++)
		if (locals->data[i]->type == TYPE_STRING)
			grow(w, &locals->data[i]->width, 1);
}

static void start(struct widths *w)
{
	struct elab_program *program = w->elab->program;

	for (size_t i = 0; i < program->globals.count; i++) {
		struct global *global = program->globals.data[i];

		for (size_t k = global->key_widths.count; k < global->key_types.count; k++)
			*vec_push(w->session->arena, &global->key_widths) =
				global->key_types.data[k] == TYPE_STRING;
		if (global->type == TYPE_STRING)
			grow(w, &global->width, global->init ? global->init->string.length + 1 : 1);
	}
	for (size_t i = 0; i < program->handlers.count; i++)
		start_locals(w, &program->handlers.data[i]->locals);
	for (size_t i = 0; i < program->functions.count; i++) {
		start_locals(w, &program->functions.data[i]->locals);
		start_locals(w, &program->functions.data[i]->params);
		if (program->functions.data[i]->type == TYPE_STRING)
			grow(w, &program->functions.data[i]->width, 1);
	}
}

void width_program(struct elab *elab)
{
	struct widths w = { .elab = elab, .session = elab->session };

	start(&w);
	do {
		w.changed = false;
		w.round++;
		elab_each_body(elab, width_body, &w);
	} while (w.changed);
}
