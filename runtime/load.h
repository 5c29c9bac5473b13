/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading: the BPF object of a program into the kernel, with map sizes, the session block and the choice among
 * alternative mechanisms made for this kernel. A program without kernel handlers has only a session block.
 *
 * load_open() fills a struct load (zeroed before), load_close() frees what it holds, also after a failure.
 * Errors are said by load_open() itself; it returns a negative errno.
 */
#ifndef SONDE_RUNTIME_LOAD_H
#define SONDE_RUNTIME_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/abi.h"

struct bpf_object;
struct bpf_program;
struct maps;
struct program;

struct load {
	const struct program *program;
	struct bpf_object *object;		/* NULL: no kernel handlers */
	struct bpf_program **programs;		/* by site; NULL: not in the kernel, or not chosen */
	struct abi_session *session;
	int64_t *slots;				/* sonde_globals, or NULL */
	int ring_fd;				/* -1: none */
	void *data;				/* the mapped section of session and slots */
	size_t data_size;
	bool *excluded;				/* sites whose mechanism failed, so that the next one is tried */
};

struct load_config {
	const void *image;			/* the ELF file */
	size_t size;
	int64_t ring_bytes;			/* -s; 0: the program's or our choice */
	struct abi_session session;		/* how the session block starts */
};

int load_open(struct load *load, const struct program *program, const struct load_config *config);
/* Hands the globals' maps to @maps. */
int load_bind(const struct load *load, struct maps *maps);
void load_close(struct load *load);

#endif
