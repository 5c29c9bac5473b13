/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors. The place that raises one names it by the address of a constant: the record that will be
 * reported, ready but for its detail, and the text that catch(msg) gets. Nothing is built on the
 * way.
 */
#include <stddef.h>
#include <string.h>

#include "backends/llvm/emit.h"
#include "backends/llvm/fn.h"
#include "runtime/kern/fault.h"

static const char *fault_text(const struct fn *f, enum abi_fault fault, LLVMValueRef detail)
{
	static const char *const texts[FAULT_COUNT] = {
#define FAULT_TEXT(id, text) [id] = text,
#include "runtime/kern/fault.def"
	};
	static const char *const string_texts[STRING_FAULT_COUNT] = {
#define STRING_FAULT_TEXT(id, text) [id] = text,
#include "runtime/kern/fault.def"
	};

	if (fault == FAULT_STRING)
		return string_texts[LLVMConstIntGetZExtValue(detail)];
	if (fault == FAULT_OVERFLOW && detail) {
		const struct program_global *global =
			&f->flat->program->globals.data[LLVMConstIntGetZExtValue(detail)];

		if (global->type == PROGRAM_STATS)
			return arena_printf(f->g->arena, "aggregation overflow in %s",
					    global->name);
		if (global->size_given)
			return arena_printf(f->g->arena, "Array overflow, check size limit (%u)",
					    global->max_entries);
		return "Array overflow, check MAXMAPENTRIES";
	}
	return texts[fault] ? texts[fault] : "";
}

static void chain_add(struct abi_error *error, const struct flat_call *call)
{
	if (error->chain_length < ABI_CHAIN_MAX)
		error->chain[error->chain_length] = call->place;
	error->chain_length++;
}

/* The constant of struct kern_fault for one place. */
static LLVMValueRef fault_constant(struct fn *f, enum abi_fault fault, LLVMValueRef detail)
{
	struct gen *g = f->g;
	struct kern_fault made = { .error = { .fault = fault, .place = f->insn->place } };
	uint32_t words[sizeof(made) / 4];
	LLVMValueRef values[sizeof(made) / 4];
	const struct flat_call *call = f->insn->calls, *inner = flat_stack_around(call);

	for (; call != inner; call = call->outer)
		chain_add(&made.error, call);
	if (f->flat->trail_most)
		made.error.frames_at = 1 + (inner ? made.error.chain_length : 0);
	/* Calls between two stacks are in the trail, too. */
	while (inner && flat_stack_around(inner->outer))
		inner = flat_stack_around(inner->outer);
	for (call = inner; call; call = call->outer)
		chain_add(&made.error, call);
	strncpy(made.text, fault_text(f, fault, detail), sizeof(made.text) - 1);
	memcpy(words, &made, sizeof(made));
	for (size_t i = 0; i < sizeof(made) / 4; i++)
		values[i] = const32(g, words[i]);
	return rodata(g, "fault", LLVMConstArray(g->i32, values, sizeof(made) / 4));
}

/* How long the trail is: to the innermost stack's end. */
static void trail_keep(struct fn *f)
{
	const struct flat_call *call = flat_stack_around(f->insn->calls);
	LLVMValueRef count = const64(f->g, 0);

	if (!f->flat->trail_most)
		return;
	if (call) {
		const struct flat_stack *stack = &f->flat->stacks.data[call->stack - 1];

		count = LLVMBuildAdd(f->g->builder, long_operand(f, stack->below),
				     long_operand(f, stack->level), "");
	}
	fn_set(f, var_fixed(f, VAR_TRAIL), count);
}

static bool fault_catchable(enum abi_fault fault)
{
	return fault != FAULT_ACTIONS && fault != FAULT_ABORT;
}

void raise_now(struct fn *f, enum abi_fault fault, LLVMValueRef detail)
{
	struct gen *g = f->g;
	LLVMValueRef constant = fault_constant(f, fault, detail);
	uint32_t target = f->insn->catch_block && fault_catchable(fault) ? f->insn->catch_block
									 : FLAT_ERROR;
	uint32_t at;

	fn_set(f, var_fixed(f, VAR_FAULT),
	       LLVMBuildPtrToInt(g->builder, constant, g->i64, ""));
	/* Who asks has the texts in scratch memory, too. */
	if (var_in_scratch(f, var_fixed(f, VAR_WHICH), &at))
		fn_set(f, var_fixed(f, VAR_WHICH), const64(g, fault));
	if (detail)
		fn_set(f, var_fixed(f, VAR_DETAIL), detail);
	trail_keep(f);
	fn_branch(f, fault == FAULT_ABORT ? FLAT_EXIT : target);
}

void raise_if(struct fn *f, LLVMValueRef condition, enum abi_fault fault, LLVMValueRef detail)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef raise = block_new(g, "raise"), here;

	unlikely(g, condition, raise, "fine");
	here = LLVMGetInsertBlock(g->builder);
	go_on_in(g, raise);
	raise_now(f, fault, detail);
	go_on_in(g, here);
}

