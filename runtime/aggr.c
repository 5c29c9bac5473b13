/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/aggr.h"

#include <string.h>

#define SIGN ((uint64_t)1 << 63)

static uint64_t *word_at(const struct abi_agg *agg, uint64_t *words, uint32_t word)
{
	return agg->words & word ? words + abi_agg_offset(agg, word) : NULL;
}

static uint64_t word_get(const struct abi_agg *agg, const uint64_t *words, uint32_t word)
{
	return agg->words & word ? words[abi_agg_offset(agg, word)] : 0;
}

static int64_t divide(uint64_t value, uint64_t by)
{
	return by ? (int64_t)value / (int64_t)by : 0;
}

static void raise_to(uint64_t *word, uint64_t value)
{
	if (word && *word < value)
		*word = value;
}

static struct abi_variance *variance_at(const struct abi_agg *agg, uint64_t *words)
{
	return (struct abi_variance *)(void *)word_at(agg, words, AGG_VARIANCE);
}

static const struct abi_variance *variance_of(const struct abi_agg *agg, const uint64_t *words)
{
	return (const void *)(words + abi_agg_offset(agg, AGG_VARIANCE));
}

/* Welford's method in integers, SystemTap's rounding: tests of scripts depend on it. */
static void variance_add(const struct abi_agg *agg, struct abi_variance *at, int64_t value)
{
	uint64_t scaled = (uint64_t)value << agg->shift;

	if (!at->count++) {
		at->mean = scaled;
		at->squares = 0;
		return;
	}
	uint64_t delta = scaled - at->mean;

	at->mean += (uint64_t)divide(delta, at->count);
	at->squares += delta * (scaled - at->mean);
}

void aggr_add(const struct abi_agg *agg, uint64_t *words, int64_t value)
{
	struct abi_variance *variance = variance_at(agg, words);
	uint64_t *sum = word_at(agg, words, AGG_SUM), *hist = word_at(agg, words, AGG_HIST);

	words[0]++;
	if (sum)
		*sum += (uint64_t)value;
	raise_to(word_at(agg, words, AGG_MAX), (uint64_t)value ^ SIGN);
	raise_to(word_at(agg, words, AGG_MIN), ~((uint64_t)value ^ SIGN));
	if (variance)
		variance_add(agg, variance, value);
	if (hist)
		hist[aggr_bucket_of(agg, value)]++;
}

uint64_t aggr_count(const struct abi_agg *agg, const uint64_t *words)
{
	uint64_t count = 0;

	if (agg->words & AGG_COUNT || !(agg->words & AGG_HIST))
		return words[0];
	words += abi_agg_offset(agg, AGG_HIST);
	for (uint32_t i = 0; i < agg->buckets; i++)
		count += words[i];
	return count;
}

/* Everything but the variance. */
static void words_merge(const struct abi_agg *agg, uint64_t *into, const uint64_t *from)
{
	uint64_t *sum = word_at(agg, into, AGG_SUM), *hist = word_at(agg, into, AGG_HIST);

	into[0] += aggr_count(agg, from);
	if (sum)
		*sum += word_get(agg, from, AGG_SUM);
	raise_to(word_at(agg, into, AGG_MAX), word_get(agg, from, AGG_MAX));
	raise_to(word_at(agg, into, AGG_MIN), word_get(agg, from, AGG_MIN));
	if (!hist)
		return;
	const uint64_t *buckets = from + abi_agg_offset(agg, AGG_HIST);
	for (uint32_t i = 0; i < agg->buckets; i++)
		hist[i] += buckets[i];
}

/* One block's share of the sum of squares about @mean, the mean of all (both scaled). */
static uint64_t variance_part(const struct abi_agg *agg, const uint64_t *words, uint64_t mean)
{
	const struct abi_variance *part = variance_of(agg, words);
	uint64_t squares = 0;

	for (int i = 0; i < ABI_VARIANCE_PARTS; i++) {
		uint64_t off = part[i].mean - mean;

		if (part[i].count)
			squares += part[i].count * off * off +
				   (part[i].count - 1) *
					   (uint64_t)divide(part[i].squares, part[i].count - 1);
	}
	return squares;
}

static uint64_t weighted(const struct abi_agg *agg, const uint64_t *words)
{
	const struct abi_variance *part = variance_of(agg, words);
	uint64_t moments = 0;

	for (int i = 0; i < ABI_VARIANCE_PARTS; i++)
		moments += part[i].count * part[i].mean;
	return moments;
}

/* The mean of @count values that have @sum, or (that is not kept) @moments. */
static uint64_t mean_of(const struct abi_agg *agg, uint64_t count, uint64_t sum, uint64_t moments)
{
	return (uint64_t)divide(agg->words & AGG_SUM ? sum << agg->shift : moments, count);
}

static void variance_set(const struct abi_agg *agg, uint64_t *words, uint64_t mean,
			 uint64_t squares)
{
	struct abi_variance *part = variance_at(agg, words);

	memset(part, 0, ABI_VARIANCE_PARTS * sizeof(*part));
	part->count = words[0];
	part->mean = mean;
	part->squares = squares;
}

