/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Globals: maps and keys, scalars and arrays of longs. A scalar long is a word of .bss; an element
 * is found, or created without a race (BPF_NOEXIST, then looked up again), and changed in place.
 */
#include <errno.h>
#include <stddef.h>

#include <linux/bpf.h>

#include "backends/llvm/fn.h"
#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

const struct program_global *global_of(const struct fn *f, uint32_t global)
{
	return &f->flat->program->globals.data[global];
}

static LLVMValueRef data_slot(struct fn *f, const struct program_global *global)
{
	return ptr_add(f->g, LLVMConstPointerCast(LLVMGetNamedGlobal(f->g->module, "sonde_globals"),
						  f->g->ptr), global->slot * 8);
}

/* ---- lookup and creation ---- */

LLVMValueRef map_lookup(struct gen *g, LLVMValueRef map, LLVMValueRef key)
{
	return LLVMBuildIntToPtr(g->builder, HELPER(g, BPF_FUNC_map_lookup_elem, map, key), g->ptr,
				 "");
}

/* Not 0, and greater than those given out before. */
LLVMValueRef next_sequence(struct fn *f)
{
	struct gen *g = f->g;
	LLVMValueRef session = bss_global(g, "sonde_session", sizeof(struct abi_session)), at;

	if (g->kernel < KERNEL(5, 12))
		return kern_call(g, "sonde_time_number", NULL, 0);
	at = LLVMBuildPointerCast(g->builder,
				  ptr_add(g, session, offsetof(struct abi_session, sequence)),
				  LLVMPointerType(g->i64, 0), "");
	return LLVMBuildAdd(g->builder,
			    LLVMBuildAtomicRMW(g->builder, LLVMAtomicRMWBinOpAdd, at, const64(g, 1),
					       LLVMAtomicOrderingMonotonic, false),
			    const64(g, 1), "");
}

static LLVMValueRef insert_new(struct fn *f, const struct element_at *at, LLVMValueRef value)
{
	struct gen *g = f->g;

	LLVMValueRef error = HELPER(g, BPF_FUNC_map_update_elem, at->map, at->key, value,
				    const64(g, BPF_NOEXIST));

	/* Before 6.3 the kernel's function is an int one: the upper half means nothing. */
	return LLVMBuildSExt(g->builder, LLVMBuildTrunc(g->builder, error, g->i32, ""), g->i64, "");
}

LLVMValueRef insert_failed(struct gen *g, LLVMValueRef error)
{
	return LLVMBuildAnd(
		g->builder, LLVMBuildICmp(g->builder, LLVMIntNE, error, const64(g, 0), ""),
		LLVMBuildICmp(g->builder, LLVMIntNE, error, const64(g, -EEXIST), ""), "");
}

void element_insert(struct fn *f, const struct element_at *at, LLVMValueRef value,
		    LLVMValueRef sequence)
{
	struct gen *g = f->g;
	const struct program_global *info = global_of(f, at->global);
	LLVMValueRef error = insert_new(f, at, value), zero = const64(g, 0);
	LLVMBasicBlockRef full = block_new(g, "full"), made = block_new(g, "made");

	unlikely(g, insert_failed(g, error), full, "inserted");
	if (has_order(info))
		order_push(f, at->global, at->key, sequence,
			   LLVMBuildICmp(g->builder, LLVMIntEQ, error, zero, ""));
	LLVMBuildBr(g->builder, made);
	go_on_in(g, full);
	/* No memory at hand, or the table is locked by what this run interrupts. */
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntNE, error, const64(g, -E2BIG), ""), SKIP_OTHER);
	if (info->wraps) {
		error = order_insert(f, at->global, at->key, value);
		/* Other CPUs took each place that was made, or there is no memory. */
		skip_if(f, insert_failed(g, error), SKIP_OTHER);
		order_push(f, at->global, at->key, sequence,
			   LLVMBuildICmp(g->builder, LLVMIntEQ, error, zero, ""));
		LLVMBuildBr(g->builder, made);
	} else {
		raise_now(f, FAULT_OVERFLOW, const64(g, at->global));
	}
	go_on_in(g, made);
}

