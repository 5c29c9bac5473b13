/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_SDT_H
#define SONDE_SDT_H

/*
 * USDT marks: .note.stapsdt, with addresses adjusted for prelinking and
 * arguments parsed into the same trees as DWARF locations.
 */
#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/dscope.h"

struct dsdt_arg {
	int size;		/* 1, 2, 4, 8 */
	bool is_signed;
	bool is_float;
	const char *text;	/* "-4@%eax" */
	struct dloc *loc;	/* DLOC_NONE with a reason if it cannot be read */
};

struct dsdt {
	const char *provider, *name;
	struct dsite *site;
	uint64_t semaphore_vaddr;	/* 0: none */
	uint64_t semaphore_offset;	/* in the file: ref_ctr_offset; 0: none */
	const char *arg_text;		/* as written */
	int nargs;
	struct dsdt_arg *args;
};

/* In the order of the notes; how many, -1 on an error. */
int dsdt_list(struct dmodule *m, const struct dsdt **out);

#endif
