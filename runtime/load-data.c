/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/libbpf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/btf-member.h"
#include "runtime/load.h"
#include "runtime/program.h"
#include "runtime/say.h"

/* Where an object symbol lies. */
struct data_symbol {
	char section[64];
	size_t offset, size;
};

static bool symbol_in_table(Elf *elf, Elf_Scn *table, const char *name, struct data_symbol *found)
{
	GElf_Shdr header, section;
	Elf_Data *data = elf_getdata(table, NULL);
	size_t names, count;

	if (!data || !gelf_getshdr(table, &header) || !header.sh_entsize ||
	    elf_getshdrstrndx(elf, &names))
		return false;
	count = header.sh_size / header.sh_entsize;
	for (size_t i = 0; i < count; i++) {
		GElf_Sym symbol;
		const char *text, *in;

		if (!gelf_getsym(data, (int)i, &symbol))
			return false;
		text = elf_strptr(elf, header.sh_link, symbol.st_name);
		if (!text || strcmp(text, name) != 0 || symbol.st_shndx == SHN_UNDEF)
			continue;
		if (!gelf_getshdr(elf_getscn(elf, symbol.st_shndx), &section))
			return false;
		in = elf_strptr(elf, names, section.sh_name);
		if (!in || symbol.st_value > section.sh_size ||
		    symbol.st_size > section.sh_size - symbol.st_value)
			return false;
		snprintf(found->section, sizeof(found->section), "%s", in);
		found->offset = symbol.st_value;
		found->size = symbol.st_size;
		return true;
	}
	return false;
}

static bool symbol_find(Elf *elf, const char *name, struct data_symbol *found)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			return symbol_in_table(elf, section, name, found);
	}
	return false;
}

/* ---- addresses of kernel symbols ---- */

static void symrefs_from_kernel(const struct program *program, uint64_t *values, bool *known)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char *line = NULL;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0) {
		unsigned long long address;
		char name[256];

		if (sscanf(line, "%llx %*c %255s", &address, name) != 2)
			continue;
		for (uint32_t i = 0; i < program->symref_count; i++) {
			const struct program_symref *ref = &program->symrefs[i];

			if (known[i] || *ref->path || strcmp(ref->symbol, name) != 0)
				continue;
			values[i] = address + (uint64_t)ref->addend;
			known[i] = address != 0;
		}
	}
	free(line);
	if (f)
		fclose(f);
}

static void symrefs_from_files(const struct program *program, uint64_t *values, bool *known)
{
	for (uint32_t i = 0; i < program->symref_count; i++) {
		const struct program_symref *ref = &program->symrefs[i];
		struct stat st;

		if (!*ref->path || stat(ref->path, &st))
			continue;
		known[i] = true;
		if (strcmp(ref->symbol, SYMREF_INODE) == 0)
			values[i] = st.st_ino;
		else if (strcmp(ref->symbol, SYMREF_DEVICE) == 0)
			values[i] = (uint64_t)major(st.st_dev) << 20 | minor(st.st_dev);
		else
			known[i] = false;
	}
}

static int symrefs_fill(const struct program *program, uint64_t *values)
{
	bool *known = calloc(program->symref_count + 1, sizeof(*known));
	int rc = 0;

	if (!known)
		return -ENOMEM;
	symrefs_from_kernel(program, values, known);
	symrefs_from_files(program, values, known);
	for (uint32_t i = 0; !rc && i < program->symref_count; i++)
		if (!known[i]) {
			say_error("the %s \"%s\" is not known on this machine",
				  *program->symrefs[i].path ? program->symrefs[i].symbol
							    : "address of",
				  *program->symrefs[i].path ? program->symrefs[i].path
							    : program->symrefs[i].symbol);
			rc = -ENOENT;
		}
	free(known);
	return rc;
}

/* ---- preparing and mapping ---- */

/* The initial bytes of @symbol, or NULL when they are not @size in one section. */
static char *data_initial(struct bpf_map *map, const struct data_symbol *symbol, size_t size)
{
	size_t whole;
	char *bytes = map ? (char *)bpf_map__initial_value(map, &whole) : NULL;

	if (!bytes || symbol->offset > whole || size > whole - symbol->offset ||
	    symbol->size < size || symbol->offset % 8)
		return NULL;
	return bytes + symbol->offset;
}

/* The translator knows another kernel perhaps than the one it is run on. */
static int task_name_prepare(struct load *load, Elf *elf)
{
	struct data_symbol symbol;
	long offset;
	char *bytes;

	if (!symbol_find(elf, "sonde_comm_at", &symbol))
		return 0;
	bytes = data_initial(bpf_object__find_map_by_name(load->object, symbol.section), &symbol,
			     sizeof(uint64_t));
	offset = bytes ? btf_task_name_here() : -1;
	if (offset < 0)
		return -EINVAL;
	*(uint64_t *)(void *)bytes = (uint64_t)offset;
	return 0;
}

static int data_prepare(struct load *load, Elf *elf, const struct abi_session *session)
{
	const struct program *program = load->program;
	struct data_symbol symbol, slots, refs;
	size_t refs_size = program->symref_count * sizeof(uint64_t);
	char *bytes;

	if (!symbol_find(elf, "sonde_session", &symbol))
		return -EINVAL;
	load->data_map = bpf_object__find_map_by_name(load->object, symbol.section);
	bytes = data_initial(load->data_map, &symbol, sizeof(*session));
	if (!bytes)
		return -EINVAL;
	if (task_name_prepare(load, elf))
		return -EINVAL;
	memcpy(bytes, session, sizeof(*session));
	load->session_offset = symbol.offset;
	if (symbol_find(elf, "sonde_globals", &slots)) {
		if (strcmp(slots.section, symbol.section) != 0 ||
		    !data_initial(load->data_map, &slots, slots.size))
			return -EINVAL;
		load->slots_offset = slots.offset;
		for (uint32_t i = 0; i < program->global_count; i++)
			if (program->globals[i].home == HOME_DATA &&
			    program->globals[i].slot >= slots.size / sizeof(int64_t))
				return -EINVAL;
	}
	if (program->symref_count && symbol_find(elf, "sonde_symrefs", &refs)) {
		bytes = data_initial(bpf_object__find_map_by_name(load->object, refs.section),
				     &refs, refs_size);
		return bytes ? symrefs_fill(program, (uint64_t *)(void *)bytes) : -EINVAL;
	}
	return 0;
}

int load_data_prepare(struct load *load, const struct load_config *config)
{
	Elf *elf;
	int rc;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -EINVAL;
	elf = elf_memory((char *)config->image, config->size);
	load->slots_offset = SIZE_MAX;
	rc = elf ? data_prepare(load, elf, &config->session) : -EINVAL;
	if (rc == -EINVAL)
		say_error("the program is damaged: its data is not as it should be");
	elf_end(elf);
	return rc;
}

int load_data_map(struct load *load)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (bpf_map__value_size(load->data_map) + page - 1) / page * page;
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  bpf_map__fd(load->data_map), 0);

	if (data == MAP_FAILED)
		return -errno;
	load->data = data;
	load->data_size = size;
	load->session = (struct abi_session *)(void *)(data + load->session_offset);
	if (load->slots_offset != SIZE_MAX)
		load->slots = (int64_t *)(void *)(data + load->slots_offset);
	return 0;
}
