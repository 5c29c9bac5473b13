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

LLVMValueRef front_values(struct fn *f, uint32_t index, LLVMValueRef key, element_creator create)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, index);
	struct map_spec spec = spec_of(g, global);
	uint64_t shape = FRONT_LAYOUT(key_size(global) / 8, spec.max_entries);
	LLVMValueRef layout = const64(g, (int64_t)shape), front, first, values[2], element, phi;
	LLVMBasicBlockRef miss = block_new(g, "afar"), have = block_new(g, "near"), from[2];

	need(g, "atomics", f->insn->place);
	if (!g->fronts[index])
		g->fronts[index] = map_define_swapped(g, spec, global->swapped, "i");
	front = map_inner(f, global, g->fronts[index]);
	first = first_slot(g, global, spec.max_entries);
	values[0] = ptr_cast(g, KERN(g, "sonde_front_find", front, key, layout, first));
	unlikely(g, is_null(g, values[0]), miss, "hit");
	from[0] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, have);
	go_on_in(g, miss);
	element = element_get(f, &(struct element_at){ index, map_of(f, index), key }, create);
	/* Verifiers before 6.4: see error_symbol(). */
	KERN(g, g->kernel >= KERNEL(6, 4) ? "sonde_front_claim_call" : "sonde_front_claim", front,
	     key, layout, first, element);
	values[1] = ptr_add(g, element, ABI_VALUE_WORDS);
	from[1] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, have);
	go_on_in(g, have);
	phi = LLVMBuildPhi(g->builder, g->ptr, "");
	LLVMAddIncoming(phi, values, from, 2);
	return phi;
}
