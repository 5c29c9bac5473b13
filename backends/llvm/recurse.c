/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that call themselves, in the kernel: a machine. The functions that call each other
 * are put in place once, in a loop of its own whose every turn goes to the block that `pc` says.
 * A call keeps the caller's variables on a stack in scratch memory and sets `pc` to the callee's
 * start; `return` sets it to behind the call, where they are fetched back. The functions' own
 * loops that have such calls in them are turns of the machine, too. The places of the calls are
 * noted in the trail, for errors. Where a function has try around such a call, an error unwinds:
 * each turn takes away a frame, until one of them catches.
 */
#include <string.h>

#include "backends/llvm/flat-priv.h"

struct member {
	const struct ir_func *func;
	struct inline_copy copy;
	uint32_t entry;			/* its pc */
};

/* A call with try around it. */
struct landing {
	uint32_t pc;			/* of what is behind the call */
	uint32_t block;
};

struct machine {
	struct inline_copy *caller;
	uint32_t loop, header, leave;	/* leave: `return` goes there */
	uint32_t unwind;		/* errors that their function does not catch; 0: go out */
	VEC(struct landing) landings;
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
		.outer_loop = m->loop, .back = m->leave, .machine = m,
		.catch_block = m->unwind ? m->unwind : caller->catch_block };
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

/* The trail's entry at @at, a register, is the call at @place. */
static void note_add(struct inline_copy *copy, uint32_t block, uint32_t at, uint32_t place)
{
	struct flat_insn *insn = insn_add(copy, block, FLAT_NOTE, place, 3);

	insn->operands[0] = OPERAND(OPERAND_NONE, 0);
	insn->operands[1] = at;
	insn->operands[2] = place;
}

/* Where an error that came up to the call at @call goes on. */
static void landing_add(struct inline_copy *copy, const struct ir_insn *call, uint32_t pc)
{
	struct landing *landing = vec_push(copy->arena, &copy->machine->landings);

	landing->pc = pc;
	landing->block = block_add(copy, copy->machine->loop);
	stack_add(copy, landing->block, FLAT_POP, OPERAND(OPERAND_NONE, 0), 0);
	jump_add(copy, landing->block, call->place, call->catch_block + copy->block_base);
}

/* From one member to another, or to itself. */
static uint32_t member_call(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	struct machine *m = copy->machine;
	const struct ir_program *program = copy->flat->program;
	struct member *callee = member_of(m, program->funcs.data[call->operands.data[1]]);
	uint32_t behind = block_add(copy, m->loop), at = reg_add(m);
	uint32_t pc = target_add(m, behind);

	if (call->catch_block)
		landing_add(copy, call, pc);
	stack_add(copy, block, FLAT_PUSH, OPERAND(OPERAND_NONE, 0), pc);
	binary_add(m, block, IR_ADD, at, m->depth, copy->flat->stacks.data[m->index].below);
	note_add(copy, block, at, call->place);
	binary_add(m, block, IR_ADD, m->depth, m->depth, ir_long(copy->flat->program, 1));
	call_args(copy, &callee->copy, block, call);
	turn_add(m, block, callee->entry);
	stack_add(copy, behind, FLAT_POP, OPERAND(OPERAND_NONE, 0), 0);
	results_move(copy, behind, callee, call);
	return behind;
}

/* ---- the machine ---- */

/* From @block: one frame less and @pc as it was kept there, or to @out if there is none. Code goes
 * on in the block returned. */
static uint32_t frame_drop(struct machine *m, uint32_t block, uint32_t out, uint32_t pc)
{
	struct inline_copy *caller = m->caller;
	uint32_t last = reg_add(m), pop = block_add(caller, m->loop);
	struct flat_insn *insn;

	binary_add(m, block, IR_EQ, last, m->depth, ir_long(caller->flat->program, 0));
	branch_add(m, block, last, out, pop);
	binary_add(m, pop, IR_SUB, m->depth, m->depth, ir_long(caller->flat->program, 1));
	insn = insn_add(caller, pop, FLAT_BACK, caller->func->place, 4);
	insn->operands[0] = pc;
	insn->operands[1] = OPERAND(OPERAND_NONE, 0);
	insn->operands[2] = m->depth;
	insn->operands[3] = m->index;
	return pop;
}

/* `return`: to where the call said, or out. */
static void leave_fill(struct machine *m, uint32_t back)
{
	uint32_t pop = frame_drop(m, m->leave, back, m->pc);

	jump_add(m->caller, pop, m->caller->func->place, m->header);
}

