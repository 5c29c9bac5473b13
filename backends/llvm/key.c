/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which map a global is in, and the bytes of its keys. Layouts: runtime/abi.h. */
#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "runtime/kern/view.h"

uint32_t key_size(const struct program_global *global)
{
	uint32_t size = 0;

	for (uint32_t i = 0; i < global->key_count; i++)
		size += global->keys[i].type == PROGRAM_STRING ? ABI_ROUND8(global->keys[i].width)
							       : 8;
	return size ? size : 8;
}

uint32_t value_size(const struct program_global *global)
{
	uint32_t words;

	if (global->type == PROGRAM_LONG)
		return ABI_VALUE_LONG + 8;
	if (global->type == PROGRAM_STRING)
		return ABI_VALUE_TEXT + ABI_ROUND8(global->width);
	words = ABI_VALUE_WORDS + abi_agg_words(&global->agg) * 8;
	return global->is_array ? words : (words + ABI_CACHE_LINE - 1) & ~(ABI_CACHE_LINE - 1u);
}

/* ---- maps ---- */

static struct map_spec spec_of(const struct gen *g, const struct program_global *global)
{
	struct map_spec spec = { global->map_name, BPF_MAP_TYPE_HASH, key_size(global),
				 value_size(global), global->max_entries ? global->max_entries : 1,
				 g->kernel >= KERNEL(6, 1) ? BPF_F_NO_PREALLOC : 0 };

	if (!global->is_array)
		spec.max_entries = 1;
	if (global->type != PROGRAM_STATS)
		return spec;
	spec.type = BPF_MAP_TYPE_PERCPU_HASH;
	if (!global->is_array) {
		spec.type = BPF_MAP_TYPE_ARRAY;
		spec.key_size = 4;
		spec.flags = BPF_F_MMAPABLE;
	}
	return spec;
}

LLVMValueRef map_define_swapped(struct gen *g, struct map_spec spec, bool swapped,
				const char *suffix)
{
	struct map_spec outer = { spec.name, BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0 };

	if (!swapped)
		return map_define(g, &spec);
	spec.name = arena_printf(g->arena, "%s%s", spec.name, suffix);
	map_define(g, &spec);
	return map_define(g, &outer);
}

LLVMValueRef map_inner(struct fn *f, const struct program_global *global, LLVMValueRef outer)
{
	struct gen *g = f->g;
	LLVMValueRef key, inner;

	if (!global->swapped)
		return outer;
	key = lent_space(f, 8);
	store(g, const32(g, 0), key, 0);
	inner = map_lookup(g, outer, key);
	skip_if(f, is_null(g, inner), SKIP_OTHER);
	return inner;
}

static LLVMValueRef global_map(struct gen *g, uint32_t index)
{
	const struct program_global *global = &g->program->globals.data[index];

	if (!g->globals[index])
		g->globals[index] = map_define_swapped(g, spec_of(g, global), global->swapped,
						       ".i");
	return g->globals[index];
}

#define KEY_BYTES_OLD 512	/* at most, before Linux 5.11 */

LLVMValueRef map_of(struct fn *f, uint32_t index)
{
	struct gen *g = f->g;

	if (!g->globals[index] && g->kernel < KERNEL(5, 11) &&
	    key_size(global_of(f, index)) > KEY_BYTES_OLD)
		refuse(g, f->insn->place, "an array with keys of more than 512 bytes",
		       "its map needs longer keys (Linux 5.11); -DMAXSTRINGLEN=N makes texts "
		       "shorter");
	return map_inner(f, global_of(f, index), global_map(g, index));
}

void maps_complete(struct gen *g)
{
	for (size_t i = 0; i < g->program->globals.count; i++)
		if (g->program->globals.data[i].home == HOME_MAP)
			global_map(g, i);
}

uint32_t order_slots(const struct program_global *global)
{
	uint32_t slots = 1;

	while (slots < global->max_entries)
		slots *= 2;
	return slots;
}

LLVMValueRef order_of(struct fn *f, uint32_t index)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, index);

	if (!g->orders[index]) {
		uint32_t size = 8 + key_size(global);
		uint32_t head = has_view(g, index) ? sizeof(struct view_order)
						   : sizeof(struct abi_order);
		struct map_spec spec = { arena_printf(g->arena, "%s.o", global->map_name),
					 BPF_MAP_TYPE_ARRAY,
					 4,
					 size < head ? head : size, order_slots(global) + 1,
					 has_view(g, index) ? BPF_F_MMAPABLE : 0 };

		g->orders[index] = map_define_swapped(g, spec, global->swapped, "i");
	}
	return map_inner(f, global, g->orders[index]);
}

/* ---- keys ---- */

LLVMValueRef key_area(struct fn *f, const struct program_global *global)
{
	LLVMValueRef area = f->key_on_stack ? f->key_space : scratch_at(f, f->scratch.key);

	return has_order(global) ? ptr_add(f->g, area, 8) : area;
}

LLVMValueRef key_build(struct fn *f, uint32_t index, const uint32_t *keys)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, index);
	LLVMValueRef area = key_area(f, global);
	uint32_t at = 0;

	if (!global->key_count)
		store(g, const64(g, 0), area, 0);
	for (uint32_t i = 0; i < global->key_count; i++) {
		if (global->keys[i].type == PROGRAM_STRING) {
			struct str from = str_operand(f, keys[i]);

			str_to_key(f, ptr_add(g, area, at), &from,
				   ABI_ROUND8(global->keys[i].width));
			at += ABI_ROUND8(global->keys[i].width);
		} else {
			store(g, long_operand(f, keys[i]), area, at);
			at += 8;
		}
	}
	return area;
}
