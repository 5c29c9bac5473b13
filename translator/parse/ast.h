/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The abstract syntax tree: what the parser makes, the elaborator closes and types, and the lowering
 * reads. Nodes live in the session's arena. Names are interned: equal names are equal pointers.
 *
 * Every node has two places: `span`, all of it, for carets, and `tok`, the token that names it in a
 * run-time error ("near operator '/' at x.stp:3:7"), whose kind is `tok_kind`.
 */
#ifndef SONDE_PARSE_AST_H
#define SONDE_PARSE_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/util/source.h"
#include "translator/util/vec.h"

struct detail;
struct global;
struct function;
struct local;
struct intrinsic;
struct handler;
struct stmt;
struct expr;

enum type { TYPE_UNKNOWN, TYPE_LONG, TYPE_STRING, TYPE_STATS, TYPE_ERROR /* poisoned */ };

enum tok_kind { TOK_IDENTIFIER, TOK_OPERATOR, TOK_KEYWORD, TOK_STRING, TOK_NUMBER, TOK_EMBEDDED };

/* Operators of unary, binary, assignment and increment nodes; spelling and precedence in ast.def */
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

enum stmt_kind {
#define OP(id, spelling, prec)
#define EXPR(id, name)
#define STMT(id, name) STMT_##id,
#include "translator/parse/ast.def"
	STMT_KIND_COUNT
};

typedef VEC(struct expr *) expr_vec;
typedef VEC(struct stmt *) stmt_vec;

/* One step of $x->member[index]: literal names and numbers, or an expression index. */
struct component {
	enum { COMPONENT_MEMBER, COMPONENT_INDEX } kind;
	const char *member;		/* MEMBER */
	struct expr *index;		/* INDEX; also a literal */
	struct span span;
};
typedef VEC(struct component) component_vec;

enum print_kind { PRINT_PLAIN, PRINT_LN, PRINT_D, PRINT_DLN, PRINT_F };	/* print println printd … */

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
	MACH_REG,	/* number: saved register of the probed context, DWARF numbering of the machine */
	MACH_ARG,	/* number: n-th argument, from 0: 8-byte slot of the program context (raw tracepoint,
			 * fentry), or where the entry is by pt_regs the ABI's n-th integer register */
	MACH_RETVAL,	/* return value: in a fexit context slot `number` (after the arguments), by pt_regs rax */
	MACH_READ,	/* reads `size` bytes at `base` from `space`, sign-extended if `is_signed`; may fault */
	MACH_PERF,	/* perf counter, number = its index */
	MACH_SYMBOL,	/* run-time address: `symbol` of the module `module` plus number (PIE, library data) */
	MACH_WRITE,	/* guru: stores `value` of `size` bytes at `base` */
};
enum mem_space { SPACE_KERNEL, SPACE_USER };

