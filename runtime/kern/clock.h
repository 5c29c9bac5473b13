/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Creation numbers where they cannot be counted: before 5.12. */
#ifndef SONDE_KERN_CLOCK_H
#define SONDE_KERN_CLOCK_H

#include "runtime/kern/kern.h"

extern u64 sonde_clocks[ABI_CPU_SLOTS];

/*
 * The time, but later than the CPU's last one. Of runs that nest on a CPU two may get the same
 * number, but not for one array where it matters: that one is locked.
 */
static inline __attribute__((always_inline)) u64 clock_number(void)
{
	volatile u64 *last = &sonde_clocks[bpf_get_smp_processor_id() & (ABI_CPU_SLOTS - 1)];
	u64 now = bpf_ktime_get_ns();

	if (now <= *last)
		now = *last + 1;
	*last = now;
	return now;
}

#endif
