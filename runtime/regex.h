/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regular expressions as tables: a DFA over classes of bytes, made at translation
 * (translator/ir/regex.h), walked byte by byte here and in the kernel. Matching is unanchored,
 * leftmost, then longest.
 *
 * A table is a struct regex_head and what its offsets name, 4-aligned:
 *   next      u16[states * classes]   0: dead, state 1 is the start
 *   actions   u16[states * classes]   what is done to the registers on the way: offset into
 *                                     commands, 0 nothing
 *   finals    u16[states]             0: no match ends here; otherwise 1 + offset of its commands
 *   commands  u16: count, then count times (to << 8 | from); from REGEX_HERE is the position,
 *             REGEX_UNSET none
 * The end of the text is one more class, the last, which is read once. Registers are u16
 * positions; the first 2 * (groups + 1) are the result: begin and end of the whole, then of each
 * group.
 * With registers == 0 nobody asks for sub-matches: the first final state ends the match.
 */
#ifndef SONDE_RUNTIME_REGEX_H
#define SONDE_RUNTIME_REGEX_H

#include "runtime/abi.h"

#define REGEX_HERE 255
#define REGEX_UNSET 254
#define REGEX_NONE 0xffff		/* a register without a position */
#define REGEX_MAX_REGISTERS 128
#define REGEX_MAX_COMMANDS 128		/* in one list */
#define REGEX_MAX_GROUPS 15
#define REGEX_MAX_STATES 2048

struct regex_head {
	u32 size;			/* of the table in bytes */
	u16 states, classes;
	u16 registers, groups;
	u32 next, actions, finals, commands;	/* byte offsets */
	u32 command_count;		/* words of commands */
	u32 initial;			/* list done at the beginning, 0 none */
	u8 class_of[256];
};

#ifndef __bpf__
#include <stdbool.h>
#include <stddef.h>

/* NULL, or what is wrong with a table that was read: with NULL, matching stays inside it. */
const char *regex_table_check(const uint8_t *table, size_t size);

/*
 * Does @text contain a match? @registers (table's count, at least 2 * (groups + 1)) gets the
 * positions. @table has passed regex_table_check().
 */
bool regex_table_match(const uint8_t *table, const char *text, uint32_t length,
		       uint16_t *registers);
#endif

#endif
