/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aggregates: which bucket, and maxima that lose nothing. Layouts: runtime/abi.h. */
#include "runtime/kern/kern.h"

static inline u32 bits_of(u64 v)
{
	u32 n = 0, low;

	if (v >> 32) {
		n = 32;
		v >>= 32;
	}
	low = v;
	if (low >> 16) {
		n += 16;
		low >>= 16;
	}
	if (low >> 8) {
		n += 8;
		low >>= 8;
	}
	if (low >> 4) {
		n += 4;
		low >>= 4;
	}
	if (low >> 2) {
		n += 2;
		low >>= 2;
	}
	return n + (low >> 1) + (low != 0);
}

KERN u64 sonde_log_bucket(s64 v)
{
	u64 sign = v >> 63, bits;
	volatile u8 through;

	/* By way of memory the verifier forgets the number, and with it that each path to here
	 * made another one: it follows two of them instead of all. Not by way of a zero, which it
	 * remembers. */
	through = 1 + bits_of(((u64)v ^ sign) - sign);
	bits = through - 1;
	return (64 + ((bits ^ sign) - sign)) & (ABI_HIST_LOG_BUCKETS - 1);
}

/* @step is a power of two or not; the quotient is unsigned once v is known to be inside. */
KERN u64 sonde_linear_bucket(s64 v, s64 low, u64 step, u64 buckets)
{
	u64 bucket;

	if (v < low)
		return 0;
	bucket = ((u64)v - (u64)low) / step + 1;
	return bucket < buckets ? bucket : buckets - 1;
}

KERN void sonde_agg_max(u64 *word, u64 v)
{
	u64 seen = *(volatile u64 *)word;

	for (int i = 0; i < 16 && v > seen; i++) {
		u64 was = __sync_val_compare_and_swap(word, seen, v);

		if (was == seen)
			return;
		seen = was;
	}
}

KERN void sonde_agg_max_nested(u64 *word, u64 v)
{
	if (v > *(volatile u64 *)word)
		*(volatile u64 *)word = v;
}
