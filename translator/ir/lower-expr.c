/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions: numbers, operators, assignments, conditions. */
#include "translator/ir/lower-priv.h"
#include "translator/session.h"
#include "translator/util/diag.h"

/* The operation of an arithmetic operator, or of the assignment that ends in it. */
static const enum ir_op arith_ops[OP_COUNT] = {
	[OP_ADD] = IR_ADD, [OP_SUB] = IR_SUB, [OP_MUL] = IR_MUL, [OP_DIV] = IR_DIV,
	[OP_MOD] = IR_MOD, [OP_AND] = IR_AND, [OP_OR] = IR_OR, [OP_XOR] = IR_XOR,
	[OP_SHL] = IR_SHL, [OP_SAR] = IR_SAR, [OP_SHR] = IR_SHR,
	[OP_LT] = IR_LT, [OP_GT] = IR_GT, [OP_LE] = IR_LE, [OP_GE] = IR_GE, [OP_EQ] = IR_EQ,
	[OP_NE] = IR_NE,
	[OP_ADD_ASSIGN] = IR_ADD, [OP_SUB_ASSIGN] = IR_SUB, [OP_MUL_ASSIGN] = IR_MUL,
	[OP_DIV_ASSIGN] = IR_DIV, [OP_MOD_ASSIGN] = IR_MOD, [OP_SHL_ASSIGN] = IR_SHL,
	[OP_SAR_ASSIGN] = IR_SAR, [OP_AND_ASSIGN] = IR_AND, [OP_XOR_ASSIGN] = IR_XOR,
	[OP_OR_ASSIGN] = IR_OR, [OP_INC] = IR_ADD, [OP_DEC] = IR_SUB,
};

bool lower_is_global(const struct expr *expr)
{
	return expr->kind == EXPR_INDEX || (expr->kind == EXPR_SYMBOL && expr->symbol.global);
}

static uint32_t lower_constant(struct lower *l, struct expr *expr, bool wanted)
{
	(void)wanted;
	return lower_number(l, expr->number);
}

static uint32_t lower_string(struct lower *l, struct expr *expr, bool wanted)
{
	const char *text = expr->string.text;

	(void)wanted;
	if (expr->string.length >= lower_max_string(l))
		text = arena_strndup(l->session->arena, text, lower_max_string(l) - 1);
	return lower_text(l, text);
}

static uint32_t lower_load(struct lower *l, struct expr *expr)
{
	struct lower_ref ref;
	uint32_t result;

	lower_ref(l, expr, NULL, &ref);
	result = ref.global->type == TYPE_STRING
			 ? lower_temp_slot(l, ref.global->width ? ref.global->width :
								  lower_max_string(l))
			 : lower_temp_reg(l);
	lower_access(l, ref.global->type == TYPE_STRING ? IR_SLOAD : IR_LOAD, result, &ref, NULL,
		     0);
	return result;
}

uint32_t lower_symbol(struct lower *l, struct expr *expr, bool wanted)
{
	(void)wanted;
	return expr->symbol.global ? lower_load(l, expr) : lower_local(expr->symbol.local);
}

uint32_t lower_index(struct lower *l, struct expr *expr, bool wanted)
{
	(void)wanted;
	return lower_load(l, expr);
}

/* ---- arithmetic ---- */

static uint32_t lower_unary(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t operand = lower_expr(l, expr->unary.operand, wanted), result;

	if (!wanted || expr->unary.op == OP_PLUS)
		return operand;
	if (expr->unary.op == OP_NOT)
		return lower_arith(l, IR_EQ, operand, lower_number(l, 0));
	if (expr->unary.op == OP_NEG)
		return lower_arith(l, IR_SUB, lower_number(l, 0), operand);
	result = lower_temp_reg(l);
	EMIT(l, IR_COMPL, result, operand);
	return result;
}

static uint32_t lower_binary(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t left = lower_stable(l, expr->binary.left, expr->binary.right);
	uint32_t right = lower_value(l, expr->binary.right);

	(void)wanted;
	lower_place_expr(l, expr);
	return lower_arith(l, arith_ops[expr->binary.op], left, right);
}

uint32_t lower_compare(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t left = lower_stable(l, expr->binary.left, expr->binary.right);
	uint32_t right = lower_value(l, expr->binary.right), result;
	enum ir_op op = arith_ops[expr->binary.op];

	(void)wanted;
	if (!lower_is_string(left))
		return lower_arith(l, op, left, right);
	result = lower_temp_reg(l);
	if (op != IR_EQ && op != IR_NE) {
		EMIT(l, IR_SCMP, result, left, right);
		return lower_arith(l, op, result, lower_number(l, 0));
	}
	EMIT(l, IR_SEQ, result, left, right);
	return op == IR_EQ ? result : lower_arith(l, IR_EQ, result, lower_number(l, 0));
}

