/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading an aggregate: the words of all CPUs put together. @into gets a sum, or a maximum of
 * unsigned numbers (how least and greatest values are kept), of word @at of each; @into[1] the
 * count.
 */
#include "runtime/kern/cpus.h"

/* What a step works on. Sums are in memory, so that the verifier has one state for them. */
struct stat_walk {
	void *map;
	const void *key;
	u64 *into;
	u64 at;
	s64 mean;
};

static inline void words_add(volatile u64 *into, volatile u64 *value, u64 at, u64 maximum)
{
	u64 word = value[ABI_VALUE_WORDS / 8 + at];

	into[1] += value[ABI_VALUE_WORDS / 8];
	if (!maximum)
		into[0] += word;
	else if (word > into[0])
		into[0] = word;
}

static inline void variance_add(volatile u64 *into, volatile u64 *value, u64 at, s64 mean);

/* A step each for a scalar and an array: their look-ups differ. */
#define STAT_STEPS(name, add)                                                     \
	CPU_STEP name##_scalar(u32 cpu, void *ctx)                                    \
	{                                                                              \
		struct stat_walk *w = ctx;                                            \
		u64 *value = cpu_value(w->map, NULL, cpu);                             \
\
		if (!value)                                                            \
			return 1;                                                      \
		add;                                                                   \
		return 0;                                                              \
	}                                                                              \
	CPU_STEP name##_array(u32 cpu, void *ctx)                                      \
	{                                                                              \
		struct stat_walk *w = ctx;                                            \
		const void *key = w->key;                                              \
		u64 *value = bpf_map_lookup_percpu_elem(w->map, key, cpu);             \
\
		if (!value)                                                            \
			return 1;                                                      \
		add;                                                                   \
		return 0;                                                              \
	}

STAT_STEPS(sum_step, words_add(w->into, value, w->at, 0))
STAT_STEPS(max_step, words_add(w->into, value, w->at, 1))
STAT_STEPS(variance_step, variance_add(w->into, value, w->at, w->mean))

KERN void sonde_stat_scalar(void *map, u64 *into, u64 at, u64 maximum)
{
	struct stat_walk w = { map, NULL, into, at, 0 };

	into[0] = into[1] = 0;
	cpus_walk(maximum ? max_step_scalar : sum_step_scalar, &w);
}

KERN void sonde_stat_array(void *map, const void *key, u64 *into, u64 at, u64 maximum)
{
	struct stat_walk w = { map, key, into, at, 0 };

	into[0] = into[1] = 0;
	cpus_walk(maximum ? max_step_array : sum_step_array, &w);
}

static inline s64 divide(s64 a, s64 by)
{
	u64 size = a < 0 ? -(u64)a : (u64)a, quotient = by > 0 ? size / (u64)by : 0;

	return a < 0 ? -(s64)quotient : (s64)quotient;
}

/* One CPU's share of the sum of squares about the mean of all, as runtime/aggr.c puts them
 * together. */
static inline void variance_add(volatile u64 *into, volatile u64 *value, u64 at, s64 mean)
{
	volatile struct abi_variance *part = (void *)&value[ABI_VALUE_WORDS / 8 + at];

	for (u32 i = 0; i < ABI_VARIANCE_PARTS; i++) {
		u64 count = part[i].count, off = part[i].mean - mean;

		if (count)
			into[0] += count * off * off +
				   (count - 1) * divide(part[i].squares, count - 1);
	}
}

/* @sum, @parts: which words. @into[1] gets the count. */
KERN s64 sonde_variance_scalar(void *map, u64 *into, u64 sum, u64 parts, u64 shift)
{
	struct stat_walk w = { map, NULL, into, parts, 0 };
	s64 total;

	sonde_stat_scalar(map, into, sum, 0);
	total = ((volatile u64 *)into)[1];
	if (total < 2)
		return 0;
	w.mean = divide(into[0] << (shift & 31), total);
	into[0] = 0;
	cpus_walk(variance_step_scalar, &w);
	return divide(((volatile u64 *)into)[0], total - 1) >> (2 * shift & 63);
}

KERN s64 sonde_variance_array(void *map, const void *key, u64 *into, u64 sum, u64 parts, u64 shift)
{
	struct stat_walk w = { map, key, into, parts, 0 };
	s64 total;

	sonde_stat_array(map, key, into, sum, 0);
	total = ((volatile u64 *)into)[1];
	if (total < 2)
		return 0;
	w.mean = divide(into[0] << (shift & 31), total);
	into[0] = 0;
	cpus_walk(variance_step_array, &w);
	return divide(((volatile u64 *)into)[0], total - 1) >> (2 * shift & 63);
}

struct clear_walk {
	void *map;
	const void *zeros;
	u64 words;
};

CPU_STEP clear_step(u32 cpu, void *ctx)
{
	struct clear_walk *w = ctx;
	u64 *value = cpu_value(w->map, NULL, cpu);

	if (!value)
		return 1;
	bpf_probe_read_kernel(value + ABI_VALUE_WORDS / 8, w->words * 8, w->zeros);
	return 0;
}

/* `delete` of a scalar aggregate: empty again on all CPUs. */
KERN void sonde_agg_clear(void *map, const void *zeros, u64 words)
{
	struct clear_walk w = { map, zeros, words };

	cpus_walk(clear_step, &w);
}
