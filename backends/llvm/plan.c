/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a handler's registers and slots live, and what memory it needs: see fn.h. */
#include <string.h>

#include "backends/llvm/element.h"
#include "backends/llvm/fn.h"
#include "backends/llvm/iter.h"
#include "runtime/kern/fault.h"
#include "runtime/kern/picture.h"
#include "runtime/kern/view.h"
#include "runtime/kern/work.h"

uint32_t var_len(const struct fn *f, uint32_t slot)
{
	return f->flat->reg_count + slot;
}

uint32_t var_iter(const struct fn *f, uint32_t iter, enum iter_var which)
{
	return f->flat->reg_count + f->flat->slots.count + iter * ITER_VARS + which;
}

uint32_t var_fixed(const struct fn *f, enum fixed_var which)
{
	return var_iter(f, f->flat->iter_count, 0) + which;
}

/* Variables that are in scratch memory when there is any, behind the lengths. */
static const enum fixed_var scratch_vars[] = { VAR_OUT, VAR_TEXT_LEN, VAR_FAULT, VAR_DETAIL,
	VAR_WHICH, VAR_TRAIL };
#define SCRATCH_VARS (sizeof(scratch_vars) / sizeof(*scratch_vars))

/* Lengths of slots and, next to them, iterators. */
static uint32_t scratch_lengths(const struct fn *f)
{
	return f->strings_on_stack ? 0 : f->flat->slots.count + f->flat->iter_count * ITER_VARS;
}

bool var_in_scratch(const struct fn *f, uint32_t var, uint32_t *at)
{
	uint32_t lengths = scratch_lengths(f);

	if (!f->uses_scratch)
		return false;
	*at = f->scratch.spills + (f->spilled[var] - 1) * 8;
	if (f->spilled[var])
		return true;
	*at = f->scratch.vars + (var - var_len(f, 0)) * 8;
	if (var >= var_len(f, 0) && var < var_len(f, lengths))
		return true;
	for (uint32_t i = 0; i < SCRATCH_VARS; i++) {
		*at = f->scratch.vars + (lengths + i) * 8;
		if (var == var_fixed(f, scratch_vars[i]))
			return true;
	}
	return false;
}

/* ---- which variables outlive a region ---- */

struct var_use {
	uint32_t region;		/* + 1; 0 unused */
	uint32_t written_in;		/* block + 1 that wrote it first */
};

static void var_touch(struct fn *f, struct var_use *uses, uint32_t var, uint32_t block, bool write)
{
	struct var_use *use = &uses[var];
	uint32_t region = f->flat->blocks.data[block].loop;

	if (!use->region)
		use->region = region + 1;
	else if (use->region != region + 1)
		f->shared[var] = true;
	if (write)
		use->written_in = block + 1;
	else if (region && use->written_in != block + 1)
		f->shared[var] = true;
}

static void operand_touch(struct fn *f, struct var_use *uses, uint32_t operand, uint32_t block,
			  bool write)
{
	if (OPERAND_TAG(operand) == OPERAND_REG)
		var_touch(f, uses, OPERAND_INDEX(operand), block, write);
	if (OPERAND_TAG(operand) == OPERAND_SLOT)
		var_touch(f, uses, var_len(f, OPERAND_INDEX(operand)), block, write);
}

/* Those that a far function finds out itself, or has not. */
static const enum fixed_var own_vars[] = { VAR_CTX, VAR_SCRATCH, VAR_CLAIM };

static void plan_vars(struct fn *f)
{
	struct arena *arena = f->g->arena;
	struct var_use *uses = arena_alloc(arena, f->var_count * sizeof(*uses));

	f->shared = arena_alloc(arena, f->var_count);
	f->frame_at = arena_alloc(arena, f->var_count * sizeof(*f->frame_at));
	f->spilled = arena_alloc(arena, f->var_count * sizeof(*f->spilled));
	if (!f->loops)
		return;
	for (uint32_t b = 0; b < f->flat->blocks.count; b++) {
		const struct flat_block *block = &f->flat->blocks.data[b];

		for (size_t i = 0; i < block->insns.count; i++) {
			const struct flat_insn *insn = &block->insns.data[i];

			for (uint32_t o = 1; o < insn->operand_count; o++)
				operand_touch(f, uses, insn->operands[o], b, false);
			operand_touch(f, uses, insn->operands[0], b, true);
		}
	}
	for (uint32_t var = var_iter(f, 0, 0); var < f->var_count; var++)
		f->shared[var] = f->flat->trail_most || var != var_fixed(f, VAR_TRAIL);
	for (size_t i = 0; f->far && i < sizeof(own_vars) / sizeof(*own_vars); i++)
		f->shared[var_fixed(f, own_vars[i])] = false;
}

