/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing a histogram from a kernel handler: an item with the global's number and the buckets of
 * all CPUs put together; the picture is made in user space (runtime/records.c). As a string it is
 * made here (runtime/kern/picture.bpf.c).
 */
#include <stddef.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"
#include "runtime/kern/picture.h"
#include "runtime/kern/work.h"

enum { WALK_MAP, WALK_KEY, WALK_OUT, WALK_WORDS };

static LLVMValueRef walk_get(struct gen *g, LLVMValueRef walk, uint32_t which)
{
	return LLVMBuildIntToPtr(g->builder, load64(g, walk, which * 8), g->ptr, "");
}

/* The element of CPU @cpu (i32). */
static LLVMValueRef cpu_element(struct gen *g, const struct program_global *global,
				LLVMValueRef walk, LLVMValueRef cpu)
{
	LLVMValueRef key, found;

	if (global->is_array) {
		cpu = LLVMBuildZExt(g->builder, cpu, g->i64, "");
		found = HELPER(g, BPF_FUNC_map_lookup_percpu_elem, walk_get(g, walk, WALK_MAP),
			       walk_get(g, walk, WALK_KEY), cpu);
		return LLVMBuildIntToPtr(g->builder, found, g->ptr, "");
	}
	key = stack_space(g, 8);
	store(g, cpu, key, 0);
	return map_lookup(g, walk_get(g, walk, WALK_MAP), key);
}

/* long (u32 cpu, walk): adds one CPU's buckets. */
static LLVMValueRef hist_callback(struct fn *f, const struct program_global *global)
{
	struct gen *g = f->g;
	LLVMTypeRef params[] = { g->i32, g->ptr };
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder), body, add, none;
	char *name = arena_printf(g->arena, "%s_hist%zu", f->handler->symbol, g->callbacks++);
	LLVMValueRef function, found, walk;

	function = LLVMAddFunction(g->module, name, LLVMFunctionType(g->i64, params, 2, false));
	LLVMSetLinkage(function, LLVMInternalLinkage);
	body = LLVMAppendBasicBlockInContext(g->context, function, "entry");
	go_on_in(g, body);
	LLVMSetCurrentDebugLocation2(g->builder, NULL);
	body = block_new(g, "body");
	LLVMBuildBr(g->builder, body);
	go_on_in(g, body);
	add = block_new(g, "add");
	none = block_new(g, "none");
	walk = LLVMGetParam(function, 1);
	found = cpu_element(g, global, walk, LLVMGetParam(function, 0));
	LLVMBuildCondBr(g->builder, is_null(g, found), none, add);
	go_on_in(g, add);
	KERN(g, "sonde_hist_add", found, walk_get(g, walk, WALK_OUT),
	     const64(g, abi_agg_offset(&global->agg, AGG_HIST)), const64(g, global->agg.buckets));
	LLVMBuildRet(g->builder, const64(g, 0));
	go_on_in(g, none);
	LLVMBuildRet(g->builder, const64(g, 1));
	go_on_in(g, here);
	lines_at(g, f->insn->place);
	return function;
}

static void buckets_gather(struct fn *f, uint32_t index, LLVMValueRef key, LLVMValueRef out)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, index);
	LLVMValueRef walk, map = map_of(f, index);

	words_clear(g, out, 0, global->agg.buckets * 8);
	need(g, "bpf_loop", f->insn->place);
	walk = lent_space(f, WALK_WORDS * 8);
	store(g, LLVMBuildPtrToInt(g->builder, map, g->i64, ""), walk, WALK_MAP * 8);
	store(g, key ? LLVMBuildPtrToInt(g->builder, key, g->i64, "") : const64(g, 0), walk,
	      WALK_KEY * 8);
	store(g, LLVMBuildPtrToInt(g->builder, out, g->i64, ""), walk, WALK_OUT * 8);
	HELPER(g, BPF_FUNC_loop, const64(g, ABI_CPU_SLOTS), ptr_cast(g, hist_callback(f, global)),
	       walk, const64(g, 0));
}

uint32_t hist_bytes(const struct program_global *global)
{
	return sizeof(struct abi_item) + 8 + global->agg.buckets * 8;
}

void emit_printhist(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	uint32_t bytes = hist_bytes(global);
	LLVMValueRef key, item;

	if (!stat_possible(f, o[2]) || !cpus_possible(f, "printing a histogram"))
		return;
	key = agg_key(f, o[2], o + 3);
	raise_if(f, agg_is_empty(f, o[2], key), FAULT_EMPTY_AGGREGATE, NULL);
	item = out_item(f, o[1], const64(g, bytes - sizeof(struct abi_item)));
	store(g, const64(g, o[2]), item, 0);
	buckets_gather(f, o[2], key, ptr_add(g, item, 8));
	out_grow(f, const64(g, bytes));
}

static void picture_set(struct fn *f, size_t member, int64_t value)
{
	store(f->g, const64(f->g, value), scratch_at(f, f->scratch.picture), (int64_t)member);
}

#define SET(f, member, value) picture_set(f, offsetof(struct kern_picture, member), value)

void emit_sprinthist(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	const struct program *head = &f->flat->program->head;
	LLVMValueRef key, picture, length;

	if (!stat_possible(f, o[2]) || !cpus_possible(f, "a histogram as a string"))
		return;
	key = agg_key(f, o[2], o + 3);
	raise_if(f, agg_is_empty(f, o[2], key), FAULT_EMPTY_AGGREGATE, NULL);
	picture = scratch_at(f, f->scratch.picture);
	SET(f, hist, global->agg.hist);
	SET(f, buckets, global->agg.buckets);
	SET(f, low, global->agg.low);
	SET(f, step, global->agg.step);
	SET(f, width, head->hist_width);
	SET(f, elision, head->hist_elision);
	buckets_gather(f, o[2], key,
		       ptr_add(g, picture, offsetof(struct kern_picture, bucket)));
	KERN(g, "sonde_picture", work_pointer(f), picture,
	     const64(g, f->flat->program->prints.data[o[1]].piece_count != 0));
	length = load_volatile(g, g->i64, work_pointer(f), WORK_OUT * 8);
	if (OPERAND_TAG(o[0]) == OPERAND_SLOT)
		work_result(f, OPERAND_INDEX(o[0]),
			    length_limit(g, length, g->session->max_string - 1));
}
