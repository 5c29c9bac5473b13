/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: the reader of .sonde programs takes any bytes, as an ELF image and as the section's content
//# link: sonde
#include <stddef.h>
#include <stdint.h>

#include "runtime/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *error;
	struct program *program = program_read(data, size, &error);

	if (program)
		program_free(program);
	program = program_unpack(data, size, &error);
	if (program)
		program_free(program);
	return 0;
}
