/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The homes in this process: a number, which kernel handlers may share, and a table.
 */
#include "runtime/aggr.h"
#include "runtime/vm-arith.h"
#include "runtime/vm-maps-priv.h"

/* ---- a number ---- */

static bool slot_load(struct map *map, const struct maps_value *keys, struct maps_value *value)
{
	(void)keys;
	*value = (struct maps_value){ .number = __atomic_load_n(map->slot, __ATOMIC_RELAXED) };
	return true;
}

static int slot_store(struct map *map, const struct maps_value *keys,
		      const struct maps_value *value)
{
	(void)keys;
	__atomic_store_n(map->slot, value->number, __ATOMIC_RELAXED);
	return 0;
}

static int slot_rmw(struct map *map, const struct maps_value *keys, enum ir_op op, int64_t operand,
		    int64_t *result)
{
	int64_t old = __atomic_load_n(map->slot, __ATOMIC_RELAXED);
	int fault;

	(void)keys;
	do {
		fault = arith_apply(op, old, operand, result);
		if (fault)
			return fault;
	} while (!__atomic_compare_exchange_n(map->slot, &old, *result, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return 0;
}

static void slot_clear(struct map *map)
{
	__atomic_store_n(map->slot, 0, __ATOMIC_RELAXED);
}

static int slot_settle(struct map *map)
{
	map->own = *map->slot;
	map->slot = &map->own;
	return 0;
}

const struct map_home map_home_slot = {
	.load = slot_load,
	.store = slot_store,
	.rmw = slot_rmw,
	.clear = slot_clear,
	.settle = slot_settle,
};

/* ---- a table ---- */

struct table_entry *map_entry(struct map *map, const struct maps_value *keys, bool create)
{
	struct table *table = map->table;
	struct table_entry *entry;

	table_key_encode(map->global, keys, &map->key);
	entry = table_find(table, map->key.data, map->key.size);
	if (entry || !create)
		return entry;
	if (map->global->is_array && table->count >= map->capacity) {
		if (!map->global->wraps)
			return NULL;
		map->maps->session->wrapped++;
		table_remove(table, table->first);
	}
	return table_insert(table, map->key.data, map->key.size, maps_sequence(map->maps));
}

static bool table_home_load(struct map *map, const struct maps_value *keys,
			    struct maps_value *value)
{
	struct table_entry *entry = map_entry(map, keys, false);

	if (!entry) {
		*value = (struct maps_value){ .text = "" };
		return false;
	}
	*value = entry_value(map->table, entry);
	return true;
}

static int table_home_store(struct map *map, const struct maps_value *keys,
			    const struct maps_value *value)
{
	struct table_entry *entry = map_entry(map, keys, true);

	if (!entry)
		return FAULT_OVERFLOW;
	if (map->global->type == PROGRAM_STRING)
		entry_set_text(entry, value->text, value->length);
	else
		entry->number = value->number;
	return 0;
}

static int table_home_rmw(struct map *map, const struct maps_value *keys, enum ir_op op,
			  int64_t operand, int64_t *result)
{
	struct table_entry *entry = map_entry(map, keys, false);
	int fault = arith_apply(op, entry ? entry->number : 0, operand, result);

	if (fault)
		return fault;
	if (!entry)
		entry = map_entry(map, keys, true);
	if (!entry)
		return FAULT_OVERFLOW;
	entry->number = *result;
	return 0;
}

static bool table_home_has(struct map *map, const struct maps_value *keys)
{
	return map_entry(map, keys, false) != NULL;
}

static void table_home_remove(struct map *map, const struct maps_value *keys)
{
	struct table_entry *entry = map_entry(map, keys, false);

	if (entry)
		table_remove(map->table, entry);
}

static void table_home_clear(struct map *map)
{
	table_clear(map->table);
}

static int table_home_aggregate(struct map *map, const struct maps_value *keys, int64_t value)
{
	struct table_entry *entry = map_entry(map, keys, true);

	if (!entry)
		return FAULT_OVERFLOW;
	aggr_add(&map->global->agg, entry->words, value);
	return 0;
}

static const uint64_t *table_home_stat(struct map *map, const struct maps_value *keys)
{
	struct table_entry *entry = map_entry(map, keys, false);

	return entry ? entry->words : NULL;
}

static struct table *table_home_elements(struct map *map, bool *owned)
{
	*owned = false;
	return map->table;
}

const struct map_home map_home_table = {
	.load = table_home_load,
	.store = table_home_store,
	.rmw = table_home_rmw,
	.has = table_home_has,
	.remove = table_home_remove,
	.clear = table_home_clear,
	.aggregate = table_home_aggregate,
	.stat = table_home_stat,
	.elements = table_home_elements,
};
