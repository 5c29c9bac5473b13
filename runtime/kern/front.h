/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front of an array: a table of slots in an ARRAY map, "M.f" beside map M, where kernel
 * handlers add to elements that they have met before. Finding a slot takes no helper call. User
 * space adds what the slots hold to what M has. Only for arrays to which kernel handlers do nothing
 * but add, and from Linux 5.12.
 *
 * A key has one slot that it may be in (of aggregates, which are kept by CPU, one for each CPU).
 * The handler that finds the slot free takes it, once the key is an element of M; then the slot is
 * that key's for as long as the map lives. All other keys that would be there go the long way, to
 * M. So M alone says what exists, in which order it came, and when the array is full. Why nothing
 * is lost: doc/internals.md, "The front of an array".
 *
 * Included by runtime/kern, the back end and the runtime. Owns nothing.
 */
#ifndef SONDE_KERN_FRONT_H
#define SONDE_KERN_FRONT_H

#include "runtime/abi.h"

/* One slot: the head, the key as M has it, and the words of M's value behind its sequence. */
struct front_slot {
	u64 state;		/* enum front_state, or the tag of the key that holds it */
	u64 sequence;		/* the element's creation number; 0 not known */
	u64 key[];
};

/* FREE, BUSY, then the tag; or DEAD from any of them (by user space), and for good. */
enum front_state { FRONT_FREE, FRONT_BUSY, FRONT_DEAD, FRONT_HELD };

#define FRONT_HEAD 16
#define FRONT_KEY_WORDS 8	/* longer keys have no front */
#define FRONT_VALUE_WORDS 4	/* a long; count, sum, max and min of an aggregate */
#define FRONT_BYTES 65536	/* at most, of all slots */
#define FRONT_BYTES_CPU 16384	/* of those of one CPU, where each has its own */
#define FRONT_SLOTS_LEAST 16

/* What kern/front.bpf.c and backends/llvm/front.c have to know of a front, in one word. */
#define FRONT_LAYOUT(words, slots) ((u64)(words) << 8 | front_shift(slots))
#define FRONT_LAYOUT_BY_CPU 64
#define FRONT_LAYOUT_WORDS(layout) ((layout) >> 8)
#define FRONT_LAYOUT_SHIFT(layout) ((layout) & 63)
#define FRONT_LAYOUT_SLOTS(layout) (1ull << (64 - FRONT_LAYOUT_SHIFT(layout)))

#define FRONT_FACTOR 0x9e3779b97f4a7c15ull

/* One more word of the key; from 0. */
static inline __attribute__((always_inline)) u64 front_hash(u64 hash, u64 word)
{
	return ((hash ^ hash >> 32) ^ word) * FRONT_FACTOR;
}

/* What the state is while a key with this hash holds the slot. */
static inline __attribute__((always_inline)) u64 front_tag(u64 hash)
{
	return hash | FRONT_HELD;
}

static inline u32 front_slot_size(u32 key_size, u32 values)
{
	return FRONT_HEAD + key_size + values * 8;
}

/* The hash's upper bits are the number of the slot: this far up. @slots (of one CPU): a power of
 * two from 2. */
static inline u32 front_shift(u32 slots)
{
	u32 shift = 64;

	for (; slots > 1; slots /= 2)
		shift--;
	return shift;
}

#endif
