/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions of the tree: part of ast.h, which says who owns what.
 */
#ifndef SONDE_PARSE_AST_EXPR_H
#define SONDE_PARSE_AST_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/util/source.h"
#include "translator/util/vec.h"

struct detail;
struct diag_list;
struct expr;
struct function;
struct global;
struct intrinsic;
struct local;

enum type { TYPE_UNKNOWN, TYPE_LONG, TYPE_STRING, TYPE_STATS, TYPE_ERROR /* poisoned */ };

enum tok_kind { TOK_IDENTIFIER, TOK_OPERATOR, TOK_KEYWORD, TOK_STRING, TOK_NUMBER, TOK_EMBEDDED };

/* Operators of unary, binary, assignment and increment nodes; spelling, precedence: ast.def */
enum op {
#define OP(id, spelling, prec) OP_##id,
#define EXPR(id, name)
#define STMT(id, name)
#include "translator/parse/ast.def"
	OP_COUNT
};

enum expr_kind {
#define OP(id, spelling, prec)
#define EXPR(id, name) EXPR_##id,
#define STMT(id, name)
#include "translator/parse/ast.def"
	EXPR_KIND_COUNT
};

typedef VEC(struct expr *) expr_vec;

/* One step of $x->member[index]: literal names and numbers, or an expression index. */
struct component {
	enum { COMPONENT_MEMBER, COMPONENT_INDEX } kind;
	const char *member;		/* MEMBER */
	struct expr *index;		/* INDEX; also a literal */
	struct span span;
};
typedef VEC(struct component) component_vec;

enum print_kind { PRINT_PLAIN, PRINT_LN, PRINT_D, PRINT_DLN, PRINT_F };	/* print println … */

/* A conversion of a format string; `literal` text only when conv is 0. */
struct format_piece {
	const char *literal;		/* conv == 0 */
	size_t literal_length;
	char conv;			/* d i u o x X p c s b m M; 0 = literal */
	char flag;			/* 0 or one of "0+- #" */
	enum { SIZE_NONE, SIZE_FIXED, SIZE_ARGUMENT } width_kind, precision_kind;
	int width, precision;
	bool wide;			/* the "l" of %ld, without effect */
};
typedef VEC(struct format_piece) format_vec;

enum stat_op { STAT_COUNT, STAT_SUM, STAT_MIN, STAT_MAX, STAT_AVG, STAT_VARIANCE, STAT_NONE };
enum hist_kind { HIST_LOG, HIST_LINEAR };

/* Low-level nodes that elaboration puts in place of target variables: EXPR_MACH. All are longs. */
enum mach_kind {
	/* number: saved register of the probed context, DWARF numbering of the machine */
	MACH_REG,
	/* number: n-th argument, from 0: 8-byte slot of the program context (raw tracepoint,
	 * fentry), or where the entry is by pt_regs the ABI's n-th integer register */
	MACH_ARG,
	/* in a fexit context slot `number` (behind the arguments), by pt_regs rax */
	MACH_RETVAL,
	/* reads `size` bytes at `base` from `space`, sign-extended if `is_signed`; may fault */
	MACH_READ,
	/* perf counter, number = its index */
	MACH_PERF,
	/* run-time address: `symbol` of the module `module` plus number (PIE, library data) */
	MACH_SYMBOL,
	/* guru: stores `value` of `size` bytes at `base` */
	MACH_WRITE,
};
enum mem_space { SPACE_KERNEL, SPACE_USER };

struct expr {
	enum expr_kind kind;
	enum type type;
	enum tok_kind tok_kind;
	struct span span, tok;
	const struct detail *detail;	/* what a long means: its type, its space; or NULL */
	uint16_t depth;			/* of the tree below; limited, so recursion is safe */
	bool parenthesised;
	union {
		struct {			/* NUMBER */
			int64_t number;
			struct diag_list *late;	/* it stands for what cannot be had: why */
			bool is_made;		/* of @defined: decides before types do */
		};
		struct { const char *text; uint32_t length; } string;	/* STRING */
		struct {			/* SYMBOL */
			const char *name;
			struct global *global;	/* one of the two after resolving */
			struct local *local;
		} symbol;
		struct {			/* INDEX: array element, or autocast x[i] */
			struct expr *base;	/* SYMBOL after resolving for arrays */
			expr_vec keys;		/* a NULL key is '*' */
		} index;
		struct { struct expr *operand; enum op op; } unary;	/* UNARY PREINC POSTINC */
		/* BINARY COMPARE LOGICAL CONCAT ASSIGN */
		struct { struct expr *left, *right; enum op op; } binary;
		struct { struct expr *cond, *yes, *no; } ternary;
		struct {			/* REGEX: left =~ "pattern" */
			struct expr *left;
			const char *pattern;
			bool negated;
		} regex;
		/* IN: [k, *] in array; array may be HIST */
		struct { struct expr *array; expr_vec keys; } in;
		struct {			/* CALL */
			const char *name;
			expr_vec args;
			VEC(struct function *) targets;		/* overloads, in the order to try */
			bool is_made;	/* by elaboration: it may name a private builtin */
			const struct intrinsic *intrinsic;	/* instead of a script function */
		} call;
		struct {			/* PRINT, also sprint: `to_string` */
			enum print_kind print;
			bool to_string;
			const char *delimiter;		/* PRINT_D, PRINT_DLN */
			const char *format_text;	/* PRINT_F as written */
			format_vec format;		/* PRINT_F */
			expr_vec args;			/* one HIST for print(@hist_log(x)) */
		} print;
		struct {			/* TARGET: $name->a[1]; $name may be $$vars */
			const char *name;	/* with its '$' or "$$"; without suffix */
			component_vec components;
			uint8_t pretty;		/* trailing $ signs: 0, 1, 2 */
			bool address_of;
		} target;
		struct {			/* CAST, ATVAR */
			struct expr *operand;	/* CAST */
			const char *type_name;	/* CAST: "struct file"; ATVAR: "name@cu" */
			const char *module;	/* or NULL */
			component_vec components;
			uint8_t pretty;
			bool address_of;
		} cast;
		struct {			/* DEREF: ->member[i] on any expression */
			struct expr *operand;
			component_vec components;
			uint8_t pretty;
			bool address_of;
		} deref;
		struct { struct expr *operand; } wrap;	/* ENTRY, DEFINED, PROBEWRITE */
		/* PERF, CONST, ENUM, ENUMNAME, EMBEDDED */
		struct { const char *text, *type_name, *module; struct expr *operand; } named;
		struct {			/* STAT: @count(x) */
			enum stat_op op;
			struct expr *stat;	/* SYMBOL or INDEX */
			int64_t shift;		/* VARIANCE */
		} stat;
		struct {			/* HIST: @hist_linear(x, low, high, step) */
			enum hist_kind hist;
			struct expr *stat;
			int64_t low, high, step;
			struct expr *bucket;	/* @hist_log(x)[bucket], or NULL: the picture */
			bool whole;		/* printed, or gone through: needs no bucket */
		} hist;
		struct {			/* REG_OP: @kregister @uregister @kderef @uderef */
			enum mem_space space;
			bool is_deref;
			int64_t number;		/* register number or size */
			struct expr *address;
		} regop;
		struct {			/* MACH */
			enum mach_kind mach;
			enum mem_space space;
			uint8_t size;
			bool is_signed;
			bool is_soft;		/* READ: a bad address gives 0, not an error */
			int64_t number;
			struct expr *base, *value;
			const char *symbol, *module;
		} mach;
	};
};

extern const char *const op_spelling[OP_COUNT];

#endif
