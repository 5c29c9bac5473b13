/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring of keys in creation order (struct abi_order): entries { sequence, key }. Entries of
 * elements that are gone stay until they are overwritten; those of living elements are stepped
 * over.
 */
#include <asm-generic/errno-base.h>

#include "runtime/kern/cpus.h"

#define ORDER_TRIES 64
#define INSERT_TRIES 8

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

struct push_walk {
	void *order, *map, *made;
	u64 slots;
};

static inline __attribute__((always_inline)) long push_try(u32 i, struct push_walk *w)
{
	struct abi_order *head = order_head(w->order, w->slots);
	struct entry *old;
	u32 slot;

	if (!head)
		return 1;
	slot = __sync_fetch_and_add(&head->head, 1) & (w->slots - 1);
	old = bpf_map_lookup_elem(w->order, &slot);
	if (!old)
		return 1;
	if (old->sequence && i < ORDER_TRIES - 1 && bpf_map_lookup_elem(w->map, old->key))
		return 0;
	bpf_map_update_elem(w->order, &slot, w->made, BPF_ANY);
	return 1;
}

static __attribute__((noinline)) long push_step(u32 i, void *ctx)
{
	return push_try(i, ctx);
}

KERN void sonde_order_push(void *order, void *map, void *made, u64 slots)
{
	struct push_walk w = { order, map, made, slots };

	if (kern_loops)
		bpf_loop(ORDER_TRIES, push_step, &w, 0);
	else
		for (u32 i = 0; i < ORDER_TRIES; i++)
			if (push_try(i, &w))
				break;
}

/* The position of the next entry to be dropped, for this run alone; DROP_NONE: there is none,
 * DROP_AGAIN: another CPU was faster. The tail never passes the head: entries put in meanwhile
 * would be left behind. */
#define DROP_NONE (-1)
#define DROP_AGAIN (-2)

static inline s64 drop_position(struct abi_order *head, u64 slots)
{
	u64 tail = *(volatile u64 *)&head->tail, end = *(volatile u64 *)&head->head, next = tail;

	if (tail >= end)
		return DROP_NONE;
	/* What was there before has been overwritten. */
	if (end - tail > slots)
		next = end - slots;
	return __sync_val_compare_and_swap(&head->tail, tail, next + 1) == tail ? next : DROP_AGAIN;
}

struct drop_walk {
	void *order, *map;
	u64 slots, stats;
	u64 dropped;
};

static __attribute__((noinline)) long drop_step(u32 i, void *ctx)
{
	struct drop_walk *w = ctx;
	struct abi_order *head = order_head(w->order, w->slots);
	struct entry *entry;
	s64 position;

	(void)i;
	if (!head)
		return 1;
	position = drop_position(head, w->slots);
	if (position < 0)
		return position == DROP_NONE;
	entry = entry_at(w->order, position, w->slots);
	if (!entry)
		return 1;
	/* The number tells a new element of the same key apart; of aggregates the first one
	 * found goes. */
	if (w->stats ? !entry->sequence : !entry_alive(w->map, entry, 0))
		return 0;
	w->dropped = !bpf_map_delete_elem(w->map, entry->key);
	return w->dropped;
}

/* Deletes the oldest element. */
static inline void drop_oldest(void *order, void *map, u64 slots, u64 stats)
{
	struct drop_walk w = { order, map, slots, stats, 0 };

	if (kern_loops)
		bpf_loop(slots, drop_step, &w, 0);
	else
		for (int i = 0; i < ORDER_TRIES; i++)
			if (drop_step(i, &w))
				break;
	if (*(volatile u64 *)&w.dropped)
		__sync_fetch_and_add(&sonde_session.wrapped, 1);
}

/* Makes room for an element and puts it in; another CPU may be the first to take the place. @how:
 * the slots, times 2, and 1 for aggregates. */
KERN u64 sonde_order_insert(void *order, void *map, const void *key, const void *value, u64 how)
{
	int error = 0;

	for (int i = 0; i < INSERT_TRIES; i++) {
		drop_oldest(order, map, how >> 1, how & 1);
		error = bpf_map_update_elem(map, key, value, BPF_NOEXIST);
		if (error != -E2BIG)
			break;
	}
	return error;
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
