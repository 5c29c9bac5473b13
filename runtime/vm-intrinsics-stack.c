/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builtins about stacks and symbols. There is no stack to look at in user space; of addresses that
 * kernel handlers left the texts are made here.
 */
#include "runtime/stack.h"
#include "runtime/vm-intrinsics.h"

static int text_result(struct vm *vm, struct maps_value *result)
{
	result->text = vm->text.data ? vm->text.data : "";
	result->length = (uint32_t)vm->text.size;
	return 0;
}

#define NOTHING_NUMBER(name) \
	BUILTIN(name) \
	{ \
		(void)vm; \
		(void)args; \
		result->number = 0; \
		return 0; \
	}
#define NOTHING_TEXT(name) \
	BUILTIN(name) \
	{ \
		(void)args; \
		buf_clear(&vm->text); \
		return text_result(vm, result); \
	}

NOTHING_TEXT(stack)
NOTHING_TEXT(ustack)
NOTHING_NUMBER(stack_at)
NOTHING_NUMBER(ustack_at)
NOTHING_NUMBER(space)
NOTHING_NUMBER(user_address)
NOTHING_NUMBER(helper_regs)

BUILTIN(symbol)
{
	buf_clear(&vm->text);
	stacks_symbol(vm->config.stacks, (uint32_t)args[0].number, (uint64_t)args[1].number,
		      &vm->text);
	return text_result(vm, result);
}

BUILTIN(usymbol)
{
	return builtin_symbol(vm, args, result);
}

BUILTIN(syms)
{
	buf_clear(&vm->text);
	stacks_syms(vm->config.stacks, args[0].text, args[0].length, args[1].number != 0,
		    &vm->text);
	return text_result(vm, result);
}
