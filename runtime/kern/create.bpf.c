/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An element that has a place in the ring (order.bpf.c), for kernels without atomic fetch-and-add
 * and exchange: before 5.12. The array is locked meanwhile (lock.h), so what is read and written
 * here one after the other is this run's alone. First sonde_create_put(); if it says -E2BIG and the
 * array wraps, sonde_create_drop() until it gives 1, and sonde_create_again(); last
 * sonde_create_enter().
 */
#include "runtime/kern/clock.h"
#include "runtime/kern/order.h"

#define ENTER_TRIES 64

/* 8 bytes before @key are free. @value is written to, but of aggregates. */
KERN s64 sonde_create_put(void *map, u64 *key, u64 *value, u64 stats)
{
	u64 number = clock_number();

	key[-1] = number;
	if (!stats)
		value[0] = number;
	return (int)bpf_map_update_elem(map, key, value, BPF_NOEXIST);
}

KERN s64 sonde_create_again(void *map, u64 *key, u64 *value)
{
	return (int)bpf_map_update_elem(map, key, value, BPF_NOEXIST);
}

/* Is there room at the next place, or is it the last to be tried? Then the entry goes there. */
static inline __attribute__((always_inline)) int enter_try(void *order, void *map, u64 *key,
							   u64 slots, int last)
{
	volatile struct abi_order *head = (void *)order_head(order, slots);
	struct entry *old;
	u32 slot;

	if (!head)
		return 1;
	slot = head->head & (slots - 1);
	head->head++;
	old = bpf_map_lookup_elem(order, &slot);
	if (!old)
		return 1;
	if (old->sequence && !last && bpf_map_lookup_elem(map, old->key))
		return 0;
	bpf_map_update_elem(order, &slot, key - 1, BPF_ANY);
	return 1;
}

KERN void sonde_create_enter(void *order, void *map, u64 *key, u64 slots, u64 stats)
{
	u64 *made = stats ? bpf_map_lookup_elem(map, key) : 0;

	if (made)
		made[0] = key[-1];
	for (u32 i = 0; i < ENTER_TRIES; i++)
		if (enter_try(order, map, key, slots, i == ENTER_TRIES - 1))
			break;
}

/* Deletes the oldest element, if the next entry is one's. 1: it did, or there is none. */
KERN u64 sonde_create_drop(void *order, void *map, u64 slots, u64 stats)
{
	volatile struct abi_order *head = (void *)order_head(order, slots);
	struct entry *entry;
	u64 position;

	if (!head)
		return 1;
	position = head->tail;
	if (position >= head->head)
		return 1;
	/* What was there before has been overwritten. */
	if (head->head - position > slots)
		position = head->head - slots;
	head->tail = position + 1;
	entry = entry_at(order, position, slots);
	if (!entry)
		return 1;
	/* Of aggregates the first one found goes. */
	if (stats ? !entry->sequence : !entry_alive(map, entry, 0))
		return 0;
	if (bpf_map_delete_elem(map, entry->key))
		return 0;
	__sync_fetch_and_add(&sonde_session.wrapped, 1);
	return 1;
}
