/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreach: an iterator holds the elements it will visit, in order.
 */
#include <stdlib.h>

#include "runtime/vm-maps-priv.h"

struct maps_iter {
	struct map *map;
	struct table *table;
	bool owned;		/* the table is a copy */
	bool sorted;		/* and its order is kept when the iterator ends */
	struct table_entry **entries;
	size_t count, at;	/* at: 1 + index of the current one */
};

static bool slice_is_open(const struct map *map, const struct maps_value *slice)
{
	for (uint32_t i = 0; slice && i < map->global->key_count; i++)
		if (!slice[i].wild)
			return false;
	return true;
}

static void entries_collect(struct maps_iter *iter, int64_t limit, const struct maps_value *slice)
{
	bool open = slice_is_open(iter->map, slice);
	size_t most = iter->table->count;
	struct buf block = { 0 };

	if (limit >= 0 && (uint64_t)limit < most)
		most = (size_t)limit;
	iter->entries = (struct table_entry **)(void *)buf_reserve(&block, most * sizeof(void *));
	for (struct table_entry *entry = iter->table->first; entry && iter->count < most;
	     entry = entry->next) {
		if (!open && !table_key_matches(iter->table, entry, slice))
			continue;
		entry->holders++;
		iter->entries[iter->count++] = entry;
	}
}

struct maps_iter *maps_iter_new(struct maps *maps, uint32_t global, const struct maps_sort *sort,
				const struct maps_value *slice)
{
	struct map *map = &maps->map[global];
	struct maps_iter *iter = calloc(1, sizeof(*iter));

	if (!iter)
		abort();
	iter->map = map;
	iter->table = map->home->elements(map, &iter->owned);
	if (sort->sort) {
		table_sort(iter->table, sort);
		iter->sorted = true;
	}
	entries_collect(iter, sort->limit, slice);
	return iter;
}

bool maps_iter_next(struct maps_iter *iter)
{
	while (iter->at < iter->count)
		if (!iter->entries[iter->at++]->removed)
			return true;
	return false;
}

bool maps_iter_at(const struct maps_iter *iter)
{
	return iter && iter->at && iter->at <= iter->count;
}

static const struct table_entry *iter_entry(const struct maps_iter *iter)
{
	return iter->entries[iter->at - 1];
}

struct maps_value maps_iter_key(const struct maps_iter *iter, uint32_t n)
{
	return table_key(iter->table, iter_entry(iter), n);
}

struct maps_value maps_iter_value(const struct maps_iter *iter)
{
	return entry_value(iter->table, iter_entry(iter));
}

const uint64_t *maps_iter_stat(const struct maps_iter *iter)
{
	return iter_entry(iter)->words;
}

void maps_iter_free(struct maps_iter *iter)
{
	if (!iter)
		return;
	for (size_t i = 0; i < iter->count; i++)
		entry_release(iter->entries[i]);
	free(iter->entries);
	if (iter->owned && iter->sorted && iter->map->home->sorted)
		iter->map->home->sorted(iter->map, iter->table);
	else if (iter->owned)
		table_free(iter->table);
	free(iter);
}
