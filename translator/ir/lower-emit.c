/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Emitting: places, temporaries, moves, arithmetic with constants folded. */
#include <string.h>

#include "translator/elab/walk.h"
#include "translator/ir/lower-priv.h"
#include "translator/session.h"

static const char *const token_names[] = {
	[TOK_IDENTIFIER] = "identifier", [TOK_OPERATOR] = "operator", [TOK_KEYWORD] = "keyword",
	[TOK_STRING] = "string", [TOK_NUMBER] = "number", [TOK_EMBEDDED] = "embedded code",
};

void lower_place(struct lower *l, enum tok_kind kind, struct span token)
{
	/* What goes wrong inside a tapset function is reported where the script calls it. */
	l->b.place = l->frame ? l->frame->place :
				ir_place(l->program, token_names[kind], token);
}

void lower_place_expr(struct lower *l, const struct expr *expr)
{
	lower_place(l, expr->tok_kind, expr->tok);
}

struct ir_insn *lower_emit(struct lower *l, enum ir_op op, uint32_t result,
			   const uint32_t *operands, uint32_t count)
{
	return ir_emit(&l->b, op, result, operands, count);
}

void lower_jump(struct lower *l, uint32_t block)
{
	if (!ir_block_ended(&l->b))
		EMIT(l, IR_JMP, NOTHING, block);
}

void lower_enter(struct lower *l, uint32_t block)
{
	l->b.block = block;
}

uint32_t lower_number(struct lower *l, int64_t value)
{
	return ir_long(l->program, value);
}

uint32_t lower_text(struct lower *l, const char *text)
{
	return ir_text(l->program, text);
}

bool lower_is_string(uint32_t operand)
{
	return OPERAND_TAG(operand) == OPERAND_SLOT || OPERAND_TAG(operand) == OPERAND_TEXT;
}

uint32_t lower_max_string(const struct lower *l)
{
	return l->session->max_string;
}

uint32_t lower_width(const struct lower *l, uint32_t operand)
{
	uint32_t index = OPERAND_INDEX(operand);
	size_t width = OPERAND_TAG(operand) == OPERAND_TEXT
			       ? strlen(l->program->texts.data[index]) + 1
			       : l->b.func->slot_widths.data[index];

	return width < lower_max_string(l) ? width : lower_max_string(l);
}

/* ---- temporaries ---- */

uint32_t lower_temp_reg(struct lower *l)
{
	return ir_reg_new(&l->b);
}

static struct lower_temp *temp_take(struct lower *l, uint32_t width)
{
	struct lower_temp *temp;

	if (width > lower_max_string(l))
		width = lower_max_string(l);
	for (size_t i = 0; i < l->temps.count; i++) {
		temp = &l->temps.data[i];
		if (!temp->in_use && temp->width == width) {
			temp->in_use = l->depth + 1;
			return temp;
		}
	}
	temp = vec_push(l->session->arena, &l->temps);
	temp->slot = ir_slot_new(&l->b, width);
	temp->width = width;
	temp->in_use = l->depth + 1;
	return temp;
}

uint32_t lower_temp_slot(struct lower *l, uint32_t width)
{
	return temp_take(l, width)->slot;
}

void lower_mark_variable(struct lower *l, uint32_t operand)
{
	if (OPERAND_TAG(operand) == OPERAND_REG) {
		while (l->var_regs.count <= OPERAND_INDEX(operand))
			*vec_push(l->session->arena, &l->var_regs) = false;
		l->var_regs.data[OPERAND_INDEX(operand)] = true;
	}
	for (size_t i = 0; i < l->temps.count; i++)
		if (l->temps.data[i].slot == operand)
			l->temps.data[i].is_variable = true;
}

uint32_t lower_variable(struct lower *l, bool string, uint32_t width)
{
	uint32_t operand = string ? lower_temp_slot(l, width ? width : lower_max_string(l)) :
				    ir_reg_new(&l->b);

	lower_mark_variable(l, operand);
	return operand;
}

void lower_temps_release(struct lower *l)
{
	for (size_t i = 0; i < l->temps.count; i++)
		if (l->temps.data[i].in_use > l->depth) {
			l->temps.data[i].in_use = 0;
			l->temps.data[i].is_variable = false;
		}
}

static bool is_variable(const struct lower *l, uint32_t operand)
{
	uint32_t index = OPERAND_INDEX(operand);

	if (OPERAND_TAG(operand) == OPERAND_REG)
		return index < l->var_regs.count && l->var_regs.data[index];
	for (size_t i = 0; i < l->temps.count; i++)
		if (l->temps.data[i].slot == operand)
			return l->temps.data[i].is_variable;
	/* Slots that no pool gave out are kept for a loop or a choice. */
	return OPERAND_TAG(operand) == OPERAND_SLOT;
}

