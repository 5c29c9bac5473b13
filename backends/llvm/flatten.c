/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts called functions in place: see flat.h. */
#include "backends/llvm/flat-priv.h"

struct flat_insn *insn_add(struct inline_copy *copy, uint32_t block, uint32_t op, uint32_t place,
			   uint32_t operand_count)
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

void move_add(struct inline_copy *copy, uint32_t block, uint32_t place, uint32_t to, uint32_t from)
{
	bool is_slot = OPERAND_TAG(to) == OPERAND_SLOT;
	struct flat_insn *insn = insn_add(copy, block, is_slot ? IR_SMOV : IR_MOV, place, 2);

	insn->operands[0] = to;
	insn->operands[1] = from;
}

void jump_add(struct inline_copy *copy, uint32_t block, uint32_t place, uint32_t target)
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

uint32_t block_add(struct inline_copy *copy, uint32_t loop)
{
	vec_push(copy->arena, &copy->flat->blocks)->loop = loop;
	return copy->flat->blocks.count - 1;
}

static uint32_t loop_renumber(const struct inline_copy *copy, uint32_t loop)
{
	return loop ? copy->loops[loop - 1] : copy->outer_loop;
}

/* @arg: the operand's letter in ir.def. */
uint32_t operand_renumber(const struct inline_copy *copy, uint32_t operand, char arg)
{
	switch (OPERAND_TAG(operand)) {
	case OPERAND_REG:
		return operand + copy->reg_base;
	case OPERAND_SLOT:
		return operand + copy->slot_base;
	case OPERAND_RAW:
		if (arg == 'b' && copy->stubs && copy->stubs[operand])
			return copy->stubs[operand];
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

static bool is_param(const struct ir_func *func, uint32_t operand)
{
	for (size_t i = 0; i < func->params.count; i++)
		if (func->params.data[i] == operand)
			return true;
	return false;
}

/* Whether a local may be read in a block before that block writes it. */
static bool read_first(const struct ir_func *func, uint32_t operand)
{
	for (size_t b = 0; b < func->blocks.count; b++)
		for (size_t i = 0; i < func->blocks.data[b].insns.count; i++) {
			const struct ir_insn *insn = &func->blocks.data[b].insns.data[i];

			for (size_t o = 1; o < insn->operands.count; o++)
				if (insn->operands.data[o] == operand)
					return true;
			if (insn->operands.data[0] == operand)
				break;
		}
	return false;
}

static void locals_reset(struct inline_copy *callee, uint32_t block, uint32_t place)
{
	const struct ir_func *func = callee->func;
	struct ir_program *program = callee->flat->program;

	for (uint32_t i = 0; i < func->reg_count; i++) {
		uint32_t reg = OPERAND(OPERAND_REG, i);

		/* Temporaries are written first. */
		if (i < func->reg_names.count && func->reg_names.data[i] && !is_param(func, reg) &&
		    read_first(func, reg))
			move_add(callee, block, place, reg + callee->reg_base, ir_long(program, 0));
	}
	for (uint32_t i = 0; i < func->slot_widths.count; i++) {
		uint32_t slot = OPERAND(OPERAND_SLOT, i);

		if (!is_param(func, slot) && read_first(func, slot))
			move_add(callee, block, place, slot + callee->slot_base,
				 ir_text(program, ""));
	}
}

/* An argument that is a parameter set before it (a function calls itself) is kept aside. */
static uint32_t arg_aside(struct inline_copy *copy, struct inline_copy *callee, uint32_t block,
			  const struct ir_insn *call, size_t index)
{
	uint32_t arg = operand_renumber(copy, call->operands.data[index + 3], 'l'), aside;

	for (size_t i = 0; i < index; i++) {
		if (operand_renumber(callee, callee->func->params.data[i], 'l') != arg)
			continue;
		aside = OPERAND_TAG(arg) == OPERAND_REG
				? OPERAND(OPERAND_REG, copy->flat->reg_count++)
				: flat_slot_add(copy->flat, copy->arena,
						copy->flat->slots.data[OPERAND_INDEX(arg)].width,
						&copy->slot_end);
		move_add(copy, block, call->place, aside, arg);
		return aside;
	}
	return arg;
}

void call_args(struct inline_copy *copy, struct inline_copy *callee, uint32_t block,
	       const struct ir_insn *call)
{
	const struct ir_func *func = callee->func;
	uint32_t *args = arena_alloc(copy->arena, (func->params.count + 1) * sizeof(*args));
	size_t count = 0;

	for (; count < func->params.count && count + 3 < call->operands.count; count++)
		args[count] = arg_aside(copy, callee, block, call, count);
	for (size_t i = 0; i < count; i++)
		move_add(copy, block, call->place,
			 operand_renumber(callee, func->params.data[i], 'l'), args[i]);
	locals_reset(callee, block, call->place);
	if (OPERAND_TAG(callee->ended_next) == OPERAND_REG)
		move_add(copy, block, call->place, callee->ended_next,
			 ir_long(copy->flat->program, 0));
}

/* Puts the callee in place; code goes on in the block returned. */
static uint32_t call_copy(struct inline_copy *copy, uint32_t block, const struct ir_insn *call)
{
	const struct ir_program *program = copy->flat->program;
	const struct ir_func *func = program->funcs.data[call->operands.data[1]];
	struct flat_call *calls = arena_new_of(copy->arena, struct flat_call);
	uint32_t loop = copy->flat->blocks.data[block].loop;
	struct inline_copy callee = { .flat = copy->flat, .arena = copy->arena, .func = func,
		.outer = copy, .calls = calls, .slot_end = copy->slot_end, .outer_loop = loop };

	if (copy->flat->insn_count > FLAT_MAX_INSNS) {
		flat_refuse(copy->flat, call->place, "this call",
			    "with all calls put in place the handler is larger than the "
			    "verifier accepts");
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
			block = nesting_check(copy, block, insn);
		if (insn->op == IR_CALL &&
		    copy->flat->program->funcs.data[insn->operands.data[1]]->is_recursive)
			block = recursive_call(copy, block, insn);
		else if (insn->op == IR_CALL)
			block = call_copy(copy, block, insn);
		else if (insn->op == IR_RET || insn->op == IR_RETNEXT)
			leave_copy(copy, block, insn);
		else
			insn_copy(copy, block, insn);
	}
}

uint32_t flat_slot_add(struct flat *flat, struct arena *arena, uint32_t width, uint32_t *end)
{
	struct flat_slot *slot = vec_push(arena, &flat->slots);

	slot->width = width;
	slot->offset = *end;
	/* Room for the zeros behind the end of a long one, whose place is not known. */
	*end += ABI_ROUND8(width) + 8;
	if (*end > flat->slot_bytes)
		flat->slot_bytes = *end;
	return OPERAND(OPERAND_SLOT, flat->slots.count - 1);
}

void flat_refuse(struct flat *flat, uint32_t place, const char *what, const char *why)
{
	if (flat->refused)
		return;
	flat->refused = what;
	flat->refused_why = why;
	flat->refused_at = place;
}

/* Outer loops come before those in them. */
static void loops_add(struct inline_copy *copy)
{
	const struct ir_func *func = copy->func;

	copy->loops = arena_alloc(copy->arena, (func->loops.count + 1) * sizeof(*copy->loops));
	for (size_t i = 0; i < func->loops.count; i++) {
		uint32_t parent = loop_renumber(copy, func->loops.data[i].parent);
		struct ir_loop *loop;

		copy->loops[i] = parent;
		if (copy->machine && loop_recurses(copy->flat->program, func, i + 1))
			continue;
		loop = vec_push(copy->arena, &copy->flat->loops);
		copy->loops[i] = copy->flat->loops.count;
		*loop = func->loops.data[i];
		loop->parent = parent;
		loop->header += copy->block_base;
		loop->exit += copy->block_base;
	}
}

void copy_function(struct inline_copy *copy)
{
	struct flat *flat = copy->flat;
	const struct ir_func *func = copy->func;

	copy->reg_base = flat->reg_count;
	copy->iter_base = flat->iter_count;
	copy->slot_base = flat->slots.count;
	copy->block_base = flat->blocks.count;
	flat->reg_count += func->reg_count;
	flat->iter_count += func->iter_count;
	for (size_t i = 0; i < func->slot_widths.count; i++)
		flat_slot_add(flat, copy->arena, func->slot_widths.data[i], &copy->slot_end);
	loops_add(copy);
	for (size_t i = 0; i < func->blocks.count; i++)
		block_add(copy, loop_renumber(copy, func->blocks.data[i].loop));
	if (copy->machine)
		stubs_make(copy);
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
	copy_function(&handler);
	return flat;
}

const struct flat_call *flat_stack_around(const struct flat_call *call)
{
	while (call && !call->stack)
		call = call->outer;
	return call;
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
