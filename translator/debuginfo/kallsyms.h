/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_KALLSYMS_H
#define SONDE_KALLSYMS_H

/*
 * The kernel's functions by name. Addresses may read as zero without
 * privilege: what counts here is whether a name exists, and how often.
 */
#include "translator/debuginfo/debuginfo.h"

struct kallsyms;

struct ksym {
	const char *name;
	const char *module;	/* NULL: the kernel proper */
	uint64_t addr;		/* 0 when hidden */
	char type;		/* as in nm: 't', 'T', 'd' … */
};

/* PATH NULL: /proc/kallsyms. NULL and the reason. Read once per session. */
struct kallsyms *kallsyms_open(struct dsession *ds, const char *path);
/* The first of that name; *COUNT how many there are. NULL: none. */
const struct ksym *kallsyms_find(struct kallsyms *k, const char *name, int *count);
/* Text symbols that match GLOB (MODULE NULL: the kernel's own), sorted, unique. */
int kallsyms_match(struct kallsyms *k, const char *glob, const char *module,
		   const struct ksym ***out);
int kallsyms_each_name(struct kallsyms *k, int (*fn)(const char *name, void *ctx), void *ctx);

#endif
