/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Claiming a block of scratch memory. A handler may be preempted by another one on its CPU, or
 * moved away and back, so blocks are taken by atomic bits. Before 5.12 the kernel has no atomic
 * operations that tell what was there before; handlers then run with preemption off and only nest,
 * which plain bits survive.
 */
#include "runtime/kern/kern.h"

extern u64 sonde_claims[ABI_CPU_SLOTS];

static inline u64 *claim_word(u64 cpu)
{
	return &sonde_claims[cpu & (ABI_CPU_SLOTS - 1)];
}

KERN long sonde_claim(void)
{
	u64 cpu = bpf_get_smp_processor_id();
	u64 *word = claim_word(cpu);

#pragma unroll
	for (u32 bit = 0; bit < ABI_SCRATCH_PER_CPU; bit++) {
		u64 mask = 1ull << bit;

		if (!(__sync_fetch_and_or(word, mask) & mask))
			return cpu * ABI_SCRATCH_PER_CPU + bit;
	}
	return -1;
}

KERN void sonde_release(long claim)
{
	u64 mask = 1ull << (claim & (ABI_SCRATCH_PER_CPU - 1));

	__sync_fetch_and_and(claim_word((u64)claim / ABI_SCRATCH_PER_CPU), ~mask);
}

KERN long sonde_claim_nested(void)
{
	u64 cpu = bpf_get_smp_processor_id();
	volatile u64 *word = claim_word(cpu);
	u64 taken = *word;

#pragma unroll
	for (u32 bit = 0; bit < ABI_SCRATCH_PER_CPU; bit++) {
		u64 mask = 1ull << bit;

		if (!(taken & mask)) {
			*word = taken | mask;
			return cpu * ABI_SCRATCH_PER_CPU + bit;
		}
	}
	return -1;
}

KERN void sonde_release_nested(long claim)
{
	volatile u64 *word = claim_word((u64)claim / ABI_SCRATCH_PER_CPU);

	*word &= ~(1ull << (claim & (ABI_SCRATCH_PER_CPU - 1)));
}
