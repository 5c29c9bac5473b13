/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program.def as data: what program-write.c and program-read.c walk.
 *
 * The bytes of a `.sonde` section, native-endian and unpadded: PROGRAM_MAGIC (8 bytes), version,
 * size of the whole (u32 each), offset of the string pool (u32), a check sum of what follows it
 * (u32), then the fields of struct program in order. A list is its count (u32) and its records; a
 * string is an offset (u32) into the pool of NUL-terminated strings, which begins with an empty
 * one.
 */
#ifndef SONDE_RUNTIME_PROGRAM_FIELDS_H
#define SONDE_RUNTIME_PROGRAM_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/program.h"

enum field_kind { FIELD_INT, FIELD_BOOL, FIELD_TEXT, FIELD_ONE, FIELD_LIST, FIELD_INTS,
	FIELD_TEXTS };

struct program_record;

struct program_field {
	enum field_kind kind;
	size_t offset, size;			/* of the field; INTS: size of an element */
	size_t count_offset, count_size;	/* of a list's count */
	const struct program_record *sub;
};

struct program_record {
	const char *name;
	const struct program_field *fields;
	size_t field_count;
	size_t size;				/* in memory */
};

extern const struct program_record program_record_root;

#define PROGRAM_HEADER_SIZE 24

/* FNV-1a over whole bytes: tells a damaged file from a made one early; the reader checks all the
 * same. */
static inline uint32_t program_checksum(const uint8_t *bytes, size_t size)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

#endif
