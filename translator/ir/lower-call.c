/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls. Small tapset functions are lowered in place: their constant arguments reach the
 * intrinsics, and an error inside names the script's call, as SystemTap's does.
 */
#include "translator/elab/walk.h"
#include "translator/ir/lower-priv.h"
#include "translator/session.h"
#include "translator/util/diag.h"

#define IN_PLACE_NODES 48	/* greatest size of such a function */
#define IN_PLACE_DEPTH 8

uint32_t lower_local(const struct local *local)
{
	return (uint32_t)(uintptr_t)local->lower;
}

void lower_local_set(struct local *local, uint32_t operand)
{
	local->lower = (void *)(uintptr_t)operand;
}

void lower_locals(struct lower *l, const local_vec *locals)
{
	for (size_t i = 0; i < locals->count; i++) {
		struct local *local = locals->data[i];
		uint32_t operand = lower_variable(l, local->type == TYPE_STRING, local->width);

		lower_local_set(local, operand);
		if (!lower_is_string(operand))
			l->b.func->reg_names.data[OPERAND_INDEX(operand)] = local->name;
	}
}

static uint32_t zero_of(struct lower *l, bool string)
{
	return string ? lower_text(l, "") : lower_number(l, 0);
}

void lower_leave(struct lower *l, uint32_t value)
{
	struct lower_frame *frame = l->frame;
	uint32_t result = l->b.func->result;

	lower_iters_end(l, NULL);
	if (!frame) {
		if (OPERAND_TAG(value) == OPERAND_NONE && result)
			value = zero_of(l, result == 2);
		lower_emit(l, IR_RET, NOTHING, &value, OPERAND_TAG(value) != OPERAND_NONE);
		return;
	}
	if (OPERAND_TAG(frame->result) != OPERAND_NONE)
		lower_move(l, frame->result,
			   OPERAND_TAG(value) == OPERAND_NONE ?
				   zero_of(l, lower_is_string(frame->result)) : value);
	lower_jump(l, frame->after);
}

/* ---- in place ---- */

static void count_expr(struct walk *walk, struct expr **slot)
{
	(void)slot;
	++*(unsigned int *)walk->context;
}

static bool in_place(const struct lower *l, const struct function *function)
{
	unsigned int nodes = 0;
	struct walk walk = { .expr = count_expr, .context = &nodes };
	struct stmt *body = function->body;

	if (!body || function->is_recursive || function->has_next || !function->span.source ||
	    !function->span.source->tapset || l->depth >= IN_PLACE_DEPTH)
		return false;
	walk_stmt(&walk, &body);
	return nodes <= IN_PLACE_NODES;
}

static void bind(struct lower *l, struct function *function, const uint32_t *args)
{
	lower_locals(l, &function->locals);
	for (size_t i = 0; i < function->locals.count; i++) {
		uint32_t operand = lower_local(function->locals.data[i]);

		lower_move(l, operand, zero_of(l, lower_is_string(operand)));
	}
	for (size_t i = 0; i < function->params.count; i++) {
		struct local *param = function->params.data[i];

		if (!param->is_written) {
			lower_local_set(param, args[i]);
			lower_mark_variable(l, args[i]);
			continue;
		}
		uint32_t operand = lower_variable(l, param->type == TYPE_STRING, param->width);

		EMIT(l, lower_is_string(operand) ? IR_SMOV : IR_MOV, operand, args[i]);
		lower_local_set(param, operand);
	}
}

static uint32_t width_of(const struct lower *l, const struct function *function)
{
	return function->width ? function->width : lower_max_string(l);
}

static uint32_t result_of(struct lower *l, const struct function *function)
{
	if (function->type == TYPE_STRING)
		return lower_temp_slot(l, width_of(l, function));
	return function->type == TYPE_LONG ? lower_temp_reg(l) : NOTHING;
}

static uint32_t call_in_place(struct lower *l, struct function *function, const uint32_t *args,
			      bool wanted)
{
	struct lower_frame frame = { .outer = l->frame, .loop = l->loop, .function = l->function,
		.place = l->b.place, .after = ir_block_new(&l->b) };

	frame.result = wanted ? result_of(l, function) : NOTHING;
	bind(l, function, args);
	l->frame = &frame;
	l->function = function;
	l->loop = NULL;
	l->depth++;
	lower_stmt(l, function->body);
	if (!ir_block_ended(&l->b))
		lower_leave(l, NOTHING);
	lower_temps_release(l);
	l->depth--;
	l->loop = frame.loop;
	l->function = frame.function;
	l->frame = frame.outer;
	l->b.place = frame.place;
	lower_enter(l, frame.after);
	return frame.result;
}

/* ---- calls ---- */

/* Overloads are tried in order: one that ends by `next` says so in the second result. */
static uint32_t call_targets(struct lower *l, struct expr *expr, uint32_t *operands, bool wanted)
{
	size_t targets = expr->call.targets.count;
	uint32_t after = ir_block_new(&l->b);
	const struct function *widest = expr->call.targets.data[0];
	uint32_t result;

	for (size_t i = 1; i < targets; i++)
		if (width_of(l, expr->call.targets.data[i]) > width_of(l, widest))
			widest = expr->call.targets.data[i];
	result = wanted ? result_of(l, widest) : NOTHING;
	for (size_t i = 0; i < targets; i++) {
		struct function *function = expr->call.targets.data[i];

		operands[0] = lower_function(l, function)->index;
		operands[1] = function->has_next ? lower_temp_reg(l) : NOTHING;
		lower_emit(l, IR_CALL, result, operands, 2 + expr->call.args.count);
		if (!function->has_next) {
			lower_jump(l, after);
			break;
		}
		uint32_t other = ir_block_new(&l->b);

		EMIT(l, IR_BR, NOTHING, operands[1], other, after);
		lower_enter(l, other);
	}
	if (!ir_block_ended(&l->b))
		EMIT(l, IR_RAISE, NOTHING, FAULT_OVERLOADS);
	lower_enter(l, after);
	return result;
}

uint32_t lower_call(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t operands[2 + PROGRAM_MAX_KEYS], result;
	struct function *first;

	if (expr->call.args.count > PROGRAM_MAX_KEYS) {
		diag(l->session->diags, DIAG_LOWER_UNSUPPORTED, expr->span,
		     "a call with so many arguments");
		return NOTHING;
	}
	if (expr->call.intrinsic)
		return lower_builtin(l, expr, wanted);
	if (!expr->call.targets.count)
		return NOTHING;
	lower_args(l, &expr->call.args, operands + 2);
	lower_place_expr(l, expr);
	first = expr->call.targets.data[0];
	if (expr->call.targets.count == 1 && in_place(l, first))
		return call_in_place(l, first, operands + 2, wanted);
	if (expr->call.targets.count > 1 || first->has_next)
		return call_targets(l, expr, operands, wanted);
	result = wanted ? result_of(l, first) : NOTHING;
	operands[0] = lower_function(l, first)->index;
	operands[1] = NOTHING;
	lower_emit(l, IR_CALL, result, operands, 2 + expr->call.args.count);
	return result;
}
