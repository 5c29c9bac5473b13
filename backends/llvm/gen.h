/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LLVM back end: kernel handlers of an IR program → one BPF ELF object. A plug-in.
 *
 *   llvm.c      the entry point: module, passes, object
 *   flatten.c   puts called functions in place
 *   plan.c      where registers and slots live, what a handler needs
 *   func.c      emits one handler
 *   insn.c      table operation → emitter; arithmetic, control
 *   type.c      types, loads, stores, helpers
 *   map.c       map definitions, BTF
 *   line.c      debug information: places → lines
 *   global.c    scalars and arrays
 *   agg.c       aggregates
 *   str.c       strings
 *   print.c     output records
 *   error.c     errors and their reports
 *   loop.c      loops → callbacks
 *   iter.c      foreach
 *   context.c   registers, arguments, memory
 *   call.c      intrinsics
 *   backtrace.c stacks and symbols    tokens.c  which strings stand for texts of user space
 *   kern.c      links runtime/kern bitcode
 *   bound.c     how often counted loops may run (old kernels)
 *   recurse.c   functions that call themselves, stack.c their stack
 *   sort.c      sorted foreach          view.c    the order it leaves
 *   order.c     rings of keys in creation order
 *   frames.c    the stack of a handler and what it calls
 *   front.c     tables before arrays that are only added to
 *   stat.c      extractors              hist.c      pictures of histograms
 *   key.c       bytes of keys           slice.c     several elements at once
 *   text.c      strings in maps         format.c    sprintf
 *
 * LLVM objects live in one context that is never disposed of: the process ends soon, and tearing it
 * down costs milliseconds. Everything else is in the session's arena. Pointers are i8* throughout
 * (LLVM 14 has typed pointers) and cast where they are used. Errors are diagnostics be-*; emission
 * goes on after one with an undefined value, so that several are reported.
 */
#ifndef SONDE_LLVM_GEN_H
#define SONDE_LLVM_GEN_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "translator/ir/ir.h"
#include "translator/session.h"
#include "translator/util/diag.h"

#define KERNEL(major, minor) ((major) << 8 | (minor))

struct lines;

struct gen {
	struct session *session;
	struct ir_program *program;
	struct arena *arena;
	LLVMContextRef context;
	LLVMModuleRef module;
	LLVMBuilderRef builder;
	LLVMTargetMachineRef machine;
	LLVMTypeRef i1, i8, i16, i32, i64, nothing, ptr;
	struct lines *lines;
	uint32_t kernel;		/* KERNEL(major, minor) of the target */
	uint32_t scratch_bytes;		/* the largest handler's */
	LLVMValueRef *globals;		/* map symbol of each program global, made on first use */
	LLVMValueRef *orders;		/* its order ring */
	LLVMValueRef *fronts;		/* its front */
	LLVMValueRef *views;		/* its views */
	bool *viewed;			/* whether it has some: kernel handlers sort it */
	LLVMValueRef *texts;		/* .rodata of each program text */
	uint8_t *tight;			/* each handler: how little stack it has to do with */
	bool no_frames;			/* what is emitted now calls no function verified alone */
	/* Each handler: its loops are not far functions; they cannot be. */
	bool *near, *wants_near;
	bool apart;			/* library functions with a stack are not put in place */
	bool *overflowed;		/* each handler: its stack was found too small */
	int comm_known;			/* whether execname() can be read: 1, -1 not; 0 not asked */
	size_t callbacks;		/* made so far, for their names */
	uint32_t frames;		/* of the BPF stack, where code is emitted now */
	uint32_t calls;			/* of library functions in this handler so far */
	VEC(const char *) topics;	/* bitcode linked so far */
};

/* ---- type.c ---- */
void types_init(struct gen *g);
LLVMValueRef const64(struct gen *g, int64_t value);
LLVMValueRef const32(struct gen *g, uint32_t value);
LLVMTypeRef int_type(struct gen *g, uint32_t bytes);
/* @pointer (i8*) + @offset bytes. */
LLVMValueRef ptr_add(struct gen *g, LLVMValueRef pointer, int64_t offset);
LLVMValueRef ptr_index(struct gen *g, LLVMValueRef pointer, LLVMValueRef offset);
LLVMValueRef ptr_cast(struct gen *g, LLVMValueRef value);	/* any pointer → i8* */
LLVMValueRef load(struct gen *g, LLVMTypeRef type, LLVMValueRef pointer, int64_t offset);
LLVMValueRef load_volatile(struct gen *g, LLVMTypeRef type, LLVMValueRef pointer, int64_t offset);
LLVMValueRef store(struct gen *g, LLVMValueRef value, LLVMValueRef pointer, int64_t offset);
LLVMValueRef load64(struct gen *g, LLVMValueRef pointer, int64_t offset);
/* Gives the value before. LLVM leaves it alone even where it changes nothing: `x += 0` became an
 * atomic load otherwise, which the BPF target has not got. @pointer: any type. */
LLVMValueRef atomic_op(struct gen *g, LLVMAtomicRMWBinOp op, LLVMValueRef pointer,
		       LLVMValueRef value);
