/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading: the BPF object of a program into the kernel, with map sizes, the session block and the
 * choice among alternative mechanisms made for this kernel. A program without kernel handlers has
 * only a session block.
 *
 *   load.c        the order of things     load-choose.c  alternatives, preparing programs
 *   load-maps.c   map sizes and kinds     load-data.c    the session block, other .bss symbols
 *   load-log.c    what libbpf and the verifier say, made into one message
 *
 * load_open() fills a struct load (zeroed before), load_close() frees what it holds, also after a
 * failure. Errors are said by load_open() itself; it returns a negative errno.
 */
#ifndef SONDE_RUNTIME_LOAD_H
#define SONDE_RUNTIME_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/abi.h"

struct bpf_map;
struct bpf_object;
struct bpf_program;
struct maps;
struct program;

struct load {
	const struct program *program;
	struct bpf_object *object;		/* NULL: no kernel handlers */
	struct bpf_program **programs;		/* by site; NULL: not chosen, or in the VM */
	struct abi_session *session;
	int64_t *slots;				/* sonde_globals, or NULL */
	int ring_fd;				/* -1: none */
	struct bpf_map *data_map;
	void *data;				/* its mapping: the section of session and slots */
	size_t data_size;
	int *inner_fds;				/* by global, while loading: first inner maps */
	size_t session_offset, slots_offset;	/* in the mapped section */
	bool *excluded;				/* sites whose program the kernel refused */
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

/* ---- between the files ---- */

/* Chooses a mechanism for each site and prepares the programs. -ENOTSUP: said what is missing. */
int load_choose(struct load *load);
/* After loading failed for program @name: excludes the sites that use it. false: there is no
 * other way for them. */
bool load_exclude(struct load *load, const char *name);

/* Before loading: sizes and flags. -errno. */
int load_maps_prepare(struct load *load, int64_t ring_bytes);
/* After loading, or failing to: swapped globals get their first inner map; frees what preparing
 * made. */
int load_maps_finish(struct load *load, bool loaded);

/* The session block and the symbol references, before loading; their mapping, after. */
int load_data_prepare(struct load *load, const struct load_config *config);
int load_data_map(struct load *load);

/* Collects libbpf's messages from now on; what went wrong as one error message. */
void load_log_begin(void);
void load_log_report(const struct load *load, int error);
/* The program that libbpf could not load, or NULL. */
const char *load_log_program(void);
void load_log_end(void);

#endif
