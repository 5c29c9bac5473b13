/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/aggr.h"

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

/* Welford's method in integers, SystemTap's rounding: tests of scripts depend on it. */
static void variance_add(const struct abi_agg *agg, uint64_t *pair, uint64_t count, int64_t value)
{
	uint64_t scaled = (uint64_t)value << agg->shift;

	if (count == 1) {
		pair[0] = scaled;
		pair[1] = 0;
		return;
	}
	uint64_t delta = scaled - pair[0];

	pair[0] += (uint64_t)divide(delta, count);
	pair[1] += delta * (scaled - pair[0]);
}

void aggr_add(const struct abi_agg *agg, uint64_t *words, int64_t value)
{
	uint64_t *sum = word_at(agg, words, AGG_SUM), *pair = word_at(agg, words, AGG_VARIANCE);
	uint64_t *hist = word_at(agg, words, AGG_HIST);
	uint64_t count = ++words[0];

	if (sum)
		*sum += (uint64_t)value;
	raise_to(word_at(agg, words, AGG_MAX), (uint64_t)value ^ SIGN);
	raise_to(word_at(agg, words, AGG_MIN), ~((uint64_t)value ^ SIGN));
	if (pair)
		variance_add(agg, pair, count, value);
	if (hist)
		hist[aggr_bucket_of(agg, value)]++;
}

/* Everything but the variance. */
static void words_merge(const struct abi_agg *agg, uint64_t *into, const uint64_t *from)
{
	uint64_t *sum = word_at(agg, into, AGG_SUM), *hist = word_at(agg, into, AGG_HIST);

	into[0] += from[0];
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
	const uint64_t *pair = words + abi_agg_offset(agg, AGG_VARIANCE);
	uint64_t count = words[0], off = pair[0] - mean;

	if (!count)
		return 0;
	return count * off * off + (count - 1) * (uint64_t)divide(pair[1], count - 1);
}

static uint64_t mean_of(const struct abi_agg *agg, const uint64_t *words)
{
	if (!(agg->words & AGG_SUM))
		return words[abi_agg_offset(agg, AGG_VARIANCE)];
	return (uint64_t)divide(word_get(agg, words, AGG_SUM) << agg->shift, words[0]);
}

static uint64_t weighted(const struct abi_agg *agg, const uint64_t *words)
{
	return words[0] * words[abi_agg_offset(agg, AGG_VARIANCE)];
}

void aggr_merge(const struct abi_agg *agg, uint64_t *into, const uint64_t *from)
{
	uint64_t *pair = word_at(agg, into, AGG_VARIANCE);

	if (!pair) {
		words_merge(agg, into, from);
		return;
	}
	uint64_t total = into[0] + from[0];
	uint64_t sum = word_get(agg, into, AGG_SUM) + word_get(agg, from, AGG_SUM);
	uint64_t mean =
		agg->words & AGG_SUM
			? (uint64_t)divide(sum << agg->shift, total)
			: (uint64_t)divide(weighted(agg, into) + weighted(agg, from), total);
	uint64_t squares = variance_part(agg, into, mean) + variance_part(agg, from, mean);

	words_merge(agg, into, from);
	pair[0] = mean;
	pair[1] = squares;
}

void aggr_merge_all(const struct abi_agg *agg, uint64_t *into, const uint64_t *blocks,
		    uint32_t count, uint32_t stride)
{
	uint64_t *pair = word_at(agg, into, AGG_VARIANCE);
	uint64_t moments = 0;

	for (uint32_t i = 0; i < count; i++) {
		words_merge(agg, into, blocks + (size_t)i * stride);
		if (pair)
			moments += weighted(agg, blocks + (size_t)i * stride);
	}
	if (!pair || !into[0])
		return;
	pair[0] = (uint64_t)divide(moments, into[0]);
	pair[0] = mean_of(agg, into);
	pair[1] = 0;
	for (uint32_t i = 0; i < count; i++)
		pair[1] += variance_part(agg, blocks + (size_t)i * stride, pair[0]);
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
	if (words[0] < 2 || !(agg->words & AGG_VARIANCE))
		return 0;
	return divide(variance_part(agg, words, mean_of(agg, words)), words[0] - 1) >>
	       2 * agg->shift;
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
