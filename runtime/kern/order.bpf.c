/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring of keys in creation order (struct abi_order): entries { sequence, key }. Entries of
 * elements that are gone stay until they are overwritten; those of living elements are stepped
 * over.
 */
#include "runtime/kern/cpus.h"

#define ORDER_TRIES 64

struct entry {
	u64 sequence;
	u64 key[];
};

static inline struct abi_order *order_head(void *order, u64 slots)
{
	u32 last = slots;

	return bpf_map_lookup_elem(order, &last);
}

static inline struct entry *entry_at(void *order, u64 position, u64 slots)
{
	u32 slot = position & (slots - 1);

	return bpf_map_lookup_elem(order, &slot);
}

struct alive_walk {
	void *map;
	const void *key;
	u64 sequence, alive;
};

CPU_STEP alive_step(u32 cpu, void *ctx)
{
	struct alive_walk *w = ctx;
	u64 *value = bpf_map_lookup_percpu_elem(w->map, w->key, cpu);

	if (!value)
		return 1;
	if (value[0] != w->sequence)
		return 0;
	w->alive = 1;
	return 1;
}

/* Of aggregates any CPU may have the number. */
static inline int stats_alive(void *map, const struct entry *entry)
{
	struct alive_walk w = { map, entry->key, entry->sequence, 0 };

	cpus_walk(alive_step, &w);
	return *(volatile u64 *)&w.alive;
}

static inline int entry_alive(void *map, const struct entry *entry, u64 stats)
{
	u64 *value;

	if (!entry->sequence)
		return 0;
	if (stats)
		return stats_alive(map, entry);
	value = bpf_map_lookup_elem(map, entry->key);
	return value && value[0] == entry->sequence;
}

KERN void sonde_order_push(void *order, void *map, void *made, u64 slots)
{
	struct abi_order *head = order_head(order, slots);

	if (!head)
		return;
	for (int i = 0; i < ORDER_TRIES; i++) {
		u64 position = __sync_fetch_and_add(&head->head, 1);
		u32 slot = position & (slots - 1);
		struct entry *old = bpf_map_lookup_elem(order, &slot);

		if (!old)
			return;
		if (old->sequence && i < ORDER_TRIES - 1 && bpf_map_lookup_elem(map, old->key))
			continue;
		bpf_map_update_elem(order, &slot, made, BPF_ANY);
		return;
	}
}

KERN void sonde_order_drop(void *order, void *map, u64 slots, u64 stats)
{
	struct abi_order *head = order_head(order, slots);

	if (!head)
		return;
	for (int i = 0; i < ORDER_TRIES; i++) {
		u64 position = __sync_fetch_and_add(&head->tail, 1);
		struct entry *entry;

		if (position >= *(volatile u64 *)&head->head)
			return;
		entry = entry_at(order, position, slots);
		if (!entry)
			return;
		/* The number tells a new element of the same key apart; of aggregates the first one
		 * found goes. */
		if (stats ? !entry->sequence : !entry_alive(map, entry, 0))
			continue;
		if (!bpf_map_delete_elem(map, entry->key)) {
			__sync_fetch_and_add(&sonde_session.wrapped, 1);
			return;
		}
	}
}

KERN u64 sonde_order_end(void *order, u64 slots)
{
	struct abi_order *head = order_head(order, slots);

	return head ? head->head : 0;
}

KERN u64 sonde_order_first(void *order, u64 slots)
{
	struct abi_order *head = order_head(order, slots);
	u64 oldest;

	if (!head)
		return 0;
	oldest = head->head > slots ? head->head - slots : 0;
	return head->tail > oldest ? head->tail : oldest;
}

/* Copies the key of the entry at @position to @key, if it counts. */
KERN u64 sonde_order_get(void *order, void *map, u64 position, u64 slots, void *key, u64 key_size,
			 u64 stats)
{
	struct entry *entry = entry_at(order, position, slots);

	if (!entry || !entry_alive(map, entry, stats))
		return 0;
	bpf_probe_read_kernel(key, key_size, entry->key);
	return 1;
}
