/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorted foreach in a kernel handler: what is compared of each element is put into a block of the
 * array's views and sorted there (runtime/kern/sort.bpf.c). Numbers are one word; texts are as
 * many as the longest one has, and are sorted by each of them, the last one first.
 */
#include <stddef.h>

#include <linux/bpf.h>

#include "backends/llvm/iter.h"
#include "runtime/kern/view.h"

#define STEPS_MOST (1 << 23)		/* of bpf_loop() */
#define ENTRY_KEY 8			/* of an entry of the ring */

static bool sorts_text(const struct program_global *global, uint32_t sort)
{
	if (sort == ITER_BY_VALUE)
		return global->type == PROGRAM_STRING;
	return global->keys[sort - 1].type == PROGRAM_STRING;
}

static uint32_t text_words(const struct program_global *global, uint32_t sort)
{
	uint32_t width = sort == ITER_BY_VALUE ? global->width : global->keys[sort - 1].width;

	return ABI_ROUND8(width) / 8;
}

static LLVMValueRef state_get(struct fn *f, const uint32_t *o, size_t offset)
{
	return load_volatile(f->g, f->g->i64, view_state(f, o[1]), (int64_t)offset);
}

static void state_set(struct fn *f, const uint32_t *o, size_t offset, LLVMValueRef value)
{
	LLVMSetVolatile(store(f->g, value, view_state(f, o[1]), (int64_t)offset), true);
}

#define STATE_GET(f, o, member) state_get(f, o, offsetof(struct view_state, member))
#define STATE_SET(f, o, member, value)                                                       \
	state_set(f, o, offsetof(struct view_state, member), value)

/* ---- callbacks: long (u32 n, frame) ---- */

typedef void (*step_emitter)(struct fn *f, const uint32_t *o, LLVMValueRef n);

/* It shares the variables in the frame, not the others. What leaves the handler ends its loop. */
static LLVMValueRef step_function(struct fn *f, const uint32_t *o, const char *what,
				  step_emitter emit)
{
	struct gen *g = f->g;
	LLVMTypeRef params[] = { g->i32, g->ptr };
	LLVMBasicBlockRef here = LLVMGetInsertBlock(g->builder), body;
	char *name = arena_printf(g->arena, "%s_%s%zu", f->handler->symbol, what, g->callbacks++);
	struct fn outer = *f;

	f->function = LLVMAddFunction(g->module, name, LLVMFunctionType(g->i64, params, 2, false));
	LLVMSetLinkage(f->function, LLVMInternalLinkage);
	f->locals = arena_alloc(g->arena, f->var_count * sizeof(*f->locals));
	f->frame = LLVMGetParam(f->function, 1);
	f->region = 0;
	go_on_in(g, LLVMAppendBasicBlockInContext(g->context, f->function, "entry"));
	LLVMSetCurrentDebugLocation2(g->builder, NULL);
	f->exit_block = block_new(g, "exit");
	body = block_new(g, "body");
	LLVMBuildBr(g->builder, body);
	go_on_in(g, body);
	emit(f, o, LLVMBuildZExt(g->builder, LLVMGetParam(f->function, 0), g->i64, ""));
	LLVMValueRef made = f->function;

	go_on_in(g, f->exit_block);
	LLVMBuildRet(g->builder, const64(g, 1));
	f->exit_block = outer.exit_block;
	f->region = outer.region;
	f->function = outer.function;
	f->locals = outer.locals;
	f->frame = outer.frame;
	go_on_in(g, here);
	lines_at(g, f->insn->place);
	return made;
}

static void steps_run(struct fn *f, const uint32_t *o, const char *what, step_emitter emit)
{
	struct gen *g = f->g;

	HELPER(g, BPF_FUNC_loop, const64(g, STEPS_MOST),
	       ptr_cast(g, step_function(f, o, what, emit)), f->frame, const64(g, 0));
}

/* Ends this turn, or the loop, when @condition holds. */
static void leave_if(struct fn *f, LLVMValueRef condition, bool ends)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef here = aside(g, condition, "leave");

	LLVMBuildRet(g->builder, const64(g, ends));
	go_on_in(g, here);
}

/* ---- putting in ---- */

/* The element of the ring's entry; leaves when it is another one than was entered. NULL of an
 * aggregate. */
static LLVMValueRef element_alive(struct fn *f, const uint32_t *o, LLVMValueRef entry)
{
	struct gen *g = f->g;
	LLVMValueRef element, sequence, alive;

	if (global_of(f, o[2])->type == PROGRAM_STATS) {
		alive = KERN(g, "sonde_view_alive", map_of(f, o[2]), entry);
		leave_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, alive, const64(g, 0), ""), false);
		return NULL;
	}
	element = map_lookup(g, map_of(f, o[2]), ptr_add(g, entry, ENTRY_KEY));
	leave_if(f, is_null(g, element), false);
	sequence = load_volatile(g, g->i64, element, ABI_VALUE_SEQUENCE);
	leave_if(f,
		 LLVMBuildICmp(g->builder, LLVMIntNE, sequence, STATE_GET(f, o, from.sequence), ""),
		 false);
	return element;
}

/* Where the text is that is compared. */
static LLVMValueRef text_place(struct fn *f, const uint32_t *o, LLVMValueRef entry,
			       LLVMValueRef element)
{
	struct gen *g = f->g;

	if (o[3] == ITER_BY_VALUE)
		return ptr_add(g, element, ABI_VALUE_TEXT);
	return ptr_add(g, entry, ENTRY_KEY + key_offset(global_of(f, o[2]), o[3] - 1));
}

