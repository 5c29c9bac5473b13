/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front of an array (runtime/kern/front.h): look there first, else in the map. */
#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "runtime/kern/front.h"

static uint32_t value_words(const struct program_global *global)
{
	return (value_size(global) - ABI_VALUE_WORDS) / 8;
}

bool has_front(const struct gen *g, const struct program_global *global)
{
	return global->fronted && g->kernel >= KERNEL(5, 12) &&
	       key_size(global) <= FRONT_KEY_WORDS * 8 && value_words(global) <= FRONT_VALUE_WORDS;
}

static bool is_by_cpu(const struct program_global *global)
{
	return global->type == PROGRAM_STATS;
}

/* Twice as many as elements, so that few keys want the same; but within limits. */
static uint32_t slot_count(const struct program_global *global, uint32_t size)
{
	uint32_t most = is_by_cpu(global) ? FRONT_BYTES_CPU : FRONT_BYTES;
	uint32_t slots = FRONT_SLOTS_LEAST;

	while (slots / 2 < global->max_entries && slots * 2 * size <= most)
		slots *= 2;
	return slots;
}

static struct map_spec spec_of(const struct gen *g, const struct program_global *global)
{
	uint32_t size = front_slot_size(key_size(global), value_words(global));
	struct map_spec spec = { arena_printf(g->arena, "%s.f", global->map_name),
				 BPF_MAP_TYPE_ARRAY, 4, size, slot_count(global, size),
				 BPF_F_MMAPABLE };

	return spec;
}

/* The number of the first slot of this CPU. */
static LLVMValueRef first_slot(struct gen *g, const struct program_global *global, uint32_t slots)
{
	if (!is_by_cpu(global))
		return const64(g, 0);
	return LLVMBuildMul(g->builder, HELPER(g, BPF_FUNC_get_smp_processor_id),
			    const64(g, slots), "");
}

static LLVMValueRef hash_of(struct gen *g, LLVMValueRef key, uint32_t words)
{
	LLVMValueRef hash = NULL;

	for (uint32_t i = 0; i < words; i++) {
		LLVMValueRef word = load64(g, key, i * 8);

		if (hash) {
			LLVMValueRef upper = LLVMBuildLShr(g->builder, hash, const64(g, 32), "");

			hash = LLVMBuildXor(g->builder, hash, upper, "");
			word = LLVMBuildXor(g->builder, hash, word, "");
		}
		hash = LLVMBuildMul(g->builder, word, const64(g, (int64_t)FRONT_FACTOR), "");
	}
	return hash;
}

/*
 * The values in @key's slot; goes to @miss if another key or none holds it. Made here and not by
 * the library, of just the words there are: it stands in every handler. In which order tag and key
 * are read does not matter: a key that is seen late stands under a tag that is not its own.
 */
static LLVMValueRef slot_values(struct fn *f, LLVMValueRef front, LLVMValueRef key, uint64_t layout,
				LLVMValueRef first, LLVMBasicBlockRef miss)
{
	struct gen *g = f->g;
	uint32_t words = FRONT_LAYOUT_WORDS(layout);
	LLVMValueRef hash = hash_of(g, key, words), index, slot, differ;
	LLVMValueRef shift = const64(g, (int64_t)FRONT_LAYOUT_SHIFT(layout));
	LLVMValueRef space = lent_space(f, 8);

	index = LLVMBuildAdd(g->builder, LLVMBuildLShr(g->builder, hash, shift, ""), first, "");
	store(g, LLVMBuildTrunc(g->builder, index, g->i32, ""), space, 0);
	slot = map_lookup(g, front, space);
	unlikely(g, is_null(g, slot), miss, "slot");
	differ = LLVMBuildXor(g->builder, load_volatile(g, g->i64, slot, 0),
			      LLVMBuildOr(g->builder, hash, const64(g, FRONT_HELD), ""), "");
	for (uint32_t i = 0; i < words; i++) {
		LLVMValueRef bits = LLVMBuildXor(g->builder, load64(g, slot, FRONT_HEAD + i * 8),
						 load64(g, key, i * 8), "");

		differ = LLVMBuildOr(g->builder, differ, bits, "");
	}
	unlikely(g, LLVMBuildICmp(g->builder, LLVMIntNE, differ, const64(g, 0), ""), miss, "hit");
	return ptr_add(g, slot, FRONT_HEAD + words * 8);
}

/* The long way, by a function of the program's own: seldom gone, and the most of it all. */
static LLVMValueRef far_called(struct fn *f, uint32_t index, LLVMValueRef front, LLVMValueRef key,
			       LLVMValueRef layout)
{
	struct gen *g = f->g;
	LLVMValueRef full = lent_space(f, 8), found;
	LLVMBasicBlockRef none = block_new(g, "none"), here;

	found = KERN(g, "sonde_front_element", map_of(f, index), front, key, layout, full);
	unlikely(g, is_null(g, found), none, "made");
	here = LLVMGetInsertBlock(g->builder);
	go_on_in(g, none);
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, load64(g, full, 0), const64(g, 0), ""),
		SKIP_OTHER);
	raise_now(f, FAULT_OVERFLOW, const64(g, index));
	go_on_in(g, here);
	return ptr_cast(g, found);
}

/* The same in place: verifiers before 6.4 follow more paths in all of a program that has a function
 * of its own. */
static LLVMValueRef far_inline(struct fn *f, uint32_t index, LLVMValueRef front, LLVMValueRef key,
			       LLVMValueRef layout, LLVMValueRef first, element_creator create)
{
	struct element_at at = { index, map_of(f, index), key };
	LLVMValueRef element = element_get(f, &at, create);

	KERN(f->g, "sonde_front_claim", front, key, layout, first, element);
	return ptr_add(f->g, element, ABI_VALUE_WORDS);
}

LLVMValueRef front_values(struct fn *f, uint32_t index, LLVMValueRef key, element_creator create)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, index);
	struct map_spec spec = spec_of(g, global);
	uint64_t shape = FRONT_LAYOUT(key_size(global) / 8, spec.max_entries) |
			 (is_by_cpu(global) ? FRONT_LAYOUT_BY_CPU : 0);
	LLVMValueRef layout = const64(g, (int64_t)shape), front, first, values[2];
	LLVMBasicBlockRef miss = block_new(g, "afar"), have = block_new(g, "near"), from[2];

	need(g, "atomics", f->insn->place);
	if (!g->fronts[index])
		g->fronts[index] = map_define_swapped(g, spec, global->swapped, "i");
	front = map_inner(f, global, g->fronts[index]);
	first = first_slot(g, global, spec.max_entries);
	values[0] = slot_values(f, front, key, shape, first, miss);
	from[0] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, have);
	go_on_in(g, miss);
	values[1] = g->kernel >= KERNEL(6, 4)
			    ? far_called(f, index, front, key, layout)
			    : far_inline(f, index, front, key, layout, first, create);
	from[1] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, have);
	return go_on_with(g, have, values, from);
}
