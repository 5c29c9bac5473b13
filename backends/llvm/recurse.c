/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that call themselves, in the kernel: a machine. The functions that call each other
 * are put in place once, in a loop of its own whose every turn goes to the block that `pc` says.
 * A call keeps the caller's variables on a stack in scratch memory and sets `pc` to the callee's
 * start; `return` sets it to behind the call, where they are fetched back. The functions' own
 * loops that have such calls in them are turns of the machine, too.
 */
#include <string.h>

#include "backends/llvm/flat-priv.h"

struct member {
	const struct ir_func *func;
	struct inline_copy copy;
	uint32_t entry;			/* its pc */
};

struct machine {
	struct inline_copy *caller;
	uint32_t loop, header, leave;	/* leave: `return` goes there */
	uint32_t pc, depth;		/* registers */
	uint32_t index;			/* into flat->stacks */
	VEC(struct member *) members;
	VEC(uint32_t) targets;		/* block of each pc */
};

static bool reaches(const struct ir_program *program, const struct ir_func *from,
		    const struct ir_func *to, uint8_t *seen)
{
	for (size_t b = 0; b < from->blocks.count; b++)
		for (size_t i = 0; i < from->blocks.data[b].insns.count; i++) {
			const struct ir_insn *insn = &from->blocks.data[b].insns.data[i];
			uint32_t callee = insn->op == IR_CALL ? insn->operands.data[1] : 0;

			if (insn->op != IR_CALL || seen[callee])
				continue;
			seen[callee] = 1;
			if (program->funcs.data[callee] == to ||
			    reaches(program, program->funcs.data[callee], to, seen))
				return true;
		}
	return false;
}

static bool comes_back(const struct ir_program *program, const struct ir_func *callee,
		       const struct ir_func *func)
{
	uint8_t *seen = arena_alloc(program->session->arena, program->funcs.count + 1);

	return callee == func || (callee->is_recursive && reaches(program, callee, func, seen));
}

bool loop_recurses(const struct ir_program *program, const struct ir_func *func, uint32_t loop)
{
	for (size_t b = 0; b < func->blocks.count; b++) {
		const struct ir_block *block = &func->blocks.data[b];
		uint32_t in = block->loop;

		while (in && in != loop)
			in = func->loops.data[in - 1].parent;
		for (size_t i = 0; in && i < block->insns.count; i++)
			if (block->insns.data[i].op == IR_CALL &&
			    comes_back(program,
				       program->funcs.data[block->insns.data[i].operands.data[1]],
				       func))
				return true;
	}
	return false;
}

/* ---- blocks of the machine ---- */

static uint32_t reg_add(struct machine *m)
{
	return OPERAND(OPERAND_REG, m->caller->flat->reg_count++);
}

static uint32_t target_add(struct machine *m, uint32_t block)
{
	*vec_push(m->caller->arena, &m->targets) = block;
	return ir_long(m->caller->flat->program, m->targets.count - 1);
}

static void binary_add(struct machine *m, uint32_t block, enum ir_op op, uint32_t to, uint32_t left,
		       uint32_t right)
{
	struct flat_insn *insn = insn_add(m->caller, block, op, m->caller->func->place, 3);

	insn->operands[0] = to;
	insn->operands[1] = left;
	insn->operands[2] = right;
}

static void branch_add(struct machine *m, uint32_t block, uint32_t condition, uint32_t yes,
		       uint32_t no)
{
	struct flat_insn *insn = insn_add(m->caller, block, IR_BR, m->caller->func->place, 4);

	insn->operands[0] = OPERAND(OPERAND_NONE, 0);
	insn->operands[1] = condition;
	insn->operands[2] = yes;
	insn->operands[3] = no;
}

/* Sends code at the end of @block to the block of @pc, by another turn. */
static void turn_add(struct machine *m, uint32_t block, uint32_t pc)
{
	move_add(m->caller, block, m->caller->func->place, m->pc, pc);
	jump_add(m->caller, block, m->caller->func->place, m->header);
}

static void stack_add(struct inline_copy *copy, uint32_t block, uint32_t op, uint32_t result,
		      uint32_t value)
{
	const struct machine *m = copy->machine;
	struct flat_insn *insn = insn_add(copy, block, op, copy->func->place, 8);
	const uint32_t operands[] = { result, value, m->depth, m->index, copy->reg_base,
		copy->func->reg_count, copy->slot_base, copy->func->slot_widths.count };

	memcpy(insn->operands, operands, sizeof(operands));
}

