/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorting the items of a block (view.h) by their words, unsigned: merging ever longer runs from
 * one table into the other. Equal ones stay as they were. Texts are sorted by a word at a time,
 * the last one first.
 */
#include "runtime/kern/order.h"
#include "runtime/kern/view.h"

#define PASSES_MOST 31
#define MERGE_MOST (1 << 23)	/* of bpf_loop() */
#define MERGE_STEPS 4		/* items in one of its turns */

static inline __attribute__((always_inline)) u64 *words_at(void *views, u32 index)
{
	return bpf_map_lookup_elem(views, &index);
}

static inline __attribute__((always_inline)) u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* The next pair of runs. */
static inline __attribute__((always_inline)) void runs_start(volatile struct view_state *s)
{
	u64 count = s->walk.count, run = s->run, at = s->out;

	s->left = at;
	s->left_end = s->right = least(at + run, count);
	s->right_end = least(s->right + run, count);
}

/* One item. 0: there was none. */
static inline __attribute__((always_inline)) int merge_item(volatile struct view_state *s,
							    void *views)
{
	volatile u64 *item, *other;
	u32 index = 0;

	if (s->right < s->right_end) {
		index = s->source + s->right;
		item = bpf_map_lookup_elem(views, &index);
		if (!item)
			return 0;
		index = s->source + s->left;
		other = bpf_map_lookup_elem(views, &index);
		if (s->left >= s->left_end || (other && item[0] < other[0])) {
			s->right++;
		} else {
			item = other;
			s->left++;
		}
	} else {
		index = s->source + s->left;
		item = bpf_map_lookup_elem(views, &index);
		s->left++;
	}
	index = s->target + s->out;
	other = bpf_map_lookup_elem(views, &index);
	if (!item || !other)
		return 0;
	other[0] = item[0];
	other[1] = item[1];
	s->out++;
	return 1;
}

static __attribute__((noinline)) long merge_step(u32 i, void *ctx)
{
	struct view_context *w = ctx;
	volatile struct view_state *s = w->state;

	(void)i;
	/* As a loop, and with nothing worked out before: it takes less stack. */
#pragma clang loop unroll(disable)
	for (u32 k = 0; k < MERGE_STEPS; k++) {
		barrier_of(s);
		barrier_of(w);
		if (s->out >= s->walk.count)
			return 1;
		if (s->left >= s->left_end && s->right >= s->right_end)
			runs_start(s);
		if (!merge_item(s, w->views))
			return 1;
	}
	return 0;
}

static __attribute__((noinline)) long pass_step(u32 i, void *ctx)
{
	struct view_context *w = ctx;
	volatile struct view_state *s = w->state;

	(void)i;
	if (s->run >= s->walk.count)
		return 1;
	s->left = s->left_end = s->right = s->right_end = s->out = 0;
	s->source = VIEW_TABLE(w->slots, s->walk.block - 1, s->walk.half & 1);
	s->target = VIEW_TABLE(w->slots, s->walk.block - 1, ~s->walk.half & 1);
	bpf_loop(MERGE_MOST, merge_step, w, 0);
	s->walk.half ^= 1;
	s->run *= 2;
	return 0;
}

/* By the words as they are, unless that is their order already. */
KERN void sonde_sort(struct view_context *w, struct view_state *state, void *views, u64 slots)
{
	volatile struct view_state *s = state;

	if (!s->disorder)
		return;
	s->run = 1;
	*w = (struct view_context){ NULL, NULL, views, state, slots, 0 };
	bpf_loop(PASSES_MOST, pass_step, w, 0);
}

/* The ring's entry of item @n. */
KERN struct entry *sonde_sort_entry(struct view_state *state, void *order, void *views, u64 slots,
				    u64 n)
{
	volatile struct view_walk *v = &state->walk;
	volatile u64 *item;

	item = words_at(views, VIEW_TABLE((u32)slots, (u32)v->block - 1, (u32)v->half) + (u32)n);
	return item ? entry_at(order, (u32)item[1], slots) : NULL;
}

/* What is compared of item @n next: @word of a text, all bits exchanged by @flip. */
KERN void sonde_sort_word(struct view_state *state, void *views, u64 slots, u64 n, u64 word,
			  u64 flip)
{
	volatile struct view_state *s = state;
	u32 block = s->walk.block - 1;
	volatile u64 *item;

	item = words_at(views, VIEW_TABLE((u32)slots, block, (u32)s->walk.half) + (u32)n);
	if (!item)
		return;
	word = __builtin_bswap64(word) ^ flip;
	item[0] = word;
	if (word < s->last)
		s->disorder = 1;
	s->last = word;
}
