/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serialised functions become arrays of struct vm_op. program-check has made sure that operands are
 * of the kinds that ir.def says and in range; what is left to refuse here are builtins with other
 * signatures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vm-ops.h"

struct decode {
	struct vm *vm;
	const struct program *program;
	const struct program_func *func;
	struct vm_func *into;
	uint32_t *starts;		/* of the blocks: index of the first operation */
	const struct program_insn *insn;
	struct vm_op *op;
	int32_t *at;			/* next free of into->args */
	uint32_t operand;		/* next of the instruction */
	char *error;
};

/* ---- constants ---- */

static int32_t long_constant(struct decode *d, uint32_t index)
{
	const int64_t *value = &d->program->longs[index];
	uint32_t i = 0;

	while (i < d->into->constant_count && d->into->constants[i] != value)
		i++;
	if (i == d->into->constant_count)
		d->into->constants[d->into->constant_count++] = value;
	return (int32_t)(d->func->reg_count + i);
}

static int32_t text_constant(struct decode *d, uint32_t index)
{
	char *text = (char *)d->program->texts[index];
	uint32_t i = 0;

	while (i < d->into->text_count && d->into->texts[i].text != text)
		i++;
	if (i == d->into->text_count) {
		uint32_t length = (uint32_t)strlen(text);

		d->into->texts[d->into->text_count++] =
			(struct vm_string){ text, length, length + 1 };
	}
	return (int32_t)(d->func->slot_count + i);
}

/* ---- operands ---- */

static int32_t value_decode(struct decode *d, uint32_t operand)
{
	uint32_t index = OPERAND_INDEX(operand);

	switch (OPERAND_TAG(operand)) {
	case OPERAND_LONG:
		return long_constant(d, index);
	case OPERAND_TEXT:
		return text_constant(d, index);
	case OPERAND_WILD:
		return VM_WILD;
	case OPERAND_NONE:
		return VM_NONE;
	default:
		return (int32_t)index;
	}
}

static uint32_t operand_take(struct decode *d)
{
	return d->insn->operands[d->operand++];
}

static void keys_decode(struct decode *d)
{
	const struct program_global *global = d->op->data;

	for (uint32_t i = 0; i < global->key_count; i++)
		*d->at++ = value_decode(d, operand_take(d));
}

static int32_t block_decode(struct decode *d, uint32_t block)
{
	return (int32_t)d->starts[block] - (int32_t)(d->op - d->into->code);
}

static void intrinsic_decode(struct decode *d, uint32_t name)
{
	d->op->data = vm_intrinsic_find(d->program->texts[name]);
	d->op->run = d->op->data ? vm_op_CALLI : vm_op_missing;
}

static void argument_decode(struct decode *d, char kind)
{
	uint32_t operand = operand_take(d);
	int32_t value = (int32_t)operand;

	switch (kind) {
	case 'l': case 's': case 'o': case 'r': case 'a':
		value = value_decode(d, operand);
		break;
	case 'b':
		value = block_decode(d, operand);
		break;
	case 'g':
		d->op->data = &d->program->globals[operand];
		break;
	case 'f':
		d->op->data = &d->vm->funcs[operand];
		break;
	case 'p':
		d->op->data = &d->program->prints[operand];
		break;
	case 'n':
		intrinsic_decode(d, operand);
		break;
	}
	*d->at++ = value;
}

/* Do the operands of a builtin's call fit its row? */
static bool intrinsic_fits(const struct decode *d)
{
	const struct vm_intrinsic *row = d->op->data;
	uint32_t count = d->insn->operand_count - 2;
	uint32_t result = d->insn->operands[0];

	if (OPERAND_TAG(result) != OPERAND_NONE &&
	    *row->result != (OPERAND_TAG(result) == OPERAND_SLOT ? 's' : 'l'))
		return false;
	if (strlen(row->args) != count)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		enum operand_tag tag = OPERAND_TAG(d->insn->operands[2 + i]);
		bool is_string = tag == OPERAND_SLOT || tag == OPERAND_TEXT;

		if (is_string != (row->args[i] == 's'))
			return false;
	}
	return true;
}

