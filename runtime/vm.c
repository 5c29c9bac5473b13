/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/errors.h"
#include "runtime/sink.h"
#include "runtime/vm-ops.h"

#define VALUES_LEAST 40		/* arguments of a builtin, keys */

/* ---- frames ---- */

static struct vm_frame *frame_new(const struct vm *vm, struct vm_func *func)
{
	const struct program_func *f = func->func;
	size_t regs = f->reg_count + func->constant_count;
	size_t strings = f->slot_count + func->text_count;
	size_t size = sizeof(struct vm_frame) + regs * sizeof(int64_t) +
		      strings * sizeof(struct vm_string) + f->iter_count * sizeof(void *) +
		      func->text_bytes;
	struct buf block = { 0 };
	struct vm_frame *frame = memset(buf_reserve(&block, size), 0, size);
	char *text;

	frame->func = func;
	frame->regs = (int64_t *)(frame + 1);
	frame->strings = (struct vm_string *)(frame->regs + regs);
	frame->iters = (struct maps_iter **)(frame->strings + strings);
	text = (char *)(frame->iters + f->iter_count);
	for (uint32_t i = 0; i < func->constant_count; i++)
		frame->regs[f->reg_count + i] = *func->constants[i];
	for (uint32_t i = 0; i < f->slot_count; i++) {
		uint32_t width = vm_slot_width(vm, f->slot_widths[i]);

		frame->strings[i] = (struct vm_string){
			text, 0, vm->config.least_width ? width : f->slot_widths[i]
		};
		text += width;
	}
	for (uint32_t i = 0; i < func->text_count; i++)
		frame->strings[f->slot_count + i] = func->texts[i];
	return frame;
}

struct vm_frame *vm_frame_enter(struct vm *vm, struct vm_func *func, const struct vm_op *call)
{
	struct vm_frame *frame = func->idle;

	if (frame) {
		func->idle = frame->caller;
		memset(frame->regs, 0, func->func->reg_count * sizeof(int64_t));
		for (uint32_t i = 0; i < func->func->slot_count; i++) {
			frame->strings[i].length = 0;
			*frame->strings[i].text = '\0';
		}
	} else {
		frame = frame_new(vm, func);
	}
	frame->caller = vm->frame;
	frame->call = call;
	vm->frame = frame;
	vm->regs = frame->regs;
	vm->strings = frame->strings;
	vm->depth++;
	return frame;
}

void vm_frame_leave(struct vm *vm)
{
	struct vm_frame *frame = vm->frame;

	for (uint32_t i = 0; i < frame->func->func->iter_count; i++) {
		maps_iter_free(frame->iters[i]);
		frame->iters[i] = NULL;
	}
	vm->frame = frame->caller;
	frame->caller = frame->func->idle;
	frame->func->idle = frame;
	vm->regs = vm->frame ? vm->frame->regs : NULL;
	vm->strings = vm->frame ? vm->frame->strings : NULL;
	vm->depth--;
}

/* ---- faults ---- */

/* To the innermost catch block, or out of the handler. */
static const struct vm_op *fault_unwind(struct vm *vm, const struct vm_op *op)
{
	bool catchable = error_is_catchable(vm->error.fault);

	for (;;) {
		if (catchable && op->handler)
			return op->handler;
		op = vm->frame->call;
		vm_frame_leave(vm);
		if (!op)
			return NULL;
		if (vm->error.chain_length < ABI_CHAIN_MAX)
			vm->error.chain[vm->error.chain_length] = op->place;
		vm->error.chain_length++;
	}
}

const struct vm_op *vm_fault(struct vm *vm, const struct vm_op *op, uint32_t fault, uint64_t detail)
{
	memset(&vm->error, 0, sizeof(vm->error));
	vm->error.fault = fault;
	vm->error.place = op->place;
	vm->error.detail = detail;
	return fault_unwind(vm, op);
}

const struct vm_op *vm_fault_text(struct vm *vm, const struct vm_op *op, const char *text,
				  uint32_t length)
{
	buf_clear(&vm->error_text);
	buf_add(&vm->error_text, text, length);
	return vm_fault(vm, op, FAULT_USER, 0);
}

