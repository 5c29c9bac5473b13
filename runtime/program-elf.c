/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF file around the tables. Writing appends to an object that is there already: the section's
 * bytes, a longer copy of the section names, and a new section header table; nothing that the
 * object holds moves. Reading looks for the section by name and believes no offset. Behind
 * everything is a check sum of the whole file: libbpf and the kernel read the other sections, and
 * damage there is not theirs to tell. (The cache appends to the file.)
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/program-fields.h"
#include "runtime/program.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define DATA_NATIVE ELFDATA2LSB
#else
#define DATA_NATIVE ELFDATA2MSB
#endif

static bool in_image(size_t size, uint64_t offset, uint64_t length)
{
	return offset <= size && length <= size - offset;
}

static const char *check_header(const Elf64_Ehdr *header, size_t size)
{
	if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG))
		return "not an ELF file";
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != DATA_NATIVE)
		return "an ELF file for another kind of machine";
	if (header->e_shentsize != sizeof(Elf64_Shdr) || !header->e_shnum ||
	    header->e_shstrndx >= header->e_shnum ||
	    !in_image(size, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr)))
		return "the ELF file's section headers are damaged";
	return NULL;
}

static Elf64_Shdr section_header(const uint8_t *image, const Elf64_Ehdr *header, unsigned int index)
{
	Elf64_Shdr section;

	memcpy(&section, image + header->e_shoff + index * sizeof(section), sizeof(section));
	return section;
}

const uint8_t *program_section(const void *image, size_t size, size_t *section_size,
			       const char **error)
{
	static const char name[] = PROGRAM_SECTION;
	const uint8_t *bytes = image;
	Elf64_Ehdr header = { 0 };

	memcpy(&header, bytes, size < sizeof(header) ? size : sizeof(header));
	if ((*error = check_header(&header, size)))
		return NULL;
	Elf64_Shdr names = section_header(bytes, &header, header.e_shstrndx);

	*error = "the ELF file's section names are damaged";
	if (!in_image(size, names.sh_offset, names.sh_size))
		return NULL;
	*error = "not a Sonde program: it has no section " PROGRAM_SECTION;
	for (unsigned int i = 1; i < header.e_shnum; i++) {
		Elf64_Shdr section = section_header(bytes, &header, i);

		if (!in_image(names.sh_size, section.sh_name, sizeof(name)) ||
		    memcmp(bytes + names.sh_offset + section.sh_name, name, sizeof(name)))
			continue;
		if (section.sh_type == SHT_NOBITS ||
		    !in_image(size, section.sh_offset, section.sh_size)) {
			*error = "the program's tables are cut short";
			return NULL;
		}
		*error = NULL;
		*section_size = section.sh_size;
		return bytes + section.sh_offset;
	}
	return NULL;
}

struct trailer {
	char magic[8];
	uint32_t checksum, zero;
};

static struct trailer trailer_of(const void *file, size_t size)
{
	return (struct trailer){ .magic = "SONDEND", .checksum = program_checksum(file, size) };
}

/* It stands behind the section headers, which are the last thing that we write. */
static bool trailer_holds(const void *image, size_t size)
{
	struct trailer trailer;
	Elf64_Ehdr header;
	size_t at;

	memcpy(&header, image, sizeof(header));
	at = header.e_shoff + (size_t)header.e_shnum * sizeof(Elf64_Shdr);
	if (!in_image(size, at, sizeof(trailer)))
		return false;
	trailer = trailer_of(image, at);
	return memcmp((const char *)image + at, &trailer, sizeof(trailer)) == 0;
}

struct program *program_read(const void *image, size_t size, const char **error)
{
	size_t section_size;
	const uint8_t *section = program_section(image, size, &section_size, error);
	struct program *program = section ? program_unpack(section, section_size, error) : NULL;

	if (!program || trailer_holds(image, size))
		return program;
	*error = "the file is damaged (check sum)";
	program_free(program);
	return NULL;
}

/* ---- writing ---- */

/* An object without programs: a header and the two sections that every ELF file has. */
struct empty_object {
	Elf64_Ehdr header;
	Elf64_Shdr sections[2];
	char names[16];
};

