/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "translator/util/arena.h"
#include "translator/util/hash.h"
#include "translator/util/map.h"

enum { MAP_SLOTS = 16 };

void map_init(struct map *map, struct arena *arena)
{
	memset(map, 0, sizeof *map);
	map->arena = arena;
}

/* The slot of @key, or the empty one where it belongs. The table has at least one empty slot. */
static unsigned int *map_slot(const struct map *map, const char *key)
{
	size_t mask = map->slot_count - 1;

	for (size_t i = hash_bytes(key, strlen(key)) & mask;; i = (i + 1) & mask) {
		unsigned int at = map->slots[i];

		if (!at || map->entries[at - 1].key == key ||
		    !strcmp(map->entries[at - 1].key, key))
			return &map->slots[i];
	}
}

void *map_get(const struct map *map, const char *key)
{
	unsigned int at = map->slot_count ? *map_slot(map, key) : 0;

	return at ? map->entries[at - 1].value : NULL;
}

static void map_grow(struct map *map)
{
	size_t slots = map->slot_count ? map->slot_count * 2 : MAP_SLOTS;
	struct map_entry *entries = arena_alloc(map->arena, slots / 2 * sizeof *entries);

	if (map->count)
		memcpy(entries, map->entries, map->count * sizeof *entries);
	map->entries = entries;
	map->capacity = slots / 2;
	map->slots = arena_alloc(map->arena, slots * sizeof *map->slots);
	map->slot_count = slots;
	for (size_t i = 0; i < map->count; i++)
		*map_slot(map, entries[i].key) = (unsigned int)i + 1;
}

void map_put(struct map *map, const char *key, void *value)
{
	unsigned int *slot;

	if (map->count == map->capacity)
		map_grow(map);
	slot = map_slot(map, key);
	if (*slot) {
		map->entries[*slot - 1].value = value;
		return;
	}
	map->entries[map->count] = (struct map_entry){ key, value };
	*slot = (unsigned int)++map->count;
}
