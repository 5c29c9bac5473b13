/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file's symbols by address: libdwfl goes through all of them for each address, a profile asks
 * for thousands. What an address belongs to is what dwfl_module_addrsym() says: a symbol of known
 * size around it, those seen from other files first, the nearest of them; else a label, if nothing
 * of known size lies between and it is in the same section.
 */
#include <gelf.h>
#include <stdlib.h>

#include "runtime/symbols-elf-priv.h"

struct symbol_row {
	uint64_t from, end;		/* of a label: end of its section */
	uint64_t reach;			/* the farthest end of those of known size up to here */
	const char *name;
	uint32_t index;			/* in the file's tables: the first of equals is taken */
	uint8_t binding;		/* as STB_, higher is better */
	bool is_label;
};

struct symbol_table {
	size_t count;
	struct symbol_row rows[];
};

static uint8_t binding_of(const GElf_Sym *symbol)
{
	switch (GELF_ST_BIND(symbol->st_info)) {
	case STB_LOCAL:
		return 1;
	case STB_WEAK:
		return 2;
	default:
		return 3;
	}
}

/* The end of a section that is loaded; 0: it is none. */
static uint64_t section_end(Elf *elf, GElf_Word section, GElf_Addr bias)
{
	Elf_Scn *scn = elf && section != SHN_UNDEF && section != SHN_ABS ?
			       elf_getscn(elf, section) : NULL;
	GElf_Shdr header;

	if (!scn || !gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_ALLOC))
		return 0;
	return header.sh_addr + header.sh_size + bias;
}

static bool row_read(struct user_file *file, int index, struct symbol_row *row)
{
	GElf_Sym symbol;
	GElf_Addr address, bias;
	GElf_Word section;
	Elf *elf;
	const char *name = dwfl_module_getsym_info(file->module, index, &symbol, &address,
						   &section, &elf, &bias);
	int type = GELF_ST_TYPE(symbol.st_info);

	if (!name || !*name || type == STT_SECTION || type == STT_FILE || type == STT_TLS)
		return false;
	*row = (struct symbol_row){ .from = address, .end = section_end(elf, section, bias),
				    .name = name, .index = index, .binding = binding_of(&symbol),
				    .is_label = !symbol.st_size };
	if (!row->end)
		return false;
	if (!row->is_label)
		row->end = address + symbol.st_size;
	return true;
}

/* By address; of those at one address the one to be taken comes last. */
static int row_compare(const void *left, const void *right)
{
	const struct symbol_row *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->is_label != b->is_label)
		return a->is_label ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	if (a->binding != b->binding)
		return a->binding < b->binding ? -1 : 1;
	return a->index > b->index ? -1 : a->index < b->index;
}

static struct symbol_table *table_make(struct user_file *file)
{
	int count = dwfl_module_getsymtab(file->module);
	struct symbol_table *table;
	uint64_t reach = 0;

	if (count < 0)
		count = 0;
	table = malloc(sizeof(*table) + (size_t)count * sizeof(table->rows[0]));
	if (!table)
		return NULL;
	table->count = 0;
	for (int i = 0; i < count; i++)
		table->count += row_read(file, i, &table->rows[table->count]);
	qsort(table->rows, table->count, sizeof(table->rows[0]), row_compare);
	for (size_t i = 0; i < table->count; i++) {
		struct symbol_row *row = &table->rows[i];

		if (!row->is_label && row->end > reach)
			reach = row->end;
		row->reach = reach;
	}
	return table;
}

/* How many rows begin at or before @address. */
static size_t rows_before(const struct symbol_table *table, uint64_t address)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->rows[middle].from <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of the rows up to @count, a symbol of known size around @address. */
static const struct symbol_row *row_around(const struct symbol_table *table, size_t count,
					   uint64_t address)
{
	const struct symbol_row *local = NULL;

	for (size_t i = count; i-- > 0 && table->rows[i].reach > address;) {
		const struct symbol_row *row = &table->rows[i];

		if (row->is_label || row->end <= address)
			continue;
		if (row->binding > 1)
			return row;
		if (!local)
			local = row;
	}
	return local;
}

/* The label before @address, if nothing of known size is between. */
static const struct symbol_row *row_label(const struct symbol_table *table, size_t count,
					  uint64_t address)
{
	const struct symbol_row *row = count ? &table->rows[count - 1] : NULL;

	return row && row->is_label && row->reach <= row->from && address < row->end ? row : NULL;
}

const char *table_find(struct user_file *file, uint64_t address, uint64_t *offset, uint64_t *size)
{
	const struct symbol_row *row;
	size_t count;

	if (!file->table)
		file->table = table_make(file);
	if (!file->table)
		return NULL;
	count = rows_before(file->table, address);
	row = row_around(file->table, count, address);
	if (!row)
		row = row_label(file->table, count, address);
	if (!row)
		return NULL;
	*offset = address - row->from;
	*size = row->is_label ? 0 : row->end - row->from;
	return row->name;
}