/* Whatever is needed to have the element; @create makes it, between two look-ups. */
LLVMValueRef element_get(struct fn *f, const struct element_at *at, element_creator create)
{
	struct gen *g = f->g;
	LLVMValueRef values[2] = { map_lookup(g, at->map, at->key) };
	LLVMBasicBlockRef miss = block_new(g, "miss"), have = block_new(g, "have"), from[2];

	unlikely(g, is_null(g, values[0]), miss, "found");
	from[0] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, have);
	go_on_in(g, miss);
	if (makes_far(g, global_of(f, at->global)))
		element_create_far(f, at);
	else
		create(f, at);
	values[1] = map_lookup(g, at->map, at->key);
	skip_if(f, is_null(g, values[1]), SKIP_OTHER);
	from[1] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, have);
	return go_on_with(g, have, values, from);
}

static void long_create(struct fn *f, const struct element_at *at)
{
	struct gen *g = f->g;
	LLVMValueRef value = lent_space(f, 16), sequence = next_sequence(f);

	store(g, sequence, value, ABI_VALUE_SEQUENCE);
	store(g, const64(g, 0), value, ABI_VALUE_LONG);
	element_insert(f, at, value, sequence);
}

/* Address of the word that holds the value; created when it is not there. */
static LLVMValueRef long_place(struct fn *f, uint32_t global, const uint32_t *keys)
{
	struct gen *g = f->g;
	const struct program_global *info = global_of(f, global);
	LLVMValueRef map, key;

	if (info->home == HOME_DATA)
		return data_slot(f, info);
	key = key_build(f, global, keys);
	if (has_front(g, info))
		return front_values(f, global, key, long_create);
	map = map_of(f, global);
	return ptr_add(g, element_get(f, &(struct element_at){ global, map, key }, long_create),
		       ABI_VALUE_LONG);
}

/* ---- operations ---- */

LLVMValueRef element_long(struct gen *g, LLVMValueRef element)
{
	LLVMBasicBlockRef found = block_new(g, "found"), done = block_new(g, "loaded"), from[2];
	LLVMValueRef values[2] = { const64(g, 0) };

	from[0] = LLVMGetInsertBlock(g->builder);
	LLVMBuildCondBr(g->builder, is_null(g, element), done, found);
	go_on_in(g, found);
	values[1] = load_volatile(g, g->i64, element, ABI_VALUE_LONG);
	from[1] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, done);
	return go_on_with(g, done, values, from);
}

void emit_load(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[1]);
	LLVMValueRef key;

	if (global->home == HOME_DATA) {
		long_result(f, o[0], load_volatile(g, g->i64, data_slot(f, global), 0));
		return;
	}
	key = key_build(f, o[1], o + 2);
	long_result(f, o[0], element_long(g, map_lookup(g, map_of(f, o[1]), key)));
}

void emit_store(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[1]);
	LLVMValueRef value = long_operand(f, o[2 + global->key_count]);

	LLVMSetVolatile(store(g, value, long_place(f, o[1], o + 2), 0), true);
}

void emit_has(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[1]);
	LLVMValueRef key;

	for (uint32_t i = 0; i < global->key_count; i++)
		if (OPERAND_TAG(o[2 + i]) == OPERAND_WILD) {
			slice_has(f, o);
			return;
		}
	key = key_build(f, o[1], o + 2);
	key = map_lookup(g, map_of(f, o[1]), key);
	long_result(f, o[0], to64(g, LLVMBuildNot(g->builder, is_null(g, key), "")));
}

void emit_delete(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[1]);
	LLVMValueRef key;

	if (global->home == HOME_DATA) {
		LLVMSetVolatile(store(g, const64(g, 0), data_slot(f, global), 0), true);
		return;
	}
	if (global->type == PROGRAM_STATS && !global->is_array) {
		agg_reset(f, o[1]);
		return;
	}
	for (uint32_t i = 0; i < global->key_count; i++)
		if (OPERAND_TAG(o[2 + i]) == OPERAND_WILD) {
			slice_delete(f, o);
			return;
		}
	key = key_build(f, o[1], o + 2);
	HELPER(g, BPF_FUNC_map_delete_elem, map_of(f, o[1]), key);
}

/* ---- read-modify-write ---- */

static const LLVMAtomicRMWBinOp atomics[IR_OP_COUNT] = {
	[IR_ADD] = LLVMAtomicRMWBinOpAdd, [IR_AND] = LLVMAtomicRMWBinOpAnd,
	[IR_OR] = LLVMAtomicRMWBinOpOr, [IR_XOR] = LLVMAtomicRMWBinOpXor,
};

