/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sense of a program's tables: every index in range, every operand of the kind that ir.def
 * gives, every number that sizes memory within bounds. The reader checks what it read, the
 * translator what it made.
 */
#ifndef SONDE_RUNTIME_PROGRAM_CHECK_H
#define SONDE_RUNTIME_PROGRAM_CHECK_H

#include "runtime/program.h"

/* Where a check failed: indexes into the program's tables. */
struct program_fault {
	uint32_t func, block, insn;
	bool in_func;
};

#define PROGRAM_MAX_REGS (1u << 20)	/* registers, slots and iterators of a function */
#define PROGRAM_MAX_HIST_WIDTH 10000	/* columns of the longest bar of a histogram */
#define PROGRAM_MAX_WIDTH (1u << 20)	/* bytes of a string */
#define PROGRAM_MAX_KEYS 64
#define PROGRAM_MAX_BUCKETS 4096
#define PROGRAM_MAX_SLOTS (1u << 16)	/* sonde_globals */
#define PROGRAM_MAX_FIELD (1 << 16)	/* width or precision of a conversion */

/* NULL: sound. Otherwise a static text; *fault (may be NULL) says where. */
const char *program_check(const struct program *program, struct program_fault *fault);
/* One function, fault->func: program-check-code.c. */
const char *program_check_func(const struct program *program, struct program_fault *fault);

#endif