/* The instruction just emitted made @from, a temporary, and can make @to in its place. */
static bool retarget(struct lower *l, uint32_t to, uint32_t from)
{
	struct ir_block *block = &l->b.func->blocks.data[l->b.block];
	struct ir_insn *last;

	if (!block->insns.count || is_variable(l, from))
		return false;
	last = &vec_last(&block->insns);
	if (last->operands.data[0] != from || ir_ops[last->op].result[0] == '-')
		return false;
	for (size_t i = 1; i < last->operands.count && lower_is_string(to); i++)
		if (last->operands.data[i] == to)
			return false;
	last->operands.data[0] = to;
	return true;
}

void lower_move(struct lower *l, uint32_t to, uint32_t from)
{
	if (to == from || retarget(l, to, from))
		return;
	EMIT(l, lower_is_string(to) ? IR_SMOV : IR_MOV, to, from);
}

/* ---- arithmetic ---- */

/* SystemTap folds a constant count beyond 64 as 64, which its machine takes as 0: 1<<65 is 1 there,
 * and 1<<n with n 65 is 2. */
static int64_t shift_count(int64_t count)
{
	return (count < 0 ? 0 : count > 64 ? 64 : count) & 63;
}

static bool fold(enum ir_op op, int64_t a, int64_t b, int64_t *result)
{
	uint64_t ua = a, ub = b;

	switch (op) {
	case IR_ADD: *result = ua + ub; return true;
	case IR_SUB: *result = ua - ub; return true;
	case IR_MUL: *result = ua * ub; return true;
	case IR_AND: *result = ua & ub; return true;
	case IR_OR: *result = ua | ub; return true;
	case IR_XOR: *result = ua ^ ub; return true;
	case IR_SHL: *result = ua << shift_count(b); return true;
	case IR_SHR: *result = ua >> shift_count(b); return true;
	case IR_SAR: *result = a >> shift_count(b); return true;
	case IR_EQ: *result = a == b; return true;
	case IR_NE: *result = a != b; return true;
	case IR_LT: *result = a < b; return true;
	case IR_LE: *result = a <= b; return true;
	case IR_GT: *result = a > b; return true;
	case IR_GE: *result = a >= b; return true;
	case IR_DIV:
		if (b)
			*result = b == -1 ? (int64_t)(0 - ua) : a / b;
		return b;
	case IR_MOD:
		if (b)
			*result = b == -1 ? 0 : a % b;
		return b;
	default:
		return false;
	}
}

uint32_t lower_arith(struct lower *l, enum ir_op op, uint32_t a, uint32_t b)
{
	int64_t folded;

	if (OPERAND_TAG(a) == OPERAND_LONG && OPERAND_TAG(b) == OPERAND_LONG &&
	    fold(op, l->program->longs.data[OPERAND_INDEX(a)],
		 l->program->longs.data[OPERAND_INDEX(b)], &folded))
		return lower_number(l, folded);
	uint32_t result = lower_temp_reg(l);

	EMIT(l, op, result, a, b);
	return result;
}

/* ---- order of evaluation ---- */

static void find_change(struct walk *walk, struct expr **slot)
{
	const struct expr *expr = *slot, *target;

	if (expr->kind == EXPR_ASSIGN)
		target = expr->binary.left;
	else if (expr->kind == EXPR_PREINC || expr->kind == EXPR_POSTINC)
		target = expr->unary.operand;
	else
		return;
	if (target->kind == EXPR_SYMBOL && target->symbol.local)
		walk->context = NULL;
}

static bool changes_locals(const struct expr *expr)
{
	struct expr *node = (struct expr *)expr;
	struct walk walk = { .expr = find_change, .context = node };

	if (node)
		walk_expr(&walk, &node);
	return node && !walk.context;
}

static uint32_t copy_of(struct lower *l, uint32_t value)
{
	uint32_t copy = lower_is_string(value) ? lower_temp_slot(l, lower_width(l, value)) :
						 lower_temp_reg(l);

	EMIT(l, lower_is_string(value) ? IR_SMOV : IR_MOV, copy, value);
	return copy;
}

uint32_t lower_stable(struct lower *l, struct expr *expr, const struct expr *later)
{
	uint32_t value = lower_value(l, expr);

	return is_variable(l, value) && changes_locals(later) ? copy_of(l, value) : value;
}

void lower_args(struct lower *l, const expr_vec *args, uint32_t *out)
{
	for (size_t i = 0; i < args->count; i++) {
		bool changed = false;

		if (!args->data[i]) {
			out[i] = WILD;
			continue;
		}
		out[i] = lower_value(l, args->data[i]);
		for (size_t j = i + 1; j < args->count && is_variable(l, out[i]); j++)
			changed |= changes_locals(args->data[j]);
		if (changed)
			out[i] = copy_of(l, out[i]);
	}
}
