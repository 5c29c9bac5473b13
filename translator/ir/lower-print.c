/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The print family: each call is a row of program.prints (what the text looks like) and an
 * instruction with the arguments. Constant strings become part of the row; equal rows are shared.
 */
#include <string.h>

#include "translator/ir/lower-priv.h"
#include "translator/session.h"
#include "translator/util/diag.h"

struct row {
	struct lower *l;
	VEC(struct program_piece) pieces;
	VEC(uint32_t) args, types, widths;
};

static void add_literal(struct row *r, const char *text, size_t length)
{
	struct arena *arena = r->l->session->arena;
	struct program_piece *piece;

	if (!length)
		return;
	if (r->pieces.count && !vec_last(&r->pieces).conv) {
		char *joined;

		piece = &vec_last(&r->pieces);
		joined = arena_alloc(arena, piece->literal_length + length + 1);
		memcpy(joined, piece->literal, piece->literal_length);
		memcpy(joined + piece->literal_length, text, length);
		piece->literal = joined;
		piece->literal_length += length;
		return;
	}
	piece = vec_push(arena, &r->pieces);
	piece->literal = text;
	piece->literal_length = length;
}

static void add_argument(struct row *r, uint32_t value)
{
	struct arena *arena = r->l->session->arena;
	bool string = lower_is_string(value);

	*vec_push(arena, &r->args) = value;
	*vec_push(arena, &r->types) = string ? PROGRAM_STRING : PROGRAM_LONG;
	*vec_push(arena, &r->widths) = string ? lower_width(r->l, value) : 8;
}

static void add_conversion(struct row *r, const struct program_piece *piece, uint32_t value)
{
	uint32_t index = OPERAND_INDEX(value);

	if (piece->conv == 's' && OPERAND_TAG(value) == OPERAND_TEXT && !piece->width_kind &&
	    !piece->precision_kind) {
		const char *text = r->l->program->texts.data[index];

		add_literal(r, text, strlen(text));
		return;
	}
	*vec_push(r->l->session->arena, &r->pieces) = *piece;
	add_argument(r, value);
}

/* ---- rows ---- */

static bool same_piece(const struct program_piece *a, const struct program_piece *b)
{
	return a->conv == b->conv && a->flag == b->flag && a->width_kind == b->width_kind &&
	       a->precision_kind == b->precision_kind && a->width == b->width &&
	       a->precision == b->precision && a->literal_length == b->literal_length &&
	       !memcmp(a->literal, b->literal, a->literal_length);
}

static bool same_row(const struct program_print *a, const struct program_print *b)
{
	if (a->action != b->action || a->is_hist != b->is_hist ||
	    a->piece_count != b->piece_count || a->arg_count != b->arg_count ||
	    (a->arg_count &&
	     (memcmp(a->arg_types, b->arg_types, a->arg_count * sizeof(*a->arg_types)) ||
	      memcmp(a->arg_widths, b->arg_widths, a->arg_count * sizeof(*a->arg_widths)))))
		return false;
	for (uint32_t i = 0; i < a->piece_count; i++)
		if (!same_piece(&a->pieces[i], &b->pieces[i]))
			return false;
	return true;
}

static uint32_t row_index(struct row *r, uint32_t action, bool is_hist)
{
	struct ir_program *program = r->l->program;
	struct program_print made = { .action = action, .pieces = r->pieces.data,
		.piece_count = r->pieces.count, .arg_types = r->types.data,
		.arg_widths = r->widths.data, .arg_count = r->args.count, .is_hist = is_hist };

	for (size_t i = 0; i < made.piece_count; i++)
		if (!r->pieces.data[i].literal)
			r->pieces.data[i].literal = "";
	for (size_t i = 0; i < program->prints.count; i++)
		if (same_row(&program->prints.data[i], &made))
			return i;
	*vec_push(r->l->session->arena, &program->prints) = made;
	return program->prints.count - 1;
}

static void emit_row(struct row *r, enum ir_op op, uint32_t result, uint32_t action)
{
	VEC(uint32_t) operands = { 0 };

	*vec_push(r->l->session->arena, &operands) = row_index(r, action, false);
	for (size_t i = 0; i < r->args.count; i++)
		*vec_push(r->l->session->arena, &operands) = r->args.data[i];
	lower_emit(r->l, op, result, operands.data, operands.count);
}

