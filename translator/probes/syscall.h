/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What syscall.c and body.c share. */
#ifndef SONDE_SYSCALL_H
#define SONDE_SYSCALL_H

#include "translator/probes/syscall-table.h"

struct elab;
struct handler;

/* site.detail: the calls that a site is for. */
struct syscall_site {
	const struct syscall_machine *machine;
	const char *root;		/* "syscall", "nd_syscall" … */
	bool is_return;
	syscall_vec calls;		/* by number */
	syscall_arg_vec *args;		/* of each */
	/* of each, by the kernel's names: *params is NULL until one is asked for */
	syscall_arg_vec **params;
};

/* Puts before @handler's body what tells the calls of @site, and the variables that it uses
 * (or, to be listed, all). */
bool syscall_body(struct elab *elab, struct handler *handler, const struct syscall_site *site);
/* The test alone. */
bool syscall_guard(struct elab *elab, struct handler *handler, const struct syscall_site *site);

#endif
