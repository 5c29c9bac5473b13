/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a `.sonde` section. First the shape: program.def says what comes next, and nothing is
 * taken that the bytes do not hold. Then the sense: program_check() looks at every index and
 * number.
 *
 * Memory is a list of chunks behind the struct program. A count is believed only when its records
 * could fit in the rest of the bytes, so what is allocated is bounded by a small multiple of the
 * file's size.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/program-check.h"
#include "runtime/program-fields.h"

#define CHUNK_SIZE 65536

struct chunk {
	struct chunk *next;
	size_t size, used;
	_Alignas(16) uint8_t data[];
};

/* What program_unpack() gives is the first member of this. */
struct loaded {
	struct program program;
	struct chunk *chunks;
	uint8_t *pool;
};

struct reader {
	struct loaded *head;
	const uint8_t *at, *end;		/* the records */
	uint32_t pool_size;
	const char *error;
};

/* Zeroed. */
static void *reader_alloc(struct reader *r, size_t size)
{
	struct chunk *chunk = r->head->chunks;

	size = (size + 15) & ~(size_t)15;
	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		chunk = calloc(1, sizeof(*chunk) + room);
		if (!chunk) {
			r->error = "out of memory";
			return NULL;
		}
		chunk->size = room;
		chunk->next = r->head->chunks;
		r->head->chunks = chunk;
	}
	chunk->used += size;
	return chunk->data + chunk->used - size;
}

static bool take(struct reader *r, void *to, size_t size)
{
	if ((size_t)(r->end - r->at) < size) {
		r->error = "the program's tables are cut short";
		return false;
	}
	memcpy(to, r->at, size);
	r->at += size;
	return true;
}

static bool take_text(struct reader *r, uint8_t *to)
{
	uint32_t offset;
	const char *text;

	if (!take(r, &offset, sizeof(offset)))
		return false;
	if (offset >= r->pool_size) {
		r->error = "a text lies outside the program's strings";
		return false;
	}
	text = (const char *)r->head->pool + offset;
	memcpy(to, &text, sizeof(text));
	return true;
}

/* Bytes that one element takes in the file at least. */
static size_t least_size(const struct program_record *record)
{
	size_t size = 0;

	for (size_t i = 0; i < record->field_count; i++) {
		const struct program_field *field = &record->fields[i];

		if (field->kind == FIELD_INT || field->kind == FIELD_BOOL)
			size += field->size;
		else
			size += field->kind == FIELD_ONE ? least_size(field->sub) : 4;
	}
	return size;
}

static bool set_count(struct reader *r, const struct program_field *field, uint8_t *base,
		      uint32_t count)
{
	uint16_t narrow = count;

	if (field->count_size == sizeof(narrow)) {
		if (narrow != count) {
			r->error = "too many operands";
			return false;
		}
		memcpy(base + field->count_offset, &narrow, sizeof(narrow));
		return true;
	}
	memcpy(base + field->count_offset, &count, sizeof(count));
	return true;
}

static bool read_record(struct reader *r, const struct program_record *record, uint8_t *base);

static bool read_list(struct reader *r, const struct program_field *field, uint8_t *base)
{
	uint32_t count;
	size_t least = field->kind == FIELD_LIST ? least_size(field->sub) :
		       field->kind == FIELD_INTS ? field->size : 4;

	if (!take(r, &count, sizeof(count)))
		return false;
	if (count > (size_t)(r->end - r->at) / least) {
		r->error = "a table is longer than the program";
		return false;
	}
	/* One element more, zeroed: texts of literals end with a NUL. */
	uint8_t *items = reader_alloc(r, (count + (size_t)1) * field->size);

	if (!items || !set_count(r, field, base, count))
		return false;
	memcpy(base + field->offset, &items, sizeof(items));
	if (field->kind == FIELD_INTS)
		return take(r, items, count * field->size);
	for (uint32_t i = 0; i < count; i++, items += field->size)
		if (!(field->kind == FIELD_LIST ? read_record(r, field->sub, items) :
						  take_text(r, items)))
			return false;
	return true;
}

