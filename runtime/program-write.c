/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serialising a program: walks program.def over the structures. Out of memory is remembered and
 * told at the end. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/program-fields.h"

struct bytes {
	uint8_t *data;
	size_t size, capacity;
	bool failed;
};

struct writer {
	struct bytes out, pool;
	uint32_t *slots;		/* hash table of offsets into the pool; 0 is free */
	size_t slot_count, used;
};

static void bytes_add(struct bytes *b, const void *data, size_t size)
{
	if (b->failed)
		return;
	if (b->size + size > b->capacity) {
		size_t capacity = b->capacity ? b->capacity : 4096;

		while (capacity < b->size + size)
			capacity *= 2;
		uint8_t *grown = realloc(b->data, capacity);

		if (!grown) {
			b->failed = true;
			return;
		}
		b->data = grown;
		b->capacity = capacity;
	}
	if (size)
		memcpy(b->data + b->size, data, size);
	b->size += size;
}

static void bytes_add_u32(struct bytes *b, uint32_t value)
{
	bytes_add(b, &value, sizeof(value));
}

static uint32_t *pool_slot(struct writer *w, const char *text, size_t length)
{
	size_t at = program_checksum((const uint8_t *)text, length) & (w->slot_count - 1);

	while (w->slots[at] && strcmp((char *)w->pool.data + w->slots[at], text))
		at = (at + 1) & (w->slot_count - 1);
	return &w->slots[at];
}

static bool pool_grow(struct writer *w)
{
	uint32_t *old = w->slots;
	size_t old_count = w->slot_count;

	w->slot_count = old_count ? old_count * 2 : 256;
	w->slots = calloc(w->slot_count, sizeof(*w->slots));
	if (!w->slots) {
		w->slots = old;
		w->slot_count = old_count;
		return false;
	}
	for (size_t i = 0; i < old_count; i++) {
		const char *text = (char *)w->pool.data + old[i];

		if (old[i])
			*pool_slot(w, text, strlen(text)) = old[i];
	}
	free(old);
	return true;
}

/* The offset of @text in the pool. */
static uint32_t pool_add(struct writer *w, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (!length || w->pool.failed)
		return 0;
	if (w->used * 2 >= w->slot_count && !pool_grow(w)) {
		w->pool.failed = true;
		return 0;
	}
	uint32_t *slot = pool_slot(w, text, length);

	if (!*slot) {
		*slot = w->pool.size;
		bytes_add(&w->pool, text, length + 1);
		w->used++;
	}
	return w->pool.failed ? 0 : *slot;
}

static uint32_t count_of(const struct program_field *field, const uint8_t *base)
{
	uint32_t wide = 0;
	uint16_t narrow;

	if (field->count_size == sizeof(narrow)) {
		memcpy(&narrow, base + field->count_offset, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, base + field->count_offset, sizeof(wide));
	return wide;
}

static void write_record(struct writer *w, const struct program_record *record,
			 const uint8_t *base);

static void write_list(struct writer *w, const struct program_field *field, const uint8_t *base)
{
	uint32_t count = count_of(field, base);
	const uint8_t *items;

	memcpy(&items, base + field->offset, sizeof(items));
	bytes_add_u32(&w->out, count);
	if (field->kind == FIELD_INTS) {
		bytes_add(&w->out, items, count * field->size);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		const char *text;

		if (field->kind == FIELD_LIST) {
			write_record(w, field->sub, items + i * field->size);
			continue;
		}
		memcpy(&text, items + i * field->size, sizeof(text));
		bytes_add_u32(&w->out, pool_add(w, text));
	}
}

static void write_record(struct writer *w, const struct program_record *record, const uint8_t *base)
{
	for (size_t i = 0; i < record->field_count; i++) {
		const struct program_field *field = &record->fields[i];
		const char *text;

		switch (field->kind) {
		case FIELD_INT:
		case FIELD_BOOL:
			bytes_add(&w->out, base + field->offset, field->size);
			break;
		case FIELD_TEXT:
			memcpy(&text, base + field->offset, sizeof(text));
			bytes_add_u32(&w->out, pool_add(w, text));
			break;
		case FIELD_ONE:
			write_record(w, field->sub, base + field->offset);
			break;
		case FIELD_LIST:
		case FIELD_INTS:
		case FIELD_TEXTS:
			write_list(w, field, base);
			break;
		}
	}
}

uint8_t *program_pack(const struct program *program, size_t *size)
{
	static const uint8_t header[PROGRAM_HEADER_SIZE] = PROGRAM_MAGIC;
	struct writer w = { 0 };

	bytes_add(&w.out, header, sizeof(header));
	bytes_add(&w.pool, "", 1);
	write_record(&w, &program_record_root, (const uint8_t *)program);
	size_t pool_offset = w.out.size;

	bytes_add(&w.out, w.pool.data, w.pool.size);
	free(w.slots);
	free(w.pool.data);
	if (w.out.failed || w.pool.failed || w.out.size > UINT32_MAX) {
		free(w.out.data);
		return NULL;
	}
	uint32_t numbers[4] = { PROGRAM_VERSION, w.out.size, pool_offset,
		program_checksum(w.out.data + PROGRAM_HEADER_SIZE,
				 w.out.size - PROGRAM_HEADER_SIZE) };

	memcpy(w.out.data + 8, numbers, sizeof(numbers));
	*size = w.out.size;
	return w.out.data;
}