/* More registers than the stack has room for are in scratch memory, all of them. */
static void plan_spills(struct fn *f)
{
	uint32_t count = 0;

	for (uint32_t var = 0; var < f->flat->reg_count; var++)
		count += f->shared[var];
	if (f->far || (count <= STACK_REGISTERS && !f->tight))
		return;
	for (uint32_t var = 0; var < f->flat->reg_count; var++)
		if (f->shared[var] || f->tight)
			f->spilled[var] = ++f->spill_count;
	f->uses_scratch = true;
}

/* After plan_scratch(): what is there needs no place in the frame. */
static void plan_frame(struct fn *f)
{
	uint32_t at;

	for (uint32_t var = 0; var < f->var_count; var++) {
		if (var_in_scratch(f, var, &at))
			f->shared[var] = false;
		if (f->shared[var])
			f->frame_at[var] = f->frame_words++;
	}
}

/* ---- memory ---- */

/* Frames of the stack, for what is in the innermost loop. */
static void plan_frames(struct fn *f, uint32_t frames)
{
	if (frames > f->frames_work)
		f->frames_work = frames;
}

static void need_key(struct fn *f, uint32_t global)
{
	const struct program_global *g = &f->flat->program->globals.data[global];
	uint32_t bytes = key_size(g);

	if (g->home != HOME_MAP)
		return;
	if (g->ordered || g->wraps)
		bytes += 16;		/* a slot of the order ring is built around it */
	if (has_view(f->g, global) && bytes < sizeof(struct view_order))
		bytes = sizeof(struct view_order);
	if (makes_far(f->g, g))
		f->keys_far = f->uses_scratch = true;
	if (makes_far(f->g, g))
		plan_frames(f, 3);
	if (bytes > f->key_bytes)
		f->key_bytes = bytes;
	if (g->type == PROGRAM_STRING && value_size(g) > f->value_bytes)
		f->value_bytes = value_size(g);
}

static void plan_iter(struct fn *f, const uint32_t *o)
{
	const struct program_global *global = &f->flat->program->globals.data[o[2]];

	need_key(f, o[2]);
	if (key_size(global) > f->iter_key_bytes)
		f->iter_key_bytes = key_size(global);
	f->walks_views |= f->g->viewed[o[2]];
	f->uses_scratch = true;
	f->gathers |= o[3] == ITER_BY_VALUE && global->type == PROGRAM_STATS;
}

static void plan_hist(struct fn *f, uint32_t global)
{
	uint32_t bytes = hist_bytes(&f->flat->program->globals.data[global]);

	need_key(f, global);
	f->gathers = f->buffered = true;
	if (bytes > f->item_bytes)
		f->item_bytes = bytes;
}

