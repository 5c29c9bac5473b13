/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One handler on its way to LLVM: the plan (where things live) and the state of emission.
 *
 * A handler without loops is one LLVM function; its registers are local variables that mem2reg
 * removes. With loops, each loop becomes a callback of bpf_loop() (or of a counted loop
 * before 5.17); what lives longer than one iteration is kept in the frame, an array on the
 * handler's stack that every callback gets. The verifier may know nothing of values in the frame:
 * until 6.7 it looked at one iteration only and would cut branches that the next one takes. So an
 * unknown zero is added to what is stored there.
 *
 * Lengths of strings in scratch memory are kept there, too: what the verifier knows of them in
 * registers differs on each path, and it would follow all paths to the end.
 */
#ifndef SONDE_LLVM_FN_H
#define SONDE_LLVM_FN_H

#include "backends/llvm/flat.h"
#include "backends/llvm/gen.h"

#define STACK_STRINGS 160	/* bytes of string slots that may live on the BPF stack */
#define STACK_REGISTERS 24	/* that outlive an iteration: more go into scratch memory */
#define STACK_KEY 64		/* keys up to this size are built there, too */
#define BESIDE_LEAST 128	/* bytes for short texts on their way to a slot */
#define OUT_BYTES 2048		/* of a record being built, beside its largest item */

/* Variables: the handler's registers, lengths of its slots, iterators' state, then these. */
enum fixed_var {
	VAR_CTX,		/* the context pointer */
	VAR_SCRATCH,		/* the scratch block */
	VAR_CLAIM,		/* its bit */
	VAR_NEXT,		/* block to go to after a loop */
	VAR_FAULT,		/* address of the constant struct kern_fault of what was raised */
	VAR_DETAIL,
	VAR_WHICH,		/* which error it is, for catch (message) */
	VAR_TEXT_LEN,		/* of error()'s text */
	VAR_TRAIL,		/* how many calls the trail had when something was raised */
	VAR_OUT,		/* bytes in the record being built */
	VAR_ACTIONS,
	VAR_FIXED_COUNT
};
#define NEXT_NONE ((int64_t)1 << 40)	/* VAR_NEXT: no block; all iterations were used up */
enum iter_var { ITER_AT, ITER_END, ITER_LEFT, ITER_VARS };

/* Offsets of the parts of a scratch block. */
struct scratch_plan {
	uint32_t spills;		/* registers that are not on the stack */
	uint32_t slots, vars, out, key, value, iters, sorts, text, text_bytes, beside, gather,
		stack, trail, work, trace, picture, frame, size;
};

/* Space on a function's stack that many places use in turn. */
struct lent_space {
	LLVMValueRef function, space;
	uint32_t bytes;
};

struct fn {
	struct gen *g;
	const struct ir_handler *handler;
	uint32_t index;			/* of the handler in the program's table */
	uint32_t first_site;		/* index of its first site in the program's */
	struct flat *flat;
	/* the plan */
	uint32_t var_count;
	bool *shared;			/* each variable: in the frame */
	uint32_t *frame_at;
	uint32_t *spilled;		/* each variable: 1 + place among the spills; 0: none */
	uint32_t spill_count;
	bool *starts_empty;		/* each slot: may be read before it is written */
	uint32_t frame_words;
	bool tight;			/* as little as can be is on the stack */
	uint32_t deepest, frames_work;	/* loops in one another; what other things take at most */
	bool far, keys_far;		/* loops are far functions (far.h); they look for keys */
	bool loops, uses_scratch, strings_on_stack, key_on_stack, builds_strings, buffered,
		can_fault, gathers, works, traces, walks_views, pictures;
	bool sleeps;			/* what was emitted may wait for a page */
	uint32_t timing;		/* 1 + index of -t's global; 0: none */
	uint32_t key_bytes, value_bytes, iter_key_bytes, item_bytes, slot_most;
	struct scratch_plan scratch;
	/* emission; what follows `region` belongs to the region's function */
	LLVMValueRef *callbacks;	/* of each loop */
	uint32_t region;		/* 0 the handler, else loop + 1 */
	LLVMValueRef function, frame, key_space, strings, began;	/* began: when, for -t */
	VEC(struct lent_space) lent;
	LLVMValueRef *locals;
	LLVMBasicBlockRef *blocks;
	LLVMBasicBlockRef exit_block, error_block;
	LLVMBasicBlockRef here;		/* far.c: where to go on, and how */
	bool silent, outlined;
	LLVMValueRef *creates;		/* each global: order.c's far function */
	const struct flat_insn *insn;
};

/* ---- plan.c ---- */
struct fn *fn_plan(struct gen *g, struct ir_handler *handler, uint32_t index);

/* ---- assigned.c ---- */
/* Which slots may be read before anything was written to them. */
void plan_assigned(struct fn *f);

