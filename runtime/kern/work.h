/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Working memory of the string library: part of a handler run's scratch block. Arguments are copied
 * in, the result is built in `out`; so every access has the same limits, which the verifier knows.
 * What is counted lives here and not in registers: to the verifier it is unknown, and one step of a
 * walk is all it follows.
 *
 *   state[0..2]   lengths of the string arguments, in areas 0 to 2
 *   state[4..7]   long arguments
 *   others        by the function
 */
#ifndef SONDE_KERN_WORK_H
#define SONDE_KERN_WORK_H

#include "runtime/abi.h"

enum kern_state {
	WORK_LENGTH = 0, WORK_LONG = 4, WORK_AT = 8, WORK_IN = 9, WORK_OUT = 10, WORK_MORE = 11,
	WORK_SET = 12,		/* four words: a set of bytes */
	WORK_FITS = 16,
	WORK_TOKEN_AT = 17, WORK_TOKEN_LENGTH = 18,	/* kept through the run */
	WORK_GROUPS = 19, WORK_MATCHES = 20,		/* kept through the run */
	WORK_TABLE = 21, WORK_RESULT = 22,
	WORK_SHUT = 23,		/* sprintf: one more than where a NUL ended the text; 0: nowhere */
	WORK_POINTER = 31,	/* the pointer argument of a function that is verified alone */
	WORK_CLAIM = 32,	/* before 5.17: number of the scratch block */
	WORK_END = 33,		/* the same: where a walk in a walk ends */
	WORK_STATE_WORDS = 34
};

enum kern_area { AREA_A, AREA_B, AREA_C, AREA_OUT, AREA_TOKEN, AREA_MATCHED, AREA_COUNT };

#define WORK_REGISTERS 128

struct kern_work {
	u64 state[WORK_STATE_WORDS];
	u16 registers[WORK_REGISTERS];
	u16 matches[WORK_REGISTERS];
	char areas[];
};

/* Bytes of an area for strings of @most bytes: room for the word that ends them. At least what the
 * arguments of a system call need (argfmt.bpf.c). */
#define WORK_LEAST 503
#define WORK_AREA(most) (ABI_ROUND8(((most) < WORK_LEAST ? WORK_LEAST : (most)) + 1) + 8)
/* One more behind the last: a place and a length are limited apart. */
#define WORK_BYTES(most) (sizeof(struct kern_work) + (AREA_COUNT + 1) * WORK_AREA(most))

/* What a function gives that cannot do it: FAULT_STRING, or FAULT_ADDRESS. */
#define WORK_FAILED ((s64)(1ull << 63))

#endif
