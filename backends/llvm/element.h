/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements of arrays: what global.c, key.c, agg.c, order.c and slice.c share. */
#ifndef SONDE_LLVM_ELEMENT_H
#define SONDE_LLVM_ELEMENT_H

#include "backends/llvm/fn.h"

/* An element of a global. The map of a swapped one may be another when it is asked for again: one
 * run works on this one. */
struct element_at {
	uint32_t global;
	LLVMValueRef map, key;
};

typedef void (*element_creator)(struct fn *f, const struct element_at *at);

/* ---- global.c ---- */
const struct program_global *global_of(const struct fn *f, uint32_t global);
LLVMValueRef element_get(struct fn *f, const struct element_at *at, element_creator create);
/* Inserts the element (NOEXIST) from @value; overflow: drops the oldest, or raises. */
void element_insert(struct fn *f, const struct element_at *at, LLVMValueRef value,
		    LLVMValueRef sequence);
/* i1: the element is not there, and was not put there by somebody else meanwhile. */
LLVMValueRef insert_failed(struct gen *g, LLVMValueRef error);

/* The long of an element that may not be there: 0 then. */
LLVMValueRef element_long(struct gen *g, LLVMValueRef element);

/* ---- text.c ---- */
void string_load(struct fn *f, uint32_t global, LLVMValueRef key, uint32_t slot);

/* ---- stat.c ---- */
/* The long, or statistic @stat of the aggregate, of the element at @key into the register @result.
 */
void element_value(struct fn *f, uint32_t global, LLVMValueRef key, uint32_t stat, uint32_t result);
void agg_reset(struct fn *f, uint32_t global);
/* Whether the kernel lets a handler read it; refused if not. */
bool stat_possible(struct fn *f, uint32_t global);
/* The same of much work for each CPU. */
bool cpus_possible(struct fn *f, const char *what);
/* The key of an aggregate's element; NULL for a scalar. */
LLVMValueRef agg_key(struct fn *f, uint32_t global, const uint32_t *keys);
LLVMValueRef agg_is_empty(struct fn *f, uint32_t global, LLVMValueRef key);
/* For sorting: nothing is raised, an empty aggregate counts as 0. */
LLVMValueRef stat_or_zero(struct fn *f, uint32_t global, LLVMValueRef key, uint32_t stat);

/* ---- order.c: keys in creation order ---- */
static inline bool has_order(const struct program_global *global)
{
	return global->ordered || global->wraps;
}
/* Before 5.12 what is not done by one atomic addition is done while the global is locked. Gives
 * whether it could not be (i1). */
LLVMValueRef global_lock(struct fn *f, uint32_t global);
void global_unlock(struct fn *f, uint32_t global);
/* Before 5.12 an element that has an order is made by a function of its own, with the global
 * locked. */
static inline bool makes_far(const struct gen *g, const struct program_global *global)
{
	return has_order(global) && g->kernel < KERNEL(5, 12);
}
void element_create_far(struct fn *f, const struct element_at *at);
/* Appends the key behind which 8 bytes were left free, when @if_made. */
void order_push(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef sequence,
		LLVMValueRef if_made);
/* Drops the oldest element and puts in a new one; 0 or the kernel's error. */
LLVMValueRef order_insert(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef value);
uint32_t order_slots(const struct program_global *global);

/* ---- view.c: runtime/kern/view.h ---- */
bool has_view(const struct gen *g, uint32_t global);
LLVMValueRef views_of(struct fn *f, uint32_t global);

/* ---- key.c ---- */
/* Where keys are built. One that may go into an order ring has 8 bytes before it. */
LLVMValueRef key_area(struct fn *f, const struct program_global *global);

/* ---- front.c: kern/front.h ---- */
bool has_front(const struct gen *g, const struct program_global *global);
/* Where the words of the element's value are that this run may add to: in the front, or behind the
 * sequence of the map's element, which @create makes. */
LLVMValueRef front_values(struct fn *f, uint32_t global, LLVMValueRef key, element_creator create);

/* ---- key.c: which map ---- */
/* A map, or for a swapped global the slot that holds it with its template (named with @suffix)
 * beside. */
LLVMValueRef map_define_swapped(struct gen *g, struct map_spec spec, bool swapped,
				const char *suffix);
/* The map in that slot. */
LLVMValueRef map_inner(struct fn *f, const struct program_global *global, LLVMValueRef outer);

/* ---- slice.c: several elements at once ---- */
void slice_has(struct fn *f, const uint32_t *o);
/* i1: a key differs from the slice's bytes where the slice, by its operands @keys, is not open. */
LLVMValueRef slice_differs(struct gen *g, const struct program_global *global,
			   const uint32_t *keys, LLVMValueRef key, LLVMValueRef slice);
void slice_delete(struct fn *f, const uint32_t *o);

#endif