/* Two lists that share a count must agree on it: the one at @index comes next. */
static bool counts_agree(struct reader *r, const struct program_record *record, size_t index,
			 const uint8_t *base)
{
	const struct program_field *field = &record->fields[index];
	uint32_t next, before;

	for (size_t i = 0; i < index && field->count_size == sizeof(next); i++) {
		if (record->fields[i].count_size != field->count_size ||
		    record->fields[i].count_offset != field->count_offset)
			continue;
		memcpy(&before, base + field->count_offset, sizeof(before));
		if ((size_t)(r->end - r->at) >= sizeof(next) &&
		    (memcpy(&next, r->at, sizeof(next)), next != before)) {
			r->error = "two tables that belong together differ in length";
			return false;
		}
	}
	return true;
}

static bool read_field(struct reader *r, const struct program_field *field, uint8_t *base)
{
	switch (field->kind) {
	case FIELD_INT:
		return take(r, base + field->offset, field->size);
	case FIELD_BOOL:
		if (!take(r, base + field->offset, 1))
			return false;
		if (base[field->offset] > 1)
			r->error = "a truth value is neither 0 nor 1";
		return !r->error;
	case FIELD_TEXT:
		return take_text(r, base + field->offset);
	case FIELD_ONE:
		return read_record(r, field->sub, base + field->offset);
	case FIELD_LIST:
	case FIELD_INTS:
	case FIELD_TEXTS:
		return read_list(r, field, base);
	}
	return false;
}

static bool read_record(struct reader *r, const struct program_record *record, uint8_t *base)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (!counts_agree(r, record, i, base) || !read_field(r, &record->fields[i], base))
			return false;
	return true;
}

static bool read_header(struct reader *r, const uint8_t *bytes, size_t size)
{
	uint32_t numbers[4];

	if (size < PROGRAM_HEADER_SIZE || memcmp(bytes, PROGRAM_MAGIC, 8)) {
		r->error = "not a Sonde program";
		return false;
	}
	memcpy(numbers, bytes + 8, sizeof(numbers));
	if (numbers[0] != PROGRAM_VERSION)
		r->error = "the program was made by another version of Sonde";
	else if (numbers[1] != size)
		r->error = "the program's tables are cut short";
	else if (numbers[2] < PROGRAM_HEADER_SIZE || numbers[2] >= size || bytes[size - 1])
		r->error = "the program's strings are damaged";
	else if (numbers[3] != program_checksum(bytes + PROGRAM_HEADER_SIZE,
						size - PROGRAM_HEADER_SIZE))
		r->error = "the program is damaged (check sum)";
	r->at = bytes + PROGRAM_HEADER_SIZE;
	r->end = bytes + numbers[2];
	r->pool_size = size - numbers[2];
	return !r->error;
}

static bool read_all(struct reader *r, const uint8_t *bytes, size_t size)
{
	struct program *program = &r->head->program;

	if (!read_header(r, bytes, size))
		return false;
	r->head->pool = reader_alloc(r, r->pool_size);
	if (!r->head->pool)
		return false;
	memcpy(r->head->pool, r->end, r->pool_size);
	if (!read_record(r, &program_record_root, (uint8_t *)program))
		return false;
	program->version = PROGRAM_VERSION;
	if (r->at != r->end)
		r->error = "the program's tables are followed by something else";
	else
		r->error = program_check(program, NULL);
	return !r->error;
}

struct program *program_unpack(const uint8_t *bytes, size_t size, const char **error)
{
	struct reader r = { .head = calloc(1, sizeof(*r.head)) };

	*error = "out of memory";
	if (!r.head)
		return NULL;
	if (read_all(&r, bytes, size)) {
		*error = NULL;
		return &r.head->program;
	}
	*error = r.error;
	program_free(&r.head->program);
	return NULL;
}

void program_free(struct program *program)
{
	struct loaded *head = (struct loaded *)program;

	if (!head)
		return;
	for (struct chunk *chunk = head->chunks, *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(head);
}