static void plan_insn(struct fn *f, const struct flat_insn *insn)
{
	const struct flat *flat = f->flat;
	uint32_t global = insn->operand_count > 1 ? insn->operands[1] : 0;

	if (insn->op >= IR_OP_COUNT) {
		f->uses_scratch = true;
		return;
	}
	if (ir_ops[insn->op].effects & FAULT)
		f->can_fault = true;
	if (insn->op == IR_STAT || insn->op == IR_BUCKET || insn->op == IR_ITERVAL)
		f->gathers = true;

	switch (insn->op) {
	case IR_LOAD: case IR_SLOAD: case IR_STORE: case IR_SSTORE: case IR_RMW: case IR_HAS:
	case IR_DELETE: case IR_CLEAR: case IR_AGG: case IR_STAT: case IR_BUCKET:
		need_key(f, global);
		break;
	case IR_ITER:
		plan_iter(f, insn->operands);
		break;
	case IR_PRINT:
		if (print_bytes(&flat->program->prints.data[global]) > f->item_bytes)
			f->item_bytes = print_bytes(&flat->program->prints.data[global]);
		break;
	case IR_PRINTHIST:
		plan_hist(f, insn->operands[2]);
		break;
	case IR_SPRINTHIST:
		need_key(f, insn->operands[2]);
		f->gathers = f->works = f->builds_strings = f->pictures = true;
		break;
	case IR_ERROR:
		f->scratch.text_bytes = ABI_ROUND8(f->g->session->max_string);
		f->uses_scratch = true;
		break;
	case IR_REGEX:
		/* A walk in a walk. */
		plan_frames(f, 5);
		f->works = f->builds_strings = true;
		break;
	case IR_SPRINT:
		f->works = f->builds_strings = true;
		break;
	case IR_SCAT: case IR_CATCH:
		f->builds_strings = true;
		break;
	case IR_CALLI:
		plan_intrinsic(f, insn);
		break;
	default:
		break;
	}
}

/* Whether one run may print twice: then its output is gathered into one record. */
static bool prints_twice(const struct flat *flat, uint32_t from, uint8_t *seen)
{
	const struct flat_block *block = &flat->blocks.data[from];
	uint32_t next[2], count;

	if (seen[from] & 1)
		return false;
	seen[from] |= 1;
	for (size_t i = 0; i < block->insns.count; i++)
		if (block->insns.data[i].op == IR_PRINT || block->insns.data[i].op == IR_PRINTHIST)
			return true;
	count = flat_successors(block, next);
	for (uint32_t i = 0; i < count; i++)
		if (prints_twice(flat, next[i], seen))
			return true;
	for (size_t i = 0; i < block->insns.count; i++)
		if (block->insns.data[i].catch_block &&
		    prints_twice(flat, block->insns.data[i].catch_block, seen))
			return true;
	return false;
}

static bool prints_after(struct fn *f, uint32_t from, size_t insn)
{
	struct flat *flat = f->flat;
	const struct flat_block *block = &flat->blocks.data[from];
	uint8_t *seen = arena_alloc(f->g->arena, flat->blocks.count);
	uint32_t next[2], count = flat_successors(block, next);

	for (size_t i = insn + 1; i < block->insns.count; i++) {
		uint32_t caught = block->insns.data[i].catch_block;

		if (block->insns.data[i].op == IR_PRINT ||
		    (caught && prints_twice(flat, caught, seen)))
			return true;
	}
	for (uint32_t i = 0; i < count; i++)
		if (prints_twice(flat, next[i], seen))
			return true;
	return false;
}

static void plan_output(struct fn *f)
{
	struct flat *flat = f->flat;

	if (f->item_bytes && (f->loops || f->item_bytes > STACK_STRINGS * 2))
		f->buffered = true;
	for (uint32_t b = 0; b < flat->blocks.count && !f->buffered; b++)
		for (size_t i = 0; i < flat->blocks.data[b].insns.count && !f->buffered; i++)
			f->buffered = flat->blocks.data[b].insns.data[i].op == IR_PRINT &&
				      prints_after(f, b, i);
}

static uint32_t work_bytes(const struct fn *f)
{
	return ABI_ROUND8(WORK_BYTES(f->g->session->max_string - 1));
}

static bool works_first(const struct fn *f)
{
	return f->works && f->g->kernel < KERNEL(5, 17);
}

