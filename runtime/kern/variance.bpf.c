/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running mean and sum of squares of an aggregate: Welford's method in integers, as
 * runtime/aggr.c. */
#include "runtime/kern/kern.h"

static inline s64 divide(s64 a, u64 by)
{
	return a < 0 ? -(s64)(-(u64)a / by) : (s64)((u64)a / by);
}

/* In a part that is this run's alone. */
static inline void part_add(volatile struct abi_variance *part, s64 value, u64 shift)
{
	u64 scaled = (u64)value << (shift & 63), count = part->count, mean = part->mean, delta;

	part->count = count + 1;
	if (!count) {
		part->mean = scaled;
		part->squares = 0;
		return;
	}
	delta = scaled - mean;
	mean += (u64)divide(delta, count + 1);
	part->mean = mean;
	part->squares += delta * (scaled - mean);
}

/* 0: runs that this one preempts are at work in all of the parts. */
KERN u64 sonde_variance(struct abi_variance *parts, s64 value, u64 shift)
{
#pragma unroll
	for (u32 i = 0; i < ABI_VARIANCE_PARTS; i++) {
		if (__sync_lock_test_and_set(&parts[i].busy, 1))
			continue;
		part_add(&parts[i], value, shift);
		*(volatile u64 *)&parts[i].busy = 0;
		return 1;
	}
	return 0;
}

/* Where runs on one CPU only nest (before 5.12, which has no exchange either). */
KERN u64 sonde_variance_nested(struct abi_variance *parts, s64 value, u64 shift)
{
#pragma unroll
	for (u32 i = 0; i < ABI_VARIANCE_PARTS; i++) {
		if (*(volatile u64 *)&parts[i].busy)
			continue;
		*(volatile u64 *)&parts[i].busy = 1;
		part_add(&parts[i], value, shift);
		*(volatile u64 *)&parts[i].busy = 0;
		return 1;
	}
	return 0;
}
