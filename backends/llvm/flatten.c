/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts called functions in place: see flat.h. */
#include <string.h>

#include "backends/llvm/flat.h"
#include "translator/session.h"

/* One copy of a function being put in place. */
struct inline_copy {
	struct flat *flat;
	struct arena *arena;
	const struct ir_func *func;
	const struct inline_copy *outer;
	const struct flat_call *calls;
	uint32_t reg_base, slot_base, iter_base, block_base, loop_base;
	uint32_t slot_end; /* string area used up to here by this copy and its callers */
	uint32_t outer_loop;		/* index + 1: the caller's */
	uint32_t catch_block;		/* the caller's, for errors that leave the function */
	uint32_t back;			/* block to go on with; FLAT_EXIT for the handler */
	uint32_t result, ended_next;	/* the caller's operands, already renumbered */
};

static void copy_function(struct inline_copy *copy);

static struct flat_insn *insn_add(struct inline_copy *copy, uint32_t block, enum ir_op op,
				  uint32_t place, uint32_t operand_count)
{
	struct flat_insn *insn = vec_push(copy->arena, &copy->flat->blocks.data[block].insns);

	insn->op = op;
	insn->place = place;
	insn->catch_block = copy->catch_block;
	insn->calls = copy->calls;
	insn->operands = arena_alloc(copy->arena, (operand_count + 1) * sizeof(uint32_t));
	insn->operand_count = operand_count;
	copy->flat->insn_count++;
	return insn;
}

static void move_add(struct inline_copy *copy, uint32_t block, uint32_t place, uint32_t to,
		     uint32_t from)
{
	bool is_slot = OPERAND_TAG(to) == OPERAND_SLOT;
	struct flat_insn *insn = insn_add(copy, block, is_slot ? IR_SMOV : IR_MOV, place, 2);

	insn->operands[0] = to;
	insn->operands[1] = from;
}

static void jump_add(struct inline_copy *copy, uint32_t block, uint32_t place, uint32_t target)
{
	struct flat_insn *insn;

	if (target == FLAT_EXIT) {
		insn = insn_add(copy, block, IR_RET, place, 1);
		insn->operands[0] = OPERAND(OPERAND_NONE, 0);
		return;
	}
	insn = insn_add(copy, block, IR_JMP, place, 2);
	insn->operands[0] = OPERAND(OPERAND_NONE, 0);
	insn->operands[1] = target;
}

static uint32_t block_add(struct inline_copy *copy, uint32_t loop)
{
	vec_push(copy->arena, &copy->flat->blocks)->loop = loop;
	return copy->flat->blocks.count - 1;
}

static uint32_t loop_renumber(const struct inline_copy *copy, uint32_t loop)
{
	return loop ? loop + copy->loop_base : copy->outer_loop;
}

/* @arg: the operand's letter in ir.def. */
static uint32_t operand_renumber(const struct inline_copy *copy, uint32_t operand, char arg)
{
	switch (OPERAND_TAG(operand)) {
	case OPERAND_REG:
		return operand + copy->reg_base;
	case OPERAND_SLOT:
		return operand + copy->slot_base;
	case OPERAND_RAW:
		if (arg == 'b')
			return operand + copy->block_base;
		return arg == 't' ? operand + copy->iter_base : operand;
	default:
		return operand;
	}
}

static uint32_t key_count(const struct inline_copy *copy, uint32_t global)
{
	return copy->flat->program->globals.data[global].key_count;
}

static void insn_copy(struct inline_copy *copy, uint32_t block, const struct ir_insn *from)
{
	struct flat_insn *to = insn_add(copy, block, from->op, from->place, from->operands.count);
	const char *arg = ir_ops[from->op].args;
	uint32_t global = 0, keys = 0;

	to->catch_block =
		from->catch_block ? from->catch_block + copy->block_base : copy->catch_block;
	to->operands[0] = operand_renumber(copy, from->operands.data[0], 'l');
	for (size_t i = 1; i < from->operands.count; i++) {
		uint32_t operand = from->operands.data[i];

		if (*arg == 'k' && !keys)
			keys = key_count(copy, global) + 1;
		while (*arg == 'k' && keys == 1) {
			keys = 0;
			arg++;
		}
		if (*arg == 'g')
			global = operand;
		to->operands[i] = operand_renumber(copy, operand, *arg);
		if (*arg == 'k')
			keys--;
		else if (*arg && *arg != 'a')
			arg++;
	}
}

static uint32_t nesting_of(const struct inline_copy *copy, const struct ir_func *func)
{
	uint32_t depth = 0;

	for (; copy; copy = copy->outer)
		depth += copy->func == func;
	return depth;
}

static void nesting_fault(struct inline_copy *copy, uint32_t block, uint32_t place)
{
	struct flat_insn *insn = insn_add(copy, block, IR_RAISE, place, 2);

	insn->operands[0] = OPERAND(OPERAND_NONE, 0);
	insn->operands[1] = FAULT_NESTING;
}

static void call_args(struct inline_copy *copy, struct inline_copy *callee, uint32_t block,
		      const struct ir_insn *call)
{
	const struct ir_func *func = callee->func;

	for (size_t i = 0; i < func->params.count && i + 3 < call->operands.count; i++)
		move_add(copy, block, call->place,
			 operand_renumber(callee, func->params.data[i], 'l'),
			 operand_renumber(copy, call->operands.data[i + 3], 'l'));
}

