/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The intermediate representation: what the lowering makes of a typed script and both back ends
 * read.
 *
 *   ir.h              the structures and the builder          ir.c
 *   ir-print.c        text of it, for -p3
 *   ir-verify.c       checks between stages
 *   lower.h           the entry point; lower-*.c one topic each
 *   intrinsics.def    the builtins that tapsets may call
 *
 * Registers are 64-bit, mutable and private to a function; slots are string buffers of a fixed
 * width. Operations are the rows of runtime/ir.def, their operands encoded as runtime/program.h
 * says, so that serialising a function copies it. Everything lives in the session's arena.
 */
#ifndef SONDE_IR_H
#define SONDE_IR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/program.h"
#include "translator/util/finder.h"
#include "translator/util/source.h"
#include "translator/util/vec.h"

struct session;
struct site_set;

struct ir_insn {
	enum ir_op op;
	uint32_t place;			/* index into ir_program.places */
	uint32_t catch_block;		/* 0: out of the function */
	VEC(uint32_t) operands;		/* the result first, OPERAND_NONE where there is none */
};

struct ir_block {
	VEC(struct ir_insn) insns;	/* the last is a TERM */
	uint32_t loop;			/* innermost one: index + 1 into ir_func.loops; 0 none */
};

/* A loop of the source. Blocks of nested loops belong to their own; `parent` links them. */
struct ir_loop {
	uint32_t parent;		/* index + 1; 0 none */
	uint32_t header;		/* the block that every iteration starts with */
	uint32_t exit;			/* the block after the loop */
	uint32_t place;
};

struct ir_func {
	const char *name;		/* unique; a C identifier */
	bool is_handler;
	bool is_recursive;
	VEC(struct ir_block) blocks;	/* blocks.data[0] is the entry */
	VEC(struct ir_loop) loops;
	uint32_t reg_count, iter_count;
	VEC(uint32_t) slot_widths;	/* bytes with NUL */
	VEC(uint32_t) params;		/* operands that the arguments arrive in */
	uint32_t result;		/* 0 none, 1 long, 2 string */
	uint32_t result_width;
	uint32_t place;
	uint32_t index;			/* in program->funcs: CALL's operand f */
	bool in_kernel, in_user;	/* which back ends need it */
	VEC(const char *) reg_names;	/* for -p3: the script's local, or NULL */
};

/* How the kernel enters a handler: what REG and ARG mean in it, and the program type. */
enum ir_entry {
	ENTRY_USER,			/* the VM: no context */
	ENTRY_PT_REGS,			/* uprobe, kprobe: struct pt_regs */
	ENTRY_ARGS,			/* raw tracepoint, tp_btf, fentry, fexit: u64[] */
	ENTRY_PERF,			/* perf event: struct bpf_perf_event_data, pt_regs first */
};

struct ir_handler {
	struct program_handler program;	/* as the runtime gets it */
	struct ir_func *func;
	enum ir_entry entry;
	const char *section;		/* ELF section: "uprobe", "raw_tp", "fentry/vfs_read", … */
	const char *symbol;		/* ELF symbol of the program */
	VEC(struct program_site) sites;
};

struct ir_program {
	struct session *session;
	struct program head;		/* limits and flags; its tables are filled by ir_finish() */
	VEC(int64_t) longs;
	VEC(const char *) texts;
	VEC(struct program_place) places;
	VEC(struct span) spans;		/* of each place */
	VEC(struct program_global) globals;
	VEC(struct program_print) prints;
	VEC(struct ir_func *) funcs;		/* functions, then handlers' own */
	VEC(struct ir_handler *) handlers;
	VEC(struct program_symref) symrefs;
	VEC(struct program_regex) regexes;
	VEC(struct program_need) needs;
	struct finder long_finder, text_finder, place_finder;	/* of the tables above */
};

/* Building. Blocks are created, then filled by making them current. */
struct ir_builder {
	struct ir_program *program;
	struct ir_func *func;
	uint32_t block;			/* current */
	uint32_t catch_block;		/* given to instructions that may fault */
	uint32_t loop;			/* given to new blocks: index + 1 */
	uint32_t place;
};

struct ir_program *ir_program_new(struct session *session);
struct ir_func *ir_func_new(struct ir_program *program, const char *name);
uint32_t ir_block_new(struct ir_builder *b);
uint32_t ir_reg_new(struct ir_builder *b);			/* an operand */
uint32_t ir_slot_new(struct ir_builder *b, uint32_t width);	/* an operand */
uint32_t ir_long(struct ir_program *program, int64_t value);	/* an operand */
uint32_t ir_text(struct ir_program *program, const char *text);	/* an operand */
uint32_t ir_place(struct ir_program *program, const char *kind, struct span token);
/* Appends an instruction; @result OPERAND_NONE-tagged where there is none. */
struct ir_insn *ir_emit(struct ir_builder *b, enum ir_op op, uint32_t result,
			const uint32_t *operands, uint32_t count);
/* The current block has its terminator. */
bool ir_block_ended(const struct ir_builder *b);

void ir_print(FILE *out, const struct ir_program *program);
/* ir-opt.c: tidying; the meaning stays. */
void ir_optimize(struct ir_program *program);
/* Aborts with the function printed when an invariant is broken: a translator's bug. */
void ir_verify(struct ir_program *program);
/* Fills @out from the tables and the user-space functions: for program_write(). */
void ir_finish(struct ir_program *program, struct program *out);
/* The same with the code of all functions, the kernel's too. */
void ir_tables(struct ir_program *program, struct program *out);

#endif
