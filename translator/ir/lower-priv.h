/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the lowering share.
 *
 *   lower.c         the program: handlers and their sites, functions on demand, the order of things
 *   lower-limits.c  -D
 *   lower-global.c  the table of globals; from the IR made: homes, aggregates, kernel use
 *   lower-stmt.c    statements            lower-expr.c   numbers, assignments, conditions
 *   lower-call.c    calls, overloads, calls in place     lower-emit.c   places, temporaries, moves
 *   lower-str.c     strings, regex        lower-map.c    arrays, foreach, delete, in
 *   lower-stat.c    extractors            lower-print.c  the print family
 *   lower-probe.c   machine accesses      lower-builtin.c  intrinsics that become plain IR
 *   ir-opt.c        unreachable blocks, dead instructions
 *
 * A value is an operand: a register, a slot or a constant. Temporaries are used once and their
 * slots are given back at the end of the statement; a variable's own register is read in place, so
 * what is evaluated before something that may change it goes through lower_stable().
 */
#ifndef SONDE_LOWER_PRIV_H
#define SONDE_LOWER_PRIV_H

#include "runtime/program-check.h"
#include "translator/elab/elab.h"
#include "translator/ir/ir.h"

#define NOTHING OPERAND(OPERAND_NONE, 0)
#define WILD OPERAND(OPERAND_WILD, 0)

/* One lowering of a handler: its sites of one entry kind. */
struct lower_handler {
	const struct handler *handler;
	enum site_entry entry;
	uint32_t first_site;		/* index into the program's sites of sites.data[0] */
	site_vec sites;
	struct ir_func *func;
};

/* A function of the script as lowered: once, or once for each handler it depends on. */
struct lower_func {
	struct function *function;
	struct lower_handler *handler;	/* whose sites it may ask about */
	bool depends;			/* is for that handler only */
	struct ir_func *func;
};

/* Where break and continue go. */
struct lower_loop {
	struct lower_loop *outer;
	uint32_t after, again;
	uint32_t iter;			/* operand t, or NOTHING */
};

/* A slot of the pool. In use: the depth at which it was taken, plus 1. */
struct lower_temp {
	uint32_t slot, width;
	unsigned int in_use;
	bool is_variable;
};

/* A call that is lowered in place. */
struct lower_frame {
	struct lower_frame *outer;
	struct lower_loop *loop;	/* of the caller */
	struct function *function;	/* the caller */
	uint32_t result;		/* NOTHING: not wanted */
	uint32_t after;
	uint32_t place;			/* of the call: what errors inside name */
};

struct lower {
	struct session *session;
	const struct elab_program *elab;
	struct ir_program *program;
	struct ir_builder b;
	VEC(struct lower_func *) funcs;
	struct finder func_finder;	/* of funcs, by the function */
	VEC(struct span) regex_spans;	/* of the program's regular expressions */
	/* of the function being lowered */
	struct lower_handler *handler;
	struct function *function;	/* NULL: the handler itself */
	struct lower_loop *loop;
	VEC(struct lower_temp) temps;
	struct lower_frame *frame;
	unsigned int depth;		/* of frames */
	VEC(bool) var_regs;		/* registers that are variables, not temporaries */
};

/* lower.c */
struct ir_func *lower_function(struct lower *l, struct function *function);
/* lower-limits.c */
bool lower_limits(struct lower *l);
/* lower-str.c: false: reported */
bool lower_regex_tables(struct lower *l);
/* lower-global.c */
void lower_globals(struct lower *l);
void lower_globals_settle(struct lower *l);
void lower_timing(struct lower *l);

/* ---- emission ---- */
void lower_place(struct lower *l, enum tok_kind kind, struct span token);
void lower_place_expr(struct lower *l, const struct expr *expr);
struct ir_insn *lower_emit(struct lower *l, enum ir_op op, uint32_t result,
			   const uint32_t *operands, uint32_t count);