/* How many words the longest one has; nothing is compared yet. */
static LLVMValueRef text_measure(struct fn *f, const uint32_t *o, LLVMValueRef text)
{
	struct gen *g = f->g;
	LLVMValueRef most = STATE_GET(f, o, words), words;

	words = KERN(g, "sonde_str_length", text, const64(g, text_words(global_of(f, o[2]), o[3])));
	words = LLVMBuildLShr(g->builder, LLVMBuildAdd(g->builder, words, const64(g, 7), ""),
			      const64(g, 3), "");
	words = LLVMBuildSelect(g->builder,
				LLVMBuildICmp(g->builder, LLVMIntUGT, words, most, ""), words, most,
				"");
	STATE_SET(f, o, words, words);
	return const64(g, 0);
}

/* A number so that the unsigned order of words is the wanted one. */
static LLVMValueRef number_word(struct fn *f, const uint32_t *o, LLVMValueRef entry,
				LLVMValueRef element)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	LLVMValueRef key = ptr_add(g, entry, ENTRY_KEY), value;

	if (o[3] != ITER_BY_VALUE)
		value = load_volatile(g, g->i64, key, key_offset(global, o[3] - 1));
	else if (global->type == PROGRAM_STATS)
		value = stat_or_zero(f, o[2], key, o[5]);
	else
		value = load_volatile(g, g->i64, element, ABI_VALUE_LONG);
	return LLVMBuildXor(g->builder, value, const64(g, o[4] ? INT64_MAX : INT64_MIN), "");
}

static void step_collect(struct fn *f, const uint32_t *o, LLVMValueRef n)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	LLVMValueRef views = views_of(f, o[2]), entry, element, word;

	(void)n;
	leave_if(f, LLVMBuildICmp(g->builder, LLVMIntUGE, STATE_GET(f, o, from.at),
				  STATE_GET(f, o, from.end), ""), true);
	entry = KERN(g, "sonde_view_entry", view_state(f, o[1]), order_of(f, o[2]), views,
		     view_slots(f, o));
	entry = ptr_cast(g, entry);
	leave_if(f, is_null(g, entry), false);
	element = element_alive(f, o, entry);
	if (sorts_text(global, o[3]))
		word = text_measure(f, o, text_place(f, o, entry, element));
	else
		word = number_word(f, o, entry, element);
	KERN(g, "sonde_view_add", view_state(f, o[1]), views, view_slots(f, o), word);
	LLVMBuildRet(g->builder, const64(g, 0));
}

/* ---- texts ---- */

/* Word `word` of the text of item n, its first byte the most significant. */
static void step_word(struct fn *f, const uint32_t *o, LLVMValueRef n)
{
	struct gen *g = f->g;
	const struct program_global *global = global_of(f, o[2]);
	LLVMValueRef views = views_of(f, o[2]), entry, element = NULL, word, at;

	leave_if(f, LLVMBuildICmp(g->builder, LLVMIntUGE, n, STATE_GET(f, o, walk.count), ""),
		 true);
	entry = ptr_cast(g, KERN(g, "sonde_sort_entry", view_state(f, o[1]), order_of(f, o[2]),
				 views, view_slots(f, o), n));
	leave_if(f, is_null(g, entry), false);
	if (o[3] == ITER_BY_VALUE) {
		element = map_lookup(g, map_of(f, o[2]), ptr_add(g, entry, ENTRY_KEY));
		leave_if(f, is_null(g, element), false);
	}
	at = length_limit(g, STATE_GET(f, o, word), text_words(global, o[3]) - 1);
	at = LLVMBuildShl(g->builder, at, const64(g, 3), "");
	word = load_volatile(g, g->i64, ptr_index(g, text_place(f, o, entry, element), at), 0);
	KERN(g, "sonde_sort_word", view_state(f, o[1]), views, view_slots(f, o), n, word,
	     const64(g, o[4] ? -1 : 0));
	LLVMBuildRet(g->builder, const64(g, 0));
}

/* One round: the words behind this one are in order already. */
static void step_round(struct fn *f, const uint32_t *o, LLVMValueRef n)
{
	struct gen *g = f->g;
	LLVMValueRef words = STATE_GET(f, o, words);

	(void)n;
	leave_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, words, const64(g, 0), ""), true);
	words = LLVMBuildSub(g->builder, words, const64(g, 1), "");
	STATE_SET(f, o, words, words);
	STATE_SET(f, o, word, words);
	STATE_SET(f, o, last, const64(g, 0));
	STATE_SET(f, o, disorder, const64(g, 0));
	steps_run(f, o, "word", step_word);
	KERN(g, "sonde_sort", view_context(f), view_state(f, o[1]), views_of(f, o[2]),
	     view_slots(f, o));
	LLVMBuildRet(g->builder, const64(g, 0));
}

/* ---- all of it ---- */

void sort_begin(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef views = views_of(f, o[2]), slots = view_slots(f, o), claimed;
	/* One ring from the lock to its release. */
	LLVMValueRef order = order_of(f, o[2]);

	need(g, "bpf_loop", f->insn->place);
	claimed = KERN(g, "sonde_view_claim", view_context(f), view_state(f, o[1]), order, views,
		       slots);
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, claimed, const64(g, 0), ""), SKIP_SCRATCH);
	steps_run(f, o, "sort", step_collect);
	if (sorts_text(global_of(f, o[2]), o[3]))
		steps_run(f, o, "round", step_round);
	else
		KERN(g, "sonde_sort", view_context(f), view_state(f, o[1]), views, slots);
	KERN(g, "sonde_view_settle", view_context(f), view_state(f, o[1]), order, views, slots);
}
