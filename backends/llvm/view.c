/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreach over an array that some kernel handler sorts (runtime/kern/view.h): its order is that of
 * the last view, or of the one that this foreach makes.
 */
#include <linux/bpf.h>

#include "backends/llvm/iter.h"
#include "runtime/kern/view.h"

/* ---- which arrays ---- */

/* The ring is there if kernel handlers go along it, or drop the first one. */
static void view_note(struct gen *g, uint32_t index)
{
	const struct program_global *global = &g->program->globals.data[index];

	g->viewed[index] = global->home == HOME_MAP && has_order(global);
}

void views_find(struct gen *g)
{
	/* Before there was bpf_loop() kernel handlers neither sort nor see what others do. */
	if (g->kernel < KERNEL(5, 17))
		return;
	for (size_t i = 0; i < g->program->funcs.count; i++) {
		const struct ir_func *func = g->program->funcs.data[i];

		for (size_t b = 0; b < func->blocks.count; b++)
			for (size_t k = 0; k < func->blocks.data[b].insns.count; k++) {
				const struct ir_insn *insn = &func->blocks.data[b].insns.data[k];

				if (insn->op == IR_ITER && insn->operands.data[3])
					view_note(g, insn->operands.data[2]);
			}
	}
}

bool has_view(const struct gen *g, uint32_t global)
{
	return g->viewed[global];
}

LLVMValueRef views_of(struct fn *f, uint32_t global)
{
	struct gen *g = f->g;
	const struct program_global *info = global_of(f, global);
	uint32_t slots = order_slots(info);
	struct map_spec spec = { arena_printf(g->arena, "%s.s", info->map_name),
				 BPF_MAP_TYPE_ARRAY, 4, sizeof(struct view_item),
				 VIEW_AT(slots, VIEW_BLOCKS_LEAST), BPF_F_MMAPABLE };

	if (!g->views[global])
		g->views[global] = map_define(g, &spec);
	return g->views[global];
}

/* ---- a foreach ---- */

uint32_t view_state_bytes(void)
{
	return sizeof(struct view_state);
}

LLVMValueRef view_state(struct fn *f, uint32_t iter)
{
	return scratch_at(f, f->scratch.sorts + iter * sizeof(struct view_state));
}

LLVMValueRef view_context(struct fn *f)
{
	return lent_space(f, sizeof(struct view_context));
}

LLVMValueRef view_slots(struct fn *f, const uint32_t *o)
{
	return const64(f->g, order_slots(global_of(f, o[2])));
}

void view_open(struct fn *f, const uint32_t *o)
{
	need(f->g, "bpf_loop", f->insn->place);
	KERN(f->g, "sonde_view_open", view_state(f, o[1]), order_of(f, o[2]), views_of(f, o[2]),
	     view_slots(f, o));
}

LLVMValueRef view_next(struct fn *f, const uint32_t *o)
{
	const struct program_global *global = global_of(f, o[2]);
	struct gen *g = f->g;

	return KERN(g, "sonde_view_next", view_context(f), view_state(f, o[1]),
		    order_of(f, o[2]), map_of(f, o[2]), views_of(f, o[2]),
		    const64(g, order_slots(global) * 2ul + (global->type == PROGRAM_STATS)),
		    iter_key(f, o[1]), const64(g, key_size(global)));
}

void view_close(struct fn *f, const uint32_t *o)
{
	if (has_view(f->g, o[2]))
		KERN(f->g, "sonde_view_close", view_state(f, o[1]), views_of(f, o[2]),
		     view_slots(f, o));
}

/* ---- a handler ---- */

typedef void (*iter_visitor)(struct fn *f, const uint32_t *o);

static void iters_visit(struct fn *f, iter_visitor visit)
{
	for (size_t b = 0; b < f->flat->blocks.count; b++) {
		const struct flat_block *block = &f->flat->blocks.data[b];

		for (size_t i = 0; i < block->insns.count; i++)
			if (block->insns.data[i].op == IR_ITER &&
			    has_view(f->g, block->insns.data[i].operands[2]))
				visit(f, block->insns.data[i].operands);
	}
}

static void state_clear(struct fn *f, const uint32_t *o)
{
	words_clear(f->g, view_state(f, o[1]), 0, sizeof(struct view_walk));
}

void views_start(struct fn *f)
{
	iters_visit(f, state_clear);
}

void views_end(struct fn *f)
{
	iters_visit(f, view_close);
}
