/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers, by DWARF number, that a machine's calling convention names. */
#ifndef SONDE_MACHINE_H
#define SONDE_MACHINE_H

#include <stdint.h>

struct session;

struct machine {
	const char *arch;
	uint8_t args[8];
	uint8_t arg_count, result, stack, program_counter;
	uint8_t stack_skip;		/* words on the stack before the arguments, at entry */
};

/* That of the target kernel; never NULL. */
const struct machine *machine_of(const struct session *session);

#endif
