/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of system calls, all constant.
 *
 *   syscall-calls.def   calls: alias, name, arguments
 *   syscall-ARCH.def    their numbers on a machine
 *   syscall-params.def  what the kernel calls their arguments
 *   syscall-sets.def    names of constants
 *   syscall-table.c     look-up of calls; arguments of a call
 *   syscall-kind.c      kinds of arguments: size, sign, rows of a format
 *   syscall-format.c    makes the tables that runtime/argfmt.h describes
 *   syscall-body.c      what comes before a handler's body: the variables it uses
 *   syscall.c           the probe kind
 */
#ifndef SONDE_SYSCALL_TABLE_H
#define SONDE_SYSCALL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "translator/util/vec.h"

struct arena;
struct format;

struct syscall_call {
	const char *call, *alias, *name, *args;
	int base;			/* of the result as text */
	int number;			/* SYSCALL_NEVER: this machine does not have it */
};
#define SYSCALL_NEVER (-1000)
typedef VEC(const struct syscall_call *) syscall_vec;

/* The machine: where a system call's values are in the saved registers, and the numbers. */
struct syscall_machine {
	const char *arch;
	uint16_t args[6], number, result;	/* offsets in struct pt_regs */
	const struct syscall_number {
		int number;
		const char *call;
	} *numbers;
	size_t count;
};

/* NULL: this machine is not known. */
const struct syscall_machine *syscall_machine_of(const char *arch);
/* All calls: those of @machine by number, then others. */
const syscall_vec *syscall_calls(struct arena *arena, const struct syscall_machine *machine);

struct syscall_kind {
	const char *name;
	int8_t size;			/* of the value in bytes; negative: signed */
	/* Appends rows that print the argument. */
	void (*put)(struct format *format, const struct syscall_kind *kind, uint16_t at,
		    uint8_t source, uint16_t length_at);
	const char *recipe;
	uint32_t param;
	/* the variable is what stands at this place behind the address; -1: it is the address */
	int8_t memory;
	uint8_t memory_size;
};

struct syscall_arg {
	const char *number, *string, *plain;	/* variables; NULL: none */
	const struct syscall_kind *kind;
	int index;			/* of the argument, from 0 */
	int length;			/* index of the argument that has its length, -1 */
	bool hidden;			/* not part of argstr */
	int test;	/* index of the argument that decides whether it is shown, -1: none */
	uint32_t test_mask, test_value;	/* shown if bits are test_value; 0 in test_any: any bit */
	bool test_any;
	const char *target;		/* the type at its address; NULL: a plain number */
};
typedef VEC(struct syscall_arg) syscall_arg_vec;

/* The arguments of a call. */
void syscall_args(struct arena *arena, const struct syscall_call *call, syscall_arg_vec *args);
/* The same by the kernel's names: number, kind, index and target only. Empty: not known. */
void syscall_params(struct arena *arena, const struct syscall_call *call, syscall_arg_vec *args);

/* kind.c */
const struct syscall_kind *syscall_kind_of(struct arena *arena, const char *name);

#endif
