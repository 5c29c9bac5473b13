/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Globals in kernel maps whose keys hold tokens (runtime/stack.h). The handlers of user space know
 * the texts only, and several of the kernel's elements can be one of theirs: they are put together
 * when they are read. A global comes here when its first token is seen. What one handler run asks
 * for element by element it sees as at one instant.
 */
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "runtime/aggr.h"
#include "runtime/vm-arith.h"
#include "runtime/vm-maps-kernel.h"

static void view_forget(struct kernel_map *kernel)
{
	table_free(kernel->view);
	kernel->view = NULL;
}

/* All elements, the rest's too. */
static struct table *view_get(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	bool owned;

	if (kernel->taken)
		return map->table;
	if (!kernel->view) {
		struct table *all = kernel_elements(map, &owned);

		if (!owned)
			return all;
		kernel->view = all;
	}
	return kernel->view;
}

static struct table_entry *view_find(struct map *map, const struct maps_value *keys)
{
	struct table *view = view_get(map);

	buf_clear(&map->key);
	table_key_encode(map->global, keys, &map->key);
	return table_find(view, map->key.data, map->key.size);
}

static bool marked_load(struct map *map, const struct maps_value *keys, struct maps_value *value)
{
	struct table_entry *entry = view_find(map, keys);

	*value = entry ? entry_value(view_get(map), entry) : (struct maps_value){ .text = "" };
	return entry != NULL;
}

static bool marked_has(struct map *map, const struct maps_value *keys)
{
	return view_find(map, keys) != NULL;
}

static const uint64_t *marked_stat(struct map *map, const struct maps_value *keys)
{
	struct table_entry *entry = view_find(map, keys);

	return entry ? entry->words : NULL;
}

/* Deletes the kernel's elements that @text (a table's key) stands for; all with NULL. */
static void raw_delete(struct map *map, const struct buf *text)
{
	struct kernel_map *kernel = map->kernel;
	unsigned char *next = malloc(kernel->key_size), *key = NULL;
	bool more;

	if (!next)
		abort();
	more = !bpf_map_get_next_key(kernel->fd, NULL, next);
	while (more) {
		unsigned char *found = malloc(kernel->key_size);

		if (!found)
			abort();
		free(key);
		key = next;
		next = found;
		more = !bpf_map_get_next_key(kernel->fd, key, next);
		kernel_key_decode(map, key);
		if (text && (map->key.size != text->size ||
			     memcmp(map->key.data, text->data, text->size)))
			continue;
		memcpy(kernel->key, key, kernel->key_size);
		front_forget(map);
		bpf_map_delete_elem(kernel->fd, key);
	}
	free(key);
	free(next);
}

static void marked_remove(struct map *map, const struct maps_value *keys)
{
	struct table_entry *rest = map_entry(map, keys, false);
	struct buf text = { 0 };

	if (!map->kernel->taken) {
		table_key_encode(map->global, keys, &text);
		raw_delete(map, &text);
		view_forget(map->kernel);
		buf_free(&text);
	}
	if (rest)
		table_remove(map->table, rest);
}

static int marked_store(struct map *map, const struct maps_value *keys,
			const struct maps_value *value)
{
	struct maps_value safe = *value;
	struct buf text = { 0 };
	int fault;

	/* It may be one that was read from here. */
	if (value->text) {
		buf_add(&text, value->text, value->length);
		safe.text = text.data ? text.data : "";
	}
	marked_remove(map, keys);
	fault = map_home_table.store(map, keys, &safe);
	buf_free(&text);
	return fault;
}

static int marked_rmw(struct map *map, const struct maps_value *keys, enum ir_op op,
		      int64_t operand, int64_t *result)
{
	struct maps_value value;
	int64_t part;
	int fault;

	marked_load(map, keys, &value);
	fault = arith_apply(op, value.number, operand, result);
	if (fault)
		return fault;
	/* What kernel handlers add after the reading comes on top of the difference. */
	if (map->kernel->adds_only) {
		fault = map_home_table.rmw(map, keys, IR_ADD,
					   (int64_t)((uint64_t)*result - (uint64_t)value.number),
					   &part);
		view_forget(map->kernel);
		return fault;
	}
	value.text = NULL;
	value.number = *result;
	return marked_store(map, keys, &value);
}

static int marked_aggregate(struct map *map, const struct maps_value *keys, int64_t value)
{
	view_forget(map->kernel);
	return map_home_table.aggregate(map, keys, value);
}

static void marked_clear(struct map *map)
{
	struct kernel_map *kernel = map->kernel;

	view_forget(kernel);
	if (kernel->taken || kernel->outer_fd >= 0) {
		kernel_clear(map);
		return;
	}
	table_clear(map->table);
	raw_delete(map, NULL);
}

void marked_run_end(struct map *map)
{
	/* What was taken stays here: texts are no keys of the kernel's. */
	map->kernel->taken = false;
	view_forget(map->kernel);
}

const struct map_home map_home_marked = {
	.load = marked_load,
	.store = marked_store,
	.rmw = marked_rmw,
	.has = marked_has,
	.remove = marked_remove,
	.clear = marked_clear,
	.aggregate = marked_aggregate,
	.stat = marked_stat,
	.elements = kernel_elements,
	.sorted = kernel_sorted,
	.settle = kernel_settle,
};
