/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring of keys in creation order (struct abi_order): entries { sequence, key }. Entries of
 * elements that are gone stay until they are overwritten; those of living elements are stepped
 * over. A place in it is taken first and written then. Whoever drops elements meanwhile finds an
 * old entry there, and passes it: so the writer looks whether he has been passed, and then takes
 * another place, or his element could never be dropped.
 */
#include <asm-generic/errno-base.h>

#include "runtime/kern/pin.h"

#define ORDER_TRIES 64

struct push_walk {
	void *order, *map, *made;
	u64 slots;
};

/* After what was written before: the addition is a full barrier. */
static inline int was_passed(struct abi_order *head, u64 position)
{
	return __sync_fetch_and_add(&head->tail, 0) > position;
}

static inline __attribute__((always_inline)) long push_try(u32 i, struct push_walk *w)
{
	struct abi_order *head = order_head(w->order, w->slots);
	struct entry *old;
	u64 position;
	u32 slot;

	if (!head)
		return 1;
	position = __sync_fetch_and_add(&head->head, 1);
	slot = position & (w->slots - 1);
	old = bpf_map_lookup_elem(w->order, &slot);
	if (!old)
		return 1;
	if (old->sequence && i < ORDER_TRIES - 1 && bpf_map_lookup_elem(w->map, old->key))
		return 0;
	if (was_passed(head, position) && i < ORDER_TRIES - 1)
		return 0;
	bpf_map_update_elem(w->order, &slot, w->made, BPF_ANY);
	return !was_passed(head, position);
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

struct drop_view_walk {
	void *order, *map, *views;
	u64 slots, stats, table, count, dropped;
	volatile u64 *next;
};

static __attribute__((noinline)) long drop_view_step(u32 i, void *ctx)
{
	struct drop_view_walk *w = ctx;
	u64 at = __sync_fetch_and_add(w->next, 1);
	volatile struct view_item *item;
	struct entry *entry;

	(void)i;
	if (at >= w->count)
		return 1;
	item = item_at(w->views, w->table + at);
	entry = item ? entry_at(w->order, item->slot, w->slots) : NULL;
	if (!entry || *(volatile u64 *)&entry->sequence != item->sequence ||
	    (!w->stats && !entry_alive(w->map, entry, 0)))
		return 0;
	w->dropped = !bpf_map_delete_elem(w->map, entry->key);
	return w->dropped;
}

/* The first one in the order that a sorted foreach has left. 0: there is none, or no view. */
static inline u64 drop_viewed(void *order, void *map, void *views, u64 slots, u64 stats)
{
	struct view_walk v = { 0 };
	struct drop_view_walk w = { order, map, views, slots, stats, 0, 0, 0, NULL };
	volatile struct view_order *head = view_order(order, slots);

	if (!head)
		return 0;
	pin(&v, head, views, slots);
	if (!v.block)
		return 0;
	w.table = VIEW_TABLE((u32)slots, (u32)v.block - 1, (u32)v.half);
	w.count = v.count;
	w.next = HEAD(views, slots, v.block - 1, dropped);
	if (w.next && *w.next < w.count)
		bpf_loop(slots, drop_view_step, &w, 0);
	unpin(&v, views, slots);
	return *(volatile u64 *)&w.dropped;
}

static inline void count_dropped(const u64 *dropped)
{
	if (*(const volatile u64 *)dropped)
		__sync_fetch_and_add(&sonde_session.wrapped, 1);
}

/* Deletes the first element that view and ring know, if they know one. */
static inline void drop_oldest(struct drop_walk *w, void *views)
{
	w->dropped = 0;
	if (views && drop_viewed(w->order, w->map, views, w->slots, w->stats))
		w->dropped = 1;
	else if (kern_loops)
		bpf_loop(w->slots, drop_step, w, 0);
	else
		for (int i = 0; i < ORDER_TRIES; i++)
			if (drop_step(i, w))
				break;
	count_dropped(&w->dropped);
}

struct search {
	u64 least, dropped;
};

static __attribute__((noinline)) long search_step(void *map, const void *key, u64 *value,
						  struct search *search)
{
	(void)map, (void)key;
	if (value[0] && value[0] < search->least)
		search->least = value[0];
	return 0;
}

/* Of aggregates this CPU may know no number: then it is the first one. */
static __attribute__((noinline)) long search_drop(void *map, const void *key, u64 *value,
						  struct search *search)
{
	if (search->least != ~0ull && value[0] != search->least)
		return 0;
	search->dropped = !bpf_map_delete_elem(map, key);
	return 1;
}

/* Deletes the oldest element, found by going through all. */
static inline void drop_found(void *map)
{
	struct search search = { ~0ull, 0 };

	if (!kern_loops)
		return;
	bpf_for_each_map_elem(map, search_step, &search, 0);
	bpf_for_each_map_elem(map, search_drop, &search, 0);
	count_dropped(&search.dropped);
}

/*
 * While user space takes an array away, runs that have begun before have the old map, and others
 * the new one, with one ring: it is the new one's then. @outer: where the map was found.
 */
KERN u64 sonde_order_ours(void *outer, void *map)
{
	u32 slot = 0;

	return bpf_map_lookup_elem(outer, &slot) == map;
}

static inline int place_oldest(struct drop_walk *w, void *views, const void *key,
			       const void *value)
{
	drop_oldest(w, views);
	return bpf_map_update_elem(w->map, key, value, BPF_NOEXIST);
}

/* Makes room for an element and puts it in; another CPU may be the first to take the place. @views:
 * NULL, or those of the array if it has some. @how: the slots times 4, 2 for aggregates, and 1 if
 * the ring is the map's. */
KERN u64 sonde_order_insert(void *order, void *map, void *views, const void *key,
			    const void *value, u64 how)
{
	struct drop_walk w = { order, map, how >> 2, how & 2, 0 };
	int error = -E2BIG;

	if (how & 1) {
		error = place_oldest(&w, views, key, value);
		error = error == -E2BIG ? place_oldest(&w, views, key, value) : error;
		error = error == -E2BIG ? place_oldest(&w, views, key, value) : error;
	}
	return error;
}

static inline int place_found(void *map, const void *key, const void *value)
{
	drop_found(map);
	return bpf_map_update_elem(map, key, value, BPF_NOEXIST);
}

/* The same where the ring knew none. @error: what sonde_order_insert() gave. */
KERN u64 sonde_order_search(void *map, const void *key, const void *value, s64 error)
{
	if (error == -E2BIG)
		error = place_found(map, key, value);
	return error == -E2BIG ? place_found(map, key, value) : error;
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