/* An error: to the next call with try around it, a frame a turn, or out. */
static void unwind_fill(struct machine *m)
{
	struct inline_copy *caller = m->caller;
	uint32_t out, block, back, begin;

	if (!m->unwind)
		return;
	out = block_add(caller, m->loop);
	begin = block_add(caller, m->loop);
	insn_add(caller, out, FLAT_AGAIN, caller->func->place, 1)->operands[0] =
		OPERAND(OPERAND_NONE, 0);
	back = reg_add(m);
	block = frame_drop(m, begin, out, back);
	for (size_t i = 0; i < m->landings.count; i++) {
		uint32_t is = reg_add(m), other = block_add(caller, m->loop);

		binary_add(m, block, IR_EQ, is, back, m->landings.data[i].pc);
		branch_add(m, block, is, m->landings.data[i].block, other);
		block = other;
	}
	jump_add(caller, block, caller->func->place, m->unwind);
	/* By another turn: what caught an error may be what raises the next. */
	turn_add(m, m->unwind, target_add(m, begin));
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

/* How many frames there may be beyond the first: the trail's limit says when there are too many. */
static uint32_t nesting_left(const struct inline_copy *copy)
{
	int64_t most = copy->flat->program->head.max_nesting, depth = 1;

	for (; copy->outer; copy = copy->outer)
		depth++;
	return most > depth ? most - depth : 0;
}

/* Whether an error in functions that call themselves may be caught by one of them. */
static bool recursion_catches(const struct ir_program *program)
{
	for (size_t n = 0; n < program->funcs.count; n++) {
		const struct ir_func *func = program->funcs.data[n];

		for (size_t b = 0; func->is_recursive && b < func->blocks.count; b++)
			for (size_t i = 0; i < func->blocks.data[b].insns.count; i++) {
				const struct ir_insn *insn = &func->blocks.data[b].insns.data[i];

				if (insn->op == IR_CALL && insn->catch_block &&
				    comes_back(program, program->funcs.data[insn->operands.data[1]],
					       func))
					return true;
			}
	}
	return false;
}

/* Notes the calls that lead from the machine around to this one, outermost first; gives how many.
 */
static uint32_t path_note(struct machine *m, uint32_t block, const struct flat_call *call)
{
	uint32_t at, below;

	if (!call || call->stack)
		return 0;
	below = path_note(m, block, call->outer);
	at = reg_add(m);
	binary_add(m, block, IR_ADD, at, m->caller->flat->stacks.data[m->index].below,
		   ir_long(m->caller->flat->program, below));
	note_add(m->caller, block, at, call->place);
	return below + 1;
}

/* The trail's part: behind that of the machine around, and behind the calls between. */
static void trail_begin(struct machine *m, uint32_t block, struct flat_call *root)
{
	struct flat *flat = m->caller->flat;
	struct flat_stack *stack = &flat->stacks.data[m->index];
	const struct flat_call *around = root->outer;
	uint32_t count;

	stack->level = m->depth;
	stack->below = ir_long(flat->program, 0);
	while (around && !around->stack)
		around = around->outer;
	if (around) {
		const struct flat_stack *outer = &flat->stacks.data[around->stack - 1];

		stack->below = reg_add(m);
		binary_add(m, block, IR_ADD, stack->below, outer->below, outer->level);
		count = path_note(m, block, root);
		binary_add(m, block, IR_ADD, stack->below, stack->below,
			   ir_long(flat->program, count));
		stack->below_most = outer->below_most + outer->depth + count;
	}
	root->stack = m->index + 1;
	if (stack->below_most + stack->depth + 1 > flat->trail_most)
		flat->trail_most = stack->below_most + stack->depth + 1;
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
	if (recursion_catches(flat->program))
		m->unwind = block_add(copy, m->loop);
	trail_begin(m, block, calls);
	root = member_of(m, flat->program->funcs.data[call->operands.data[1]]);
	move_add(copy, block, call->place, m->depth, ir_long(flat->program, 0));
	call_args(copy, &root->copy, block, call);
	turn_add(m, block, root->entry);
	leave_fill(m, back);
	unwind_fill(m);
	dispatch_fill(m);
	flat->stacks.data[m->index].bytes = frame_bytes(m);
	flat->stacks.data[m->index].offset = flat->stack_bytes;
	flat->stack_bytes += frame_bytes(m) * (flat->stacks.data[m->index].depth + 1);
	copy->slot_end = slot_end;
	results_move(copy, back, root, call);
	return back;
}

static void nesting_fault(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	struct flat_insn *insn = insn_add(copy, block, IR_RAISE, call->place, 2);

	if (call->catch_block)
		insn->catch_block = call->catch_block + copy->block_base;
	insn->operands[0] = OPERAND(OPERAND_NONE, 0);
	insn->operands[1] = FAULT_NESTING;
}

uint32_t nesting_check(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	struct flat *flat = copy->flat;
	struct machine at = { .caller = copy };
	int64_t left = flat->program->head.max_nesting;
	const struct flat_stack *stack = NULL;
	uint32_t deep, level, fault, fine;

	/* Calls between two stacks are counted with the inner one's. */
	for (const struct flat_call *c = copy->calls; c; c = c->outer) {
		if (c->stack && !stack)
			stack = &flat->stacks.data[c->stack - 1];
		if (!stack || !flat_stack_around(c->outer))
			left--;
	}
	if (!stack && left > 0)
		return block;
	fine = block_add(copy, flat->blocks.data[block].loop);
	if (!stack) {
		nesting_fault(copy, block, call);
		return fine;
	}
	level = reg_add(&at);
	deep = reg_add(&at);
	fault = block_add(copy, flat->blocks.data[block].loop);
	binary_add(&at, block, IR_ADD, level, stack->level, stack->below);
	binary_add(&at, block, IR_GE, deep, level, ir_long(flat->program, left));
	branch_add(&at, block, deep, fault, fine);
	nesting_fault(copy, fault, call);
	return fine;
}

uint32_t recursive_call(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	const struct ir_program *program = copy->flat->program;
	const struct ir_func *func = program->funcs.data[call->operands.data[1]];

	if (copy->machine && comes_back(program, func, copy->func))
		return member_call(copy, block, call);
	return machine_call(copy, block, call);
}