#define EMIT(l, op, result, ...)                                                                 \
	lower_emit((l), (op), (result), (const uint32_t[]){ __VA_ARGS__ },                       \
		   sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
void lower_jump(struct lower *l, uint32_t block);
void lower_enter(struct lower *l, uint32_t block);	/* makes it current */
uint32_t lower_number(struct lower *l, int64_t value);
uint32_t lower_text(struct lower *l, const char *text);
/* A new register with the result of a two-operand operation; constants are folded. */
uint32_t lower_arith(struct lower *l, enum ir_op op, uint32_t a, uint32_t b);
uint32_t lower_temp_reg(struct lower *l);
uint32_t lower_temp_slot(struct lower *l, uint32_t width);
/* A variable's register or slot. Slots go back to the pool like temporaries, at the depth they were
 * taken. */
uint32_t lower_variable(struct lower *l, bool string, uint32_t width);
/* What is read more than once: not to be made by another instruction's result. */
void lower_mark_variable(struct lower *l, uint32_t operand);
void lower_temps_release(struct lower *l);
/* Moves into a variable or temporary; rewrites the instruction just emitted where that is the same.
 * */
void lower_move(struct lower *l, uint32_t to, uint32_t from);
/* Bytes that a string operand may take, with the NUL. */
uint32_t lower_width(const struct lower *l, uint32_t operand);
uint32_t lower_max_string(const struct lower *l);
bool lower_is_string(uint32_t operand);

/* ---- expressions ---- */
/* NOTHING where @wanted is false and nothing came of it. */
uint32_t lower_expr(struct lower *l, struct expr *expr, bool wanted);
uint32_t lower_value(struct lower *l, struct expr *expr);
/* The value, safe against what evaluating @later (may be NULL) does to variables. */
uint32_t lower_stable(struct lower *l, struct expr *expr, const struct expr *later);
/* All of @args in order, each stable against the following ones, into @out. */
void lower_args(struct lower *l, const expr_vec *args, uint32_t *out);
/* Branches on the truth of @expr. */
void lower_cond(struct lower *l, struct expr *expr, uint32_t yes, uint32_t no);
typedef uint32_t lower_expr_fn(struct lower *l, struct expr *expr, bool wanted);
lower_expr_fn lower_symbol, lower_index, lower_assign, lower_preinc, lower_postinc, lower_in,
	lower_concat, lower_compare, lower_regex, lower_print, lower_stat, lower_hist, lower_mach,
	lower_regop, lower_call;

/* ---- globals ---- */
struct lower_ref {
	const struct global *global;
	uint32_t keys[PROGRAM_MAX_KEYS];
	uint32_t key_count;
};
/* Evaluates the keys of a SYMBOL or INDEX that names a global; NULL keys become WILD. */
void lower_ref(struct lower *l, struct expr *expr, const struct expr *later, struct lower_ref *ref);
/* Emits op g k… then @extra. */
struct ir_insn *lower_access(struct lower *l, enum ir_op op, uint32_t result,
			     const struct lower_ref *ref, const uint32_t *extra, uint32_t count);
bool lower_is_global(const struct expr *expr);
uint32_t lower_local(const struct local *local);	/* its register or slot */
void lower_local_set(struct local *local, uint32_t operand);

/* ---- the rest ---- */
void lower_stmt(struct lower *l, struct stmt *stmt);
/* Returns from the function, or from the call lowered in place. Without a value: 0 or "". */
void lower_leave(struct lower *l, uint32_t value);
/* Gives the variables of a function or handler their registers and slots. */
void lower_locals(struct lower *l, const local_vec *locals);
void lower_foreach(struct lower *l, struct stmt *stmt);
void lower_delete(struct lower *l, struct expr *expr);
/* Opens a loop: block `header` is made current; lower_loop_close() ends it. */
uint32_t lower_loop_open(struct lower *l, struct lower_loop *loop, const struct stmt *stmt);
void lower_loop_close(struct lower *l, struct lower_loop *loop);
/* Counts the statements of @body against MAXACTION and goes back to @header. */
void lower_loop_again(struct lower *l, const struct stmt *body, uint32_t header);
void lower_action(struct lower *l, uint32_t count);
void lower_iters_end(struct lower *l, const struct lower_loop *until);
/* Takes an iterator for the time of a loop. */
uint32_t lower_iter_new(struct lower *l);
int64_t lower_hist_buckets(const struct expr *hist);
uint32_t lower_hist_bucket(struct lower *l, struct expr *hist, uint32_t bucket);
/* The aggregate keeps a histogram: of powers of two; the one that @hist asks for. */
void lower_hist_log(struct abi_agg *agg);
void lower_note_hist(struct lower *l, const struct expr *hist);
/* The row for text that goes to @action by way of "%s". */
/* A number that the runtime finds when it loads the program: see struct program_symref. */
uint32_t lower_symref(struct lower *l, const char *symbol, const char *path, int64_t addend);
/* lower-flatten.c: the same print without strings that are made only to be printed. */
struct expr *lower_flatten(struct lower *l, struct expr *expr);
void lower_print_text(struct lower *l, uint32_t action, uint32_t text);
uint32_t lower_builtin(struct lower *l, struct expr *expr, bool wanted);
/* The operands of a register or argument of the probed context, by entry kind; NOTHING: reported.
 * */
uint32_t lower_register(struct lower *l, const struct expr *at, int64_t number);
uint32_t lower_argument(struct lower *l, const struct expr *at, int64_t number);
uint32_t lower_return_value(struct lower *l, const struct expr *at, int64_t slot);
uint32_t lower_read(struct lower *l, enum mem_space space, unsigned int size, bool is_signed,
		    uint32_t address);
/* 1 where the processor was in user mode. */
uint32_t lower_program_counter(struct lower *l);
uint32_t lower_user_mode(struct lower *l);
const char *lower_handler_name(const struct lower *l);

#endif
