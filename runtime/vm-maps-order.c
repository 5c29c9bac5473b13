/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring of keys beside an ordered map (struct abi_order, runtime/abi.h), as kernel handlers keep
 * it. An entry counts while the element of its key has the entry's sequence.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "runtime/vm-maps-kernel.h"

uint32_t order_ring_slots(const struct map *map)
{
	uint32_t slots = 1;

	while (slots < map->kernel->max_entries)
		slots *= 2;
	return slots;
}

/* Room for an entry: as much as the ring's extra slot takes. */
static size_t entry_bytes(const struct kernel_map *kernel)
{
	size_t size = ABI_ROUND8(sizeof(uint64_t) + kernel->key_size);

	return size < sizeof(struct view_order) ? sizeof(struct view_order) : size;
}

/* Counts head or tail on; *position: what it was. */
static bool ring_advance(struct map *map, uint32_t offset, uint64_t *position)
{
	struct kernel_map *kernel = map->kernel;
	struct rmw *rmw = offset == offsetof(struct abi_order, head) ? &kernel->head_rmw
								    : &kernel->tail_rmw;
	uint32_t last = order_ring_slots(map);
	int64_t after;

	if (rmw_add(rmw, kernel->order_fd, sizeof(last), offset, &last, 1, &after) != RMW_DONE)
		return false;
	*position = (uint64_t)after - 1;
	return true;
}

/* How far elements were put in and dropped. */
static struct abi_order ring_ends(const struct map *map)
{
	struct abi_order *slot = calloc(1, entry_bytes(map->kernel)), ends = { 0 };
	uint32_t last = order_ring_slots(map);

	if (slot && !bpf_map_lookup_elem(map->kernel->order_fd, &last, slot))
		ends = *slot;
	free(slot);
	return ends;
}

/* Is there an element of the key that stands in @slot? Then the slot is not free. */
static bool slot_is_taken(const struct map *map, uint32_t slot, unsigned char *entry)
{
	const struct kernel_map *kernel = map->kernel;
	unsigned char *value;
	uint64_t sequence;
	bool taken;

	if (bpf_map_lookup_elem(kernel->order_fd, &slot, entry))
		return false;
	memcpy(&sequence, entry, sizeof(sequence));
	value = sequence ? calloc(kernel->cpus, kernel->stride) : NULL;
	taken = value && !bpf_map_lookup_elem(kernel->fd, entry + sizeof(sequence), value);
	free(value);
	return taken;
}

void order_push(struct map *map, uint64_t sequence)
{
	struct kernel_map *kernel = map->kernel;
	size_t size = entry_bytes(kernel);
	unsigned char *entry = calloc(1, size);
	uint32_t slots = order_ring_slots(map), slot;
	uint64_t position;

	for (uint32_t i = 0; entry && i < slots; i++) {
		if (!ring_advance(map, offsetof(struct abi_order, head), &position))
			break;
		slot = (uint32_t)(position & (slots - 1));
		if (slot_is_taken(map, slot, entry))
			continue;
		memset(entry, 0, size);
		memcpy(entry, &sequence, sizeof(sequence));
		memcpy(entry + sizeof(sequence), kernel->key, kernel->key_size);
		bpf_map_update_elem(kernel->order_fd, &slot, entry, BPF_ANY);
		/* One who drops elements may have passed before: see kern/order.bpf.c. */
		if (ring_ends(map).tail <= position)
			break;
	}
	free(entry);
}

/* Deletes the element of a ring entry, if it is still the one that was entered. */
static bool entry_drop(struct map *map, const unsigned char *entry)
{
	struct kernel_map *kernel = map->kernel;
	const unsigned char *key = entry + sizeof(uint64_t);
	unsigned char *value = calloc(kernel->cpus, kernel->stride);
	uint64_t sequence;
	bool dropped = false;

	memcpy(&sequence, entry, sizeof(sequence));
	if (value && sequence && !bpf_map_lookup_elem(kernel->fd, key, value))
		for (uint32_t cpu = 0; cpu < kernel->cpus && !dropped; cpu++)
			dropped =
				!memcmp(value + cpu * kernel->stride, &sequence, sizeof(sequence));
	free(value);
	return dropped && !bpf_map_delete_elem(kernel->fd, key);
}

bool order_drop(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	size_t size = entry_bytes(kernel);
	unsigned char *entry = kernel->order_fd >= 0 ? calloc(1, size) : NULL;
	uint32_t slots = order_ring_slots(map), slot;
	uint64_t position;
	bool dropped = false;

	if (!entry)
		return false;
	while (!dropped && view_take(map, entry, sizeof(uint64_t) + kernel->key_size))
		dropped = entry_drop(map, entry);
	for (uint32_t i = 0; i < slots && !dropped; i++) {
		struct abi_order ends = ring_ends(map);

		/* The tail must not pass the head. */
		if (ends.tail >= ends.head ||
		    !ring_advance(map, offsetof(struct abi_order, tail), &position))
			break;
		slot = (uint32_t)(position & (slots - 1));
		if (bpf_map_lookup_elem(kernel->order_fd, &slot, entry))
			break;
		dropped = entry_drop(map, entry);
	}
	free(entry);
	if (dropped)
		map->maps->session->wrapped++;
	return dropped;
}