/* ---- func.c ---- */
/* Whether a variable lives in scratch memory; *at is where. */
bool var_in_scratch(const struct fn *f, uint32_t var, uint32_t *at);
void fn_emit(struct fn *f);
LLVMValueRef fn_get(struct fn *f, uint32_t var);
void fn_set(struct fn *f, uint32_t var, LLVMValueRef value);
uint32_t var_len(const struct fn *f, uint32_t slot);
uint32_t var_iter(const struct fn *f, uint32_t iter, enum iter_var which);
uint32_t var_fixed(const struct fn *f, enum fixed_var which);
/* Bytes on the stack for what one helper call takes or gives: one place for all of this size. */
LLVMValueRef lent_space(struct fn *f, uint32_t bytes);
LLVMValueRef fn_pointer(struct fn *f, enum fixed_var which);	/* CTX or SCRATCH as i8* */
LLVMValueRef scratch_at(struct fn *f, uint32_t offset);
/* Ends the current LLVM block with a branch to an IR block, from whatever region. */
void fn_branch(struct fn *f, uint32_t target);
/* The LLVM block that does that; made once in each region. */
LLVMBasicBlockRef fn_target(struct fn *f, uint32_t target);
LLVMValueRef long_operand(struct fn *f, uint32_t operand);
void long_result(struct fn *f, uint32_t operand, LLVMValueRef value);

void insn_emit(struct fn *f, const struct flat_insn *insn);	/* insn.c */

/* ---- error.c ---- */
/* Raises when @condition holds; code goes on where it does not. @detail may be NULL. */
void raise_if(struct fn *f, LLVMValueRef condition, enum abi_fault fault, LLVMValueRef detail);
void raise_now(struct fn *f, enum abi_fault fault, LLVMValueRef detail);
/* Leaves the handler: session.skipped[why] + 1. */
void quit_if(struct fn *f, LLVMValueRef condition);	/* quietly: it was counted */
void skip_if(struct fn *f, LLVMValueRef condition, enum abi_skip why);
void skip_count(struct gen *g, enum abi_skip why);
void error_report(struct fn *f);		/* at the handler's error exit */
uint32_t error_head(const struct fn *f);	/* bytes of the record before error()'s text */

/* ---- loop.c ---- */
void loop_enter(struct fn *f, uint32_t loop);	/* from the current region into @loop (index + 1) */
void loops_declare(struct fn *f);
uint32_t loop_depth(const struct flat *flat, uint32_t loop);

/* ---- str.c ---- */
struct str {
	LLVMValueRef pointer, length;	/* length: i64, without the NUL */
	uint32_t width; /* greatest bytes with NUL; readable up to the next multiple of 8 */
	bool padded;	/* zeros up to there, not only to the end of the NUL's word */
	const char *text;		/* the constant, or NULL */
};
#define STR_PADDED 64			/* slots up to this width are kept padded */
struct str str_operand(struct fn *f, uint32_t operand);
LLVMValueRef slot_pointer(struct fn *f, uint32_t slot);
void str_copy(struct fn *f, uint32_t slot, const struct str *from);
/* Copies @from into @to, padded with zeros to @width (a multiple of 8). */
void str_to_key(struct fn *f, LLVMValueRef to, const struct str *from, uint32_t width);
void slot_set_length(struct fn *f, uint32_t slot, LLVMValueRef length);
/* Copies at most @limit bytes, @length of them meant, as a helper does: any size. */
void bytes_copy(struct fn *f, LLVMValueRef to, LLVMValueRef from, LLVMValueRef length,
		uint32_t limit);
LLVMValueRef length_limit(struct gen *g, LLVMValueRef length, uint32_t limit);

/* ---- work.c: the string library's working memory ---- */
LLVMValueRef work_pointer(struct fn *f);
void work_reset(struct fn *f);			/* at the start of a run */
/* Copies a string argument to its area; @index counts strings. */
void work_argument(struct fn *f, uint32_t index, const struct str *from);
void work_state(struct fn *f, uint32_t index, LLVMValueRef value);
/* The string of @length bytes in the result area into @slot. */
void work_result(struct fn *f, uint32_t slot, LLVMValueRef length);

/* ---- global.c ---- */
/* Where element @keys of global @global is (i8*, may be null); *key is where its key was built. */
LLVMValueRef map_of(struct fn *f, uint32_t global);
LLVMValueRef order_of(struct fn *f, uint32_t global);
LLVMValueRef key_build(struct fn *f, uint32_t global, const uint32_t *keys);
LLVMValueRef map_lookup(struct gen *g, LLVMValueRef map, LLVMValueRef key);
LLVMValueRef next_sequence(struct fn *f);
uint32_t key_size(const struct program_global *global);
uint32_t value_size(const struct program_global *global);

/* ---- tokens.c ---- */
/* Refuses what looks into strings that hold tokens. */
void tokens_check(struct gen *g, struct fn *const *fns, size_t count);

/* ---- backtrace.c ---- */
/* Bytes of scratch memory for a stack on its way. */
uint32_t trace_bytes(const struct gen *g);

/* ---- call.c ---- */
void plan_intrinsic(struct fn *f, const struct flat_insn *insn);

/* ---- print.c ---- */
void out_flush(struct fn *f);
uint32_t print_bytes(const struct program_print *print);
/* Room for an item behind what the run has printed so far: where its arguments go. Then how large
 * the item became. */
LLVMValueRef out_item(struct fn *f, uint32_t print, LLVMValueRef size);
void out_grow(struct fn *f, LLVMValueRef bytes);

/* ---- hist.c ---- */
uint32_t hist_bytes(const struct program_global *global);

#endif
