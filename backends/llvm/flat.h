/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handler with everything it calls put in place: one function without CALL, made for the kernel.
 *
 * Flattening keeps the call chain of an error static (each instruction knows the calls it came
 * through), lets the string slots of functions that are never active together share memory, and
 * unrolls recursion to MAXNESTING, past which FAULT_NESTING is raised as the VM does. In the arena;
 * nothing is freed.
 */
#ifndef SONDE_LLVM_FLAT_H
#define SONDE_LLVM_FLAT_H

#include "translator/ir/ir.h"

#define FLAT_EXIT UINT32_MAX		/* as a branch target: the handler ends */
#define FLAT_ERROR (UINT32_MAX - 1)	/* the handler ends with an error */
#define FLAT_MAX_INSNS 60000

/* Calls that led to an instruction, innermost first. */
struct flat_call {
	uint32_t place;
	const struct flat_call *outer;
};

struct flat_insn {
	enum ir_op op;
	uint32_t place;
	uint32_t catch_block;		/* 0: FLAT_ERROR */
	const struct flat_call *calls;	/* NULL: in the handler itself */
	uint32_t *operands;
	uint32_t operand_count;
};

struct flat_block {
	VEC(struct flat_insn) insns;
	uint32_t loop;			/* index + 1 into loops */
};

struct flat_slot {
	uint32_t width;			/* with NUL */
	uint32_t offset;		/* in the string area; slots that live apart share */
};

struct flat {
	struct ir_program *program;
	VEC(struct flat_block) blocks;
	VEC(struct ir_loop) loops;
	VEC(struct flat_slot) slots;
	uint32_t reg_count, iter_count, slot_bytes;
	uint32_t insn_count;
	uint32_t too_big; /* place of the call that made it too big; UINT32_MAX: fits */
};

struct flat *flatten(struct ir_program *program, const struct ir_func *func);

/* The targets of a block's last instruction: how many of @out (two) are filled. */
uint32_t flat_successors(const struct flat_block *block, uint32_t out[2]);

#endif
