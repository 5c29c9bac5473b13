/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_ELFSYM_H
#define SONDE_ELFSYM_H

/*
 * ELF symbols (.symtab or that of the debug file, .dynsym, .gnu_debugdata),
 * PLT entries, needed libraries. Owned by the session's arena.
 */
#include "translator/debuginfo/debuginfo.h"

enum elfsym_kind { ELFSYM_FUNC, ELFSYM_IFUNC, ELFSYM_OBJECT, ELFSYM_TLS, ELFSYM_OTHER };

struct elfsym {
	const char *name;		/* without @VERSION */
	uint64_t vaddr, size;
	enum elfsym_kind kind;
	bool is_global;			/* global or weak */
};

struct dplt {
	const char *name;		/* the function called through it */
	uint64_t vaddr, file_offset;
};

/* Defined symbols, by address then name; returns how many, -1 on an error. */
int elfsym_list(struct dmodule *m, const struct elfsym **out);
const struct elfsym *elfsym_find(struct dmodule *m, const char *name);
/* The function symbol around VADDR, or NULL. */
const struct elfsym *elfsym_at(struct dmodule *m, uint64_t vaddr);

int dplt_list(struct dmodule *m, const struct dplt **out);

/* DT_NEEDED, in order. */
int elfsym_needed(struct dmodule *m, const char ***out);

#endif
