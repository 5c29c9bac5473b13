/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements of arrays: what global.c, key.c, agg.c, order.c and slice.c share. */
#ifndef SONDE_LLVM_ELEMENT_H
#define SONDE_LLVM_ELEMENT_H

#include "backends/llvm/fn.h"

typedef void (*element_creator)(struct fn *f, uint32_t global, LLVMValueRef key);

/* ---- global.c ---- */
const struct program_global *global_of(const struct fn *f, uint32_t global);
LLVMValueRef element_get(struct fn *f, uint32_t global, LLVMValueRef map, LLVMValueRef key,
			 element_creator create);

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
/* Appends the key behind which 8 bytes were left free, when @if_made. */
void order_push(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef sequence,
		LLVMValueRef if_made);
void order_drop_oldest(struct fn *f, uint32_t global);
uint32_t order_slots(const struct program_global *global);

/* ---- slice.c: several elements at once ---- */
void slice_has(struct fn *f, const uint32_t *o);
void slice_delete(struct fn *f, const uint32_t *o);

#endif
