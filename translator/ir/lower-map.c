/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Globals and arrays: accesses, membership, delete, foreach. */
#include <string.h>

#include "translator/ir/lower-priv.h"
#include "translator/session.h"

void lower_ref(struct lower *l, struct expr *expr, const struct expr *later, struct lower_ref *ref)
{
	const expr_vec *keys = &expr->index.keys;

	if (expr->kind == EXPR_SYMBOL) {
		ref->global = expr->symbol.global;
		ref->key_count = 0;
	} else {
		ref->global = expr->index.base->symbol.global;
		ref->key_count = keys->count;
		if (keys->count == 1 && keys->data[0])
			ref->keys[0] = lower_stable(l, keys->data[0], later);
		else
			lower_args(l, keys, ref->keys);
	}
	lower_place_expr(l, expr->kind == EXPR_SYMBOL ? expr : expr->index.base);
}

struct ir_insn *lower_access(struct lower *l, enum ir_op op, uint32_t result,
			     const struct lower_ref *ref, const uint32_t *extra, uint32_t count)
{
	uint32_t operands[PROGRAM_MAX_KEYS + 8] = { ref->global->index };

	memcpy(operands + 1, ref->keys, ref->key_count * sizeof(uint32_t));
	if (count)
		memcpy(operands + 1 + ref->key_count, extra, count * sizeof(uint32_t));
	return lower_emit(l, op, result, operands, 1 + ref->key_count + count);
}

/* b in @hist_log(s): is there such a bucket. */
static uint32_t lower_in_hist(struct lower *l, struct expr *expr)
{
	uint32_t bucket = lower_value(l, expr->in.keys.data[0]);
	uint32_t low = lower_arith(l, IR_GE, bucket, lower_number(l, 0));
	uint32_t count = lower_number(l, lower_hist_buckets(expr->in.array));

	return lower_arith(l, IR_AND, low, lower_arith(l, IR_LT, bucket, count));
}

uint32_t lower_in(struct lower *l, struct expr *expr, bool wanted)
{
	struct lower_ref ref = { .key_count = expr->in.keys.count };
	uint32_t result;

	(void)wanted;
	if (expr->in.array->kind == EXPR_HIST)
		return lower_in_hist(l, expr);
	ref.global = expr->in.array->symbol.global;
	lower_args(l, &expr->in.keys, ref.keys);
	result = lower_temp_reg(l);
	lower_place_expr(l, expr);
	lower_access(l, IR_HAS, result, &ref, NULL, 0);
	return result;
}

void lower_delete(struct lower *l, struct expr *expr)
{
	struct lower_ref ref;

	if (expr->kind == EXPR_SYMBOL && expr->symbol.local) {
		uint32_t local = lower_local(expr->symbol.local);

		lower_move(l, local, lower_is_string(local) ? lower_text(l, "") :
							      lower_number(l, 0));
		return;
	}
	lower_ref(l, expr, NULL, &ref);
	if (expr->kind == EXPR_SYMBOL && ref.global->is_array)
		EMIT(l, IR_CLEAR, NOTHING, ref.global->index);
	else
		lower_access(l, IR_DELETE, NOTHING, &ref, NULL, 0);
}

/* ---- foreach ---- */

uint32_t lower_iter_new(struct lower *l)
{
	return l->b.func->iter_count++;
}

void lower_iters_end(struct lower *l, const struct lower_loop *until)
{
	for (const struct lower_loop *loop = l->loop; loop != until; loop = loop->outer)
		if (OPERAND_TAG(loop->iter) != OPERAND_NONE)
			EMIT(l, IR_ITEREND, NOTHING, loop->iter);
}

/* What a loop needs for all its length is kept where no temporary comes. */
static uint32_t keep(struct lower *l, uint32_t value)
{
	enum operand_tag tag = OPERAND_TAG(value);
	uint32_t kept;

	if (tag != OPERAND_REG && tag != OPERAND_SLOT)
		return value;
	kept = tag == OPERAND_SLOT ? ir_slot_new(&l->b, lower_width(l, value)) : lower_temp_reg(l);
	EMIT(l, tag == OPERAND_SLOT ? IR_SMOV : IR_MOV, kept, value);
	return kept;
}

static uint32_t sort_operand(const struct stmt *stmt)
{
	switch (stmt->foreach.sort) {
	case SORT_KEY:
		return 1 + stmt->foreach.sort_key;
	case SORT_VALUE:
		return ITER_BY_VALUE;
	default:
		return 0;
	}
}

