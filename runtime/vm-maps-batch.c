/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All elements of a kernel map at once: in batches, thousands to a system call. Maps that cannot be
 * read so are read key by key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "runtime/vm-maps-kernel.h"

#define BATCH_BYTES (1u << 20)
#define BATCH_LEAST 64u

struct batch {
	struct map *map;
	struct table *table;
	unsigned char *keys, *values;
	uint32_t room;		/* elements */
};

static uint32_t element_bytes(const struct kernel_map *kernel)
{
	return kernel->stride * kernel->cpus;
}

static bool batch_reserve(struct batch *batch, uint32_t room)
{
	const struct kernel_map *kernel = batch->map->kernel;

	free(batch->keys);
	free(batch->values);
	batch->room = room;
	batch->keys = malloc((size_t)room * kernel->key_size);
	batch->values = malloc((size_t)room * element_bytes(kernel));
	return batch->keys && batch->values;
}

/* One element; a string that was being written is read again by itself. */
static void element_read(struct batch *batch, const unsigned char *key, const unsigned char *value)
{
	struct map *map = batch->map;

	if (kernel_element_add(map, batch->table, key, value) ||
	    map->global->type != PROGRAM_STRING)
		return;
	memcpy(map->kernel->key, key, map->kernel->key_size);
	if (kernel_lookup(map))
		kernel_element_add(map, batch->table, map->kernel->key, map->kernel->value);
}

static int read_batches(struct batch *batch)
{
	const struct kernel_map *kernel = batch->map->kernel;
	/* What a hash table keeps there is its bucket; an array its last key. */
	unsigned char position[2][sizeof(uint64_t)] = { { 0 } };
	bool first = true;
	int result;

	do {
		uint32_t count = batch->room;

		result = bpf_map_lookup_batch(kernel->fd, first ? NULL : position[0], position[1],
					      batch->keys, batch->values, &count, NULL);
		if (result)
			result = -errno;
		/* One bucket holds more than the buffers do. */
		if (result == -ENOSPC) {
			if (!batch_reserve(batch, 2 * batch->room))
				return -ENOMEM;
			continue;
		}
		if (result && result != -ENOENT)
			return result;
		for (uint32_t i = 0; i < count; i++)
			element_read(batch, batch->keys + (size_t)i * kernel->key_size,
				     batch->values + (size_t)i * element_bytes(kernel));
		memcpy(position[0], position[1], sizeof(position[0]));
		first = false;
	} while (result != -ENOENT);
	return 0;
}

static int read_one_by_one(struct batch *batch)
{
	const struct kernel_map *kernel = batch->map->kernel;
	bool first = true;

	while (!bpf_map_get_next_key(kernel->fd, first ? NULL : batch->keys, batch->keys)) {
		first = false;
		if (!bpf_map_lookup_elem(kernel->fd, batch->keys, batch->values))
			element_read(batch, batch->keys, batch->values);
	}
	return errno == ENOENT ? 0 : -errno;
}

/* A scalar's one element. */
static int read_scalar(struct map *map, struct table *table)
{
	memset(map->kernel->key, 0, map->kernel->key_size);
	if (kernel_lookup(map))
		kernel_element_add(map, table, map->kernel->key, map->kernel->value);
	return 0;
}

/* What only the front has, of an aggregate whose creation another CPU knows about: it was made
 * while the map was being taken away, later than all that is in the map. */
static void sequences_complete(struct map *map, struct table *table)
{
	for (struct table_entry *entry = table->first; entry; entry = entry->next)
		if (!entry->sequence)
			entry->sequence = maps_sequence(map->maps);
}

int kernel_read_all(struct map *map, struct table **table)
{
	struct batch batch = { .map = map, .table = table_new(map->global) };
	uint32_t room = BATCH_BYTES / (element_bytes(map->kernel) + map->kernel->key_size);
	int error = -ENOMEM;
	size_t fronted;

	*table = batch.table;
	if (!map->global->is_array)
		return read_scalar(map, batch.table);
	front_read(map, batch.table);
	fronted = batch.table->count;
	if (room > map->kernel->max_entries)
		room = map->kernel->max_entries;
	if (batch_reserve(&batch, room > BATCH_LEAST ? room : BATCH_LEAST)) {
		error = read_batches(&batch);
		if (error && error != -ENOMEM && batch.table->count == fronted)
			error = read_one_by_one(&batch);
	}
	free(batch.keys);
	free(batch.values);
	sequences_complete(map, batch.table);
	table_sort_creation(batch.table);
	return error;
}
