/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DEBUGFILE_H
#define SONDE_DEBUGFILE_H

/*
 * The separate debug file of a module, for libdwfl: a Dwfl_Callbacks.find_debuginfo whose user data
 * is the struct dmodule. Returns a descriptor that libdwfl owns, or -1.
 */
#include <elfutils/libdwfl.h>

int debugfile_find(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
		   const char *file, const char *link, GElf_Word crc, char **found);

#endif
