/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of formats: offsets of the numbers, then rows, then names, then texts. */
#include "translator/elab/format-table.h"

#include <string.h>

#include "translator/session.h"
#include "translator/util/arena.h"

static uint32_t text_place(struct format *format, const char *text)
{
	size_t length = strlen(text);
	const char *found = length && format->text_size ?
				    memmem(format->texts, format->text_size, text, length) : NULL;

	if (found)
		return found - format->texts;
	if (!format->texts || format->text_size + length > format->text_room) {
		size_t room = (format->text_room + length) * 2 + 1024;
		char *grown = arena_alloc(format->arena, room);

		if (format->text_size)
			memcpy(grown, format->texts, format->text_size);
		format->texts = grown;
		format->text_room = room;
	}
	memcpy(format->texts + format->text_size, text, length);
	format->text_size += length;
	return format->text_size - length;
}

void format_begin(struct format *format, uint32_t number)
{
	while (format->starts.count <= number)
		*vec_push(format->arena, &format->starts) = 0;
	format->starts.data[number] = format->rows.count + 1;
}

struct argfmt_row *format_row(struct format *format, enum argfmt_op op, uint16_t at,
			      uint8_t source)
{
	struct argfmt_row *row = vec_push(format->arena, &format->rows);

	*row = (struct argfmt_row){ .op = op, .at = at, .source = source };
	return row;
}

void format_text(struct format *format, const char *text, uint8_t source)
{
	struct argfmt_row *row;

	if (!*text)
		return;
	row = format_row(format, ARGFMT_TEXT, 0, 8 | (source & ARGFMT_COMMA));
	row->more = strlen(text);
	row->text = text_place(format, text);
}

uint32_t format_name(struct format *format, uint32_t mask, uint32_t value, const char *text)
{
	*vec_push(format->arena, &format->names) = (struct argfmt_name){
		mask, value, text_place(format, text), strlen(text) };
	return format->names.count - 1;
}

uint32_t format_set_find(const struct format *format, const void *set)
{
	for (size_t i = 0; i < format->sets.count; i++)
		if (format->sets.data[i].set == set)
			return format->sets.data[i].first;
	return UINT32_MAX;
}

void format_set_add(struct format *format, const void *set, uint32_t first)
{
	*vec_push(format->arena, &format->sets) = (struct format_set){ set, first };
}

uint32_t format_finish(struct format *format, struct session *session)
{
	size_t rows = (format->starts.count * sizeof(uint32_t) + 15) & ~15ul;
	size_t names = rows + format->rows.count * sizeof(struct argfmt_row);
	size_t texts = names + format->names.count * sizeof(struct argfmt_name);
	uint8_t *table = arena_alloc(format->arena, texts + format->text_size + 1);
	uint32_t *starts = (uint32_t *)table;
	struct argfmt_row *row = (struct argfmt_row *)(table + rows);
	struct argfmt_name *name = (struct argfmt_name *)(table + names);

	for (size_t i = 0; i < format->starts.count; i++)
		if (format->starts.data[i])
			starts[i] = rows + (format->starts.data[i] - 1) * sizeof(*row);
	for (size_t i = 0; i < format->rows.count; i++) {
		row[i] = format->rows.data[i];
		if (row[i].op == ARGFMT_TEXT)
			row[i].text += texts;
		if (row[i].op == ARGFMT_NAMES || row[i].op == ARGFMT_RESULT ||
		    row[i].op == ARGFMT_BITS)
			row[i].text = names + row[i].text * sizeof(*name);
	}
	for (size_t i = 0; i < format->names.count; i++) {
		name[i] = format->names.data[i];
		name[i].text += texts;
	}
	if (format->text_size)
		memcpy(table + texts, format->texts, format->text_size);
	*vec_push(session->arena, &session->tables) = (struct session_table){
		table, texts + format->text_size };
	return session->tables.count - 1;
}
