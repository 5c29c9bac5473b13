/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going through all CPUs' values. By bpf_loop() where the kernel has it: the verifier then looks at
 * one CPU, where it would keep a state for each of a counted loop's.
 */
#ifndef SONDE_KERN_CPUS_H
#define SONDE_KERN_CPUS_H

#include "runtime/kern/kern.h"

extern const u64 kern_loops; /* whether there is bpf_loop(); a constant that the back end gives */

#define CPU_STEP static __attribute__((noinline)) long

/* @step(cpu, ctx) until it gives 1. */
static inline __attribute__((always_inline)) void cpus_walk(long (*step)(u32 cpu, void *ctx),
							    void *ctx)
{
	if (kern_loops) {
		bpf_loop(ABI_CPU_SLOTS, step, ctx, 0);
		return;
	}
	for (u32 cpu = 0; cpu < ABI_CPU_SLOTS; cpu++)
		if (step(cpu, ctx))
			return;
}

/* @map's value of a CPU: of an array of aggregates at @key, or (NULL) of a scalar. */
static inline __attribute__((always_inline)) u64 *cpu_value(void *map, const void *key, u32 cpu)
{
	u32 index = cpu;

	return key ? bpf_map_lookup_percpu_elem(map, key, cpu) : bpf_map_lookup_elem(map, &index);
}

#endif
