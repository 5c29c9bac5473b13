/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "runtime/buf.h"
#include "runtime/vm-maps.h"
#include "runtime/vm-table.h"

#define BUCKETS_AT_FIRST 16

/* Zeroed memory that is there: buf_reserve() ends the program otherwise. */
static void *table_alloc(size_t size)
{
	struct buf block = { 0 };

	return memset(buf_reserve(&block, size), 0, size);
}

static uint64_t key_hash(const void *key, size_t size)
{
	const unsigned char *at = key;
	uint64_t hash = size, word;

	for (; size >= sizeof(word); size -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * 0x9fb21c651e98df25ull;
		hash ^= hash >> 32;
	}
	return hash;
}

struct table *table_new(const struct program_global *global)
{
	struct table *table = table_alloc(sizeof(*table));

	table->global = global;
	table->bucket_count = BUCKETS_AT_FIRST;
	table->buckets = table_alloc(table->bucket_count * sizeof(*table->buckets));
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	table_clear(table);
	free(table->buckets);
	free(table);
}

void table_key_encode(const struct program_global *global, const struct maps_value *keys,
		      struct buf *key)
{
	buf_clear(key);
	for (uint32_t i = 0; i < global->key_count; i++) {
		uint64_t length = keys[i].length;

		if (global->keys[i].type == PROGRAM_LONG) {
			buf_add(key, &keys[i].number, sizeof(keys[i].number));
			continue;
		}
		buf_add(key, &length, sizeof(length));
		buf_add(key, keys[i].text, length);
		buf_fill(key, '\0', ABI_ROUND8(length + 1) - length);
	}
}

struct maps_value table_key(const struct table *table, const struct table_entry *entry, uint32_t n)
{
	const struct program_key *keys = table->global->keys;
	const unsigned char *at = entry->key;
	uint64_t word;

	for (uint32_t i = 0;; i++) {
		memcpy(&word, at, sizeof(word));
		at += sizeof(word);
		if (i == n)
			break;
		if (keys[i].type != PROGRAM_LONG)
			at += ABI_ROUND8(word + 1);
	}
	if (keys[n].type == PROGRAM_LONG)
		return (struct maps_value){ .number = (int64_t)word };
	return (struct maps_value){ .text = (const char *)at, .length = (uint32_t)word };
}

bool table_key_matches(const struct table *table, const struct table_entry *entry,
		       const struct maps_value *slice)
{
	const struct program_key *keys = table->global->keys;

	for (uint32_t i = 0; i < table->global->key_count; i++) {
		struct maps_value key;

		if (slice[i].wild)
			continue;
		key = table_key(table, entry, i);
		if (keys[i].type == PROGRAM_LONG ? key.number != slice[i].number
						 : key.length != slice[i].length ||
							   memcmp(key.text, slice[i].text,
								  key.length))
			return false;
	}
	return true;
}

struct table_entry *table_find(const struct table *table, const void *key, size_t size)
{
	uint64_t hash = key_hash(key, size);
	struct table_entry *entry = table->buckets[hash & (table->bucket_count - 1)];

	for (; entry; entry = entry->chain)
		if (entry->hash == hash && entry->key_size == size &&
		    (!size || !memcmp(entry->key, key, size)))
			return entry;
	return NULL;
}

static void table_grow(struct table *table)
{
	size_t count = 2 * table->bucket_count;

	free(table->buckets);
	table->buckets = table_alloc(count * sizeof(*table->buckets));
	table->bucket_count = count;
	for (struct table_entry *entry = table->first; entry; entry = entry->next) {
		struct table_entry **bucket = &table->buckets[entry->hash & (count - 1)];

		entry->chain = *bucket;
		*bucket = entry;
	}
}

static void table_append(struct table *table, struct table_entry *entry)
{
	entry->previous = table->last;
	entry->next = NULL;
	if (table->last)
		table->last->next = entry;
	else
		table->first = entry;
	table->last = entry;
}

struct table_entry *table_insert(struct table *table, const void *key, size_t size,
				 uint64_t sequence)
{
	const struct program_global *global = table->global;
	size_t words = global->type == PROGRAM_STATS ? abi_agg_words(&global->agg) : 0;
	size_t key_room = ABI_ROUND8(size);
	struct table_entry *entry =
		table_alloc(sizeof(*entry) + key_room + words * sizeof(uint64_t));
	struct table_entry **bucket;

	if (table->count >= table->bucket_count)
		table_grow(table);
	entry->hash = key_hash(key, size);
	entry->sequence = sequence;
	entry->holders = 1;
	entry->key_size = (uint32_t)size;
	if (size)
		memcpy(entry->key, key, size);
	if (words)
		entry->words = (uint64_t *)(void *)(entry->key + key_room);
	bucket = &table->buckets[entry->hash & (table->bucket_count - 1)];
	entry->chain = *bucket;
	*bucket = entry;
	table_append(table, entry);
	table->count++;
	return entry;
}

void entry_release(struct table_entry *entry)
{
	if (--entry->holders)
		return;
	free(entry->text);
	free(entry);
}

static void table_unlink(struct table *table, struct table_entry *entry)
{
	if (entry->previous)
		entry->previous->next = entry->next;
	else
		table->first = entry->next;
	if (entry->next)
		entry->next->previous = entry->previous;
	else
		table->last = entry->previous;
}

void table_move_first(struct table *table, struct table_entry *entry)
{
	table_unlink(table, entry);
	entry->previous = NULL;
	entry->next = table->first;
	if (table->first)
		table->first->previous = entry;
	else
		table->last = entry;
	table->first = entry;
}

void table_remove(struct table *table, struct table_entry *entry)
{
	struct table_entry **link = &table->buckets[entry->hash & (table->bucket_count - 1)];

	while (*link != entry)
		link = &(*link)->chain;
	*link = entry->chain;
	table_unlink(table, entry);
	table->count--;
	entry->removed = true;
	entry_release(entry);
}

void table_clear(struct table *table)
{
	struct table_entry *next;

	for (struct table_entry *entry = table->first; entry; entry = next) {
		next = entry->next;
		entry->removed = true;
		entry_release(entry);
	}
	table->first = table->last = NULL;
	table->count = 0;
	memset(table->buckets, 0, table->bucket_count * sizeof(*table->buckets));
}

void entry_set_text(struct table_entry *entry, const char *text, uint32_t length)
{
	if (length >= entry->room) {
		struct buf block = { 0 };
		uint32_t room = ABI_ROUND8(length + 1);

		/* The old text may be what @text points to: it goes last. */
		memcpy(buf_reserve(&block, room), text, length);
		free(entry->text);
		entry->text = block.data;
		entry->room = room;
	} else {
		memmove(entry->text, text, length);
	}
	entry->text[length] = '\0';
	entry->length = length;
}

struct maps_value entry_value(const struct table *table, const struct table_entry *entry)
{
	if (table->global->type == PROGRAM_LONG)
		return (struct maps_value){ .number = entry->number };
	return (struct maps_value){ .text = entry->text ? entry->text : "",
				    .length = entry->length };
}

struct table *table_copy(const struct table *table)
{
	const struct program_global *global = table->global;
	struct table *copy = table_new(global);

	for (const struct table_entry *entry = table->first; entry; entry = entry->next) {
		struct table_entry *twin = table_insert(copy, entry->key, entry->key_size,
							entry->sequence);

		twin->number = entry->number;
		if (entry->text)
			entry_set_text(twin, entry->text, entry->length);
		if (entry->words)
			memcpy(twin->words, entry->words,
			       abi_agg_words(&global->agg) * sizeof(uint64_t));
	}
	return copy;
}
