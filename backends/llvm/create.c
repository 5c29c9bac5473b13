/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements that have a place in the ring of keys, made with the array locked by a far function:
 * before 5.12 (runtime/kern/create.bpf.c). */
#include <errno.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/far.h"

static LLVMValueRef locks_map(struct gen *g)
{
	LLVMValueRef map = LLVMGetNamedGlobal(g->module, "sonde_locks");
	const struct map_spec spec = { "sonde_locks", BPF_MAP_TYPE_HASH, 8, 8,
				       g->program->globals.count + ABI_CPU_SLOTS, 0 };

	return map ? LLVMConstPointerCast(map, g->ptr) : map_define(g, &spec);
}

/* u64 (id): one for all, for it is long to the verifier. */
static LLVMValueRef lock_function(struct gen *g)
{
	LLVMValueRef lock = LLVMGetNamedFunction(g->module, "sonde_lock_far");
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder);
	LLVMMetadataRef place = LLVMGetCurrentDebugLocation2(g->builder);

	if (lock)
		return lock;
	lock = far_declare(g, "sonde_lock_far");
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, lock, "entry"));
	lines_alone(g, lock, 8);
	LLVMBuildRet(g->builder, KERN(g, "sonde_lock", locks_map(g), LLVMGetParam(lock, 0)));
	go_on_in(g, here);
	LLVMSetCurrentDebugLocation2(g->builder, place);
	return lock;
}

LLVMValueRef global_lock(struct fn *f, uint32_t global)
{
	struct gen *g = f->g;
	LLVMValueRef lock = lock_function(g), id = const64(g, global), held;

	held = LLVMBuildCall2(g->builder, LLVMGlobalGetValueType(lock), lock, &id, 1, "");
	return LLVMBuildICmp(g->builder, LLVMIntEQ, held, const64(g, 0), "");
}

void global_unlock(struct fn *f, uint32_t global)
{
	KERN(f->g, "sonde_unlock", locks_map(f->g), const64(f->g, global));
}

/* ---- an element made by a far function, before 5.12 ---- */

struct create {
	const struct program_global *info;
	LLVMValueRef order, map, key, value, slots, stats;
};

static LLVMValueRef drop_function(struct fn *f, const struct element_at *at)
{
	struct gen *g = f->g;
	const struct program_global *info = global_of(f, at->global);
	struct fn outer;

	far_begin(f, "drop", &outer);
	return far_end(f,
		       KERN(g, "sonde_create_drop", order_of(f, at->global), map_of(f, at->global),
			    const64(g, order_slots(info)),
			    const64(g, info->type == PROGRAM_STATS)),
		       &outer);
}

/* Not while user space takes the map away: then the ring is already the next one's. */
static void drop_oldest(struct fn *f, const struct element_at *at, const struct create *c)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef drop = block_new(g, "drop"), dropped = block_new(g, "dropped");
	LLVMValueRef ours = const64(g, 1);

	if (c->info->swapped)
		ours = KERN(g, "sonde_order_ours", g->globals[at->global], c->map);
	LLVMBuildCondBr(g->builder,
			LLVMBuildICmp(g->builder, LLVMIntNE, ours, const64(g, 0), ""), drop,
			dropped);
	go_on_in(g, drop);
	far_loop(f, drop_function(f, at), fn_get(f, var_fixed(f, VAR_CLAIM)),
		 order_slots(c->info) * 2ul, 1);
	LLVMBuildBr(g->builder, dropped);
	go_on_in(g, dropped);
}

/* With the global locked. Gives 0 or the kernel's error. */
static LLVMValueRef create_locked(struct fn *f, const struct element_at *at,
				  const struct create *c)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef full = block_new(g, "full"), tried = block_new(g, "tried"), from[2];
	LLVMBasicBlockRef push = block_new(g, "push"), made = block_new(g, "made");
	LLVMValueRef errors[2], error, zero = const64(g, 0);

	errors[0] = KERN(g, "sonde_create_put", c->map, c->key, c->value, c->stats);
	from[0] = LLVMGetInsertBlock(g->builder);
	LLVMBuildCondBr(g->builder, LLVMBuildICmp(g->builder, LLVMIntEQ, errors[0],
						  const64(g, -E2BIG), ""), full, tried);
	go_on_in(g, full);
	errors[1] = errors[0];
	if (c->info->wraps) {
		drop_oldest(f, at, c);
		errors[1] = KERN(g, "sonde_create_again", c->map, c->key, c->value);
	}
	from[1] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, tried);
	error = go_on_with(g, tried, errors, from);
	LLVMBuildCondBr(g->builder, LLVMBuildICmp(g->builder, LLVMIntEQ, error, zero, ""), push,
			made);
	go_on_in(g, push);
	KERN(g, "sonde_create_enter", c->order, c->map, c->key, c->slots, c->stats);
	LLVMBuildBr(g->builder, made);
	go_on_in(g, made);
	return error;
}

/* Where the key is is known to it; one for all places of a handler. */
static LLVMValueRef create_function(struct fn *f, const struct element_at *at)
{
	struct gen *g = f->g;
	const struct program_global *info = global_of(f, at->global);
	LLVMValueRef error;
	struct fn outer;
	struct create c = { .info = info };

	far_begin(f, "create", &outer);
	c.order = order_of(f, at->global);
	c.map = map_of(f, at->global);
	c.key = key_area(f, info);
	c.slots = const64(g, order_slots(info));
	c.stats = const64(g, info->type == PROGRAM_STATS);
	if (info->type == PROGRAM_STATS) {
		c.value = zero_bytes(g);
	} else if (info->type == PROGRAM_STRING) {
		c.value = scratch_at(f, f->scratch.value);
	} else {
		c.value = lent_space(f, 16);
		store(g, const64(g, 0), c.value, ABI_VALUE_LONG);
	}
	skip_if(f, global_lock(f, at->global), SKIP_TORN);
	error = create_locked(f, at, &c);
	global_unlock(f, at->global);
	return far_end(f, error, &outer);
}

void element_create_far(struct fn *f, const struct element_at *at)
{
	struct gen *g = f->g;
	LLVMValueRef *made = &f->creates[at->global], error, full;

	if (!*made)
		*made = create_function(f, at);
	error = far_call(f, *made);
	error = LLVMBuildSExt(g->builder, LLVMBuildTrunc(g->builder, error, g->i32, ""), g->i64,
			      "");
	quit_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, error, const64(g, FAR_LEFT), ""));
	full = LLVMBuildICmp(g->builder, LLVMIntEQ, error, const64(g, -E2BIG), "");
	if (!global_of(f, at->global)->wraps)
		raise_if(f, full, FAULT_OVERFLOW, const64(g, at->global));
	skip_if(f, insert_failed(g, error), SKIP_OTHER);
}
