/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aggregates: the words of struct abi_agg (runtime/abi.h, without the sequence) and what is
 * extracted from them. A block belongs to who holds it; a zeroed block is the empty aggregate.
 */
#ifndef SONDE_AGGR_H
#define SONDE_AGGR_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/program.h"

/* One more value: what the kernel handlers' `<<<` does, for one thread. */
void aggr_add(const struct abi_agg *agg, uint64_t *words, int64_t value);
/* Adds the values counted in @from to those in @into. Variances are merged as SystemTap merges
 * those of its CPUs; call it from a zeroed @into. */
void aggr_merge(const struct abi_agg *agg, uint64_t *into, const uint64_t *from);
/* Many blocks (per CPU, @stride words apart) into the empty @into. The variance of the whole is
 * then in order even where merging two by two would round differently. */
void aggr_merge_all(const struct abi_agg *agg, uint64_t *into, const uint64_t *blocks,
		    uint32_t count, uint32_t stride);

/* The number of values, also of a block that a kernel handler filled. */
uint64_t aggr_count(const struct abi_agg *agg, const uint64_t *words);
bool aggr_is_empty(const struct abi_agg *agg, const uint64_t *words);
/* @min, @max, @avg and @variance mean nothing when it is empty; @count and @sum are 0 then. */
int64_t aggr_stat(const struct abi_agg *agg, const uint64_t *words, enum ir_stat stat);
/* Count of a bucket; @bucket must be below agg->buckets. */
int64_t aggr_bucket(const struct abi_agg *agg, const uint64_t *words, uint32_t bucket);

/* The bucket that @value falls into, and the value that a bucket is labelled with. */
uint32_t aggr_bucket_of(const struct abi_agg *agg, int64_t value);
int64_t aggr_bucket_value(const struct abi_agg *agg, uint32_t bucket);

#endif
