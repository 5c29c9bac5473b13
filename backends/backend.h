/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A back end turns the part of an IR program that it serves into bytes.
 * `llvm` (a plug-in, so that nothing else maps LLVM) makes the BPF object of the kernel handlers;
 * `host` fills the VM functions of the program's tables. backend.c has the list and the entry
 * point.
 */
#ifndef SONDE_BACKEND_H
#define SONDE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ir_program;
struct session;

struct backend {
	const char *name;
	/* Makes *object (malloc'ed) of *size bytes from @program. false: reported to the session's
	 * diagnostics. */
	bool (*emit)(struct session *session, struct ir_program *program, void **object,
		     size_t *size);
};

/* The symbol that a plug-in exports. */
#define BACKEND_SYMBOL "sonde_backend"

/* Runs the back ends and writes the whole program to @fd. false: reported. */
bool backend_emit(struct session *session, struct ir_program *program, int fd);

#endif
