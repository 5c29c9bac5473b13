/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Histograms: the buckets of all CPUs put together, for a record that shows them. */
#include "runtime/kern/kern.h"

/* One CPU's @value to @out; the first of its @buckets is word @first. */
KERN void sonde_hist_add(u64 *value, u64 *out, u64 first, u64 buckets)
{
	for (u32 i = 0; i < buckets; i++)
		((volatile u64 *)out)[i] +=
			((volatile u64 *)value)[ABI_VALUE_WORDS / 8 + first + i];
}
