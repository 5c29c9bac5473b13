/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The abstract syntax tree: what the parser makes, the elaborator closes and types, and the
 * lowering reads. Nodes live in the session's arena. Names are interned: equal names are equal
 * pointers.
 *
 * Every node has two places: `span`, all of it, for carets, and `tok`, the token that names it in a
 * run-time error ("near operator '/' at x.stp:3:7"), whose kind is `tok_kind`.
 *
 *	ast.def		operators and kinds of nodes
 *	ast-expr.h	expressions
 *	ast.h		statements, declarations, files
 */
#ifndef SONDE_PARSE_AST_H
#define SONDE_PARSE_AST_H

#include <stdio.h>

#include "translator/parse/ast-expr.h"

struct handler;
struct stmt;

enum stmt_kind {
#define OP(id, spelling, prec)
#define EXPR(id, name)
#define STMT(id, name) STMT_##id,
#include "translator/parse/ast.def"
	STMT_KIND_COUNT
};

typedef VEC(struct stmt *) stmt_vec;

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
		struct expr *expr;			/* EXPR RETURN (or NULL) DELETE */
		struct { struct expr *cond; struct stmt *yes, *no; } branch;		/* IF */
		/* FOR WHILE */
		struct { struct expr *init, *cond, *step; struct stmt *body; } loop;
		struct {				/* FOREACH */
			VEC(struct foreach_key) keys;
			struct foreach_key value;	/* name NULL: none */
			struct expr *array;		/* SYMBOL, or HIST */
			expr_vec slice;			/* empty, or one a key; NULL = '*' */
			enum sort_by sort;
			int sort_key;			/* SORT_KEY: index into keys */
			bool descending;
			enum stat_op sort_op;		/* SORT_VALUE of aggregates; NONE: count */
			struct expr *limit;
			struct stmt *body;
		} foreach;
		struct {				/* TRY */
			struct stmt *body, *handler;
			const char *name;
			struct local *local;
		} attempt;
		const char *embedded;			/* EMBEDDED: %{ … %} */
	};
};

/* One part of a probe point: functor, or functor(literal). Functors may hold wildcards. */
struct point_part {
	const char *functor;
	struct expr *arg;		/* NUMBER or STRING, or NULL */
	struct span span;
};

struct point {
	VEC(struct point_part) parts;	/* braces are expanded by the parser */
	bool optional, sufficient;	/* ? and ! */
	struct expr *condition;		/* if (…), or NULL; the points of a brace share it */
	struct span span;
	bool from_brace;		/* for -p1: printed as it came out */
};
typedef VEC(struct point *) point_vec;

struct global {
	const char *name;		/* as written */
	struct span span;
	bool is_private, is_array, wraps;
	int64_t max_entries;		/* 0: not given */
	struct expr *init;		/* NUMBER or STRING, or NULL */
	/* filled by elab/ */
	enum type type;
	VEC(enum type) key_types;
	struct span type_span, key_span;	/* first uses that fixed them */
	VEC(struct span) key_spans;
	const struct detail *detail;
	bool detail_dropped;		/* its values mean different things */
	bool is_read, is_written, is_used, arity_known;
	bool is_implicit;		/* nobody declared it: a one-liner's */
	bool synthetic;			/* made by elaboration (@entry, …): never auto-printed */
	uint32_t width;			/* strings: greatest length + 1; longs: 0 */
	VEC(uint32_t) key_widths;
	int index;			/* in the program's table */
	void *lower;			/* the lowering's own */
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
	int64_t priority;		/* -1: not given */
	local_vec params;
	struct stmt *body;		/* or NULL with embedded */
	const char *embedded;
	enum type type;			/* result; UNKNOWN: none */
	bool type_declared;
	struct span type_span;
	/* filled by elab/ */
	local_vec locals;
	bool is_used, is_recursive, has_next, is_resolved, is_synthetic;
	uint8_t context;		/* enum context of elab/ */
	const struct function *original;	/* of a handler's own copy */
	struct handler *owner;		/* whose copy it is, or NULL */
	const struct detail *detail;
	bool detail_dropped;
	uint32_t width;			/* string result */
	int index;
	void *lower;
};

struct probe {
	struct span span;
	point_vec points;
	struct stmt *body;		/* NULL: left out (Sonde's one-liners) */
	/* probe P /cond/ without a body; with one, the body begins with if (!cond) next */
	struct expr *predicate;
	/* probe alias = …: one or more names; the epilogue of +=, or of { },{ } */
	VEC(struct point *) alias_names;
	bool alias_is_epilogue;		/* += */
	struct stmt *alias_epilogue;	/* second body of { },{ } */
	bool is_private;
};

/* One parsed file. */
struct file {
	struct source *source;
	VEC(struct probe *) probes;	/* and not aliases */
	VEC(struct probe *) aliases;
	VEC(struct function *) functions;
	VEC(struct global *) globals;
	VEC(const char *) embedded;	/* top-level %{ %} */
};

/* Prints @file as source that parses back to the same tree (-p1). */
void ast_print_file(FILE *out, const struct file *file);
void ast_print_expr(FILE *out, const struct expr *expr);
void ast_print_stmt(FILE *out, const struct stmt *stmt, int indent);
void ast_print_point(FILE *out, const struct point *point);

#endif
