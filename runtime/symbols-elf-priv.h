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
	struct user_name *names[USER_NAMES];
};

/* ---- symbols-unwind.c ---- */
enum unwind_result file_step(struct user_file *file, uint64_t address, bool behind_call,
			     struct unwind_state *state, unwind_read *read, void *context,
			     uint64_t *row);

#endif
