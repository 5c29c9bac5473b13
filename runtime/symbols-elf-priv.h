/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the plug-in sonde-symbols. */
#ifndef SONDE_SYMBOLS_ELF_PRIV_H
#define SONDE_SYMBOLS_ELF_PRIV_H

#include <elfutils/libdwfl.h>

#include "runtime/symbols-user.h"

/* A symbol's name without its mangling. */
struct user_name {
	struct user_name *chain;
	const char *mangled;
	char *plain;
};

#define USER_NAMES 256

struct user_file {
	Dwfl *dwfl;
	Dwfl_Module *module;
	Elf *elf;
	Dwarf_CFI *eh, *debug;
	Dwarf_Addr eh_bias, debug_bias;
	bool debug_tried;
	struct symbol_table *table;	/* made when the first name is asked for; free() */
	struct user_name *names[USER_NAMES];
};

/* ---- symbols-table.c ---- */

/* The name of the symbol that @address belongs to, as the file has it; NULL: none. */
const char *table_find(struct user_file *file, uint64_t address, uint64_t *offset, uint64_t *size);

/* ---- symbols-unwind.c ---- */

enum unwind_result file_step(struct user_file *file, uint64_t address, bool behind_call,
			     struct unwind_state *state, unwind_read *read, void *context,
			     uint64_t *row);

#endif
