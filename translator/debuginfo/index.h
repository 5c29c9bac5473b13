/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DINDEX_H
#define SONDE_DINDEX_H

/*
 * The function index of one ELF file: a flat image that is built once by
 * scanning DWARF and symbols, kept in the user's cache by build-id, and mapped
 * afterwards. It is input like any other: everything read from it is checked.
 *
 * Layout: head, records by (entry, name), inlined-only ones (entry ~0) last;
 * DIE offsets; alias string offsets; strings, the last byte of which is NUL.
 */
#include <stdbool.h>
#include <stdint.h>

#include "translator/debuginfo/debuginfo.h"

#define DINDEX_MAGIC "SoFnIdx\4"

enum {
	DINDEX_EXPORTED = 1, DINDEX_INLINED = 2, DINDEX_IFUNC = 4, DINDEX_SYMTAB = 8,
	DINDEX_CONCRETE = 16,		/* the first DIE is the out-of-line one */
	DINDEX_ALT = 32,		/* dies are in the alternate debug file */
	DINDEX_OPTIMIZED = 64,		/* its unit's compiler says so */
};

struct dindex_head {
	char magic[8];
	uint64_t total;			/* bytes: the file is this long */
	uint64_t main_size, main_mtime_ns;
	uint64_t debug_size, debug_mtime_ns;
	uint32_t debug_path;		/* string; 0: there was no DWARF */
	uint32_t nfuncs, ndies, naliases, nstrings;
	uint32_t checksum;		/* of the records */
};

struct dindex_func {
	uint64_t entry, size;
	uint32_t name, linkage;		/* strings; linkage 0: the same as name */
	uint32_t file, cu;		/* strings; 0: unknown */
	uint32_t line;
	uint32_t ninlines;
	uint32_t first_die, ndies;
	uint32_t first_alias;
	uint16_t naliases, flags;
};

struct dindex {
	const struct dindex_head *head;
	const struct dindex_func *funcs;
	const uint64_t *dies;
	const uint32_t *aliases;
	const char *strings;
	void *image;
	size_t size;
	bool mapped;			/* else malloc'ed */
};

/* Points INDEX into IMAGE; false if it is not an index or is damaged. */
bool dindex_parse(struct dindex *index, void *image, size_t size);
uint32_t dindex_checksum(const struct dindex_func *funcs, uint32_t n);
const char *dindex_string(const struct dindex *index, uint32_t offset);
void dindex_close(struct dindex *index);

/* index-build.c: the image for M, malloc'ed; NULL and the reason. */
void *dindex_build(struct dmodule *m, size_t *size);

/* line.c: does DW_AT_producer name an option that optimises? -1: it does not say. */
int dproducer_optimized(const char *producer);

#endif
