/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a table of runtime/argfmt.h: format_begin() for each number, its rows; format_finish() at
 * the end. All in the arena. Texts that are the same are kept once.
 */
#ifndef SONDE_FORMAT_TABLE_H
#define SONDE_FORMAT_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/argfmt.h"
#include "translator/util/vec.h"

struct arena;
struct session;

struct format {
	struct arena *arena;
	VEC(uint32_t) starts;		/* by number: place in rows + 1; 0: none */
	VEC(struct argfmt_row) rows;
	VEC(struct argfmt_name) names;
	VEC(struct format_set { const void *set; uint32_t first; }) sets;
	char *texts;
	size_t text_size, text_room;
};

void format_begin(struct format *format, uint32_t number);
struct argfmt_row *format_row(struct format *format, enum argfmt_op op, uint16_t at,
			      uint8_t source);
void format_text(struct format *format, const char *text, uint8_t source);
/* Bytes of names: places of the first one. */
uint32_t format_name(struct format *format, uint32_t mask, uint32_t value, const char *text);
/* The first name of @set if it has been put in; UINT32_MAX: it has not. */
uint32_t format_set_find(const struct format *format, const void *set);
void format_set_add(struct format *format, const void *set, uint32_t first);
/* The finished table is one of the session's: its place in session.tables. */
uint32_t format_finish(struct format *format, struct session *session);

#endif
