/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations: moves, arithmetic, control, and those of the probed context, which has no meaning
 * here.
 */
#include <string.h>

#include "runtime/errors.h"
#include "runtime/vm-arith.h"
#include "runtime/vm-ops.h"

VM_OP(vm_op_MOV)
{
	vm->regs[op->a] = vm->regs[op->b];
	return op + 1;
}

#define ARITH(id, expression) \
	VM_OP(vm_op_##id) \
	{ \
		uint64_t a = (uint64_t)vm->regs[op->b], b = (uint64_t)vm->regs[op->c]; \
		vm->regs[op->a] = (int64_t)(expression); \
		return op + 1; \
	}
ARITH_TABLE(ARITH)

VM_OP(vm_op_DIV)
{
	int64_t by = vm->regs[op->c];

	if (!by)
		return vm_fault(vm, op, FAULT_DIVISION, 0);
	vm->regs[op->a] = arith_div(vm->regs[op->b], by);
	return op + 1;
}

VM_OP(vm_op_MOD)
{
	int64_t by = vm->regs[op->c];

	if (!by)
		return vm_fault(vm, op, FAULT_DIVISION, 0);
	vm->regs[op->a] = arith_mod(vm->regs[op->b], by);
	return op + 1;
}

VM_OP(vm_op_NEG)
{
	vm->regs[op->a] = (int64_t)(0 - (uint64_t)vm->regs[op->b]);
	return op + 1;
}

VM_OP(vm_op_COMPL)
{
	vm->regs[op->a] = ~vm->regs[op->b];
	return op + 1;
}

/* ---- control ---- */

VM_OP(vm_op_JMP)
{
	(void)vm;
	return op + op->b;
}

VM_OP(vm_op_BR)
{
	return op + (vm->regs[op->b] ? op->c : op->d);
}

/* Puts the results of the call into the caller's frame and goes on behind it. */
static const struct vm_op *call_end(struct vm *vm, bool is_next)
{
	const struct vm_op *call = vm->frame->call;

	vm_frame_leave(vm);
	if (!call)
		return NULL;
	if (call->c != VM_NONE)
		vm->regs[call->c] = is_next;
	return call + 1;
}

VM_OP(vm_op_RET)
{
	struct vm_frame *frame = vm->frame, *caller = frame->caller;
	const struct vm_op *call = frame->call;
	bool has_value = op->arg_count > 1;

	if (!call || call->a == VM_NONE)
		return call_end(vm, false);
	if (frame->func->func->result == 2) {
		const struct vm_string *value = &frame->strings[has_value ? op->b : 0];

		string_set(&caller->strings[call->a], has_value ? value->text : "",
			   has_value ? value->length : 0);
	} else {
		caller->regs[call->a] = has_value ? frame->regs[op->b] : 0;
	}
	return call_end(vm, false);
}

VM_OP(vm_op_RETNEXT)
{
	(void)op;
	return call_end(vm, true);
}

/* args: result, function, `next` flag, arguments */
VM_OP(vm_op_CALL)
{
	struct vm_func *callee = (struct vm_func *)op->data;
	const uint32_t *params = callee->func->params;
	const int64_t *regs = vm->regs;
	const struct vm_string *strings = vm->strings;

	if (vm->depth > vm->program->max_nesting)
		return vm_fault(vm, op, FAULT_NESTING, 0);
	vm_frame_enter(vm, callee, op);
	for (uint32_t i = 0; i < callee->func->param_count; i++) {
		uint32_t to = OPERAND_INDEX(params[i]);
		const struct vm_string *text;

		if (OPERAND_TAG(params[i]) == OPERAND_REG) {
			vm->regs[to] = regs[op->args[3 + i]];
			continue;
		}
		text = &strings[op->args[3 + i]];
		string_set(&vm->strings[to], text->text, text->length);
	}
	return callee->code;
}

VM_OP(vm_op_ACTION)
{
	vm->actions += op->b;
	if (vm->most_actions > 0 && vm->actions > vm->most_actions)
		return vm_fault(vm, op, FAULT_ACTIONS, 0);
	if (vm->config.abandon && *vm->config.abandon) {
		vm->abandoned = true;
		return NULL;
	}
	return op + 1;
}

VM_OP(vm_op_RAISE)
{
	return vm_fault(vm, op, (uint32_t)op->b, 0);
}

VM_OP(vm_op_ERROR)
{
	const struct vm_string *text = &vm->strings[op->b];

	return vm_fault_text(vm, op, text->text, text->length);
}

VM_OP(vm_op_CATCH)
{
	buf_clear(&vm->text);
	error_what(&vm->text, vm->program, &vm->error, vm->error_text.data,
		   (uint32_t)vm->error_text.size);
	if (op->a != VM_NONE)
		string_set(&vm->strings[op->a], vm->text.data, (uint32_t)vm->text.size);
	memset(&vm->error, 0, sizeof(vm->error));
	return op + 1;
}

/* ---- the probed context: there is none. Registers and arguments are zero. ---- */

static const struct vm_op *no_context(struct vm *vm, const struct vm_op *op)
{
	vm->regs[op->a] = 0;
	return op + 1;
}

VM_OP(vm_op_REG)
{
	return no_context(vm, op);
}

VM_OP(vm_op_ARG)
{
	return no_context(vm, op);
}

VM_OP(vm_op_SYMADDR)
{
	return no_context(vm, op);
}

VM_OP(vm_op_COOKIE)
{
	return no_context(vm, op);
}