/* ---- results of sprint ---- */

/* Greatest length of what a conversion prints. */
static uint32_t piece_length(const struct row *r, const struct program_piece *piece, size_t arg)
{
	static const uint8_t lengths[128] = { ['d'] = 20, ['u'] = 20, ['o'] = 23, ['x'] = 18,
		['X'] = 18, ['p'] = 18, ['c'] = 4, ['b'] = 8 };
	uint32_t length = piece->conv ? lengths[piece->conv & 127] : piece->literal_length;

	if (piece->conv == 's')
		length = r->widths.data[arg] - 1;
	if (piece->width_kind == 2 || piece->precision_kind == 2)
		return lower_max_string(r->l);
	if (piece->precision_kind && piece->conv == 's' && (uint32_t)piece->precision < length)
		length = piece->precision;
	if (piece->precision_kind && piece->conv != 's' && (uint32_t)piece->precision + 3 > length)
		length = piece->precision + 3;
	return piece->width_kind && (uint32_t)piece->width > length ? (uint32_t)piece->width :
								      length;
}

static uint32_t result_width(const struct row *r)
{
	uint32_t width = 1, arg = 0;

	for (size_t i = 0; i < r->pieces.count; i++) {
		const struct program_piece *piece = &r->pieces.data[i];

		if (piece->width_kind == 2 || piece->precision_kind == 2)
			return lower_max_string(r->l);
		width += piece_length(r, piece, arg);
		arg += piece->conv != 0;
		if (width >= lower_max_string(r->l))
			return lower_max_string(r->l);
	}
	return width;
}

static bool only_strings(const struct row *r)
{
	for (size_t i = 0; i < r->pieces.count; i++) {
		const struct program_piece *piece = &r->pieces.data[i];

		if (piece->conv ? piece->conv != 's' || piece->width_kind || piece->precision_kind :
				  strlen(piece->literal) != piece->literal_length)
			return false;
	}
	return true;
}

/* sprintf("%s/%s", a, b) needs no formatting: it is a concatenation. */
static uint32_t emit_joined(struct row *r)
{
	struct lower *l = r->l;
	uint32_t joined = NOTHING, arg = 0;

	for (size_t i = 0; i < r->pieces.count; i++) {
		const struct program_piece *piece = &r->pieces.data[i];
		uint32_t next = piece->conv ? r->args.data[arg++] :
					      lower_text(l, piece->literal), to;

		if (OPERAND_TAG(joined) == OPERAND_NONE) {
			joined = next;
			continue;
		}
		to = lower_temp_slot(l, lower_width(l, joined) + lower_width(l, next) - 1);
		EMIT(l, IR_SCAT, to, joined, next);
		joined = to;
	}
	return OPERAND_TAG(joined) == OPERAND_NONE ? lower_text(l, "") : joined;
}

static uint32_t emit_print(struct row *r, bool to_string)
{
	uint32_t result;

	if (!to_string) {
		if (r->pieces.count)
			emit_row(r, IR_PRINT, NOTHING, ACTION_STDOUT);
		return lower_number(r->l, 0);
	}
	if (only_strings(r))
		return emit_joined(r);
	result = lower_temp_slot(r->l, result_width(r));
	emit_row(r, IR_SPRINT, result, ACTION_STDOUT);
	return result;
}

/* ---- memory: %m and %M print bytes at an address ---- */

#define MEMORY_MAX 256

static void add_memory(struct row *r, const struct format_piece *from, const struct expr *at,
		       uint32_t address)
{
	struct lower *l = r->l;
	int count = from->precision_kind == SIZE_FIXED ? from->precision : 1;
	enum mem_space space = from->flag == '#' ? SPACE_USER : SPACE_KERNEL;
	struct program_piece piece = { .conv = from->conv == 'm' ? 'c' : 'x' };

	if (from->precision_kind == SIZE_ARGUMENT || from->width_kind == SIZE_ARGUMENT ||
	    count > MEMORY_MAX) {
		diag(l->session->diags, DIAG_LOWER_FORMAT, at->span, from->conv,
		     "needs a constant number of bytes, at most 256");
		return;
	}
	if (from->conv == 'M') {
		piece.flag = '0';
		piece.width_kind = 1;
		piece.width = 2;
	}
	for (int i = (from->conv == 'M' ? 2 : 1) * count;
	     from->width_kind == SIZE_FIXED && i < from->width; i++)
		add_literal(r, " ", 1);
	for (int i = 0; i < count; i++)
		add_conversion(r, &piece,
			       lower_read(l, space, 1, false,
					  lower_arith(l, IR_ADD, address, lower_number(l, i))));
}

