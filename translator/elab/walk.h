/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Visiting trees. Where the children of each kind of node are is one table (walk.c), which walking,
 * copying and counting share: no pass has a switch over all kinds.
 *
 * A visitor gets the slot that holds the node and may put another node (or, for statements, NULL is
 * not allowed: use an empty statement) in it. Slots that are NULL ('*' among keys, an absent
 * else) are not visited.
 */
#ifndef SONDE_ELAB_WALK_H
#define SONDE_ELAB_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "translator/parse/ast.h"

struct arena;

struct walk {
	/* Before the children. False: the children (of the node now in the slot) are not visited,
	 * nor is `expr`/`stmt` called for it. May be NULL. */
	bool (*expr_before)(struct walk *walk, struct expr **slot);
	bool (*stmt_before)(struct walk *walk, struct stmt **slot);
	/* After the children. May be NULL. */
	void (*expr)(struct walk *walk, struct expr **slot);
	void (*stmt)(struct walk *walk, struct stmt **slot);
	void *context;
};

void walk_expr(struct walk *walk, struct expr **slot);
void walk_stmt(struct walk *walk, struct stmt **slot);
/* Only the children of a node, for visitors that return false from *_before and go on by hand. */
void walk_expr_children(struct walk *walk, struct expr *expr);
void walk_stmt_children(struct walk *walk, struct stmt *stmt);

/* Offsets of the children in struct expr or struct stmt; a list ends with 0 or when it is full.
 * Order of evaluation: exprs, expr_vecs, components, stmts, stmt_vec. */
struct node_shape {
	uint16_t exprs[3];	/* struct expr * */
	uint16_t expr_vecs[2];	/* expr_vec */
	uint16_t components;	/* component_vec */
	uint16_t stmts[2];	/* struct stmt * */
	uint16_t stmt_vec;	/* stmt_vec */
};
extern const struct node_shape expr_shapes[EXPR_KIND_COUNT];
extern const struct node_shape stmt_shapes[STMT_KIND_COUNT];

/* Deep copies (copy.c). Resolved references (global, local, targets) are copied as they are.
 * NULL gives NULL. */
struct expr *expr_copy(struct arena *arena, const struct expr *expr);
struct stmt *stmt_copy(struct arena *arena, const struct stmt *stmt);
/* A copy with its own parameters, without locals; to be resolved anew. */
struct function *function_copy(struct arena *arena, const struct function *function);

#endif
