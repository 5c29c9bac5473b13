/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables that say how the arguments of system calls, or the variables at a probe's sites, become
 * text. The translator makes them (translator/elab/format-table.h), they are constants of the BPF
 * object, and runtime/kern/argfmt.bpf.c walks them, one row at a step.
 *
 * A table: u32 offsets of the first row of each call or site, by number; rows; texts. Offsets are
 * bytes from the table's start. Values come from the saved registers, or from a structure that a
 * row has fetched.
 */
#ifndef SONDE_ARGFMT_H
#define SONDE_ARGFMT_H

#include "runtime/abi.h"

enum argfmt_op {
	ARGFMT_END,
	ARGFMT_NUMBER,	/* arg: base | ARGFMT_ flags; more: least digits */
	ARGFMT_TEXT,	/* more: length of the text at offset `text` */
	/* arg: rows at offset `text` that name a value each; more: ARGFMT_FLAGS, ARGFMT_DECIMAL */
	ARGFMT_NAMES,
	ARGFMT_STRING,	/* of the process, quoted; more: greatest length, 0: any */
	ARGFMT_BUFFER,	/* likewise; more: limit; arg: register that holds the length */
	/* fetches `more` bytes; where it cannot, prints the address and leaves out `arg` rows */
	ARGFMT_FETCH,
	/* fetches `more` bytes, at most 8, of the process at the value plus (s32)`text`; where it
	 * cannot, there is no text at all but an error */
	ARGFMT_PEEK,
	ARGFMT_SKIP,	/* if value & text == more (unless ARGFMT_NOT): leaves out `arg` rows */
	ARGFMT_STRINGS,	/* a NULL-ended array of strings */
	ARGFMT_COUNT,	/* the same: how many */
	ARGFMT_RESULT,	/* a return value; arg: base; more names of errors at offset `text` */
	ARGFMT_BITS,	/* names of the numbers of bits that are set, from 1: as NAMES */
	ARGFMT_INLINE,	/* a string of at most `more` bytes in the structure, quoted */
};

/* arg of ARGFMT_NUMBER, above the base */
#define ARGFMT_SIGNED 0x100
#define ARGFMT_PREFIX 0x200
/* more of ARGFMT_NAMES */
#define ARGFMT_FLAGS 1		/* all that fit, joined by |; otherwise the first */
#define ARGFMT_DECIMAL 2	/* what has no name is decimal, otherwise hexadecimal */
#define ARGFMT_NOT 0x8000	/* arg of ARGFMT_SKIP */

/* source: size and sign of the value, and where it is */
#define ARGFMT_SIZE 0x0f	/* 1 2 4 8 */
#define ARGFMT_NEGATIVE 0x10	/* sign-extended */
#define ARGFMT_FIELD 0x20	/* of the structure, not of the registers */
#define ARGFMT_SWAPPED 0x40	/* in network order */
#define ARGFMT_COMMA 0x80	/* ", " goes before, unless nothing has been printed */

#define ARGFMT_REGISTERS 168	/* bytes of the saved registers */
#define ARGFMT_STRUCT_MOST 128

struct argfmt_row {
	u8 op, source;
	u16 at;			/* offset of the value */
	u32 arg, more, text;
};

/* A row of ARGFMT_NAMES. */
struct argfmt_name {
	u32 mask, value;	/* (v & mask) == value */
	u32 text, length;
};

#endif
