/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Map definitions: BTF-defined globals of section .maps. Names and layouts: runtime/abi.h. */
#include <linux/bpf.h>

#include "backends/llvm/gen.h"

#define RING_BYTES (1u << 18)		/* the runtime sets what it wants */

/* All maps have the same shape to LLVM: their size in the section is five pointers. */
LLVMValueRef map_define(struct gen *g, const struct map_spec *spec)
{
	LLVMTypeRef type =
		LLVMArrayType(g->i64, 5 - !spec->key_size - !spec->value_size - !spec->flags);
	LLVMValueRef map = LLVMAddGlobal(g->module, type, spec->name);

	LLVMSetInitializer(map, LLVMConstNull(type));
	LLVMSetAlignment(map, 8);
	LLVMSetSection(map, ".maps");
	lines_map(g, map, spec);
	return LLVMConstPointerCast(map, g->ptr);
}

static LLVMValueRef map_named(struct gen *g, const char *name)
{
	LLVMValueRef map = LLVMGetNamedGlobal(g->module, name);

	return map ? LLVMConstPointerCast(map, g->ptr) : NULL;
}

LLVMValueRef map_ring(struct gen *g)
{
	static const struct map_spec spec = {
		"sonde_ring", BPF_MAP_TYPE_RINGBUF, 0, 0, RING_BYTES, 0
	};
	LLVMValueRef map = map_named(g, spec.name);

	return map ? map : map_define(g, &spec);
}

LLVMValueRef map_scratch(struct gen *g)
{
	LLVMValueRef map = map_named(g, "sonde_scratch");

	/* The block's size is known when all handlers are planned: before any is emitted. */
	const struct map_spec spec = { "sonde_scratch", BPF_MAP_TYPE_ARRAY, 4, g->scratch_bytes,
				       ABI_SCRATCH_PER_CPU, 0 };

	return map ? map : map_define(g, &spec);
}