void skip_count(struct gen *g, enum abi_skip why)
{
	LLVMValueRef session = bss_global(g, "sonde_session", sizeof(struct abi_session));

	atomic_add(g, session, offsetof(struct abi_session, skipped) + why * 8, const64(g, 1));
}

void quit_if(struct fn *f, LLVMValueRef condition)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef here = aside(g, condition, "leave");

	fn_branch(f, FLAT_EXIT);
	go_on_in(g, here);
}

void skip_if(struct fn *f, LLVMValueRef condition, enum abi_skip why)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef here = aside(g, condition, "skip");

	skip_count(g, why);
	fn_branch(f, FLAT_EXIT);
	go_on_in(g, here);
}

/* Verifiers before 6.4 follow more paths in all of a program that has a function of its own. */
static const char *error_symbol(const struct gen *g)
{
	return g->kernel >= KERNEL(6, 4) ? "sonde_error_call" : "sonde_error";
}

uint32_t error_head(const struct fn *f)
{
	return KERN_ERROR_HEAD + (f->flat->trail_most ? sizeof(struct abi_frames) : 0);
}

void emit_again(struct fn *f, const uint32_t *o)
{
	(void)o;
	fn_branch(f, f->insn->catch_block ? f->insn->catch_block : FLAT_ERROR);
}

void error_report(struct fn *f)
{
	struct gen *g = f->g;
	LLVMValueRef site = fn_pointer(f, VAR_FAULT), detail = fn_get(f, var_fixed(f, VAR_DETAIL));
	LLVMValueRef handler = const64(g, f->index);

	if (!f->can_fault)
		return;
	if (f->buffered)
		out_flush(f);
	if (f->flat->trail_most)
		KERN(g, "sonde_error_deep", map_ring(g), handler, site, detail,
		     scratch_at(f, f->scratch.text), fn_get(f, var_fixed(f, VAR_TEXT_LEN)),
		     const64(g, f->scratch.text_bytes), scratch_at(f, f->scratch.trail),
		     fn_get(f, var_fixed(f, VAR_TRAIL)), const64(g, f->flat->trail_most));
	else if (f->scratch.text_bytes)
		KERN(g, "sonde_error_text", map_ring(g), handler, site, detail,
		     scratch_at(f, f->scratch.text), fn_get(f, var_fixed(f, VAR_TEXT_LEN)),
		     const64(g, f->scratch.text_bytes));
	else
		KERN(g, error_symbol(g), map_ring(g), handler, site, detail);
}

/* error("…"): the text is built behind the record that will carry it. */
void emit_error(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	struct str from = str_operand(f, o[1]);
	uint32_t most = f->scratch.text_bytes - 1;
	LLVMValueRef length = length_limit(g, from.length, most);

	bytes_copy(f, scratch_at(f, f->scratch.text + error_head(f)), from.pointer, length, most);
	fn_set(f, var_fixed(f, VAR_TEXT_LEN), length);
	raise_now(f, FAULT_USER, NULL);
}

/* catch (message): error()'s text, or the constant of the place that raised. */
void emit_catch(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef ours = block_new(g, "message"), done = block_new(g, "caught");
	LLVMValueRef site, fault, length;
	struct str text = { .width = KERN_FAULT_TEXT + 16 };
	uint32_t slot = OPERAND_INDEX(o[0]);

	if (OPERAND_TAG(o[0]) != OPERAND_SLOT) {
		LLVMBuildBr(g->builder, done);
		LLVMDeleteBasicBlock(ours);
		go_on_in(g, done);
		return;
	}
	site = fn_pointer(f, VAR_FAULT);
	if (f->scratch.text_bytes) {
		LLVMBasicBlockRef theirs = block_new(g, "error");
		struct str said = { .width = f->scratch.text_bytes };

		fault = fn_get(f, var_fixed(f, VAR_WHICH));
		fault = LLVMBuildICmp(g->builder, LLVMIntEQ, fault, const64(g, FAULT_USER), "");
		LLVMBuildCondBr(g->builder, fault, theirs, ours);
		go_on_in(g, theirs);
		said.pointer = scratch_at(f, f->scratch.text + error_head(f));
		said.length = fn_get(f, var_fixed(f, VAR_TEXT_LEN));
		str_copy(f, slot, &said);
		LLVMBuildBr(g->builder, done);
	} else {
		LLVMBuildBr(g->builder, ours);
	}
	go_on_in(g, ours);
	text.pointer = scratch_at(f, f->scratch.beside);
	length = KERN(g, "sonde_fault_text", text.pointer, site,
		      fn_get(f, var_fixed(f, VAR_WHICH)), fn_get(f, var_fixed(f, VAR_DETAIL)));
	text.length = length;
	str_copy(f, slot, &text);
	LLVMBuildBr(g->builder, done);
	go_on_in(g, done);
}
