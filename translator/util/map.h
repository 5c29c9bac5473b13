/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table from strings to pointers, in an arena; iteration is in insertion order.
 * Keys are not copied: they must live as long as the table (interned names do).
 */
#ifndef SONDE_UTIL_MAP_H
#define SONDE_UTIL_MAP_H

#include <stddef.h>

struct arena;

struct map_entry {
	const char *key;
	void *value;
};

struct map {
	struct arena *arena;
	struct map_entry *entries;	/* in insertion order */
	size_t count, capacity;
	unsigned int *slots;		/* 1 + index into entries, 0 = empty */
	size_t slot_count;
};

void map_init(struct map *map, struct arena *arena);
/* The value stored under @key, or NULL. */
void *map_get(const struct map *map, const char *key);
/* Stores @value under @key, replacing what was there. */
void map_put(struct map *map, const char *key, void *value);

#endif