void atomic_add(struct gen *g, LLVMValueRef pointer, int64_t offset, LLVMValueRef value);
/* The value as the optimiser may not reason about: checks for the verifier stay where they are. */
LLVMValueRef opaque(struct gen *g, LLVMValueRef value);
/* An unknown 0 to the verifier, too. */
LLVMValueRef unknown_zero(struct gen *g);
/* Copies or clears @bytes (a multiple of 8) by words. */
void words_copy(struct gen *g, LLVMValueRef to, LLVMValueRef from, uint32_t bytes);
void words_clear(struct gen *g, LLVMValueRef to, uint32_t from, uint32_t bytes);
/* Space on the entry block's stack, 8-aligned, as i8*. */
LLVMValueRef stack_space(struct gen *g, uint32_t bytes);
/* A BPF helper by number; pointers and integers as they are. Gives i64. */
LLVMValueRef helper_call(struct gen *g, int64_t number, LLVMValueRef *args, uint32_t count);
#define HELPER(g, number, ...)                                                               \
	helper_call(g, number, (LLVMValueRef[]){ __VA_ARGS__ },                               \
		    sizeof((LLVMValueRef[]){ __VA_ARGS__ }) / sizeof(LLVMValueRef))
LLVMValueRef is_null(struct gen *g, LLVMValueRef pointer);
LLVMValueRef to64(struct gen *g, LLVMValueRef truth);		/* i1 → i64 */
/* A global of .bss by name, made on first use. */
LLVMValueRef bss_global(struct gen *g, const char *name, uint32_t bytes);
LLVMValueRef rodata(struct gen *g, const char *name, LLVMValueRef initial);
/* Appends a block to the current function. */
LLVMBasicBlockRef block_new(struct gen *g, const char *name);
void go_on_in(struct gen *g, LLVMBasicBlockRef block);
/* Branches on @condition with a hint that it is seldom true; code goes on in the other block. */
void unlikely(struct gen *g, LLVMValueRef condition, LLVMBasicBlockRef then, const char *name);
/* What is made next is done only when @condition holds, which is rare. Gives the block to go on in
 * after that, by go_on_in(). */
LLVMBasicBlockRef aside(struct gen *g, LLVMValueRef condition, const char *name);

/* Goes on in @block, which is reached from @from[0] and @from[1]; the value of @values that came
 * with it. */
LLVMValueRef go_on_with(struct gen *g, LLVMBasicBlockRef block, LLVMValueRef values[2],
			LLVMBasicBlockRef from[2]);
/* 16384 zeros, for helpers to copy from. */
LLVMValueRef zero_bytes(struct gen *g);

/* ---- map.c ---- */
struct map_spec {
	const char *name;
	uint32_t type, key_size, value_size, max_entries, flags;
};
LLVMValueRef map_define(struct gen *g, const struct map_spec *spec);
LLVMValueRef map_ring(struct gen *g);
LLVMValueRef map_scratch(struct gen *g);

/* ---- kern.c ---- */
/* Calls @symbol of runtime/kern, linking its topic first. */
LLVMValueRef kern_call(struct gen *g, const char *symbol, LLVMValueRef *args, uint32_t count);
#define KERN(g, symbol, ...)                                                                 \
	kern_call(g, symbol, (LLVMValueRef[]){ __VA_ARGS__ },                                 \
		  sizeof((LLVMValueRef[]){ __VA_ARGS__ }) / sizeof(LLVMValueRef))
void kern_finish(struct gen *g);		/* what was linked becomes internal */

/* ---- bound.c ---- */
/*
 * How often the counted loop that calls @step may run: known after the passes, set by
 * bounds_set().
 */
LLVMValueRef bound_ask(struct gen *g, LLVMValueRef step);
void bounds_set(struct gen *g);

/* ---- key.c ---- */
/* Defines the maps, too, that only code uses which is never reached: user space looks for them. */
void maps_complete(struct gen *g);

/* ---- view.c ---- */
/* Which arrays kernel handlers sort: before anything is planned. */
void views_find(struct gen *g);

/* What is left of the stack: variables off it; frames of functions that are verified alone; then
 * what library functions have there, which one of them needs at a time, and what is kept. */
enum tight { TIGHT_NOT, TIGHT_VARIABLES, TIGHT_FRAMES, TIGHT_APART };

/* ---- frames.c ---- */
/* Marks the handlers that with what they call have too little stack, and could do with less. */
void frames_check(struct gen *g, const void *object);

/* ---- line.c ---- */
void lines_init(struct gen *g);
void lines_function(struct gen *g, LLVMValueRef function, uint32_t place);
void lines_at(struct gen *g, uint32_t place);
/* A function that came with the library: the little that the loader asks for. */
void lines_describe(struct gen *g, LLVMValueRef function);
/* A function that is verified alone: its arguments are numbers, or point to @bytes.
 * Code that is made from here on has no place. */
void lines_alone(struct gen *g, LLVMValueRef function, uint32_t bytes);
/* Whether lines_at() does nothing; gives what it was. */
bool lines_silence(struct gen *g, bool silent);
void lines_map(struct gen *g, LLVMValueRef map, const struct map_spec *spec);
/* A variable of .bss: libbpf makes the section mappable when it knows one. */
void lines_data(struct gen *g, LLVMValueRef data, const char *name, uint32_t bytes);
void lines_finish(struct gen *g);

/* ---- llvm.c ---- */
/* Records that the program needs a kernel feature (a row of runtime/features). */
void need(struct gen *g, const char *feature, uint32_t place);
/* Reports that @what cannot be done in the kernel handler at @place because of @why. */
void refuse(struct gen *g, uint32_t place, const char *what, const char *why);

#endif