/* Puts the callee in place; code goes on in the block returned. */
static uint32_t call_copy(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	const struct ir_program *program = copy->flat->program;
	const struct ir_func *func = program->funcs.data[call->operands.data[1]];
	int64_t nesting = program->head.max_nesting > 0 ? program->head.max_nesting : 10;
	struct flat_call *calls = arena_new_of(copy->arena, struct flat_call);
	uint32_t loop = copy->flat->blocks.data[block].loop;
	struct inline_copy callee = { .flat = copy->flat, .arena = copy->arena, .func = func,
		.outer = copy, .calls = calls, .slot_end = copy->slot_end, .outer_loop = loop };

	if (nesting_of(copy, func) > (uint64_t)nesting || copy->flat->insn_count > FLAT_MAX_INSNS) {
		if (copy->flat->insn_count > FLAT_MAX_INSNS && copy->flat->too_big == UINT32_MAX)
			copy->flat->too_big = call->place;
		nesting_fault(copy, block, call->place);
		return block_add(copy, loop);
	}
	calls->place = call->place;
	calls->outer = copy->calls;
	callee.catch_block =
		call->catch_block ? call->catch_block + copy->block_base : copy->catch_block;
	callee.result = operand_renumber(copy, call->operands.data[0], 'l');
	callee.ended_next = operand_renumber(copy, call->operands.data[2], 'l');
	callee.back = block_add(copy, loop);
	copy_function(&callee);
	call_args(copy, &callee, block, call);
	if (OPERAND_TAG(callee.ended_next) == OPERAND_REG)
		move_add(copy, block, call->place, callee.ended_next,
			 ir_long(copy->flat->program, 0));
	jump_add(copy, block, call->place, callee.block_base);
	return callee.back;
}

/* `return` and `next`: the result is kept, then the caller goes on. */
static void leave_copy(struct inline_copy *copy, uint32_t block, const struct ir_insn *from)
{
	bool next = from->op == IR_RETNEXT;

	if (next && OPERAND_TAG(copy->ended_next) == OPERAND_REG)
		move_add(copy, block, from->place, copy->ended_next,
			 ir_long(copy->flat->program, 1));
	if (!next && from->operands.count > 1 && OPERAND_TAG(copy->result) != OPERAND_NONE &&
	    copy->back != FLAT_EXIT)
		move_add(copy, block, from->place, copy->result,
			 operand_renumber(copy, from->operands.data[1], 'l'));
	jump_add(copy, block, from->place, copy->back);
}

static void block_copy(struct inline_copy *copy, uint32_t index)
{
	const struct ir_block *from = &copy->func->blocks.data[index];
	uint32_t block = copy->block_base + index;

	for (size_t i = 0; i < from->insns.count; i++) {
		const struct ir_insn *insn = &from->insns.data[i];

		if (insn->op == IR_CALL)
			block = call_copy(copy, block, insn);
		else if (insn->op == IR_RET || insn->op == IR_RETNEXT)
			leave_copy(copy, block, insn);
		else
			insn_copy(copy, block, insn);
	}
}

static void slots_add(struct inline_copy *copy)
{
	struct flat *flat = copy->flat;

	for (size_t i = 0; i < copy->func->slot_widths.count; i++) {
		struct flat_slot *slot = vec_push(copy->arena, &flat->slots);

		slot->width = copy->func->slot_widths.data[i];
		slot->offset = copy->slot_end;
		/* Room for the zeros behind the end of a long one, whose place is not known. */
		copy->slot_end += ABI_ROUND8(slot->width) + 8;
	}
	if (copy->slot_end > flat->slot_bytes)
		flat->slot_bytes = copy->slot_end;
}

static void copy_function(struct inline_copy *copy)
{
	struct flat *flat = copy->flat;
	const struct ir_func *func = copy->func;

	copy->reg_base = flat->reg_count;
	copy->iter_base = flat->iter_count;
	copy->slot_base = flat->slots.count;
	copy->block_base = flat->blocks.count;
	copy->loop_base = flat->loops.count;
	flat->reg_count += func->reg_count;
	flat->iter_count += func->iter_count;
	slots_add(copy);
	for (size_t i = 0; i < func->loops.count; i++) {
		struct ir_loop *loop = vec_push(copy->arena, &flat->loops);

		*loop = func->loops.data[i];
		loop->parent = loop_renumber(copy, loop->parent);
		loop->header += copy->block_base;
		loop->exit += copy->block_base;
	}
	for (size_t i = 0; i < func->blocks.count; i++)
		block_add(copy, loop_renumber(copy, func->blocks.data[i].loop));
	for (size_t i = 0; i < func->blocks.count; i++)
		block_copy(copy, i);
}

struct flat *flatten(struct ir_program *program, const struct ir_func *func)
{
	struct arena *arena = program->session->arena;
	struct flat *flat = arena_new_of(arena, struct flat);
	struct inline_copy handler = { .flat = flat,
				       .arena = arena,
				       .func = func,
				       .back = FLAT_EXIT,
				       .result = OPERAND(OPERAND_NONE, 0),
				       .ended_next = OPERAND(OPERAND_NONE, 0) };

	flat->program = program;
	flat->too_big = UINT32_MAX;
	copy_function(&handler);
	return flat;
}

uint32_t flat_successors(const struct flat_block *block, uint32_t out[2])
{
	const struct flat_insn *last = block->insns.count ? &vec_last(&block->insns) : NULL;

	if (!last)
		return 0;
	if (last->op == IR_JMP) {
		out[0] = last->operands[1];
		return 1;
	}
	if (last->op != IR_BR)
		return 0;
	out[0] = last->operands[2];
	out[1] = last->operands[3];
	return 2;
}