void aggr_merge(const struct abi_agg *agg, uint64_t *into, const uint64_t *from)
{
	uint64_t mean, squares;

	if (!(agg->words & AGG_VARIANCE)) {
		words_merge(agg, into, from);
		return;
	}
	mean = mean_of(agg, into[0] + aggr_count(agg, from),
		       word_get(agg, into, AGG_SUM) + word_get(agg, from, AGG_SUM),
		       weighted(agg, into) + weighted(agg, from));
	squares = variance_part(agg, into, mean) + variance_part(agg, from, mean);
	words_merge(agg, into, from);
	variance_set(agg, into, mean, squares);
}

void aggr_merge_all(const struct abi_agg *agg, uint64_t *into, const uint64_t *blocks,
		    uint32_t count, uint32_t stride)
{
	bool varies = agg->words & AGG_VARIANCE;
	uint64_t moments = 0, squares = 0, mean;

	for (uint32_t i = 0; i < count; i++) {
		words_merge(agg, into, blocks + (size_t)i * stride);
		if (varies)
			moments += weighted(agg, blocks + (size_t)i * stride);
	}
	if (!varies || !into[0])
		return;
	mean = mean_of(agg, into[0], word_get(agg, into, AGG_SUM), moments);
	for (uint32_t i = 0; i < count; i++)
		squares += variance_part(agg, blocks + (size_t)i * stride, mean);
	variance_set(agg, into, mean, squares);
}

bool aggr_is_empty(const struct abi_agg *agg, const uint64_t *words)
{
	(void)agg;
	return !words || !words[0];
}

static int64_t stat_count(const struct abi_agg *agg, const uint64_t *words)
{
	(void)agg;
	return (int64_t)words[0];
}

static int64_t stat_sum(const struct abi_agg *agg, const uint64_t *words)
{
	return (int64_t)word_get(agg, words, AGG_SUM);
}

static int64_t stat_min(const struct abi_agg *agg, const uint64_t *words)
{
	return (int64_t)(~word_get(agg, words, AGG_MIN) ^ SIGN);
}

static int64_t stat_max(const struct abi_agg *agg, const uint64_t *words)
{
	return (int64_t)(word_get(agg, words, AGG_MAX) ^ SIGN);
}

static int64_t stat_avg(const struct abi_agg *agg, const uint64_t *words)
{
	return divide(word_get(agg, words, AGG_SUM), words[0]);
}

static int64_t stat_variance(const struct abi_agg *agg, const uint64_t *words)
{
	uint64_t mean;

	if (words[0] < 2 || !(agg->words & AGG_VARIANCE))
		return 0;
	mean = mean_of(agg, words[0], word_get(agg, words, AGG_SUM), weighted(agg, words));
	return divide(variance_part(agg, words, mean), words[0] - 1) >> 2 * agg->shift;
}

typedef int64_t stat_fn(const struct abi_agg *agg, const uint64_t *words);

static stat_fn *const stats[] = {
	[IR_STAT_COUNT] = stat_count, [IR_STAT_SUM] = stat_sum, [IR_STAT_MIN] = stat_min,
	[IR_STAT_MAX] = stat_max,     [IR_STAT_AVG] = stat_avg, [IR_STAT_VARIANCE] = stat_variance,
};

int64_t aggr_stat(const struct abi_agg *agg, const uint64_t *words, enum ir_stat stat)
{
	if (aggr_is_empty(agg, words))
		return 0;
	return stats[stat](agg, words);
}

int64_t aggr_bucket(const struct abi_agg *agg, const uint64_t *words, uint32_t bucket)
{
	if (!words || !(agg->words & AGG_HIST))
		return 0;
	return (int64_t)words[abi_agg_offset(agg, AGG_HIST) + bucket];
}

static uint32_t log_bucket(int64_t value)
{
	if (!value)
		return 64;
	if (value < 0)
		return 64 - (64 - (uint32_t)__builtin_clzll(0 - (uint64_t)value));
	return 64 + (64 - (uint32_t)__builtin_clzll((uint64_t)value));
}

uint32_t aggr_bucket_of(const struct abi_agg *agg, int64_t value)
{
	if (agg->hist == ABI_HIST_LOG)
		return log_bucket(value);
	if (value < agg->low)
		return 0;
	uint64_t bucket = ((uint64_t)value - (uint64_t)agg->low) / (uint64_t)agg->step + 1;

	return bucket < agg->buckets ? (uint32_t)bucket : agg->buckets - 1;
}

int64_t aggr_bucket_value(const struct abi_agg *agg, uint32_t bucket)
{
	if (agg->hist == ABI_HIST_LOG) {
		if (bucket == 64)
			return 0;
		return bucket > 64 ? (int64_t)((uint64_t)1 << (bucket - 65))
				   : (int64_t)(0 - ((uint64_t)1 << (63 - bucket)));
	}
	if (bucket == 0)
		return agg->low;
	if (bucket == agg->buckets - 1)
		bucket--;
	return agg->low + (int64_t)(bucket - 1) * agg->step;
}