struct expr {
	enum expr_kind kind;
	enum type type;
	enum tok_kind tok_kind;
	struct span span, tok;
	const struct detail *detail;	/* what a long means (type and address space), for autocast; or NULL */
	uint16_t depth;			/* of the tree below; limited by the parser, so recursion is safe */
	bool parenthesised;
	union {
		int64_t number;					/* NUMBER */
		struct { const char *text; uint32_t length; } string;	/* STRING */
		struct {					/* SYMBOL */
			const char *name;
			struct global *global;			/* one of the two after resolving */
			struct local *local;
		} symbol;
		struct {					/* INDEX: array element, or autocast x[i] */
			struct expr *base;			/* SYMBOL after resolving for arrays */
			expr_vec keys;				/* a NULL key is '*' */
		} index;
		struct { struct expr *operand; enum op op; } unary;	/* UNARY, PREINC, POSTINC */
		struct { struct expr *left, *right; enum op op; } binary; /* BINARY COMPARE LOGICAL CONCAT ASSIGN */
		struct { struct expr *cond, *yes, *no; } ternary;
		struct {					/* REGEX: left =~ "pattern" */
			struct expr *left;
			const char *pattern;
			bool negated;
		} regex;
		struct { struct expr *array; expr_vec keys; } in;	/* IN: [k, *] in array; array may be HIST */
		struct {					/* CALL */
			const char *name;
			expr_vec args;
			VEC(struct function *) targets;		/* overloads, in the order to try */
			const struct intrinsic *intrinsic;	/* instead of a script function */
		} call;
		struct {					/* PRINT, also sprint: `to_string` */
			enum print_kind print;
			bool to_string;
			const char *delimiter;			/* PRINT_D, PRINT_DLN */
			const char *format_text;		/* PRINT_F as written */
			format_vec format;			/* PRINT_F */
			expr_vec args;				/* one HIST for print(@hist_log(x)) */
		} print;
		struct {					/* TARGET: $name->a[1]; $name may be $$vars */
			const char *name;			/* with its '$' or "$$"; without suffix */
			component_vec components;
			uint8_t pretty;				/* trailing $ signs: 0, 1, 2 */
			bool address_of;
		} target;
		struct {					/* CAST, ATVAR */
			struct expr *operand;			/* CAST */
			const char *type_name;			/* CAST: "struct file"; ATVAR: "name@cu" */
			const char *module;			/* or NULL */
			component_vec components;
			uint8_t pretty;
			bool address_of;
		} cast;
		struct {					/* DEREF: ->member[i] on any expression */
			struct expr *operand;
			component_vec components;
			uint8_t pretty;
			bool address_of;
		} deref;
		struct { struct expr *operand; } wrap;		/* ENTRY, DEFINED, PROBEWRITE */
		struct { const char *text, *type_name, *module; struct expr *operand; } named;
								/* PERF, CONST, ENUM, ENUMNAME, EMBEDDED */
		struct {					/* STAT: @count(x); */
			enum stat_op op;
			struct expr *stat;			/* SYMBOL or INDEX */
			int64_t shift;				/* VARIANCE */
		} stat;
		struct {					/* HIST: @hist_linear(x, low, high, step) */
			enum hist_kind hist;
			struct expr *stat;
			int64_t low, high, step;
			struct expr *bucket;			/* @hist_log(x)[bucket], or NULL: the picture */
		} hist;
		struct {					/* REG_OP: @kregister(n) @uregister(n) @kderef @uderef */
			enum mem_space space;
			bool is_deref;
			int64_t number;				/* register number or size */
			struct expr *address;
		} regop;
		struct {					/* MACH */
			enum mach_kind mach;
			enum mem_space space;
			uint8_t size;
			bool is_signed;
			int64_t number;
			struct expr *base, *value;
			const char *symbol, *module;
		} mach;
	};
};

struct foreach_key {
	const char *name;
	struct local *local;
	struct span span;
};

/* Which thing a foreach sorts by. */
enum sort_by { SORT_NONE, SORT_KEY, SORT_VALUE };

struct stmt {
	enum stmt_kind kind;
	enum tok_kind tok_kind;
	struct span span, tok;
	uint16_t depth;
	union {
		stmt_vec block;
		struct expr *expr;				/* EXPR RETURN (or NULL) DELETE */
		struct { struct expr *cond; struct stmt *yes, *no; } branch;	/* IF */
		struct { struct expr *init, *cond, *step; struct stmt *body; } loop;	/* FOR WHILE */
		struct {					/* FOREACH */
			VEC(struct foreach_key) keys;
			struct foreach_key value;		/* name NULL: none */
			struct expr *array;			/* SYMBOL, or HIST */
			expr_vec slice;				/* empty, or one a key; NULL = '*' */
			enum sort_by sort;
			int sort_key;				/* SORT_KEY: index into keys */
			bool descending;
			enum stat_op sort_op;			/* SORT_VALUE of aggregates; STAT_NONE: count */
			struct expr *limit;
			struct stmt *body;
		} foreach;
		struct { struct stmt *body, *handler; const char *name; struct local *local; } attempt; /* TRY */
		const char *embedded;				/* EMBEDDED: %{ … %} */
	};
};