static void insn_decode(struct decode *d)
{
	const struct program_insn *insn = d->insn;
	struct vm_op *op = d->op;
	int32_t *first_four[] = { &op->a, &op->b, &op->c, &op->d };
	const char *args = ir_ops[insn->op].args;

	op->run = vm_op_table[insn->op];
	op->place = insn->place;
	op->args = d->at;
	op->handler = insn->catch_block ? &d->into->code[d->starts[insn->catch_block]] : NULL;
	d->operand = 0;
	*d->at++ = value_decode(d, operand_take(d));
	for (; *args && *args != 'a'; args++) {
		if (*args == 'k')
			keys_decode(d);
		else
			argument_decode(d, *args);
	}
	while (d->operand < insn->operand_count)
		argument_decode(d, 'a');
	op->arg_count = (uint32_t)(d->at - op->args);
	for (uint32_t i = 0; i < 4 && i < op->arg_count; i++)
		*first_four[i] = op->args[i];
	if (op->run == vm_op_CALLI && !intrinsic_fits(d) && !d->error &&
	    asprintf(&d->error, "the program calls %s with other arguments than this version has",
		     ((const struct vm_intrinsic *)op->data)->name) < 0)
		d->error = NULL;
}

/* ---- which arrays a function may delete ---- */

static bool insn_clears(const struct program *program, const struct program_insn *insn,
			uint32_t *global)
{
	if (insn->op != IR_CLEAR && insn->op != IR_DELETE)
		return false;
	*global = insn->operands[1];
	if (insn->op == IR_CLEAR)
		return true;
	for (uint32_t i = 0; i < program->globals[*global].key_count; i++)
		if (OPERAND_TAG(insn->operands[2 + i]) != OPERAND_WILD)
			return false;
	return true;
}

bool func_clears_spread(struct vm *vm, uint32_t func)
{
	const struct program *program = vm->program;
	const struct program_func *f = &program->funcs[func];
	bool found = false;

	for (uint32_t b = 0; b < f->block_count; b++)
		for (uint32_t i = 0; i < f->blocks[b].insn_count; i++) {
			const struct program_insn *insn = &f->blocks[b].insns[i];

			if (insn->op != IR_CALL)
				continue;
			const bool *callee = vm->funcs[insn->operands[1]].clears;

			for (uint32_t g = 0; g < program->global_count; g++) {
				found |= callee[g] && !vm->funcs[func].clears[g];
				vm->funcs[func].clears[g] |= callee[g];
			}
		}
	return found;
}

/* ---- functions ---- */

static bool tables_make(struct decode *d, uint32_t *insn_count)
{
	uint32_t insns = 0, operands = 0;

	d->starts = calloc(d->func->block_count + 1, sizeof(*d->starts));
	if (!d->starts)
		return false;
	for (uint32_t b = 0; b < d->func->block_count; b++) {
		const struct program_block *block = &d->func->blocks[b];

		d->starts[b] = insns;
		insns += block->insn_count;
		for (uint32_t i = 0; i < block->insn_count; i++)
			operands += block->insns[i].operand_count;
	}
	*insn_count = insns;
	d->into->code = calloc(insns, sizeof(*d->into->code));
	d->into->args = calloc(operands + 1, sizeof(*d->into->args));
	d->into->constants = calloc(operands + 1, sizeof(*d->into->constants));
	d->into->texts = calloc(operands + 1, sizeof(*d->into->texts));
	d->into->clears = calloc(d->program->global_count + 1, sizeof(bool));
	return d->into->code && d->into->args && d->into->constants && d->into->texts &&
	       d->into->clears;
}

bool vm_decode(struct vm *vm, uint32_t func, char **error)
{
	struct decode d = { .vm = vm, .program = vm->program, .func = &vm->program->funcs[func],
			    .into = &vm->funcs[func] };
	uint32_t insn_count, global;

	d.into->func = d.func;
	if (!tables_make(&d, &insn_count)) {
		free(d.starts);
		*error = strdup("out of memory");
		return false;
	}
	for (uint32_t i = 0; i < d.func->slot_count; i++)
		d.into->text_bytes += vm_slot_width(vm, d.func->slot_widths[i]);
	d.op = d.into->code;
	d.at = d.into->args;
	for (uint32_t b = 0; b < d.func->block_count; b++)
		for (uint32_t i = 0; i < d.func->blocks[b].insn_count; i++, d.op++) {
			d.insn = &d.func->blocks[b].insns[i];
			insn_decode(&d);
			if (insn_clears(d.program, d.insn, &global))
				d.into->clears[global] = true;
		}
	free(d.starts);
	*error = d.error;
	return !d.error;
}

void vm_func_free(struct vm_func *func)
{
	struct vm_frame *next;

	for (struct vm_frame *frame = func->idle; frame; frame = next) {
		next = frame->caller;
		free(frame);
	}
	free(func->code);
	free(func->args);
	free(func->constants);
	free(func->texts);
	free(func->clears);
}
