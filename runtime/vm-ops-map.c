/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations: globals and foreach. In args the keys follow the global; args[0] is the result.
 */
#include <string.h>

#include "runtime/aggr.h"
#include "runtime/hist.h"
#include "runtime/records.h"
#include "runtime/sink.h"
#include "runtime/vm-ops.h"

static const struct maps_value *keys_get(struct vm *vm, const struct program_global *global,
					 const int32_t *args)
{
	for (uint32_t i = 0; i < global->key_count; i++) {
		struct maps_value *key = &vm->values[i];

		*key = (struct maps_value){ .wild = args[i] == VM_WILD };
		if (key->wild)
			continue;
		if (global->keys[i].type == PROGRAM_LONG) {
			key->number = vm->regs[args[i]];
			continue;
		}
		key->text = vm->strings[args[i]].text;
		key->length = vm->strings[args[i]].length;
	}
	return vm->values;
}

/* The operand that follows the keys. */
static int32_t after_keys(const struct vm_op *op)
{
	const struct program_global *global = op->data;

	return op->args[2 + global->key_count];
}

static const struct vm_op *next_or_fault(struct vm *vm, const struct vm_op *op, int fault)
{
	if (!fault)
		return op + 1;
	return vm_fault(vm, op, (uint32_t)fault, (uint64_t)op->b);
}

VM_OP(vm_op_LOAD)
{
	struct maps_value value;

	maps_load(vm->config.maps, (uint32_t)op->b, keys_get(vm, op->data, op->args + 2), &value);
	vm->regs[op->a] = value.number;
	return op + 1;
}

VM_OP(vm_op_SLOAD)
{
	struct maps_value value;

	maps_load(vm->config.maps, (uint32_t)op->b, keys_get(vm, op->data, op->args + 2), &value);
	string_set(&vm->strings[op->a], value.text, value.length);
	return op + 1;
}

VM_OP(vm_op_STORE)
{
	struct maps_value value = { .number = vm->regs[after_keys(op)] };

	return next_or_fault(vm, op, maps_store(vm->config.maps, (uint32_t)op->b,
						keys_get(vm, op->data, op->args + 2), &value));
}

VM_OP(vm_op_SSTORE)
{
	const struct vm_string *text = &vm->strings[after_keys(op)];
	struct maps_value value = { .text = text->text, .length = text->length };

	return next_or_fault(vm, op, maps_store(vm->config.maps, (uint32_t)op->b,
						keys_get(vm, op->data, op->args + 2), &value));
}

VM_OP(vm_op_RMW)
{
	const struct program_global *global = op->data;
	const int32_t *rest = op->args + 2 + global->key_count;
	int64_t result = 0;
	int fault = maps_rmw(vm->config.maps, (uint32_t)op->b, keys_get(vm, global, op->args + 2),
			     (enum ir_op)rest[0], vm->regs[rest[1]], &result);

	if (!fault && op->a != VM_NONE)
		vm->regs[op->a] = result;
	return next_or_fault(vm, op, fault);
}

VM_OP(vm_op_HAS)
{
	vm->regs[op->a] = maps_has(vm->config.maps, (uint32_t)op->b,
				   keys_get(vm, op->data, op->args + 2));
	return op + 1;
}

VM_OP(vm_op_DELETE)
{
	maps_delete(vm->config.maps, (uint32_t)op->b, keys_get(vm, op->data, op->args + 2));
	return op + 1;
}

VM_OP(vm_op_CLEAR)
{
	maps_clear(vm->config.maps, (uint32_t)op->b);
	return op + 1;
}

VM_OP(vm_op_AGG)
{
	int64_t value = vm->regs[after_keys(op)];

	return next_or_fault(vm, op, maps_aggregate(vm->config.maps, (uint32_t)op->b,
						    keys_get(vm, op->data, op->args + 2), value));
}

VM_OP(vm_op_STAT)
{
	const struct program_global *global = op->data;
	enum ir_stat stat = (enum ir_stat)after_keys(op);
	const uint64_t *words = maps_stat(vm->config.maps, (uint32_t)op->b,
					  keys_get(vm, global, op->args + 2));

	if (stat != IR_STAT_COUNT && stat != IR_STAT_SUM && aggr_is_empty(&global->agg, words))
		return vm_fault(vm, op, FAULT_EMPTY_AGGREGATE, 0);
	vm->regs[op->a] = aggr_stat(&global->agg, words, stat);
	return op + 1;
}

