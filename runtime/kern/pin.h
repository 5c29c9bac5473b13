/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Views (view.h): finding a block, holding the one that is the array's. */
#ifndef SONDE_KERN_PIN_H
#define SONDE_KERN_PIN_H

#include "runtime/kern/order.h"
#include "runtime/kern/view.h"

static inline struct view_item *item_at(void *views, u32 index)
{
	return bpf_map_lookup_elem(views, &index);
}

/* The head of a block, in its items: their words are those of struct view_head. */
static inline volatile u64 *head_words(void *views, u64 slots, u64 block, u64 offset)
{
	return (u64 *)item_at(views, VIEW_AT((u32)slots, (u32)block) + offset / 16);
}

#define HEAD(views, slots, block, member)                                                    \
	head_words(views, slots, block, offsetof(struct view_head, member))
#define WORD(member) (offsetof(struct view_head, member) % 16 / 8)

static inline volatile struct view_order *view_order(void *order, u64 slots)
{
	return (struct view_order *)order_head(order, slots);
}

static inline __attribute__((always_inline)) void unpin(volatile struct view_walk *v, void *views,
							 u64 slots)
{
	volatile u64 *pins;

	if (!v->block)
		return;
	pins = HEAD(views, slots, v->block - 1, pins);
	if (pins)
		__sync_fetch_and_add(&pins[WORD(pins)], -1);
	v->block = 0;
}

static inline __attribute__((always_inline)) int pin_try(volatile struct view_walk *v,
							  volatile struct view_order *head,
							  void *views, u64 slots)
{
	u64 current = head->view, block = current & VIEW_MASK;
	volatile u64 *pins, *counts;

	if (!block)
		return 1;
	pins = HEAD(views, slots, block - 1, pins);
	counts = HEAD(views, slots, block - 1, count);
	if (!pins || !counts)
		return 1;
	__sync_fetch_and_add(&pins[WORD(pins)], 1);
	if (head->view == current && pins[WORD(generation)] == current >> VIEW_BITS) {
		v->block = block;
		v->generation = current >> VIEW_BITS;
		v->count = counts[WORD(count)];
		v->half = counts[WORD(half)];
		return 1;
	}
	__sync_fetch_and_add(&pins[WORD(pins)], -1);
	return 0;
}

/* Put in place, and no loop: stack and the verifier's time are short. */
static inline __attribute__((always_inline)) void pin(volatile struct view_walk *v,
						      volatile struct view_order *head,
						      void *views, u64 slots)
{
	if (!pin_try(v, head, views, slots))
		pin_try(v, head, views, slots);
}

#endif
