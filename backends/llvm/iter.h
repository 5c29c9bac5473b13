/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foreach: what iter.c and sort.c share. @o: the operands of ITER. */
#ifndef SONDE_LLVM_ITER_H
#define SONDE_LLVM_ITER_H

#include "backends/llvm/element.h"

/* ---- iter.c ---- */
LLVMValueRef iter_key(struct fn *f, uint32_t iter);
/* i1: the current key is of the slice. */
LLVMValueRef slice_match(struct fn *f, const uint32_t *o);
/* i1: there is no element at @at that counts; else its key is the current one. */
LLVMValueRef iter_fetch(struct fn *f, const uint32_t *o, LLVMValueRef at);
uint32_t key_offset(const struct program_global *global, uint32_t index);

/* ---- sort.c ---- */
uint32_t sort_words(const struct ir_program *program, const uint32_t *o);
void sort_begin(struct fn *f, const uint32_t *o);
/* Position + 1 of the element that follows in the sort's order; 0 at the end. */
LLVMValueRef sort_next(struct fn *f, const uint32_t *o);

#endif
