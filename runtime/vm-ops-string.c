/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations: strings, prints, builtins.
 */
#include <string.h>

#include "runtime/records.h"
#include "runtime/sink.h"
#include "runtime/vm-ops.h"

VM_OP(vm_op_SMOV)
{
	const struct vm_string *from = &vm->strings[op->b];

	string_set(&vm->strings[op->a], from->text, from->length);
	return op + 1;
}

VM_OP(vm_op_SEQ)
{
	const struct vm_string *a = &vm->strings[op->b], *b = &vm->strings[op->c];

	vm->regs[op->a] = a->length == b->length && !memcmp(a->text, b->text, a->length);
	return op + 1;
}

VM_OP(vm_op_SCMP)
{
	const struct vm_string *a = &vm->strings[op->b], *b = &vm->strings[op->c];
	uint32_t common = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->text, b->text, common);

	vm->regs[op->a] = order ? order : (int64_t)a->length - (int64_t)b->length;
	return op + 1;
}

VM_OP(vm_op_SCAT)
{
	struct vm_string *into = &vm->strings[op->a];
	const struct vm_string *a = &vm->strings[op->b], *b = &vm->strings[op->c];
	uint32_t most = into->width - 1;
	uint32_t first = a->length < most ? a->length : most;
	uint32_t second = b->length < most - first ? b->length : most - first;

	/* The second goes first: it may be what is written to. */
	memmove(into->text + first, b->text, second);
	if (into != a)
		memmove(into->text, a->text, first);
	into->length = first + second;
	into->text[into->length] = '\0';
	return op + 1;
}

/* args: result, string, expression */
VM_OP(vm_op_REGEX)
{
	const struct vm_string *text = &vm->strings[op->b];

	vm->regs[op->a] = vm_regex_match(vm, (uint32_t)op->c, text->text, text->length);
	return op + 1;
}

/* The arguments of a print, from args[2] on. */
static const struct format_arg *print_args(struct vm *vm, const struct vm_op *op,
					   const struct program_print *print)
{
	for (uint32_t i = 0; i < print->arg_count; i++) {
		int32_t at = op->args[2 + i];

		if (print->arg_types[i] == PROGRAM_LONG) {
			vm->prints[i] = (struct format_arg){ .number = vm->regs[at] };
			continue;
		}
		vm->prints[i] = (struct format_arg){
			.text = vm->strings[at].text,
			.length = vm->strings[at].length,
			.trusted = (uint32_t)at >= vm->frame->func->func->slot_count,
		};
	}
	return vm->prints;
}

VM_OP(vm_op_PRINT)
{
	const struct program_print *print = op->data;
	struct sink *sink = vm->config.sink;

	buf_clear(&vm->text);
	format_print(&vm->text, print, print_args(vm, op, print), sink->escape);
	record_actions[print->action].run(sink, vm->text.data ? vm->text.data : "", vm->text.size);
	return op + 1;
}

VM_OP(vm_op_SPRINT)
{
	const struct program_print *print = op->data;

	buf_clear(&vm->text);
	format_print(&vm->text, print, print_args(vm, op, print), false);
	string_set(&vm->strings[op->a], vm->text.data ? vm->text.data : "",
		   (uint32_t)strnlen(vm->text.data ? vm->text.data : "", vm->text.size));
	return op + 1;
}

/* args: result, builtin, arguments */
VM_OP(vm_op_CALLI)
{
	const struct vm_intrinsic *intrinsic = op->data;
	struct maps_value result = { .text = "" };
	int fault;

	for (uint32_t i = 0; intrinsic->args[i]; i++) {
		const struct vm_string *text = &vm->strings[op->args[2 + i]];

		if (intrinsic->args[i] == 'l')
			vm->values[i] = (struct maps_value){ .number = vm->regs[op->args[2 + i]] };
		else
			vm->values[i] = (struct maps_value){ .text = text->text,
							     .length = text->length };
	}
	fault = intrinsic->run(vm, vm->values, &result);
	if (fault)
		return vm_fault(vm, op, (uint32_t)fault, (uint64_t)result.number);
	if (op->a == VM_NONE)
		return op + 1;
	if (*intrinsic->result == 's')
		string_set(&vm->strings[op->a], result.text, result.length);
	else
		vm->regs[op->a] = result.number;
	return op + 1;
}

VM_OP(vm_op_missing)
{
	static const char text[] =
		"this function needs a probed context, which handlers in user space "
		"do not have";

	return vm_fault_text(vm, op, text, sizeof(text) - 1);
}