/* One part of a probe point: functor, or functor(literal). Functors may hold wildcards. */
struct point_part {
	const char *functor;
	struct expr *arg;					/* NUMBER or STRING, or NULL */
	struct span span;
};

struct point {
	VEC(struct point_part) parts;				/* braces are expanded by the parser */
	bool optional, sufficient;				/* ? and ! */
	struct expr *condition;					/* if (…), or NULL */
	struct span span;
	bool from_brace;					/* for -p1: printed as it came out */
};
typedef VEC(struct point *) point_vec;

struct global {
	const char *name;					/* as written */
	struct span span;
	bool is_private, is_array, wraps;
	int64_t max_entries;					/* 0: not given */
	struct expr *init;					/* NUMBER or STRING, or NULL */
	/* filled by elab/ */
	enum type type;
	VEC(enum type) key_types;
	struct span type_span, key_span;			/* first uses that fixed them */
	VEC(struct span) key_spans;
	const struct detail *detail;
	bool detail_dropped;					/* its values mean different things */
	bool is_read, is_written, is_used, arity_known;
	bool synthetic;						/* made by elaboration (@entry, …): never auto-printed */
	uint32_t width;						/* strings: greatest length + 1; longs: 0 */
	VEC(uint32_t) key_widths;
	int index;						/* in the program's table */
	void *lower;						/* the lowering's own */
};

struct local {
	const char *name;
	struct span span;
	enum type type;
	struct span type_span;
	const struct detail *detail;
	bool detail_dropped;
	uint32_t width;
	bool is_param, is_written, is_read;
	int index;
	void *lower;
};
typedef VEC(struct local *) local_vec;

struct function {
	const char *name;
	struct span span;
	bool is_private;
	int64_t priority;					/* -1: not given */
	local_vec params;
	struct stmt *body;					/* or NULL with embedded */
	const char *embedded;
	enum type type;						/* result; UNKNOWN: none */
	bool type_declared;
	struct span type_span;
	/* filled by elab/ */
	local_vec locals;
	bool is_used, is_recursive, has_next, is_resolved, is_synthetic;
	uint8_t context;					/* enum context of elab/ */
	const struct function *original;			/* of a handler's own copy */
	struct handler *owner;					/* whose copy it is, or NULL */
	const struct detail *detail;
	bool detail_dropped;
	uint32_t width;						/* string result */
	int index;
	void *lower;
};

struct probe {
	struct span span;
	point_vec points;
	struct stmt *body;					/* NULL: left out (Sonde's one-liners) */
	/* probe P /cond/, where the body is left out too; else the body begins with if (!cond) next */
	struct expr *predicate;
	/* probe alias = …: one or more names; the epilogue of +=, or of { },{ } */
	VEC(struct point *) alias_names;
	bool alias_is_epilogue;					/* += */
	struct stmt *alias_epilogue;				/* second body of { },{ } */
	bool is_private;
};

/* One parsed file. */
struct file {
	struct source *source;
	VEC(struct probe *) probes;				/* and not aliases */
	VEC(struct probe *) aliases;
	VEC(struct function *) functions;
	VEC(struct global *) globals;
	VEC(const char *) embedded;				/* top-level %{ %} */
};

extern const char *const op_spelling[OP_COUNT];

/* Prints @file as source that parses back to the same tree (-p1). */
#include <stdio.h>
void ast_print_file(FILE *out, const struct file *file);
void ast_print_expr(FILE *out, const struct expr *expr);
void ast_print_stmt(FILE *out, const struct stmt *stmt, int indent);
void ast_print_point(FILE *out, const struct point *point);

#endif
