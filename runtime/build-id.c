/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/build-id.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOTES_MAX 4096	/* more of a segment is not looked at */

static bool read_at(int fd, void *to, size_t size, uint64_t offset)
{
	return pread(fd, to, size, (off_t)offset) == (ssize_t)size;
}

static bool find_in_notes(const unsigned char *notes, size_t size, char text[BUILD_ID_TEXT])
{
	size_t at = 0;

	while (at + sizeof(Elf64_Nhdr) <= size) {
		Elf64_Nhdr note;
		size_t name, desc;

		memcpy(&note, notes + at, sizeof(note));
		name = at + sizeof(note);
		if (note.n_namesz > size - name)
			return false;
		desc = name + ((note.n_namesz + 3u) & ~3u);
		if (desc > size || note.n_descsz > size - desc)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    memcmp(notes + name, "GNU", 4) == 0 && note.n_descsz < BUILD_ID_TEXT / 2) {
			for (size_t i = 0; i < note.n_descsz; i++)
				snprintf(text + 2 * i, 3, "%02x", notes[desc + i]);
			return true;
		}
		at = desc + ((note.n_descsz + 3u) & ~3u);
	}
	return false;
}

static int find_in_file(int fd, char text[BUILD_ID_TEXT])
{
	Elf64_Ehdr header;

	if (!read_at(fd, &header, sizeof(header), 0) || memcmp(header.e_ident, ELFMAG, SELFMAG) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr))
		return -ENODATA;
	for (unsigned int i = 0; i < header.e_phnum; i++) {
		unsigned char notes[NOTES_MAX];
		Elf64_Phdr segment;
		size_t size;

		if (!read_at(fd, &segment, sizeof(segment), header.e_phoff + i * sizeof(segment)))
			return -ENODATA;
		if (segment.p_type != PT_NOTE)
			continue;
		size = segment.p_filesz < NOTES_MAX ? segment.p_filesz : NOTES_MAX;
		if (read_at(fd, notes, size, segment.p_offset) && find_in_notes(notes, size, text))
			return 0;
	}
	return -ENODATA;
}

int build_id_read(const char *path, char text[BUILD_ID_TEXT])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	text[0] = 0;
	if (fd < 0)
		return -errno;
	rc = find_in_file(fd, text);
	close(fd);
	return rc;
}

int build_id_of_kernel(char text[BUILD_ID_TEXT])
{
	int fd = open("/sys/kernel/notes", O_RDONLY | O_CLOEXEC);
	unsigned char notes[NOTES_MAX];
	ssize_t size = fd < 0 ? -1 : read(fd, notes, sizeof(notes));
	int rc = fd < 0 ? -errno : -ENODATA;

	text[0] = 0;
	if (size > 0 && find_in_notes(notes, (size_t)size, text))
		rc = 0;
	if (fd >= 0)
		close(fd);
	return rc;
}