static void empty_object_fill(struct empty_object *object)
{
	static const char names[16] = "\0.shstrtab";

	memset(object, 0, sizeof(*object));
	memcpy(object->header.e_ident, ELFMAG, SELFMAG);
	object->header.e_ident[EI_CLASS] = ELFCLASS64;
	object->header.e_ident[EI_DATA] = DATA_NATIVE;
	object->header.e_ident[EI_VERSION] = EV_CURRENT;
	object->header.e_type = ET_REL;
	object->header.e_machine = EM_BPF;
	object->header.e_version = EV_CURRENT;
	object->header.e_ehsize = sizeof(Elf64_Ehdr);
	object->header.e_shentsize = sizeof(Elf64_Shdr);
	object->header.e_shoff = offsetof(struct empty_object, sections);
	object->header.e_shnum = 2;
	object->header.e_shstrndx = 1;
	object->sections[1] = (Elf64_Shdr){ .sh_name = 1, .sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct empty_object, names), .sh_size = 11,
		.sh_addralign = 1 };
	memcpy(object->names, names, sizeof(names));
}

static uint8_t *append(uint8_t *at, const void *data, size_t size)
{
	memcpy(at, data, size);
	return at + size;
}

static size_t align8(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

/* The whole file in memory: @object with one more section. */
static uint8_t *file_make(const uint8_t *object, size_t object_size, const uint8_t *tables,
			  size_t tables_size, size_t *file_size)
{
	Elf64_Ehdr header;

	memcpy(&header, object, sizeof(header));
	Elf64_Shdr names = section_header(object, &header, header.e_shstrndx);
	size_t tables_at = align8(object_size);
	size_t names_at = tables_at + align8(tables_size);
	size_t headers_at = names_at + align8(names.sh_size + sizeof(PROGRAM_SECTION));
	size_t headers_size = header.e_shnum * sizeof(Elf64_Shdr);
	Elf64_Shdr section = { .sh_name = names.sh_size, .sh_type = SHT_PROGBITS,
		.sh_offset = tables_at, .sh_size = tables_size, .sh_addralign = 8 };
	uint8_t *file;

	*file_size = headers_at + headers_size + sizeof(section);
	file = calloc(1, *file_size);
	if (!file)
		return NULL;
	append(file, object, object_size);
	append(file + tables_at, tables, tables_size);
	append(append(file + names_at, object + names.sh_offset, names.sh_size), PROGRAM_SECTION,
	       sizeof(PROGRAM_SECTION));
	append(append(file + headers_at, object + header.e_shoff, headers_size), &section,
	       sizeof(section));
	names.sh_offset = names_at;
	names.sh_size += sizeof(PROGRAM_SECTION);
	append(file + headers_at + header.e_shstrndx * sizeof(names), &names, sizeof(names));
	header.e_shoff = headers_at;
	header.e_shnum++;
	append(file, &header, sizeof(header));
	return file;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		ssize_t done = write(fd, data, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		size -= done;
	}
	return 0;
}

int program_write(const struct program *program, const void *object, size_t object_size, int fd)
{
	struct empty_object empty;
	struct trailer trailer;
	size_t tables_size, file_size;
	uint8_t *tables, *file;
	int error;

	if (!object_size) {
		empty_object_fill(&empty);
		object = &empty;
		object_size = sizeof(empty);
	}
	Elf64_Ehdr header = { 0 };

	memcpy(&header, object, object_size < sizeof(header) ? object_size : sizeof(header));
	if (check_header(&header, object_size))
		return -EINVAL;
	Elf64_Shdr names = section_header(object, &header, header.e_shstrndx);

	if (!in_image(object_size, names.sh_offset, names.sh_size) ||
	    header.e_shnum >= SHN_LORESERVE - 1)
		return -EINVAL;
	tables = program_pack(program, &tables_size);
	if (!tables)
		return -ENOMEM;
	file = file_make(object, object_size, tables, tables_size, &file_size);
	free(tables);
	if (!file)
		return -ENOMEM;
	trailer = trailer_of(file, file_size);
	error = write_all(fd, file, file_size);
	if (!error)
		error = write_all(fd, (const uint8_t *)&trailer, sizeof(trailer));
	free(file);
	return error;
}
