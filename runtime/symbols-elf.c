/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plug-in sonde-symbols: an ELF file by libdwfl, which finds its symbol tables (.symtab,
 * .dynsym, .gnu_debugdata, a debug file by build-id or link) and reads them when they are asked
 * for.
 */
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/symbols-elf-priv.h"
#include "runtime/symbols.h"

static char *debug_path;

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
	.debuginfo_path = &debug_path,
};

static void file_close(struct user_file *file)
{
	for (size_t i = 0; i < USER_NAMES; i++)
		while (file->names[i]) {
			struct user_name *name = file->names[i];

			file->names[i] = name->chain;
			free(name->plain);
			free(name);
		}
	if (file->dwfl)
		dwfl_end(file->dwfl);
	free(file->table);
	free(file);
}

static struct user_file *file_open(const char *name, int fd)
{
	struct user_file *file = calloc(1, sizeof(*file));
	GElf_Addr bias;

	if (!file) {
		close(fd);
		return NULL;
	}
	file->dwfl = dwfl_begin(&callbacks);
	if (file->dwfl) {
		dwfl_report_begin(file->dwfl);
		file->module = dwfl_report_elf(file->dwfl, name, name, fd, 0, true);
		dwfl_report_end(file->dwfl, NULL, NULL);
	}
	if (!file->module) {
		close(fd);
		file_close(file);
		return NULL;
	}
	file->elf = dwfl_module_getelf(file->module, &bias);
	if (!file->elf) {
		file_close(file);
		return NULL;
	}
	file->eh = dwfl_module_eh_cfi(file->module, &file->eh_bias);
	return file;
}

static bool file_address(struct user_file *file, uint64_t offset, uint64_t *address)
{
	size_t count;

	if (elf_getphdrnum(file->elf, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(file->elf, (int)i, &header) || header.p_type != PT_LOAD ||
		    offset < (header.p_offset & ~4095ull) ||
		    offset >= header.p_offset + header.p_filesz)
			continue;
		*address = offset - header.p_offset + header.p_vaddr;
		return true;
	}
	return false;
}

static char *name_demangle(const char *name)
{
	char *plain = NULL;

	if (name[0] == '_' && name[1] == 'R')
		plain = rust_demangle(name, 0);
	else if (name[0] == '_' && name[1] == 'Z')
		plain = cplus_demangle_v3(name, 0);
	return plain ? plain : strndup(name, strcspn(name, "@"));
}

static const char *name_plain(struct user_file *file, const char *name)
{
	size_t hash = ((uintptr_t)name >> 3) % USER_NAMES;
	struct user_name *known;

	/* mangled, or with a version behind it */
	if ((name[0] != '_' || (name[1] != 'Z' && name[1] != 'R')) && !strchr(name, '@'))
		return name;
	for (known = file->names[hash]; known; known = known->chain)
		if (known->mangled == name)
			return known->plain ? known->plain : name;
	known = calloc(1, sizeof(*known));
	if (!known)
		return name;
	known->mangled = name;
	known->plain = name_demangle(name);
	known->chain = file->names[hash];
	file->names[hash] = known;
	return known->plain ? known->plain : name;
}

/* By the ranges of each compilation unit: clang leaves no index of them. */
static void line_search(struct user_file *file, uint64_t address, struct symbol *symbol)
{
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;

	while ((unit = dwfl_module_nextcu(file->module, unit, &bias))) {
		Dwarf_Line *line;
		int number = 0;

		if (dwarf_haspc(unit, address - bias) != 1)
			continue;
		line = dwarf_getsrc_die(unit, address - bias);
		if (!line)
			return;
		symbol->file = dwarf_linesrc(line, NULL, NULL);
		dwarf_lineno(line, &number);
		symbol->line = number > 0 ? (uint32_t)number : 0;
		return;
	}
}

static void line_find(struct user_file *file, uint64_t address, struct symbol *symbol)
{
	Dwfl_Line *line = dwfl_module_getsrc(file->module, address);
	int number = 0;

	if (!line) {
		line_search(file, address, symbol);
		return;
	}
	symbol->file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	symbol->line = number > 0 ? (uint32_t)number : 0;
}

static bool file_find(struct user_file *file, uint64_t address, bool line, struct symbol *symbol)
{
	const char *name = table_find(file, address, &symbol->offset, &symbol->size);

	if (line)
		line_find(file, address, symbol);
	if (!name)
		return false;
	symbol->name = name_plain(file, name);
	return true;
}

const struct user_ops sonde_user_ops = {
	.open = file_open,
	.close = file_close,
	.address = file_address,
	.find = file_find,
	.step = file_step,
};
