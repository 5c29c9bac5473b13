/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting functions in place: what flatten.c and recurse.c share. */
#ifndef SONDE_LLVM_FLAT_PRIV_H
#define SONDE_LLVM_FLAT_PRIV_H

#include "backends/llvm/flat.h"
#include "translator/session.h"

struct machine;

/* One copy of a function being put in place. */
struct inline_copy {
	struct flat *flat;
	struct arena *arena;
	const struct ir_func *func;
	const struct inline_copy *outer;
	const struct flat_call *calls;
	uint32_t reg_base, slot_base, iter_base, block_base;
	uint32_t *loops;		/* what became of the function's: index + 1 */
	uint32_t *stubs; /* member of a machine: the block that stands for another, or 0 */
	uint32_t slot_end; /* string area used up to here by this copy and its callers */
	uint32_t outer_loop;		/* index + 1: the caller's */
	uint32_t catch_block;		/* the caller's, for errors that leave the function */
	uint32_t back;			/* block to go on with; FLAT_EXIT for the handler */
	uint32_t result, ended_next;	/* the caller's operands, already renumbered */
	struct machine *machine;	/* the copy is a member of this one */
};

/* ---- flatten.c ---- */
/* @op: enum ir_op or enum flat_op; operands[0] is no result. */
struct flat_insn *insn_add(struct inline_copy *copy, uint32_t block, uint32_t op, uint32_t place,
			   uint32_t operand_count);
void move_add(struct inline_copy *copy, uint32_t block, uint32_t place, uint32_t to, uint32_t from);
void jump_add(struct inline_copy *copy, uint32_t block, uint32_t place, uint32_t target);
uint32_t block_add(struct inline_copy *copy, uint32_t loop);
uint32_t operand_renumber(const struct inline_copy *copy, uint32_t operand, char arg);
void copy_function(struct inline_copy *copy);
/* Parameters, and the other locals as a call finds them: 0 and "". */
void call_args(struct inline_copy *copy, struct inline_copy *callee, uint32_t block,
	       const struct ir_insn *call);

/* ---- recurse.c ---- */
/* Raises an error if @call is one too many; code goes on in the block returned. */
uint32_t nesting_check(struct inline_copy *copy, uint32_t block, const struct ir_insn *call);
/* A call of a recursive function; code goes on in the block returned. */
uint32_t recursive_call(struct inline_copy *copy, uint32_t block, const struct ir_insn *call);
/* Whether the loop (index + 1) has calls in it that come back to its function. */
bool loop_recurses(const struct ir_program *program, const struct ir_func *func, uint32_t loop);
/* Fills copy->stubs: headers of such loops are reached through the machine. */
void stubs_make(struct inline_copy *copy);

#endif
