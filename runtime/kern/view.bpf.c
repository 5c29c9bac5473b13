/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order that sorted foreach leaves an array in (view.h): pinning a view and going along it,
 * claiming a block for the next one, publishing it.
 */
#include "runtime/kern/pin.h"

#define CLAIM_ROUNDS 64
#define INLINE static inline __attribute__((always_inline))
#define STEPS_MOST (1 << 23)	/* of bpf_loop() */

/* VIEW_NEXT: what was found is gone again. */
enum { NEXT_END, NEXT_FOUND, NEXT_GONE };

/* The array as it is now. Without a view that can be had it is in the order of creation. */
INLINE void walk_start(volatile struct view_walk *v, void *order, void *views, u64 slots)
{
	volatile struct view_order *head = view_order(order, slots);
	u64 end;

	v->block = v->generation = v->count = v->half = v->at = v->end = v->first = 0;
	if (!head)
		return;
	pin(v, head, views, slots);
	end = head->ends.head;
	v->first = end > slots ? end - slots : 0;
	/* Nothing is before the tail but what is written there too late, and again. */
	if (head->ends.tail > v->first)
		v->first = head->ends.tail < end ? head->ends.tail : end;
	v->end = v->count + end - v->first;
}

KERN void sonde_view_open(struct view_state *state, void *order, void *views, u64 slots)
{
	unpin(&state->walk, views, slots);
	walk_start(&state->walk, order, views, slots);
}

KERN void sonde_view_close(struct view_state *state, void *views, u64 slots)
{
	unpin(&state->walk, views, slots);
}

/* ---- going along ---- */

INLINE int is_covered(void *views, u32 slot, u64 sequence, u64 generation)
{
	volatile struct view_item *mark = item_at(views, slot);

	return mark && mark->sequence == sequence &&
	       ((volatile u64 *)mark)[1] <= generation;
}

/* The entry where the walk is, which goes on; NULL: none that counts. Its element may be gone. */
INLINE struct entry *walk_entry(volatile struct view_walk *v, void *order, void *views, u64 slots)
{
	u64 at = v->at, position, sequence;
	struct entry *entry;

	v->at = at + 1;
	if (at < v->count) {
		volatile struct view_item *item;

		item = item_at(views, VIEW_TABLE((u32)slots, (u32)v->block - 1, (u32)v->half) +
				      (u32)at);
		if (!item)
			return NULL;
		position = item->slot;
		sequence = item->sequence;
		entry = entry_at(order, position, slots);
		if (!entry || *(volatile u64 *)&entry->sequence != sequence)
			return NULL;
	} else {
		position = at - v->count + v->first;
		entry = entry_at(order, position, slots);
		sequence = entry ? *(volatile u64 *)&entry->sequence : 0;
		if (!sequence || (v->generation && is_covered(views, position & (slots - 1),
							      sequence, v->generation)))
			return NULL;
	}
	v->slot = position & (slots - 1);
	v->sequence = sequence;
	return entry;
}

static __attribute__((noinline)) long next_step(u32 i, void *ctx)
{
	struct view_context *w = ctx;
	volatile struct view_walk *v = &w->state->walk;
	struct entry *entry;

	(void)i;
	if (v->at >= v->end)
		return 1;
	entry = walk_entry(v, w->order, w->views, w->slots);
	if (!entry || !entry_alive(w->map, entry, w->stats))
		return 0;
	v->slot |= 1ull << 32;
	return 1;
}

/* Copies the key of the next element. @how: the slots, times 2, and 1 for aggregates. */
KERN u64 sonde_view_next(struct view_context *w, struct view_state *state, void *order, void *map,
			 void *views, u64 how, void *key, u64 key_size)
{
	volatile struct view_walk *v = &state->walk;
	struct entry *entry;

	*w = (struct view_context){ order, map, views, state, how >> 1, how & 1 };
	v->slot = 0;
	bpf_loop(STEPS_MOST, next_step, w, 0);
	if (!(v->slot >> 32))
		return NEXT_END;
	entry = entry_at(order, v->slot, how >> 1);
	if (!entry)
		return NEXT_END;
	bpf_probe_read_kernel(key, key_size, entry->key);
	return *(volatile u64 *)&entry->sequence == v->sequence ? NEXT_FOUND : NEXT_GONE;
}

/* ---- the next view ---- */

static __attribute__((noinline)) long claim_step(u32 i, void *ctx)
{
	struct view_context *w = ctx;
	volatile struct view_order *head = view_order(w->order, w->slots);
	u64 block = i & (VIEW_BLOCKS_MOST - 1);
	volatile u64 *pins = HEAD(w->views, w->slots, block, pins);

	if (!pins || !head || (head->view & VIEW_MASK) == block + 1 || pins[WORD(pins)] ||
	    __sync_val_compare_and_swap(&pins[WORD(pins)], 0, 1))
		return 0;
	/* Somebody may have made it the view since. */
	if ((head->view & VIEW_MASK) == block + 1) {
		__sync_fetch_and_add(&pins[WORD(pins)], -1);
		return 0;
	}
	pins[WORD(generation)] = 0;
	*(volatile u64 *)&w->state->walk.block = block + 1;
	return 1;
}

