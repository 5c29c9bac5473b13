/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "translator/util/arena.h"
#include "translator/util/hash.h"
#include "translator/util/intern.h"

struct intern_slot {
	const char *text;	/* NULL: empty */
	uint32_t hash;
	uint32_t length;
};

struct intern {
	struct arena *arena;
	struct intern_slot *slots;
	size_t slot_count;	/* a power of two */
	size_t used;
};

enum { INTERN_SLOTS = 512 };

struct intern *intern_new(struct arena *arena)
{
	struct intern *table = arena_new_of(arena, struct intern);

	table->arena = arena;
	table->slot_count = INTERN_SLOTS;
	table->slots = arena_alloc(arena, INTERN_SLOTS * sizeof *table->slots);
	return table;
}

/* The slot that holds the text, or the empty one where it belongs. */
static struct intern_slot *intern_find(struct intern *table, const char *text, size_t length,
				       uint32_t hash)
{
	size_t mask = table->slot_count - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct intern_slot *slot = &table->slots[i];

		if (!slot->text || (slot->hash == hash && slot->length == length &&
				    !memcmp(slot->text, text, length)))
			return slot;
	}
}

static void intern_grow(struct intern *table)
{
	struct intern_slot *old = table->slots;
	size_t old_count = table->slot_count;

	table->slot_count *= 2;
	table->slots = arena_alloc(table->arena, table->slot_count * sizeof *table->slots);
	for (size_t i = 0; i < old_count; i++)
		if (old[i].text)
			*intern_find(table, old[i].text, old[i].length, old[i].hash) = old[i];
}

const char *intern_strn(struct intern *table, const char *text, size_t length)
{
	uint32_t hash = hash_bytes(text, length);
	struct intern_slot *slot = intern_find(table, text, length, hash);

	if (slot->text)
		return slot->text;
	if (++table->used * 2 > table->slot_count) {
		intern_grow(table);
		slot = intern_find(table, text, length, hash);
	}
	slot->text = arena_strndup(table->arena, text, length);
	slot->hash = hash;
	slot->length = (uint32_t)length;
	return slot->text;
}

const char *intern_str(struct intern *table, const char *text)
{
	return intern_strn(table, text, strlen(text));
}
