/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorted foreach: every turn looks for the element that follows the last one. What is compared is
 * made of words whose unsigned order is the wanted one; among equals the older element comes first.
 */
#include "runtime/kern/kern.h"
#include "runtime/kern/sort.h"

/* The string at @from as words: most significant byte first, zeros behind its end, all flipped if
 * @down. */
KERN void sonde_sort_text(u64 *to, const u64 *from, u64 words, u64 down)
{
	u64 flip = down ? ~0ull : 0, before = ~0ull;

	for (u32 i = 0; i < words; i++) {
		u64 word = ((const volatile u64 *)from)[i];
		u64 ends = (word - 0x0101010101010101ull) & ~word & 0x8080808080808080ull;

		word &= (((ends & -ends) >> 7) - 1) & before;
		before &= ((ends | -ends) >> 63) - 1;
		barrier_of(before);
		((volatile u64 *)to)[i] = __builtin_bswap64(word) ^ flip;
	}
}

static inline __attribute__((always_inline)) int is_below(volatile u64 *a, volatile u64 *b,
							  u64 words)
{
	for (u32 i = 0; i < words; i++) {
		u64 left = a[i], right = b[i];

		if (left != right)
			return left < right;
	}
	return 0;
}

/* The candidate at @position: is it behind the last one, and before the best so far? */
KERN void sonde_sort_take(u64 *state, u64 position, u64 words)
{
	volatile u64 *last = state + SORT_HEAD, *best = last + words, *candidate = best + words;
	volatile u64 *at = state;

	if (at[SORT_LAST] && (is_below(candidate, last, words) ||
			      (position < at[SORT_LAST] && !is_below(last, candidate, words))))
		return;
	if (at[SORT_BEST] && !is_below(candidate, best, words))
		return;
	for (u32 i = 0; i < words; i++)
		best[i] = candidate[i];
	at[SORT_BEST] = position + 1;
}

/* The best becomes the last; gives its position + 1, or 0. */
KERN u64 sonde_sort_next(u64 *state, u64 words)
{
	volatile u64 *last = state + SORT_HEAD, *best = last + words, *at = state;
	u64 found = at[SORT_BEST];

	at[SORT_BEST] = 0;
	if (!found)
		return 0;
	for (u32 i = 0; i < words; i++)
		last[i] = best[i];
	at[SORT_LAST] = found;
	return found;
}