/* A block to sort in, and what is to be sorted. 0: there is none. */
KERN u64 sonde_view_claim(struct view_context *w, struct view_state *state, void *order,
			  void *views, u64 slots)
{
	volatile struct view_order *head = view_order(order, slots);
	volatile struct view_state *s = state;

	unpin(&s->walk, views, slots);
	s->head = 0;
	if (!head)
		return 0;
	*w = (struct view_context){ order, NULL, views, state, slots, 0 };
	bpf_loop(CLAIM_ROUNDS * VIEW_BLOCKS_MOST, claim_step, w, 0);
	if (!s->walk.block)
		return 0;
	if (!__sync_val_compare_and_swap(&head->lock, 0, 1))
		s->head = (u64)head;
	s->generation = (head->view >> VIEW_BITS) + 1;
	s->walk.generation = s->walk.count = s->walk.half = s->walk.at = 0;
	s->last = s->disorder = s->words = 0;
	walk_start(&s->from, order, views, slots);
	return 1;
}

/* The next entry to be sorted; NULL: none here. */
KERN struct entry *sonde_view_entry(struct view_state *state, void *order, void *views, u64 slots)
{
	return walk_entry(&state->from, order, views, slots);
}

KERN u64 sonde_view_alive(void *map, struct entry *entry)
{
	return stats_alive(map, entry);
}

/* The entry found last goes into the block; @word is what is compared of it, unsigned. */
KERN void sonde_view_add(struct view_state *state, void *views, u64 slots, u64 word)
{
	volatile struct view_state *s = state;
	u64 count = s->walk.count, sequence = s->from.sequence, slot = s->from.slot;
	volatile struct view_item *item, *mark;

	if (count >= slots)
		return;
	item = item_at(views, VIEW_TABLE((u32)slots, (u32)s->walk.block - 1, 0) + (u32)count);
	mark = item_at(views, slot);
	if (!item || !mark)
		return;
	item->sequence = word;
	((volatile u64 *)item)[1] = sequence << 32 | slot;
	s->walk.count = count + 1;
	if (word < s->last)
		s->disorder = 1;
	s->last = word;
	if (!s->head || mark->sequence == sequence)
		return;
	/* Nobody takes it for the new one's while it is half written. */
	mark->sequence = 0;
	((volatile u64 *)mark)[1] = s->generation;
	mark->sequence = sequence;
}

/* What was compared makes room for the number of the entry. */
static __attribute__((noinline)) long settle_step(u32 i, void *ctx)
{
	struct view_context *w = ctx;
	volatile struct view_walk *v = &w->state->walk;
	volatile struct view_item *item;
	struct entry *entry;
	u64 sequence;

	if (i >= v->count)
		return 1;
	item = item_at(w->views,
		       VIEW_TABLE((u32)w->slots, (u32)v->block - 1, (u32)v->half) + i);
	if (!item)
		return 1;
	entry = entry_at(w->order, item->slot, w->slots);
	if (!entry)
		return 1;
	sequence = *(volatile u64 *)&entry->sequence;
	item->sequence = (u32)sequence == item->check ? sequence : 0;
	return 0;
}

/* The block is sorted: the handler goes along it, and it becomes the array's view. */
KERN void sonde_view_settle(struct view_context *w, struct view_state *state, void *order,
			    void *views, u64 slots)
{
	volatile struct view_state *s = state;
	volatile struct view_order *head = view_order(order, slots);
	u64 block = s->walk.block - 1;
	volatile u64 *pins, *counts, *dropped;

	unpin(&s->from, views, slots);
	*w = (struct view_context){ order, NULL, views, state, slots, 0 };
	bpf_loop(STEPS_MOST, settle_step, w, 0);
	s->walk.end = s->walk.count;
	/* A ring that user space has put there since has its own lock. */
	if (!head || !s->head || s->head != (u64)head)
		return;
	pins = HEAD(views, slots, block, pins);
	counts = HEAD(views, slots, block, count);
	dropped = HEAD(views, slots, block, dropped);
	if (pins && counts && dropped) {
		counts[WORD(count)] = s->walk.count;
		counts[WORD(half)] = s->walk.half;
		dropped[WORD(dropped)] = 0;
		pins[WORD(generation)] = s->generation;
		__sync_lock_test_and_set(&head->view, s->generation << VIEW_BITS | (block + 1));
	}
	__sync_lock_test_and_set(&head->lock, 0);
}
