/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foreach: what iter.c, view.c and sort.c share. @o: the operands of ITER. */
#ifndef SONDE_LLVM_ITER_H
#define SONDE_LLVM_ITER_H

#include "backends/llvm/element.h"

/* ---- iter.c ---- */
LLVMValueRef iter_key(struct fn *f, uint32_t iter);
uint32_t key_offset(const struct program_global *global, uint32_t index);

/* ---- sort.c ---- */
/* Sorts; then the foreach goes along its own view. */
void sort_begin(struct fn *f, const uint32_t *o);

/* ---- view.c: arrays that kernel handlers sort ---- */
/* Of one foreach, in scratch memory. */
uint32_t view_state_bytes(void);
void views_start(struct fn *f);		/* at the start of a run */
void views_end(struct fn *f);		/* what was held is let go */
LLVMValueRef view_state(struct fn *f, uint32_t iter);
/* Space on the stack for the steps of a walk. */
LLVMValueRef view_context(struct fn *f);
LLVMValueRef view_slots(struct fn *f, const uint32_t *o);
/* A foreach that does not sort begins. */
void view_open(struct fn *f, const uint32_t *o);
/* 0 at the end, 1 with the next element's key as the current one, 2: try again. */
LLVMValueRef view_next(struct fn *f, const uint32_t *o);
/* The foreach has ended, unless the array has no views. */
void view_close(struct fn *f, const uint32_t *o);

#endif
