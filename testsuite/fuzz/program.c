/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: the reader of .sonde programs takes any bytes, as an ELF image and as a section
//# link: sonde
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/program-fields.h"
#include "runtime/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be written again. */
static void round_trip(const uint8_t *data, size_t size)
{
	const char *error;
	struct program *program = program_unpack(data, size, &error);
	size_t packed_size;

	if (!program)
		return;
	free(program_pack(program, &packed_size));
	program_free(program);
}

/* The header is mended, so that damage is met by the checks behind the check sum. */
static void mended(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);
	uint32_t numbers[4];

	if (!copy)
		return;
	memcpy(copy, data, size);
	memcpy(copy, PROGRAM_MAGIC, 8);
	memcpy(numbers, copy + 8, sizeof(numbers));
	numbers[0] = PROGRAM_VERSION;
	numbers[1] = size;
	numbers[3] = program_checksum(copy + PROGRAM_HEADER_SIZE, size - PROGRAM_HEADER_SIZE);
	memcpy(copy + 8, numbers, sizeof(numbers));
	round_trip(copy, size);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *error;
	const uint8_t *section;
	size_t section_size;

	program_free(program_read(data, size, &error));
	round_trip(data, size);
	section = program_section(data, size, &section_size, &error);
	if (section && section_size >= PROGRAM_HEADER_SIZE)
		mended(section, section_size);
	if (size >= PROGRAM_HEADER_SIZE)
		mended(data, size);
	return 0;
}
