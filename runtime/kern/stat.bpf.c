/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading an aggregate: the words of all CPUs put together. @into gets a sum, or a maximum of unsigned numbers (how
 * least and greatest values are kept), of word @at of each; @into[1] the count.
 */
#include "runtime/kern/kern.h"

static inline void words_add(volatile u64 *into, volatile u64 *value, u64 at, u64 maximum)
{
	u64 word = value[ABI_VALUE_WORDS / 8 + at];

	into[1] += value[ABI_VALUE_WORDS / 8];
	if (!maximum)
		into[0] += word;
	else if (word > into[0])
		into[0] = word;
}

KERN void sonde_stat_scalar(void *map, u64 *into, u64 at, u64 maximum)
{
	into[0] = into[1] = 0;
	for (u32 cpu = 0; cpu < ABI_CPU_SLOTS; cpu++) {
		u32 key = cpu;
		u64 *value = bpf_map_lookup_elem(map, &key);

		if (!value)
			break;
		words_add(into, value, at, maximum);
	}
}

KERN void sonde_stat_array(void *map, const void *key, u64 *into, u64 at, u64 maximum)
{
	into[0] = into[1] = 0;
	for (u32 cpu = 0; cpu < ABI_CPU_SLOTS; cpu++) {
		u64 *value = bpf_map_lookup_percpu_elem(map, key, cpu);

		if (!value)
			break;
		words_add(into, value, at, maximum);
	}
}

/* `delete` of a scalar aggregate: empty again on all CPUs. */
KERN void sonde_agg_clear(void *map, u64 words)
{
	for (u32 cpu = 0; cpu < ABI_CPU_SLOTS; cpu++) {
		u32 key = cpu;
		volatile u64 *value = bpf_map_lookup_elem(map, &key);

		if (!value)
			break;
		for (u64 i = 0; i < words; i++)
			value[ABI_VALUE_WORDS / 8 + i] = 0;
	}
}
