/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks and symbols on their way from kernel handlers to user space.
 *
 * A kernel handler cannot look up names. What it has instead of such a text is a token, a short
 * piece of string that stands for it: STACK_MARK, a form (runtime/stack-forms.def), and a number of
 * eleven digits of six bits. User space puts the text in its place wherever it reads strings of
 * kernel handlers: records, keys and values of maps (runtime/stack.h). Tokens can be joined with
 * other text and be keys; only looking at their bytes in a kernel handler makes no sense.
 *
 *   of a stack      the number is the stack's, a key of the map sonde_stacks
 *   of an address   the number is the address; of a user address eleven more digits follow: the
 *                   address space
 *   brackets        FORM_SYMS, text, STACK_MARK FORM_END: the addresses of the text, with names;
 *                   FORM_USYMS has the address space before the text
 *
 * An address space is a number that a process keeps until it executes another program, and shares
 * with its children until they do; 0 is the kernel's. The first time a handler sees one it sends a
 * RECORD_SPACE.
 */
#ifndef SONDE_KERN_STACK_H
#define SONDE_KERN_STACK_H

#include "runtime/abi.h"

#define STACK_MARK 1
#define STACK_DIGIT '0'			/* of value 0; digits of 64 values follow */
#define STACK_DIGITS 11
#define STACK_TOKEN (2 + STACK_DIGITS)	/* bytes of a token of one number */
#define STACK_TOKEN_USER (STACK_TOKEN + STACK_DIGITS)

enum stack_form {
#define FORM(id, letter, what, style, help) FORM_##id = letter,
#include "runtime/stack-forms.def"
};

/* Value of the map sonde_stacks: frames from the innermost on. */
struct stack_trace {
	u64 space;
	u64 count;
	u64 frames[];
};
#define STACK_TRACE_BYTES(frames) (sizeof(struct stack_trace) + 8 * (frames))

/* What user space needs of a user stack: a RECORD_STACK. */
#define RETURNS_MOST 8
#define STACK_REGS 21		/* the kernel's struct pt_regs, x86-64 */
enum { REG_BP = 4, REG_BX = 5, REG_IP = 16, REG_CS = 17, REG_SP = 19 };

struct stack_sample {
	struct abi_record record;
	u64 number;		/* of the stack that is to be made of it */
	u64 space;
	u64 process;		/* tgid << 32 | tid */
	u64 regs[STACK_REGS];
	/* return addresses that return probes took away: where they were on the stack */
	struct {
		u64 slot, address;
	} returns[RETURNS_MOST];
	u64 start, size;	/* of the memory: whole pages from that of the stack pointer on */
	u8 memory[];
};
#define STACK_PAGES_MOST 64
#define STACK_LOST 1ull		/* number of stacks that found no room in the ring */

struct stack_space {
	struct abi_record record;
	u64 space, process;
};

/*
 * Value of the map sonde_rows: how to get from a place to its caller. Key: stack_row_key(), where
 * frames other than the innermost are places behind a call.
 *   63..32 offset of the frame's address (CFA) from the register
 *   31..16 of the saved rbp from that
 * The caller's place is in the word below the CFA.
 */
enum { ROW_BP = 1, ROW_SAVED = 2, ROW_END = 4 };

#define STACK_PRIME 0x9e3779b97f4a7c15ull

static inline u64 stack_row_key(u64 space, u64 address, u64 behind_call)
{
	u64 key = (space ^ (address << 1 | behind_call)) * STACK_PRIME;

	return key ^ key >> 29;
}

/*
 * How a kernel stack is had where a handler runs, or-ed: frames of the machinery to skip, bytes by
 * which the probed place is before where the processor is, whether it is the function's beginning.
 */
#define STACK_SKIP 0xff
#define STACK_BACK 0x100
#define STACK_FUNCTION 0x10000
/* Of user stacks: the registers are in the context (only if it is user mode, with STACK_TASK), else
 * where the kernel saved them; whether a helper tells where that is. */
#define STACK_CONTEXT 1
#define STACK_TASK 2
#define STACK_HELPER 4

#endif
