/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handler with everything it calls put in place: one function without CALL, made for the
 * kernel.  Flattening keeps the call chain of an error static (each instruction knows the calls
 * it came through), and lets the string slots of functions that are never active together share
 * memory. Functions that call themselves become a machine (recurse.c). In the arena; nothing is
 * freed.
 */
#ifndef SONDE_LLVM_FLAT_H
#define SONDE_LLVM_FLAT_H

#include "translator/ir/ir.h"

#define FLAT_EXIT UINT32_MAX		/* as a branch target: the handler ends */
#define FLAT_ERROR (UINT32_MAX - 1)	/* the handler ends with an error */
#define FLAT_MAX_INSNS 60000

/*
 * Operations of our own. Operands of those that work on frames: result; pc; depth (a register);
 * index of the stack; first register, how many; first slot, how many.
 */
enum flat_op {
	FLAT_PUSH = IR_OP_COUNT,	/* keeps the variables, and pc */
	FLAT_POP,			/* fetches the variables back */
	FLAT_BACK,			/* the result is the pc kept */
	FLAT_NOTE,			/* entry of the trail; a place */
	FLAT_AGAIN,			/* an error goes on, to the instruction's catch block */
	FLAT_OP_COUNT
};

/* Calls that led to an instruction, innermost first. */
struct flat_call {
	uint32_t place;
	uint32_t stack;			/* 1 + index: its calls are further in than this one */
	const struct flat_call *outer;
};

struct flat_insn {
	uint32_t op;			/* enum ir_op or enum flat_op */
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

/*
 * Frames of calls: the loop (index + 1) of the machine, how many beyond the first, size of each,
 * where. The places of the calls are in the trail, one for all machines of the handler: operands
 * that say how many are below this stack's, and how deep it is.
 */
struct flat_stack {
	uint32_t loop, depth, bytes, offset;
	uint32_t below, below_most, level;
};

struct flat {
	struct ir_program *program;
	VEC(struct flat_block) blocks;
	VEC(struct ir_loop) loops;
	VEC(struct flat_slot) slots;
	uint32_t reg_count, iter_count, slot_bytes;
	uint32_t insn_count;
	VEC(struct flat_stack) stacks;	/* of recursive functions */
	uint32_t stack_bytes;		/* of all of them */
	uint32_t trail_most;		/* entries */
	const char *refused, *refused_why;	/* NULL: it can be done */
	uint32_t refused_at;
};

struct flat *flatten(struct ir_program *program, const struct ir_func *func);

/* The innermost of @call and those further out that has a stack. */
const struct flat_call *flat_stack_around(const struct flat_call *call);
/* A slot whose memory begins at *end, which is moved behind it. */
uint32_t flat_slot_add(struct flat *flat, struct arena *arena, uint32_t width, uint32_t *end);
void flat_refuse(struct flat *flat, uint32_t place, const char *what, const char *why);

/* The targets of a block's last instruction: how many of @out (two) are filled. */
uint32_t flat_successors(const struct flat_block *block, uint32_t out[2]);

#endif