/* ---- conditions ---- */

void lower_cond(struct lower *l, struct expr *expr, uint32_t yes, uint32_t no)
{
	if (expr->kind == EXPR_UNARY && expr->unary.op == OP_NOT) {
		lower_cond(l, expr->unary.operand, no, yes);
		return;
	}
	if (expr->kind == EXPR_LOGICAL) {
		bool is_or = expr->binary.op == OP_LOGICAL_OR;
		uint32_t second = ir_block_new(&l->b);

		lower_cond(l, expr->binary.left, is_or ? yes : second, is_or ? second : no);
		lower_enter(l, second);
		lower_cond(l, expr->binary.right, yes, no);
		return;
	}
	uint32_t value = lower_value(l, expr);

	if (OPERAND_TAG(value) == OPERAND_LONG)
		lower_jump(l, l->program->longs.data[OPERAND_INDEX(value)] ? yes : no);
	else
		EMIT(l, IR_BR, NOTHING, value, yes, no);
}

static uint32_t lower_logical(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t yes = ir_block_new(&l->b), no = ir_block_new(&l->b), after = ir_block_new(&l->b);
	uint32_t result = lower_temp_reg(l);

	(void)wanted;
	lower_cond(l, expr, yes, no);
	lower_enter(l, yes);
	EMIT(l, IR_MOV, result, lower_number(l, 1));
	lower_jump(l, after);
	lower_enter(l, no);
	EMIT(l, IR_MOV, result, lower_number(l, 0));
	lower_jump(l, after);
	lower_enter(l, after);
	return result;
}

/* One arm of ?: into @result, made when the first arm has shown which kind it is. */
static void lower_arm(struct lower *l, struct expr *arm, bool wanted, uint32_t *result)
{
	uint32_t value = lower_expr(l, arm, wanted);

	if (!wanted)
		return;
	if (OPERAND_TAG(*result) == OPERAND_NONE)
		*result = lower_is_string(value) ? ir_slot_new(&l->b, 1) : lower_temp_reg(l);
	if (lower_is_string(value)) {
		uint32_t *width = &l->b.func->slot_widths.data[OPERAND_INDEX(*result)];

		if (*width < lower_width(l, value))
			*width = lower_width(l, value);
	}
	EMIT(l, lower_is_string(value) ? IR_SMOV : IR_MOV, *result, value);
}

static uint32_t lower_ternary(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t yes = ir_block_new(&l->b), no = ir_block_new(&l->b), after = ir_block_new(&l->b);
	uint32_t result = NOTHING;

	lower_cond(l, expr->ternary.cond, yes, no);
	lower_enter(l, yes);
	lower_arm(l, expr->ternary.yes, wanted, &result);
	lower_jump(l, after);
	lower_enter(l, no);
	lower_arm(l, expr->ternary.no, wanted, &result);
	lower_jump(l, after);
	lower_enter(l, after);
	return result;
}

/* ---- assignments ---- */

static uint32_t assign_local(struct lower *l, struct expr *expr)
{
	uint32_t to = lower_local(expr->binary.left->symbol.local);
	enum op op = expr->binary.op;
	uint32_t value = lower_value(l, expr->binary.right);

	lower_place_expr(l, expr);
	if (op == OP_CAT_ASSIGN) {
		uint32_t width = lower_width(l, to) + lower_width(l, value) - 1;
		uint32_t joined = lower_temp_slot(l, width);

		EMIT(l, IR_SCAT, joined, to, value);
		value = joined;
	} else if (op != OP_ASSIGN) {
		value = lower_arith(l, arith_ops[op], to, value);
	}
	lower_move(l, to, value);
	return to;
}

/* a[k] .= "x": the keys are evaluated once; not atomic, as in SystemTap's own locks-per-handler it
 * would be. */
static uint32_t assign_joined(struct lower *l, const struct lower_ref *ref, uint32_t value)
{
	uint32_t width = ref->global->width ? ref->global->width : lower_max_string(l);
	uint32_t old = lower_temp_slot(l, width), joined;

	lower_access(l, IR_SLOAD, old, ref, NULL, 0);
	joined = lower_temp_slot(l, width + lower_width(l, value) - 1);
	EMIT(l, IR_SCAT, joined, old, value);
	lower_access(l, IR_SSTORE, NOTHING, ref, &joined, 1);
	return joined;
}

