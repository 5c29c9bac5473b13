/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring of keys in creation order (struct abi_order): what order.bpf.c and view.bpf.c share. */
#ifndef SONDE_KERN_ORDER_H
#define SONDE_KERN_ORDER_H

#include "runtime/kern/cpus.h"

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

#endif
