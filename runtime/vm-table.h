/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The in-process array: a hash table whose elements are also linked in creation order (or the order
 * that the last sort left them in). Elements are counted: an iterator holds on to those it will
 * visit, and one that is removed meanwhile is freed when the last holder lets go.
 *
 * Keys are encoded by table_key_encode(): a long is 8 bytes; a string its length (8 bytes), then
 * its bytes with at least one NUL, padded to 8. Running out of memory ends the program, as buf.h
 * does.
 */
#ifndef SONDE_VM_TABLE_H
#define SONDE_VM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/program.h"

struct buf;
struct maps_sort;
struct maps_value;

struct table_entry {
	struct table_entry *chain;		/* same bucket */
	struct table_entry *previous, *next;	/* in order; NULL at the ends */
	uint64_t hash;
	uint64_t sequence;
	uint32_t holders;			/* the table, iterators */
	uint32_t key_size;
	bool removed;
	int64_t number;				/* longs */
	char *text;				/* strings: malloc'ed, or NULL for "" */
	uint32_t length, room;
	uint64_t *words;			/* aggregates: behind the key */
	unsigned char key[];
};

struct table {
	const struct program_global *global;
	struct table_entry **buckets;
	size_t bucket_count;			/* power of two */
	size_t count;
	struct table_entry *first, *last;
};

struct table *table_new(const struct program_global *global);
void table_free(struct table *table);

void table_key_encode(const struct program_global *global, const struct maps_value *keys,
		      struct buf *key);
struct maps_value table_key(const struct table *table, const struct table_entry *entry, uint32_t n);
bool table_key_matches(const struct table *table, const struct table_entry *entry,
		       const struct maps_value *slice);

struct table_entry *table_find(const struct table *table, const void *key, size_t size);
/* A new element at the end; the key must not be there. */
struct table_entry *table_insert(struct table *table, const void *key, size_t size,
				 uint64_t sequence);
void table_remove(struct table *table, struct table_entry *entry);
void table_clear(struct table *table);
void table_move_first(struct table *table, struct table_entry *entry);
struct table *table_copy(const struct table *table);
void entry_set_text(struct table_entry *entry, const char *text, uint32_t length);
struct maps_value entry_value(const struct table *table, const struct table_entry *entry);
void entry_release(struct table_entry *entry);

/* Puts the elements into the order asked for (sort != 0), for good. Stable. */
void table_sort(struct table *table, const struct maps_sort *sort);
/* Puts them into the order of `sequence`. */
void table_sort_creation(struct table *table);

#endif