static void fault_report(struct vm *vm)
{
	struct abi_session *session = vm->config.session;
	struct buf text = { 0 };

	int64_t errors;

	if (!error_is_counted(vm->error.fault))
		return;
	errors = __atomic_add_fetch(&session->errors, 1, __ATOMIC_RELAXED);
	if (session->suppress_errors)
		return;
	error_describe(&text, vm->program, vm->handler, &vm->error, vm->error_text.data,
		       (uint32_t)vm->error_text.size);
	sink_message(vm->config.sink, SINK_ERROR, text.data, text.size);
	buf_free(&text);
	if (errors > session->max_errors)
		session->state = STATE_STOPPING;
}

/* ---- running ---- */

enum vm_result vm_run_handler(struct vm *vm, uint32_t handler)
{
	struct vm_func *func = &vm->funcs[vm->program->handlers[handler].func];
	const struct vm_op *op = func->code;

	vm->handler = handler;
	vm->actions = 0;
	vm->abandoned = false;
	memset(&vm->error, 0, sizeof(vm->error));
	buf_clear(&vm->tokens.text);
	vm->tokens.at = 0;
	vm_regex_reset(vm->regex);
	maps_run_begin(vm->config.maps, func->clears);
	vm_frame_enter(vm, func, NULL);
	while (op)
		op = op->run(vm, op);
	while (vm->frame)
		vm_frame_leave(vm);
	maps_run_end(vm->config.maps);
	if (vm->abandoned)
		return VM_ABANDONED;
	if (!vm->error.fault)
		return VM_DONE;
	fault_report(vm);
	return VM_FAULT;
}

void vm_set_value(struct vm *vm, const char *text, uint32_t length)
{
	buf_clear(&vm->value);
	buf_add(&vm->value, text, length);
}

const char *vm_get_value(const struct vm *vm, uint32_t *length)
{
	*length = (uint32_t)vm->value.size;
	return vm->value.data ? vm->value.data : "";
}

/* ---- life ---- */

/* A function may delete what the functions that it calls may: until nothing changes. */
static void clears_spread(struct vm *vm)
{
	const struct program *program = vm->program;
	bool again = true;

	while (again) {
		again = false;
		for (uint32_t f = 0; f < program->func_count; f++)
			again |= func_clears_spread(vm, f);
	}
}

static bool scratch_make(struct vm *vm)
{
	const struct program *program = vm->program;
	uint32_t values = VALUES_LEAST, prints = 1;

	for (uint32_t i = 0; i < program->global_count; i++)
		if (program->globals[i].key_count > values)
			values = program->globals[i].key_count;
	for (uint32_t i = 0; i < program->print_count; i++)
		if (program->prints[i].arg_count > prints)
			prints = program->prints[i].arg_count;
	vm->values = calloc(values, sizeof(*vm->values));
	vm->prints = calloc(prints, sizeof(*vm->prints));
	vm->funcs = calloc(program->func_count + 1, sizeof(*vm->funcs));
	vm->regex = vm_regex_new(program);
	return vm->values && vm->prints && vm->funcs && vm->regex;
}

static uint64_t random_seed(const struct vm *vm)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ((uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uintptr_t)vm) | 1;
}

struct vm *vm_new(const struct vm_config *config, char **error)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	*error = NULL;
	if (!vm)
		return NULL;
	vm->config = *config;
	vm->program = config->program;
	vm->most_actions = config->program->max_action_user;
	vm->random = random_seed(vm);
	if (!scratch_make(vm)) {
		vm_free(vm);
		*error = strdup("out of memory");
		return NULL;
	}
	for (uint32_t i = 0; i < vm->program->func_count; i++)
		if (vm->program->funcs[i].block_count && !vm_decode(vm, i, error)) {
			vm_free(vm);
			return NULL;
		}
	clears_spread(vm);
	return vm;
}

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	for (uint32_t i = 0; vm->funcs && i < vm->program->func_count; i++)
		vm_func_free(&vm->funcs[i]);
	vm_regex_free(vm->regex);
	buf_free(&vm->error_text);
	buf_free(&vm->text);
	buf_free(&vm->tokens.text);
	buf_free(&vm->value);
	free(vm->funcs);
	free(vm->values);
	free(vm->prints);
	free(vm);
}
