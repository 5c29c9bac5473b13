/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making nodes of the tree: the actions of gram.y. They check what the grammar cannot say, report
 * it, and still return a node, so that parsing goes on.
 *
 * Files: node-expr.c, node-stmt.c, node-decl.c; at-op.c has the @operators, print-op.c the
 * functions of the print family and their formats.
 */
#ifndef SONDE_PARSE_NODE_H
#define SONDE_PARSE_NODE_H

#include "translator/parse/parser.h"

/* Makes @depth one more than the child's, if that is more; past the limit parsing ends. */
void node_nest(struct parser *p, uint16_t *depth, unsigned int child);

/* At the end of a declaration: reports histograms that stand where values do. */
void node_item_end(struct parser *p);
/* Reports the token that the grammar looks at: @wanted was expected there. */
void node_expected(struct parser *p, const char *wanted);

/* Expressions */
struct expr *node_expr(struct parser *p, enum expr_kind kind, struct span span,
		       const struct token *token, enum tok_kind tok_kind);
/* Counts @child (or NULL) as a child of @expr. */
void node_expr_nest(struct parser *p, struct expr *expr, const struct expr *child);
struct expr *node_number(struct parser *p, const struct token *token);
struct expr *node_negative(struct parser *p, struct span span, const struct token *token);
struct expr *node_string(struct parser *p, const struct token *token);
struct expr *node_symbol(struct parser *p, const struct token *token);
struct expr *node_target(struct parser *p, const struct token *token);
struct expr *node_embedded(struct parser *p, const struct token *token);
struct expr *node_parens(struct expr *inner, struct span span);
struct expr *node_unary(struct parser *p, struct span span, enum op op, const struct token *token,
			struct expr *operand);
struct expr *node_step(struct parser *p, struct span span, enum expr_kind kind, enum op op,
		       const struct token *token, struct expr *operand);
struct expr *node_binary(struct parser *p, enum op op, struct expr *left,
			 const struct token *token, struct expr *right);
struct expr *node_ternary(struct parser *p, struct expr *cond, const struct token *token,
			  struct expr *yes, struct expr *no);
struct expr *node_regex(struct parser *p, struct expr *left, const struct token *token,
			const struct token *pattern, bool negated);
struct expr *node_in(struct parser *p, struct span span, const expr_vec *keys,
		     const struct token *token, struct expr *array);
struct expr *node_member(struct parser *p, struct expr *base, const struct token *token,
			 const struct token *member);
struct expr *node_pretty(struct parser *p, struct expr *base, const struct token *token);
struct expr *node_subscript(struct parser *p, struct span span, struct expr *base,
			    const expr_vec *keys);
struct expr *node_address(struct parser *p, struct span span, const struct token *token,
			  struct expr *operand);
/* name(args): a function, or one of the print family */
struct expr *node_call(struct parser *p, struct span span, const struct token *name,
		       const expr_vec *args);
/* @name(args), or @name alone with args NULL (at-op.c) */
struct expr *node_at(struct parser *p, struct span span, const struct token *name,
		     const expr_vec *args);
/* The same where only a histogram has a meaning. */
struct expr *node_histogram(struct parser *p, struct span span, const struct token *name,
			    const expr_vec *args);

/* Statements */
struct stmt *node_stmt(struct parser *p, enum stmt_kind kind, struct span span,
		       const struct token *token);
struct stmt *node_block(struct parser *p, struct span span, const struct token *token,
			const stmt_vec *stmts);
struct stmt *node_expr_stmt(struct parser *p, struct span span, struct expr *expr);
struct stmt *node_if(struct parser *p, struct span span, const struct token *token,
		     struct expr *cond, struct stmt *yes, struct stmt *no);
struct stmt *node_loop(struct parser *p, enum stmt_kind kind, struct span span,
		       const struct token *token, struct expr *const header[3], struct stmt *body);
struct stmt *node_return(struct parser *p, struct span span, const struct token *token,
			 struct expr *value);
struct stmt *node_try(struct parser *p, struct span span, const struct token *token,
		      struct stmt *body, const struct token *name, struct stmt *handler);

/* The parts of a foreach's header, as far as they were read. A direction is '+', '-' or 0. */
struct foreach_sort {
	int direction;
	const struct token *token, *op;	/* op: the @name before the direction, or NULL */
};
struct foreach_name {
	const struct token *name;
	struct foreach_sort sort;
};
typedef VEC(struct foreach_name) foreach_name_vec;
struct foreach_head {
	struct foreach_name value;
	foreach_name_vec keys;
	struct expr *array, *limit;
	expr_vec slice;
	struct foreach_sort sort;
};
struct stmt *node_foreach(struct parser *p, struct span span, const struct token *token,
			  const struct foreach_head *head, struct stmt *body);

/* Declarations: added to p->file */
struct path {
	VEC(struct point_part) parts;
	int suffix;			/* TOKEN_OPTIONAL, TOKEN_SUFFICIENT or 0: inside braces */
};
typedef VEC(struct path) path_vec;	/* what braces make of one spelling */
void node_path_join(struct parser *p, path_vec *paths, const path_vec *more);
void node_path_append(struct parser *p, struct span span, path_vec *paths, const path_vec *more);
void node_path_suffix(path_vec *paths, int suffix);
path_vec node_path(struct parser *p, struct span span, const struct token *name, struct expr *arg);
point_vec node_points(struct parser *p, struct span span, const path_vec *paths,
		      struct expr *condition);
struct probe_parts {
	point_vec aliases;		/* alias names; count 0: a probe */
	bool is_epilogue;		/* += */
	point_vec points;
	struct expr *predicate;
	struct stmt *body, *epilogue;
	const struct token *comma;	/* before the epilogue */
};
void node_probe(struct parser *p, struct span span, const struct probe_parts *parts);
void node_alias_name(struct parser *p, struct probe_parts *parts, const point_vec *points);
struct global_parts {
	const struct token *name, *wraps;
	struct expr *size, *init;
};
void node_global(struct parser *p, struct span span, const struct global_parts *parts,
		 bool is_private);
void node_param(struct parser *p, local_vec *params, const struct token *name, int type);
struct function_parts {
	const struct token *name, *embedded;
	int type;			/* TOKEN_LONG, TOKEN_STRING_TYPE or 0 */
	struct span type_span;
	local_vec params;
	struct expr *priority;
	struct stmt *body;
	bool is_private;
};
struct function *node_function(struct parser *p, const struct function_parts *parts);
void node_function_add(struct parser *p, const struct function_parts *parts);
void node_embedded_add(struct parser *p, const struct token *token);
/* Whether embedded code is allowed here; reports it if not. */
bool node_embedded_allowed(struct parser *p, const struct token *token);

#endif