void stubs_make(struct inline_copy *copy)
{
	struct machine *m = copy->machine;
	const struct ir_func *func = copy->func;

	copy->stubs = arena_alloc(copy->arena, (func->blocks.count + 1) * sizeof(*copy->stubs));
	for (size_t i = 0; i < func->loops.count; i++) {
		uint32_t header = func->loops.data[i].header, stub;

		if (!loop_recurses(copy->flat->program, func, i + 1))
			continue;
		for (size_t n = 0; n < func->blocks.data[header].insns.count; n++)
			if (func->blocks.data[header].insns.data[n].op == IR_ITERNEXT)
				flat_refuse(copy->flat, func->loops.data[i].place, "this foreach",
					    "its function calls itself from inside");
		stub = block_add(copy, m->loop);
		turn_add(m, stub, target_add(m, copy->block_base + header));
		copy->stubs[header] = stub;
	}
}

/* ---- members ---- */

static struct member *member_of(struct machine *m, const struct ir_func *func)
{
	struct inline_copy *caller = m->caller;
	struct member *made;

	for (size_t i = 0; i < m->members.count; i++)
		if (m->members.data[i]->func == func)
			return m->members.data[i];
	made = arena_new_of(caller->arena, struct member);
	*vec_push(caller->arena, &m->members) = made;
	made->func = func;
	made->copy = (struct inline_copy){ .flat = caller->flat, .arena = caller->arena,
		.func = func,
		.outer = caller, .calls = m->caller->calls, .slot_end = caller->slot_end,
		.outer_loop = m->loop, .catch_block = caller->catch_block, .back = m->leave,
		.machine = m };
	made->copy.ended_next = reg_add(m);
	made->copy.result = OPERAND(OPERAND_NONE, 0);
	if (func->result == 1)
		made->copy.result = reg_add(m);
	if (func->result == 2)
		made->copy.result = flat_slot_add(caller->flat, caller->arena, func->result_width,
						  &made->copy.slot_end);
	/* The next one's strings come behind: values go from one to the other. */
	caller->slot_end = made->copy.slot_end;
	for (size_t i = 0; i < func->slot_widths.count; i++)
		caller->slot_end += ABI_ROUND8(func->slot_widths.data[i]) + 8;
	made->entry = target_add(m, 0);
	copy_function(&made->copy);
	m->targets.data[caller->flat->program->longs.data[OPERAND_INDEX(made->entry)]] =
		made->copy.block_base;
	return made;
}

static void results_move(struct inline_copy *copy, uint32_t block, const struct member *callee,
			 const struct ir_insn *call)
{
	uint32_t result = operand_renumber(copy, call->operands.data[0], 'l');
	uint32_t next = operand_renumber(copy, call->operands.data[2], 'l');

	if (OPERAND_TAG(result) != OPERAND_NONE)
		move_add(copy, block, call->place, result, callee->copy.result);
	if (OPERAND_TAG(next) == OPERAND_REG)
		move_add(copy, block, call->place, next, callee->copy.ended_next);
}

/* From one member to another, or to itself. */
static uint32_t member_call(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	struct machine *m = copy->machine;
	const struct ir_program *program = copy->flat->program;
	struct member *callee = member_of(m, program->funcs.data[call->operands.data[1]]);
	uint32_t fault = block_add(copy, m->loop), push = block_add(copy, m->loop);
	uint32_t behind = block_add(copy, m->loop), deep = reg_add(m);

	if (call->catch_block)
		flat_refuse(copy->flat, call->place, "try around this call",
			    "the function calls itself");
	binary_add(m, block, IR_GE, deep, m->depth,
		   ir_long(copy->flat->program, copy->flat->stacks.data[m->index].depth));
	branch_add(m, block, deep, fault, push);
	nesting_fault(copy, fault, call->place);
	stack_add(copy, push, FLAT_PUSH, OPERAND(OPERAND_NONE, 0), target_add(m, behind));
	binary_add(m, push, IR_ADD, m->depth, m->depth, ir_long(copy->flat->program, 1));
	call_args(copy, &callee->copy, push, call);
	turn_add(m, push, callee->entry);
	stack_add(copy, behind, FLAT_POP, OPERAND(OPERAND_NONE, 0), 0);
	results_move(copy, behind, callee, call);
	return behind;
}

/* ---- the machine ---- */

