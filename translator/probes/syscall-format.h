/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a table of runtime/argfmt.h: format_begin() for each call, rows, format_end(); and
 * format_finish() at the end. All in the arena. Names and texts that are the same are kept once.
 */
#ifndef SONDE_SYSCALL_FORMAT_H
#define SONDE_SYSCALL_FORMAT_H

#include "runtime/argfmt.h"
#include "translator/probes/syscall-table.h"

struct arena;

struct format {
	struct arena *arena;
	VEC(uint32_t) starts;		/* by number: place in rows + 1; 0: none */
	VEC(struct argfmt_row) rows;
	VEC(struct argfmt_name) names;
	VEC(struct format_set { const void *set; uint32_t first; }) sets;
	char *texts;
	size_t text_size, text_room;
};

void format_begin(struct format *format, uint32_t number);
struct argfmt_row *format_row(struct format *format, enum argfmt_op op, uint16_t at,
			      uint8_t source);
void format_text(struct format *format, const char *text, uint8_t source);
/* Bytes of names: places of the first one. */
uint32_t format_name(struct format *format, uint32_t mask, uint32_t value, const char *text);
/* The first name of @set if it has been put in; UINT32_MAX: it has not. */
uint32_t format_set_find(const struct format *format, const void *set);
void format_set_add(struct format *format, const void *set, uint32_t first);
/* The finished table; *size: its bytes. */
const uint8_t *format_finish(struct format *format, size_t *size);

/* What to print of a call. */
void format_argstr(struct format *format, const struct syscall_machine *machine,
		   const syscall_arg_vec *args);
void format_arg(struct format *format, const struct syscall_machine *machine,
		const struct syscall_arg *arg, bool comma);
void format_retstr(struct format *format, const struct syscall_machine *machine, int base);

#endif
