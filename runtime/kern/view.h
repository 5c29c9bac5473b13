/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views: the orders that sorted foreach of kernel handlers give an array. Beside an array that one
 * sorts there is M.s, an ARRAY map of struct view_item, memory-mapped by user space:
 *
 *   marks    one for each slot of the ring M.o: the first view that had the entry in that slot
 *   blocks   as many as the runtime makes room for: VIEW_HEAD items, then two tables of as many
 *            items as the ring has slots (merging goes from one to the other)
 *
 * A foreach that sorts claims a block, puts the ring's entries into it, sorts them and goes along
 * them: what other handlers do meanwhile moves nothing under it. Then the block becomes the view
 * of the array, by one store to struct view_order, which stands where the ring has its abi_order:
 * the array's order is that of the view and then, for what the view does not have, that of the
 * ring. Entries of the ring never move: they stay in their slots until their elements are gone.
 *
 * Whose element came into the ring too late for the view is told by the marks: an entry is in all
 * views from the one of its mark on. So that it is, one foreach at a time makes a view (the lock);
 * others that sort meanwhile have their order for themselves.
 *
 * A block is free when nobody has pinned it and it is not the array's view. Handlers pin what they
 * go along, and let go when they end at the latest.
 */
#ifndef SONDE_KERN_VIEW_H
#define SONDE_KERN_VIEW_H

#include "runtime/abi.h"

struct view_item {
	u64 sequence;		/* of the entry; while sorting, what is compared */
	u32 slot, check;	/* where in the ring; the lower half of the sequence */
};

/* What stands in the head of a block, in words of its items. */
struct view_head {
	u64 pins, generation;	/* generation 0: no view yet */
	u64 count, half;	/* items; in which of the tables */
	u64 dropped, unused;	/* items at the start that a wrapping array has dropped */
};
#define VIEW_HEAD ((u32)(sizeof(struct view_head) / sizeof(struct view_item)))

/* In the extra slot of the ring. */
struct view_order {
	struct abi_order ends;
	u64 view;		/* generation << VIEW_BITS | block + 1; 0: none */
	u64 lock;		/* somebody is making the next one */
};
#define VIEW_BITS 8
#define VIEW_MASK ((1u << VIEW_BITS) - 1)
#define VIEW_BLOCKS_LEAST 4
#define VIEW_BLOCKS_MOST 64

#define VIEW_BLOCK(slots) (2 * (slots) + VIEW_HEAD)
#define VIEW_AT(slots, block) ((slots) + (block) * VIEW_BLOCK(slots))
#define VIEW_TABLE(slots, block, half) (VIEW_AT(slots, block) + VIEW_HEAD + (half) * (slots))

/* What a foreach goes along: the items of a block, then the ring. In scratch memory. */
struct view_walk {
	u64 block;		/* pinned, + 1; 0: none */
	u64 generation, count, half;
	u64 at, end, first;	/* from `count` on, positions of the ring from `first` on */
	u64 slot, sequence;	/* what was found last */
};

/* State of a foreach in scratch memory. A verifier knows nothing of what is there: so it follows
 * one way through each step. */
struct view_state {
	struct view_walk walk;	/* what the handler sees */
	struct view_walk from;	/* sorting: the order before */
	u64 head;		/* address of the ring's view_order, if this one has the lock */
	u64 generation;		/* of the view that is being made */
	u64 last, disorder;	/* the last one added; whether one was below it */
	u64 words;		/* of the longest text */
	u64 run, left, left_end, right, right_end, out;	/* merging */
	u64 source, target;	/* the tables */
	u64 word;		/* which one of the text is compared */
};

/* What the steps of a walk get: on the stack, where pointers to maps may be. All walks of a
 * function use one. */
struct view_context {
	void *order, *map, *views;
	struct view_state *state;
	u64 slots, stats;
};

#endif