/* ---- from the tree ---- */

static void add_plain(struct row *r, uint32_t value)
{
	struct program_piece piece = { .conv = lower_is_string(value) ? 's' : 'd' };

	add_conversion(r, &piece, value);
}

static void add_format_piece(struct row *r, const struct format_piece *from, const struct expr *at,
			     const uint32_t **next)
{
	struct program_piece piece = { .conv = (unsigned char)from->conv,
		.flag = (unsigned char)from->flag, .width_kind = from->width_kind,
		.precision_kind = from->precision_kind, .width = from->width,
		.precision = from->precision };

	if (!from->conv) {
		add_literal(r, from->literal, from->literal_length);
		return;
	}
	if (from->conv == 'm' || from->conv == 'M') {
		add_memory(r, from, at, *(*next)++);
		return;
	}
	if (from->width_kind == SIZE_ARGUMENT)
		add_argument(r, *(*next)++);
	if (from->precision_kind == SIZE_ARGUMENT)
		add_argument(r, *(*next)++);
	if (piece.conv == 'i')
		piece.conv = 'd';
	add_conversion(r, &piece, *(*next)++);
}

static uint32_t print_hist(struct lower *l, struct expr *expr)
{
	struct row r = { .l = l };
	struct expr *hist = expr->print.args.data[0];
	uint32_t result = expr->print.to_string ? lower_temp_slot(l, lower_max_string(l)) : NOTHING;
	uint32_t operands[2 + PROGRAM_MAX_KEYS];
	struct lower_ref ref;

	lower_note_hist(l, hist);
	lower_ref(l, hist->hist.stat, NULL, &ref);
	if (expr->print.print == PRINT_LN)
		add_literal(&r, "\n", 1);
	operands[0] = row_index(&r, ACTION_STDOUT, true);
	operands[1] = ref.global->index;
	memcpy(operands + 2, ref.keys, ref.key_count * sizeof(uint32_t));
	lower_emit(l, expr->print.to_string ? IR_SPRINTHIST : IR_PRINTHIST, result, operands,
		   2 + ref.key_count);
	return expr->print.to_string ? result : lower_number(l, 0);
}

uint32_t lower_print(struct lower *l, struct expr *unflat, bool wanted)
{
	struct expr *expr = lower_flatten(l, unflat);
	const expr_vec *args = &expr->print.args;
	uint32_t *values = arena_alloc(l->session->arena, (args->count + 1) * sizeof(*values));
	const uint32_t *next = values;
	enum print_kind kind = expr->print.print;
	struct row r = { .l = l };

	(void)wanted;
	if (args->count == 1 && args->data[0]->kind == EXPR_HIST && !args->data[0]->hist.bucket)
		return print_hist(l, expr);
	lower_args(l, args, values);
	lower_place_expr(l, expr);
	if (kind == PRINT_F)
		for (size_t i = 0; i < expr->print.format.count; i++)
			add_format_piece(&r, &expr->print.format.data[i], expr, &next);
	for (size_t i = 0; kind != PRINT_F && i < args->count; i++) {
		if (i && (kind == PRINT_D || kind == PRINT_DLN))
			add_literal(&r, expr->print.delimiter, strlen(expr->print.delimiter));
		add_plain(&r, values[i]);
	}
	if (kind == PRINT_LN || kind == PRINT_DLN)
		add_literal(&r, "\n", 1);
	return emit_print(&r, expr->print.to_string);
}

void lower_print_text(struct lower *l, uint32_t action, uint32_t text)
{
	struct row r = { .l = l };

	add_plain(&r, text);
	if (r.pieces.count || action != ACTION_STDOUT)
		emit_row(&r, IR_PRINT, NOTHING, action);
}
