/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/program-fields.h"

#define MEMBER(type, field) offsetof(struct type, field), sizeof(((struct type *)0)->field)
#define ELEMENT(type, field) offsetof(struct type, field), sizeof(*((struct type *)0)->field)

#define RECORD(type) static const struct program_field type##_fields[] = {
#define INT(type, field) { FIELD_INT, MEMBER(type, field), 0, 0, NULL },
#define BOOL(type, field) { FIELD_BOOL, MEMBER(type, field), 0, 0, NULL },
#define TEXT(type, field) { FIELD_TEXT, MEMBER(type, field), 0, 0, NULL },
#define ONE(type, field, sub) { FIELD_ONE, MEMBER(type, field), 0, 0, &sub##_record },
#define LIST(type, field, count, sub) \
	{ FIELD_LIST, ELEMENT(type, field), MEMBER(type, count), &sub##_record },
#define INTS(type, field, count) { FIELD_INTS, ELEMENT(type, field), MEMBER(type, count), NULL },
#define TEXTS(type, field, count) { FIELD_TEXTS, ELEMENT(type, field), MEMBER(type, count), NULL },
#define END(type)                                                                            \
	}                                                                                    \
	;                                                                                    \
	static const struct program_record type##_record = { #type, type##_fields,           \
		sizeof(type##_fields) / sizeof(type##_fields[0]), sizeof(struct type) };
#include "runtime/program.def"

const struct program_record program_record_root = { "program", program_fields,
	sizeof(program_fields) / sizeof(program_fields[0]), sizeof(struct program) };
