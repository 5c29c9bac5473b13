/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aggregates. A block per CPU, but not for this handler alone: another may preempt it. So each word
 * is changed atomically. Layouts: runtime/abi.h.
 */
#include <stddef.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

static void agg_create(struct fn *f, const struct element_at *at)
{
	struct gen *g = f->g;
	LLVMValueRef sequence = next_sequence(f), made;
	LLVMBasicBlockRef fill = block_new(g, "fill"), done = block_new(g, "filled");

	/* From there: it may be larger than the stack. */
	element_insert(f, at, zero_bytes(g), sequence);
	made = map_lookup(g, at->map, at->key);
	LLVMBuildCondBr(g->builder, is_null(g, made), done, fill);
	go_on_in(g, fill);
	store(g, sequence, made, ABI_VALUE_SEQUENCE);
	LLVMBuildBr(g->builder, done);
	go_on_in(g, done);
}

/* This CPU's words. */
static LLVMValueRef agg_place(struct fn *f, uint32_t global, const uint32_t *keys)
{
	struct gen *g = f->g;
	LLVMValueRef map, key, found;

	if (global_of(f, global)->is_array) {
		key = key_build(f, global, keys);
		if (has_front(g, global_of(f, global)))
			return front_values(f, global, key, agg_create);
		map = map_of(f, global);
		found = element_get(f, &(struct element_at){ global, map, key }, agg_create);
		return ptr_add(g, found, ABI_VALUE_WORDS);
	}
	map = map_of(f, global);
	key = lent_space(f, 8);
	store(g, LLVMBuildTrunc(g->builder, HELPER(g, BPF_FUNC_get_smp_processor_id), g->i32, ""),
	      key, 0);
	found = map_lookup(g, map, key);
	skip_if(f, is_null(g, found), SKIP_OTHER);
	return ptr_add(g, found, ABI_VALUE_WORDS);
}

static void word_max(struct fn *f, LLVMValueRef words, uint32_t at, LLVMValueRef value)
{
	struct gen *g = f->g;

	KERN(g, g->kernel >= KERNEL(5, 12) ? "sonde_agg_max" : "sonde_agg_max_nested",
	     ptr_add(g, words, at * 8), value);
}

/* First: a run that finds all parts busy adds nothing at all, and is counted as skipped. */
static void variance_add(struct fn *f, const struct abi_agg *agg, LLVMValueRef words,
			 LLVMValueRef value)
{
	struct gen *g = f->g;
	LLVMValueRef parts = ptr_add(g, words, abi_agg_offset(agg, AGG_VARIANCE) * 8), done;

	done = KERN(g, g->kernel >= KERNEL(5, 12) ? "sonde_variance" : "sonde_variance_nested",
		    parts, value, const64(g, agg->shift));
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, done, const64(g, 0), ""), SKIP_SCRATCH);
}

static LLVMValueRef bucket_of(struct fn *f, const struct abi_agg *agg, LLVMValueRef value)
{
	struct gen *g = f->g;

	if (agg->hist == ABI_HIST_LOG)
		return KERN(g, "sonde_log_bucket", value);
	return KERN(g, "sonde_linear_bucket", value, const64(g, agg->low), const64(g, agg->step),
		    const64(g, agg->buckets));
}

static void agg_add(struct fn *f, uint32_t global, const uint32_t *keys, LLVMValueRef value)
{
	struct gen *g = f->g;
	const struct abi_agg *agg = &global_of(f, global)->agg;
	LLVMValueRef words = agg_place(f, global, keys), ordered, at;

	ordered = LLVMBuildXor(g->builder, value, const64(g, INT64_MIN), "");
	if (agg->words & AGG_VARIANCE)
		variance_add(f, agg, words, value);
	if (agg->words & AGG_COUNT)
		atomic_add(g, words, 0, const64(g, 1));
	if (agg->words & AGG_SUM)
		atomic_add(g, words, abi_agg_offset(agg, AGG_SUM) * 8, value);
	if (agg->words & AGG_MAX)
		word_max(f, words, abi_agg_offset(agg, AGG_MAX), ordered);
	if (agg->words & AGG_MIN)
		word_max(f, words, abi_agg_offset(agg, AGG_MIN),
			 LLVMBuildNot(g->builder, ordered, ""));
	if (!(agg->words & AGG_HIST))
		return;
	at = opaque(g, bucket_of(f, agg, value));
	/* The verifier wants the limit at the last step. */
	at = length_limit(g, at, agg->buckets - 1);
	at = LLVMBuildShl(g->builder, at, const64(g, 3), "");
	atomic_add(g, ptr_index(g, ptr_add(g, words, abi_agg_offset(agg, AGG_HIST) * 8), at), 0,
		   const64(g, 1));
}

void emit_agg(struct fn *f, const uint32_t *o)
{
	agg_add(f, o[1], o + 2, long_operand(f, o[2 + global_of(f, o[1])->key_count]));
}

void agg_timing(struct fn *f, uint32_t global, LLVMValueRef spent)
{
	uint32_t key = ir_long(f->flat->program, f->index);

	agg_add(f, global, &key, spent);
}
