/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of system calls in a table of formats: a call's number is the table's. */
#ifndef SONDE_SYSCALL_FORMAT_H
#define SONDE_SYSCALL_FORMAT_H

#include "translator/elab/format-table.h"
#include "translator/probes/syscall-table.h"

/* What to print of a call. */
void format_argstr(struct format *format, const struct syscall_machine *machine,
		   const syscall_arg_vec *args);
void format_arg(struct format *format, const struct syscall_machine *machine,
		const struct syscall_arg *arg, bool comma);
void format_retstr(struct format *format, const struct syscall_machine *machine, int base);

#endif