static void emit_iter(struct lower *l, struct stmt *stmt, uint32_t iter)
{
	const struct global *global = stmt->foreach.array->symbol.global;
	enum stat_op stat = stmt->foreach.sort_op;
	struct lower_ref ref = { .global = global, .key_count = global->key_types.count };
	uint32_t operands[6 + PROGRAM_MAX_KEYS] = { iter, global->index, sort_operand(stmt),
		stmt->foreach.descending, stat == STAT_NONE ? IR_STAT_COUNT : (uint32_t)stat,
		NOTHING };

	for (uint32_t i = 0; i < ref.key_count; i++)
		ref.keys[i] = WILD;
	if (stmt->foreach.slice.count)
		lower_args(l, &stmt->foreach.slice, ref.keys);
	for (uint32_t i = 0; i < ref.key_count; i++)
		operands[6 + i] = keep(l, ref.keys[i]);
	if (stmt->foreach.limit)
		operands[5] = keep(l, lower_value(l, stmt->foreach.limit));
	lower_place_expr(l, stmt->foreach.array);
	lower_emit(l, IR_ITER, NOTHING, operands, 6 + ref.key_count);
}

static void emit_bindings(struct lower *l, const struct stmt *stmt, uint32_t iter)
{
	for (size_t i = 0; i < stmt->foreach.keys.count; i++) {
		uint32_t to = lower_local(stmt->foreach.keys.data[i].local);

		EMIT(l, lower_is_string(to) ? IR_ITERSKEY : IR_ITERKEY, to, iter, (uint32_t)i);
	}
	if (stmt->foreach.value.local) {
		uint32_t to = lower_local(stmt->foreach.value.local);

		EMIT(l, lower_is_string(to) ? IR_ITERSVAL : IR_ITERVAL, to, iter);
	}
}

static void foreach_array(struct lower *l, struct stmt *stmt)
{
	struct lower_loop loop = { .iter = lower_iter_new(l) };
	uint32_t header, body, more = lower_temp_reg(l);

	emit_iter(l, stmt, loop.iter);
	lower_temps_release(l);
	header = lower_loop_open(l, &loop, stmt);
	body = ir_block_new(&l->b);
	EMIT(l, IR_ITERNEXT, more, loop.iter);
	EMIT(l, IR_BR, NOTHING, more, body, loop.after);
	lower_enter(l, body);
	emit_bindings(l, stmt, loop.iter);
	lower_stmt(l, stmt->foreach.body);
	lower_jump(l, loop.again);
	lower_enter(l, loop.again);
	lower_loop_again(l, stmt->foreach.body, header);
	lower_loop_close(l, &loop);
	EMIT(l, IR_ITEREND, NOTHING, loop.iter);
}

/* Over the buckets of a histogram: a counted loop. */
static void foreach_hist(struct lower *l, struct stmt *stmt)
{
	struct expr *hist = stmt->foreach.array;
	bool down = stmt->foreach.descending;
	int64_t buckets = lower_hist_buckets(hist);
	struct lower_loop loop = { .iter = NOTHING };
	uint32_t at = lower_temp_reg(l), left = lower_temp_reg(l), header, body;
	uint32_t key = lower_local(stmt->foreach.keys.data[0].local);

	EMIT(l, IR_MOV, left,
	     stmt->foreach.limit ? lower_value(l, stmt->foreach.limit) : lower_number(l, buckets));
	EMIT(l, IR_MOV, at, lower_number(l, down ? buckets - 1 : 0));
	lower_temps_release(l);
	header = lower_loop_open(l, &loop, stmt);
	body = ir_block_new(&l->b);
	uint32_t inside = down ? lower_arith(l, IR_GE, at, lower_number(l, 0)) :
				 lower_arith(l, IR_LT, at, lower_number(l, buckets));
	uint32_t allowed = lower_arith(l, IR_GT, left, lower_number(l, 0));

	EMIT(l, IR_BR, NOTHING, lower_arith(l, IR_AND, inside, allowed), body, loop.after);
	lower_enter(l, body);
	EMIT(l, IR_MOV, key, at);
	if (stmt->foreach.value.local)
		lower_move(l, lower_local(stmt->foreach.value.local),
			   lower_hist_bucket(l, hist, at));
	lower_temps_release(l);
	lower_stmt(l, stmt->foreach.body);
	lower_jump(l, loop.again);
	lower_enter(l, loop.again);
	EMIT(l, down ? IR_SUB : IR_ADD, at, at, lower_number(l, 1));
	EMIT(l, IR_SUB, left, left, lower_number(l, 1));
	lower_loop_again(l, stmt->foreach.body, header);
	lower_loop_close(l, &loop);
}

void lower_foreach(struct lower *l, struct stmt *stmt)
{
	if (stmt->foreach.array->kind == EXPR_HIST)
		foreach_hist(l, stmt);
	else
		foreach_array(l, stmt);
}
