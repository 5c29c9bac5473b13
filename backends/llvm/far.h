/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that the verifier looks at once, before 5.17: far.c. */
#ifndef SONDE_LLVM_FAR_H
#define SONDE_LLVM_FAR_H

#include "backends/llvm/fn.h"

/* u64 NAME(u64 claim). */
LLVMValueRef far_declare(struct gen *g, const char *name);
/* What it gives when the run is to leave: there is no block, or it was skipped and counted. */
#define FAR_LEFT 1
/* In such a function: the scratch block of @claim; it returns FAR_LEFT if there is none. */
LLVMValueRef far_block(struct gen *g, LLVMValueRef claim);
/* At the beginning of such a function of a handler: its block and frame. */
void far_enter(struct fn *f);
/* What is emitted between the two goes into a function named after @what, which the second one
 * gives; *@outer keeps what was. */
void far_begin(struct fn *f, const char *what, struct fn *outer);
LLVMValueRef far_end(struct fn *f, LLVMValueRef result, struct fn *outer);
LLVMValueRef far_call(struct fn *f, LLVMValueRef function);
/* Calls @function until it gives another number than 0, @most times or as often as the verifier
 * follows; by way of @between other functions. */
void far_loop(struct fn *f, LLVMValueRef function, LLVMValueRef claim, uint64_t most,
	      uint32_t between);
/* How many those should be for a loop in @depth - 1 others. */
uint32_t far_between(const struct fn *f, uint32_t depth);

/* Puts far functions in place of the library's walks (runtime/kern/walk.h). */
void far_walks(struct gen *g);

#endif