static uint32_t assign_global(struct lower *l, struct expr *expr, bool wanted)
{
	struct expr *target = expr->binary.left;
	enum op op = expr->binary.op;
	struct lower_ref ref;
	uint32_t value;

	lower_ref(l, target, expr->binary.right, &ref);
	value = lower_value(l, expr->binary.right);
	lower_place_expr(l, target);
	if (op == OP_AGGREGATE) {
		lower_access(l, IR_AGG, NOTHING, &ref, &value, 1);
		return value;
	}
	if (op == OP_CAT_ASSIGN)
		return assign_joined(l, &ref, value);
	if (op == OP_ASSIGN) {
		lower_access(l, lower_is_string(value) ? IR_SSTORE : IR_STORE, NOTHING, &ref,
			     &value, 1);
		return value;
	}
	enum ir_op arith = arith_ops[op];
	uint32_t result = wanted ? lower_temp_reg(l) : NOTHING;

	if (ir_ops[arith].effects & FAULT)
		lower_place_expr(l, expr);
	lower_access(l, IR_RMW, result, &ref, (const uint32_t[]){ arith, value }, 2);
	return result;
}

uint32_t lower_assign(struct lower *l, struct expr *expr, bool wanted)
{
	return lower_is_global(expr->binary.left) ? assign_global(l, expr, wanted) :
						    assign_local(l, expr);
}

/* ++ and --: the new value; where @old is asked for, the one before. */
static uint32_t increment(struct lower *l, struct expr *expr, bool wanted, bool old)
{
	struct expr *target = expr->unary.operand;
	enum ir_op op = arith_ops[expr->unary.op];
	enum ir_op back = op == IR_ADD ? IR_SUB : IR_ADD;
	uint32_t one = lower_number(l, 1), before = NOTHING;

	if (!lower_is_global(target)) {
		uint32_t local = lower_local(target->symbol.local);

		if (wanted && old) {
			before = lower_temp_reg(l);
			EMIT(l, IR_MOV, before, local);
		}
		EMIT(l, op, local, local, one);
		return wanted && old ? before : local;
	}
	struct lower_ref ref;
	uint32_t result = wanted ? lower_temp_reg(l) : NOTHING;

	lower_ref(l, target, NULL, &ref);
	lower_place_expr(l, target);
	lower_access(l, IR_RMW, result, &ref, (const uint32_t[]){ op, one }, 2);
	return wanted && old ? lower_arith(l, back, result, one) : result;
}

uint32_t lower_preinc(struct lower *l, struct expr *expr, bool wanted)
{
	return increment(l, expr, wanted, false);
}

uint32_t lower_postinc(struct lower *l, struct expr *expr, bool wanted)
{
	return increment(l, expr, wanted, true);
}

/* ---- the table ---- */

static lower_expr_fn *const rows[EXPR_KIND_COUNT] = {
	[EXPR_NUMBER] = lower_constant, [EXPR_STRING] = lower_string,
	[EXPR_SYMBOL] = lower_symbol, [EXPR_INDEX] = lower_index,
	[EXPR_UNARY] = lower_unary, [EXPR_PREINC] = lower_preinc,
	[EXPR_POSTINC] = lower_postinc, [EXPR_BINARY] = lower_binary,
	[EXPR_COMPARE] = lower_compare, [EXPR_LOGICAL] = lower_logical,
	[EXPR_CONCAT] = lower_concat, [EXPR_ASSIGN] = lower_assign,
	[EXPR_TERNARY] = lower_ternary, [EXPR_REGEX] = lower_regex, [EXPR_IN] = lower_in,
	[EXPR_CALL] = lower_call, [EXPR_PRINT] = lower_print, [EXPR_STAT] = lower_stat,
	[EXPR_HIST] = lower_hist, [EXPR_MACH] = lower_mach, [EXPR_REG_OP] = lower_regop,
};

uint32_t lower_expr(struct lower *l, struct expr *expr, bool wanted)
{
	if (rows[expr->kind])
		return rows[expr->kind](l, expr, wanted);
	diag(l->session->diags, DIAG_LOWER_UNSUPPORTED, expr->span, "this expression");
	return expr->type == TYPE_STRING ? lower_text(l, "") : lower_number(l, 0);
}

uint32_t lower_value(struct lower *l, struct expr *expr)
{
	uint32_t value = lower_expr(l, expr, true);

	if (OPERAND_TAG(value) != OPERAND_NONE)
		return value;
	return expr->type == TYPE_STRING ? lower_text(l, "") : lower_number(l, 0);
}
