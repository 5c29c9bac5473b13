/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running mean and sum of squares of an aggregate: Welford's method in integers, as
 * runtime/aggr.c. */
#include "runtime/kern/kern.h"

static inline s64 divide(s64 a, u64 by)
{
	return a < 0 ? -(s64)(-(u64)a / by) : (s64)((u64)a / by);
}

/* @pair: mean << shift, squares. @count: how many values there were before. */
KERN void sonde_variance(u64 *pair, u64 count, s64 value, u64 shift)
{
	u64 scaled = (u64)value << (shift & 63), delta = scaled - pair[0];

	if (!count) {
		pair[0] = scaled;
		pair[1] = 0;
		return;
	}
	pair[0] += (u64)divide(delta, count + 1);
	pair[1] += delta * (scaled - pair[0]);
}