static LLVMValueRef rmw_result(struct fn *f, uint32_t op, LLVMValueRef old, LLVMValueRef operand)
{
	static const LLVMOpcode opcodes[IR_OP_COUNT] = {
		[IR_ADD] = LLVMAdd, [IR_SUB] = LLVMSub, [IR_MUL] = LLVMMul, [IR_AND] = LLVMAnd,
		[IR_OR] = LLVMOr, [IR_XOR] = LLVMXor, [IR_SHL] = LLVMShl, [IR_SAR] = LLVMAShr,
		[IR_SHR] = LLVMLShr,
	};
	struct gen *g = f->g;

	if (op == IR_DIV || op == IR_MOD)
		return divide_signed(g, old, operand, op == IR_MOD);
	if (op == IR_MOV)
		return operand;
	if (op == IR_SHL || op == IR_SAR || op == IR_SHR)
		operand = LLVMBuildAnd(g->builder, operand, const64(g, 63), "");
	return LLVMBuildBinOp(g->builder, opcodes[op], old, operand, "");
}

/* Exchanges old for new until nobody came between; gives up, counted, after many tries. */
static LLVMValueRef rmw_exchange(struct fn *f, uint32_t op, LLVMValueRef at, LLVMValueRef operand)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef before = LLVMGetInsertBlock(g->builder), again = block_new(g, "again");
	LLVMBasicBlockRef retry = block_new(g, "retry"), done = block_new(g, "exchanged"), from[2];
	LLVMValueRef tries, old, made, swap, values[2];

	LLVMBuildBr(g->builder, again);
	go_on_in(g, again);
	tries = LLVMBuildPhi(g->builder, g->i64, "");
	old = load_volatile(g, g->i64, at, 0);
	made = rmw_result(f, op, old, operand);
	swap = LLVMBuildAtomicCmpXchg(
		g->builder, LLVMBuildPointerCast(g->builder, at, LLVMPointerType(g->i64, 0), ""),
		old, made, LLVMAtomicOrderingSequentiallyConsistent,
		LLVMAtomicOrderingSequentiallyConsistent, false);
	swap = LLVMBuildExtractValue(g->builder, swap, 0, "");
	LLVMBuildCondBr(g->builder, LLVMBuildICmp(g->builder, LLVMIntEQ, swap, old, ""), done,
			retry);
	go_on_in(g, retry);
	values[0] = const64(g, 0);
	values[1] = LLVMBuildAdd(g->builder, tries, const64(g, 1), "");
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntUGT, values[1], const64(g, 64), ""), SKIP_TORN);
	from[0] = before;
	from[1] = LLVMGetInsertBlock(g->builder);
	LLVMAddIncoming(tries, values, from, 2);
	LLVMBuildBr(g->builder, again);
	go_on_in(g, done);
	return made;
}

static LLVMValueRef rmw_atomic(struct fn *f, uint32_t op, LLVMValueRef at, LLVMValueRef operand)
{
	return rmw_result(f, op, atomic_op(f->g, atomics[op], at, operand), operand);
}

void emit_rmw(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	uint32_t keys = global_of(f, o[1])->key_count, op = o[2 + keys];
	LLVMValueRef operand = long_operand(f, o[3 + keys]), at, made;
	bool wanted = OPERAND_TAG(o[0]) == OPERAND_REG, fetches = g->kernel >= KERNEL(5, 12);

	if (op == IR_DIV || op == IR_MOD)
		raise_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, operand, const64(g, 0), ""),
			 FAULT_DIVISION, NULL);
	if (op == IR_SUB) {
		operand = LLVMBuildNeg(g->builder, operand, "");
		op = IR_ADD;
	}
	if (!fetches && op != IR_ADD) {
		refuse(g, f->insn->place, "this assignment",
		       "atomic operations but addition need Linux 5.12 in a kernel handler");
		return;
	}
	at = long_place(f, o[1], o + 2);
	if (op == IR_ADD && (!wanted || !fetches)) {
		atomic_add(g, at, 0, operand);
		/* Before 5.12 the sum cannot be had with the addition: it may include others'. */
		made = wanted ? load_volatile(g, g->i64, at, 0) : NULL;
	} else {
		need(g, "atomics", f->insn->place);
		made = atomics[op] ? rmw_atomic(f, op, at, operand)
				   : rmw_exchange(f, op, at, operand);
	}
	if (wanted)
		long_result(f, o[0], made);
}
