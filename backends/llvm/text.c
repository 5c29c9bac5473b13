/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings in maps. An element is replaced as a whole and carries a sum, by which a reader on
 * another CPU sees that it changed under its hands, and looks again.
 */
#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

static void string_create(struct fn *f, const struct element_at *at)
{
	struct gen *g = f->g;
	LLVMValueRef value = scratch_at(f, f->scratch.value), sequence = next_sequence(f);

	store(g, sequence, value, ABI_VALUE_SEQUENCE);
	element_insert(f, at, value, sequence);
}

void emit_sstore(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[1]);
	uint32_t width = ABI_ROUND8(global->width);
	struct str from = str_operand(f, o[2 + global->key_count]);
	LLVMValueRef value = scratch_at(f, f->scratch.value), key, map, found, error;

	str_to_key(f, ptr_add(g, value, ABI_VALUE_TEXT), &from, width);
	store(g,
	      KERN(g, "sonde_string_sum", ptr_add(g, value, ABI_VALUE_TEXT), const64(g, width / 8)),
	      value, ABI_VALUE_SUM);
	key = key_build(f, o[1], o + 2);
	map = map_of(f, o[1]);
	found = element_get(f, &(struct element_at){ o[1], map, key }, string_create);
	/* The creation number stays. */
	store(g, load64(g, found, ABI_VALUE_SEQUENCE), value, ABI_VALUE_SEQUENCE);
	error = HELPER(g, BPF_FUNC_map_update_elem, map, key, value, const64(g, BPF_ANY));
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntNE, error, const64(g, 0), ""), SKIP_OTHER);
}

/* The text of the element at @key into @slot; "" where there is none. */
void string_load(struct fn *f, uint32_t index, LLVMValueRef key, uint32_t slot)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, index);
	uint32_t words = ABI_ROUND8(global->width) / 8;
	bool direct = ABI_ROUND8(f->flat->slots.data[slot].width) >= words * 8;
	LLVMValueRef to = direct ? slot_pointer(f, slot) : scratch_at(f, f->scratch.value), got;
	struct str from = { to, NULL, global->width, true, NULL };

	if (direct && f->strings_on_stack)
		words_clear(g, to, 0, ABI_ROUND8(f->flat->slots.data[slot].width));
	got = KERN(g, "sonde_string_load", map_of(f, index), key, to, const64(g, words));
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, got, const64(g, 2), ""), SKIP_TORN);
	from.length = KERN(g, "sonde_str_length", to, const64(g, words));
	if (direct)
		slot_set_length(f, slot, from.length);
	else
		str_copy(f, slot, &from);
}

void emit_sload(struct fn *f, const uint32_t *o)
{
	LLVMValueRef key = key_build(f, o[1], o + 2);

	string_load(f, o[1], key, OPERAND_INDEX(o[0]));
}