static void plan_scratch(struct fn *f)
{
	struct scratch_plan *plan = &f->scratch;
	uint32_t at = 0;

	f->key_on_stack = f->key_bytes <= STACK_KEY && !f->tight && !f->keys_far;
	f->strings_on_stack = !f->loops && !f->builds_strings && !f->tight &&
			      f->flat->slot_bytes <= STACK_STRINGS && f->slot_most <= STR_PADDED;
	if (!f->strings_on_stack && f->flat->slot_bytes)
		f->uses_scratch = true;
	if (f->buffered || f->gathers || f->works || f->traces || !f->key_on_stack ||
	    f->value_bytes)
		f->uses_scratch = true;
	/* Where there are far walks: they look there. */
	plan->work = at;
	at += works_first(f) ? work_bytes(f) : 0;
	plan->slots = at;
	at += f->strings_on_stack ? 0 : f->flat->slot_bytes;
	plan->vars = at;
	at += (scratch_lengths(f) + SCRATCH_VARS) * 8;
	plan->spills = at;
	at += f->spill_count * 8;
	plan->out = at;
	at += f->buffered ? OUT_BYTES + ABI_ROUND8(f->item_bytes) : 0;
	plan->key = at;
	at += f->key_on_stack ? 0 : f->key_bytes;
	plan->value = at;
	at += f->value_bytes;
	plan->iters = at;
	at += 2 * f->iter_key_bytes * f->flat->iter_count;
	plan->sorts = at;
	at += f->walks_views ? view_state_bytes() * f->flat->iter_count : 0;
	plan->text = at;
	at += plan->text_bytes || f->flat->trail_most ? error_head(f) + plan->text_bytes : 0;
	/* Offsets and lengths are checked apart by the verifier: room for both at their most. */
	plan->beside = at;
	at += f->builds_strings ? 2 * (ABI_ROUND8(f->slot_most) + 8) + BESIDE_LEAST : 0;
	plan->gather = at;
	at += f->gathers ? 16 : 0;
	plan->stack = at;
	at += f->flat->stack_bytes;
	plan->trail = at;
	at += ABI_ROUND8(f->flat->trail_most * sizeof(uint32_t));
	if (!works_first(f)) {
		plan->work = at;
		at += f->works ? work_bytes(f) : 0;
	}
	plan->trace = at;
	at += f->traces ? trace_bytes(f->g) : 0;
	plan->picture = at;
	at += f->pictures ? sizeof(struct kern_picture) : 0;
	plan->frame = at;
}

/* After plan_frame(). */
static void plan_size(struct fn *f)
{
	struct scratch_plan *plan = &f->scratch;

	plan->size = plan->frame + (f->far ? f->frame_words * 8 : 0);
	if (!plan->size)
		plan->size = 8;
	if (f->uses_scratch && plan->size > f->g->scratch_bytes)
		f->g->scratch_bytes = plan->size;
}

/* -t adds to an array of ours. */
static void plan_timing(struct fn *f)
{
	const struct ir_program *program = f->flat->program;

	for (size_t i = 0; i < program->globals.count; i++)
		if (program->globals.data[i].map_name &&
		    !strcmp(program->globals.data[i].map_name, PROGRAM_TIMING))
			f->timing = i + 1;
	if (f->timing)
		need_key(f, f->timing - 1);
}

struct fn *fn_plan(struct gen *g, struct ir_handler *handler, uint32_t index)
{
	struct fn *f = arena_new_of(g->arena, struct fn);

	f->g = g;
	f->handler = handler;
	f->index = index;
	f->creates = arena_alloc(g->arena, (g->program->globals.count + 1) * sizeof(*f->creates));
	f->tight = g->tight[index] != TIGHT_NOT;
	f->flat = flatten(g->program, handler->func);
	if (f->flat->refused)
		refuse(g, f->flat->refused_at, f->flat->refused, f->flat->refused_why);
	f->can_fault = f->loops = f->flat->loops.count;
	f->far = f->uses_scratch = f->loops && g->kernel < KERNEL(5, 17) && !g->near[index];
	f->var_count = var_fixed(f, VAR_FIXED_COUNT);
	for (size_t i = 0; i < f->flat->slots.count; i++)
		if (f->flat->slots.data[i].width > f->slot_most)
			f->slot_most = f->flat->slots.data[i].width;
	plan_vars(f);
	for (size_t b = 0; b < f->flat->blocks.count; b++)
		for (size_t i = 0; i < f->flat->blocks.data[b].insns.count; i++)
			plan_insn(f, &f->flat->blocks.data[b].insns.data[i]);
	plan_timing(f);
	plan_frames(f, f->works ? 3 : 1);
	plan_output(f);
	plan_spills(f);
	plan_scratch(f);
	plan_frame(f);
	plan_size(f);
	plan_assigned(f);
	return f;
}