VM_OP(vm_op_BUCKET)
{
	const struct program_global *global = op->data;
	int64_t bucket = vm->regs[after_keys(op)];
	const uint64_t *words = maps_stat(vm->config.maps, (uint32_t)op->b,
					  keys_get(vm, global, op->args + 2));

	if (bucket < 0 || bucket >= global->agg.buckets)
		return vm_fault(vm, op, FAULT_HIST_INDEX, 0);
	vm->regs[op->a] = aggr_bucket(&global->agg, words, (uint32_t)bucket);
	return op + 1;
}

/* ---- foreach ---- */

/* args: none, iterator, global, sort, descending, stat, limit, slice */
VM_OP(vm_op_ITER)
{
	const struct program_global *global = op->data;
	const int32_t *args = op->args;
	struct maps_sort sort = { .sort = args[3], .descending = args[4],
				  .stat = (enum ir_stat)args[5], .limit = -1 };

	if (args[6] != VM_NONE) {
		sort.limit = vm->regs[args[6]];
		if (sort.limit < 0)
			sort.limit = 0;
	}
	maps_iter_free(vm->frame->iters[op->b]);
	vm->frame->iters[op->b] = maps_iter_new(vm->config.maps, (uint32_t)op->c, &sort,
						keys_get(vm, global, args + 7));
	return op + 1;
}

VM_OP(vm_op_ITERNEXT)
{
	struct maps_iter *iter = vm->frame->iters[op->b];

	vm->regs[op->a] = iter && maps_iter_next(iter);
	return op + 1;
}

VM_OP(vm_op_ITERKEY)
{
	struct maps_iter *iter = vm->frame->iters[op->b];

	vm->regs[op->a] = maps_iter_at(iter) ? maps_iter_key(iter, (uint32_t)op->c).number : 0;
	return op + 1;
}

VM_OP(vm_op_ITERSKEY)
{
	struct maps_iter *iter = vm->frame->iters[op->b];
	struct maps_value key = { .text = "" };

	if (maps_iter_at(iter))
		key = maps_iter_key(iter, (uint32_t)op->c);
	string_set(&vm->strings[op->a], key.text, key.length);
	return op + 1;
}

VM_OP(vm_op_ITERVAL)
{
	struct maps_iter *iter = vm->frame->iters[op->b];

	vm->regs[op->a] = maps_iter_at(iter) ? maps_iter_value(iter).number : 0;
	return op + 1;
}

VM_OP(vm_op_ITERSVAL)
{
	struct maps_iter *iter = vm->frame->iters[op->b];
	struct maps_value value = { .text = "" };

	if (maps_iter_at(iter))
		value = maps_iter_value(iter);
	string_set(&vm->strings[op->a], value.text, value.length);
	return op + 1;
}

VM_OP(vm_op_ITEREND)
{
	maps_iter_free(vm->frame->iters[op->b]);
	vm->frame->iters[op->b] = NULL;
	return op + 1;
}

/* ---- histograms; args: result, print, global, keys ---- */

/* The picture and the literals behind it, in vm->text. false: the aggregate is empty. */
static bool hist_text(struct vm *vm, const struct vm_op *op)
{
	const struct program_print *print = &vm->program->prints[op->b];
	const struct program_global *global = op->data;
	const uint64_t *words = maps_stat(vm->config.maps, (uint32_t)op->c,
					  keys_get(vm, global, op->args + 3));

	if (aggr_is_empty(&global->agg, words))
		return false;
	buf_clear(&vm->text);
	hist_print(&vm->text, &global->agg, words, vm->program);
	format_print(&vm->text, print, NULL, false);
	return true;
}

VM_OP(vm_op_PRINTHIST)
{
	const struct program_print *print = &vm->program->prints[op->b];

	if (!hist_text(vm, op))
		return vm_fault(vm, op, FAULT_EMPTY_AGGREGATE, 0);
	record_actions[print->action].run(vm->config.sink, vm->text.data, vm->text.size);
	return op + 1;
}

VM_OP(vm_op_SPRINTHIST)
{
	if (!hist_text(vm, op))
		return vm_fault(vm, op, FAULT_EMPTY_AGGREGATE, 0);
	string_set(&vm->strings[op->a], vm->text.data, (uint32_t)vm->text.size);
	return op + 1;
}
