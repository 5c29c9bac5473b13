/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading aggregates in a kernel handler: the words of all CPUs, put together. */
#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

/* What a statistic is made of: one word, summed or the greatest. */
static const struct stat_row {
	uint32_t word;
	bool maximum, empty_is_error, complemented, signed_flip;
} stats[] = {
	[IR_STAT_COUNT] = { .word = AGG_COUNT },
	[IR_STAT_SUM] = { .word = AGG_SUM },
	[IR_STAT_MIN] = { .word = AGG_MIN,
			  .maximum = true,
			  .empty_is_error = true,
			  .complemented = true,
			  .signed_flip = true },
	[IR_STAT_MAX] = { .word = AGG_MAX,
			  .maximum = true,
			  .empty_is_error = true,
			  .signed_flip = true },
	[IR_STAT_AVG] = { .word = AGG_SUM, .empty_is_error = true },
	[IR_STAT_VARIANCE] = { .empty_is_error = true },
};

bool stat_possible(struct fn *f, uint32_t global)
{
	struct gen *g = f->g;

	if (!global_of(f, global)->is_array)
		return true;
	if (g->kernel >= KERNEL(5, 19)) {
		need(g, "percpu_lookup", f->insn->place);
		return true;
	}
	refuse(g, f->insn->place, "reading this aggregate",
	       "it needs bpf_map_lookup_percpu_elem() (Linux 5.19)");
	return false;
}

/* Word @at of all CPUs; the count in *count. @key is NULL for a scalar. */
static LLVMValueRef words_gather(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef at,
				 bool maximum, LLVMValueRef *count)
{
	struct gen *g = f->g;
	LLVMValueRef into = scratch_at(f, f->scratch.gather), map = map_of(f, global);

	if (key)
		KERN(g, "sonde_stat_array", map, key, into, at, const64(g, maximum));
	else
		KERN(g, "sonde_stat_scalar", map, into, at, const64(g, maximum));
	*count = load_volatile(g, g->i64, into, 8);
	return load_volatile(g, g->i64, into, 0);
}

static LLVMValueRef variance_gather(struct fn *f, uint32_t global, LLVMValueRef key,
				    LLVMValueRef *count)
{
	struct gen *g = f->g;
	const struct abi_agg *agg = &global_of(f, global)->agg;
	LLVMValueRef into = scratch_at(f, f->scratch.gather), map = map_of(f, global), value;
	LLVMValueRef sum = const64(g, abi_agg_offset(agg, AGG_SUM));
	LLVMValueRef parts = const64(g, abi_agg_offset(agg, AGG_VARIANCE));
	LLVMValueRef shift = const64(g, agg->shift);

	if (key)
		value = KERN(g, "sonde_variance_array", map, key, into, sum, parts, shift);
	else
		value = KERN(g, "sonde_variance_scalar", map, into, sum, parts, shift);
	*count = load_volatile(g, g->i64, into, 8);
	return value;
}

/* Statistic @stat as a number, and the count: it means nothing (but 0 for a sum) when that is 0. */
static LLVMValueRef stat_number(struct fn *f, uint32_t global, LLVMValueRef key, uint32_t stat,
				LLVMValueRef *count)
{
	struct gen *g = f->g;
	const struct stat_row *row = &stats[stat];
	uint32_t at = abi_agg_offset(&global_of(f, global)->agg, row->word);
	LLVMValueRef value;

	if (stat == IR_STAT_VARIANCE)
		return variance_gather(f, global, key, count);
	value = words_gather(f, global, key, const64(g, at), row->maximum, count);
	if (row->complemented)
		value = LLVMBuildNot(g->builder, value, "");
	if (row->signed_flip)
		value = LLVMBuildXor(g->builder, value, const64(g, INT64_MIN), "");
	return value;
}

LLVMValueRef agg_is_empty(struct fn *f, uint32_t global, LLVMValueRef key)
{
	LLVMValueRef count;

	words_gather(f, global, key, const64(f->g, 0), false, &count);
	return LLVMBuildICmp(f->g->builder, LLVMIntEQ, count, const64(f->g, 0), "");
}

bool cpus_possible(struct fn *f, const char *what)
{
	if (f->g->kernel >= KERNEL(5, 17))
		return true;
	refuse(f->g, f->insn->place, what,
	       "it needs bpf_loop() (Linux 5.17); do it in a user-space handler (timer, end)");
	return false;
}

static void stat_value(struct fn *f, uint32_t global, LLVMValueRef key, uint32_t stat,
		       uint32_t result)
{
	struct gen *g = f->g;
	LLVMValueRef count, value, none;

	if (!stat_possible(f, global) ||
	    (stat == IR_STAT_VARIANCE && !cpus_possible(f, "@variance")))
		return;
	value = stat_number(f, global, key, stat, &count);
	none = LLVMBuildICmp(g->builder, LLVMIntEQ, count, const64(g, 0), "");
	if (stats[stat].empty_is_error)
		raise_if(f, none, FAULT_EMPTY_AGGREGATE, NULL);
	if (stat == IR_STAT_AVG)
		value = divide_signed(g, value, count, false);
	long_result(f, result, value);
}

LLVMValueRef stat_or_zero(struct fn *f, uint32_t global, LLVMValueRef key, uint32_t stat)
{
	struct gen *g = f->g;
	LLVMValueRef count, none, value = stat_number(f, global, key, stat, &count);

	none = LLVMBuildICmp(g->builder, LLVMIntEQ, count, const64(g, 0), "");
	count = LLVMBuildSelect(g->builder, none, const64(g, 1), count, "");
	if (stat == IR_STAT_AVG)
		value = divide_signed(g, value, count, false);
	return LLVMBuildSelect(g->builder, none, const64(g, 0), value, "");
}

LLVMValueRef agg_key(struct fn *f, uint32_t global, const uint32_t *keys)
{
	return global_of(f, global)->is_array ? key_build(f, global, keys) : NULL;
}

void emit_stat(struct fn *f, const uint32_t *o)
{
	uint32_t keys = global_of(f, o[1])->key_count;

	stat_value(f, o[1], agg_key(f, o[1], o + 2), o[2 + keys], o[0]);
}

void emit_bucket(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[1]);
	LLVMValueRef index = long_operand(f, o[2 + global->key_count]), count, bad;
	uint32_t first = abi_agg_offset(&global->agg, AGG_HIST);

	if (!stat_possible(f, o[1]))
		return;
	bad = LLVMBuildICmp(g->builder, LLVMIntUGE, index, const64(g, global->agg.buckets), "");
	raise_if(f, bad, FAULT_HIST_INDEX, NULL);
	index = length_limit(g, index, global->agg.buckets - 1);
	index = LLVMBuildAdd(g->builder, index, const64(g, first), "");
	long_result(f, o[0], words_gather(f, o[1], agg_key(f, o[1], o + 2), index, false, &count));
}

void agg_reset(struct fn *f, uint32_t global)
{
	KERN(f->g, "sonde_agg_clear", map_of(f, global), zero_bytes(f->g),
	     const64(f->g, abi_agg_words(&global_of(f, global)->agg)));
}

void element_value(struct fn *f, uint32_t global, LLVMValueRef key, uint32_t stat,
		       uint32_t result)
{
	struct gen *g = f->g;

	if (global_of(f, global)->type == PROGRAM_STATS)
		stat_value(f, global, key, stat, result);
	else
		long_result(f, result, element_long(g, map_lookup(g, map_of(f, global), key)));
}