/* `return`: to where the call said, or out. */
static void leave_fill(struct machine *m, uint32_t back)
{
	struct inline_copy *caller = m->caller;
	uint32_t last = reg_add(m), pop = block_add(caller, m->loop);
	struct flat_insn *insn;

	binary_add(m, m->leave, IR_EQ, last, m->depth, ir_long(caller->flat->program, 0));
	branch_add(m, m->leave, last, back, pop);
	binary_add(m, pop, IR_SUB, m->depth, m->depth, ir_long(caller->flat->program, 1));
	insn = insn_add(caller, pop, FLAT_BACK, caller->func->place, 4);
	insn->operands[0] = m->pc;
	insn->operands[1] = OPERAND(OPERAND_NONE, 0);
	insn->operands[2] = m->depth;
	insn->operands[3] = m->index;
	jump_add(caller, pop, caller->func->place, m->header);
}

static void dispatch_fill(struct machine *m)
{
	uint32_t block = m->header;

	for (size_t i = 0; i + 1 < m->targets.count; i++) {
		uint32_t is = reg_add(m), other = block_add(m->caller, m->loop);

		binary_add(m, block, IR_EQ, is, m->pc, ir_long(m->caller->flat->program, i));
		branch_add(m, block, is, m->targets.data[i], other);
		block = other;
	}
	jump_add(m->caller, block, m->caller->func->place, vec_last(&m->targets));
}

/* How much a kept frame takes: runtime order as in stack.c. */
static uint32_t frame_bytes(const struct machine *m)
{
	uint32_t most = 0;

	for (size_t i = 0; i < m->members.count; i++) {
		const struct ir_func *func = m->members.data[i]->func;
		uint32_t bytes = 8 + func->reg_count * 8;

		for (size_t s = 0; s < func->slot_widths.count; s++)
			bytes += 8 + ABI_ROUND8(func->slot_widths.data[s]);
		most = bytes > most ? bytes : most;
	}
	return most;
}

static uint32_t nesting_left(const struct inline_copy *copy)
{
	int64_t most = copy->flat->program->head.max_nesting, depth = 1;

	for (most = most > 0 ? most : 10; copy->outer; copy = copy->outer)
		depth++;
	return most > depth ? most - depth : 0;
}

static uint32_t machine_call(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	struct flat *flat = copy->flat;
	uint32_t loop = flat->blocks.data[block].loop, slot_end = copy->slot_end;
	struct flat_call *calls = arena_new_of(copy->arena, struct flat_call);
	struct inline_copy caller = *copy;
	struct machine *m = arena_new_of(copy->arena, struct machine);
	uint32_t back = block_add(copy, loop);
	struct member *root;
	struct ir_loop *made;

	calls->place = call->place;
	calls->outer = copy->calls;
	caller.calls = calls;
	if (call->catch_block)
		caller.catch_block = operand_renumber(copy, call->catch_block, 'b');
	m->caller = &caller;
	made = vec_push(copy->arena, &flat->loops);
	m->loop = flat->loops.count;
	m->header = block_add(copy, m->loop);
	m->leave = block_add(copy, m->loop);
	*made = (struct ir_loop){ .parent = loop, .header = m->header, .exit = back,
				  .place = call->place };
	m->pc = reg_add(m);
	m->depth = reg_add(m);
	m->index = flat->stacks.count;
	vec_push(copy->arena, &flat->stacks)->depth = nesting_left(copy);
	flat->stacks.data[m->index].loop = m->loop;
	root = member_of(m, flat->program->funcs.data[call->operands.data[1]]);
	move_add(copy, block, call->place, m->depth, ir_long(flat->program, 0));
	call_args(copy, &root->copy, block, call);
	turn_add(m, block, root->entry);
	leave_fill(m, back);
	dispatch_fill(m);
	flat->stacks.data[m->index].bytes = frame_bytes(m);
	flat->stacks.data[m->index].offset = flat->stack_bytes;
	flat->stack_bytes += frame_bytes(m) * (flat->stacks.data[m->index].depth + 1);
	copy->slot_end = slot_end;
	results_move(copy, back, root, call);
	return back;
}

uint32_t recursive_call(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	const struct ir_program *program = copy->flat->program;
	const struct ir_func *func = program->funcs.data[call->operands.data[1]];

	if (copy->machine && comes_back(program, func, copy->func))
		return member_call(copy, block, call);
	return machine_call(copy, block, call);
}
