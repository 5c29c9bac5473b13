/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside vm*.c: decoded functions, frames, the state of a handler run.
 */
#ifndef SONDE_VM_PRIV_H
#define SONDE_VM_PRIV_H

#include "runtime/buf.h"
#include "runtime/format.h"
#include "runtime/vm-maps.h"
#include "runtime/vm.h"

#define VM_NONE (-1)		/* no result, no limit */
#define VM_WILD INT32_MIN	/* '*' among keys */

struct vm_op;
struct vm_func;

/* Does one operation and says which is next; NULL: the handler run is over. */
typedef const struct vm_op *vm_op_fn(struct vm *vm, const struct vm_op *op);

/* A decoded instruction. An operand is an index into the frame's registers or strings, where the
 * function's constants stand behind the variables; a block is a distance in operations. */
struct vm_op {
	vm_op_fn *run;
	int32_t a, b, c, d;		/* the first four of args */
	const int32_t *args;		/* all; args[0] is the result */
	const void *data;		/* the global, print, function, intrinsic */
	const struct vm_op *handler;	/* the catch block's first operation, or NULL */
	uint32_t place;
	uint32_t arg_count;
};

struct vm_string {
	char *text;		/* constants: the program's own */
	uint32_t length;
	uint32_t width;		/* with the NUL */
};

struct vm_func {
	const struct program_func *func;
	struct vm_op *code;
	int32_t *args;			/* what vm_op.args points into */
	const int64_t **constants;	/* of the registers, behind reg_count */
	struct vm_string *texts;	/* constants of the strings */
	uint32_t constant_count, text_count;
	uint32_t text_bytes;		/* of the slots */
	bool *clears;			/* by global: may it delete all of it? With what it calls */
	struct vm_frame *idle;		/* frames to use again */
};

struct vm_frame {
	struct vm_frame *caller;	/* or the next idle one */
	struct vm_func *func;
	const struct vm_op *call;	/* in the caller; NULL: a handler's frame */
	int64_t *regs;
	struct vm_string *strings;
	struct maps_iter **iters;
};

struct vm_regex;
struct token_state {
	struct buf text;
	size_t at;
};

struct vm {
	struct vm_config config;
	const struct program *program;
	struct vm_func *funcs;		/* as the program's; code NULL: not decoded */
	struct vm_frame *frame;
	int64_t *regs;			/* of the frame */
	struct vm_string *strings;
	uint32_t handler, depth;
	int64_t actions, most_actions;
	struct abi_error error;		/* fault 0: none */
	struct buf error_text;		/* of FAULT_USER */
	bool abandoned;
	struct maps_value *values;	/* scratch: keys or arguments of an operation */
	struct format_arg *prints;	/* scratch: arguments of a print */
	struct buf text;		/* scratch: a string result */
	struct token_state tokens;
	struct vm_regex *regex;
	struct buf value;		/* $value of input and procfs */
	uint64_t random;
};

/* vm.c */
/* Raises an error; the next operation is in a catch block, or NULL. */
const struct vm_op *vm_fault(struct vm *vm, const struct vm_op *op, uint32_t fault,
			     uint64_t detail);
const struct vm_op *vm_fault_text(struct vm *vm, const struct vm_op *op, const char *text,
				  uint32_t length);
/* Enters @func; its arguments are set in vm->regs and vm->strings by the caller then. */
struct vm_frame *vm_frame_enter(struct vm *vm, struct vm_func *func, const struct vm_op *call);
void vm_frame_leave(struct vm *vm);

/* vm-decode.c: false: *error says why */
bool vm_decode(struct vm *vm, uint32_t func, char **error);
void vm_func_free(struct vm_func *func);
/* Adds what the functions that @func calls may delete. true: there was something new. */
bool func_clears_spread(struct vm *vm, uint32_t func);

/* The operation's row: how it is run. vm-op-table.c */
extern vm_op_fn *const vm_op_table[];

/* vm-regex.c */
struct vm_regex *vm_regex_new(const struct program *program);
void vm_regex_free(struct vm_regex *state);
void vm_regex_reset(struct vm_regex *state);
bool vm_regex_match(struct vm *vm, uint32_t index, const char *text, uint32_t length);
/* false: no such sub-match. */
bool vm_regex_group(struct vm *vm, int64_t group, struct maps_value *value);
int64_t vm_regex_group_count(const struct vm *vm);

/* A builtin: arguments as `args` says (l long, s string), result - l s. vm-intrinsics.def */
struct vm_intrinsic {
	const char *name, *result, *args;
	/* 0 or an enum abi_fault. String results are valid until the next call. */
	int (*run)(struct vm *vm, const struct maps_value *args, struct maps_value *result);
};
const struct vm_intrinsic *vm_intrinsic_find(const char *name);

/* Bytes that a slot of this width gets. */
static inline uint32_t vm_slot_width(const struct vm *vm, uint32_t width)
{
	return ABI_ROUND8(width > vm->config.least_width ? width : vm->config.least_width);
}

static inline void string_set(struct vm_string *string, const char *text, uint32_t length)
{
	if (length >= string->width)
		length = string->width - 1;
	if (length)
		__builtin_memmove(string->text, text, length);
	string->text[length] = '\0';
	string->length = length;
}

#endif
