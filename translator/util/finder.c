/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translator/util/finder.h"

enum { FINDER_HEADS = 64 };

static uint32_t finder_skip(const struct finder *f, uint32_t at, uint32_t hash)
{
	while (at && f->entries.data[at - 1].hash != hash)
		at = f->entries.data[at - 1].next;
	return at;
}

uint32_t finder_first(const struct finder *f, uint32_t hash)
{
	return f->head_count ? finder_skip(f, f->heads[hash & (f->head_count - 1)], hash) : 0;
}

uint32_t finder_next(const struct finder *f, uint32_t at)
{
	const struct finder_entry *entry = &f->entries.data[at - 1];

	return finder_skip(f, entry->next, entry->hash);
}

static void finder_chain(struct finder *f, uint32_t index)
{
	struct finder_entry *entry = &f->entries.data[index];
	uint32_t *head = &f->heads[entry->hash & (f->head_count - 1)];

	entry->next = *head;
	*head = index + 1;
}

void finder_add(struct finder *f, struct arena *arena, uint32_t hash)
{
	vec_push(arena, &f->entries)->hash = hash;
	if (f->entries.count <= f->head_count) {
		finder_chain(f, f->entries.count - 1);
		return;
	}
	f->head_count = f->head_count ? f->head_count * 2 : FINDER_HEADS;
	f->heads = arena_alloc(arena, f->head_count * sizeof(*f->heads));
	for (uint32_t i = 0; i < f->entries.count; i++)
		finder_chain(f, i);
}

uint32_t finder_hash(uint64_t a, uint64_t b)
{
	uint64_t hash = (a ^ 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull;

	hash = (hash ^ hash >> 29 ^ b) * 0x94d049bb133111ebull;
	return hash ^ hash >> 32;
}
