/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lock for kernels before 5.12, which have no atomic operation that tells what was there before:
 * an element of the map "sonde_locks" that only one run can create. It is held for a few
 * operations with preemption off; whoever finds it held tries again. A run that interrupts the
 * holder on its own CPU would do so for ever and gives up.
 */
#ifndef SONDE_KERN_LOCK_H
#define SONDE_KERN_LOCK_H

#include "runtime/kern/kern.h"

#define LOCK_TRIES 512

static inline __attribute__((always_inline)) int lock_take(void *locks, u64 id)
{
	u64 key = id, held = 1;

	for (u32 i = 0; i < LOCK_TRIES; i++)
		if (!(int)bpf_map_update_elem(locks, &key, &held, BPF_NOEXIST))
			return 1;
	return 0;
}

static inline __attribute__((always_inline)) void lock_release(void *locks, u64 id)
{
	u64 key = id;

	bpf_map_delete_elem(locks, &key);
}

#endif
