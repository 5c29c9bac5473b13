/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translator/elab/walk.h"

#define E(field) offsetof(struct expr, field)
#define S(field) offsetof(struct stmt, field)

const struct node_shape expr_shapes[EXPR_KIND_COUNT] = {
	[EXPR_INDEX] = { .exprs = { E(index.base) }, .expr_vecs = { E(index.keys) } },
	[EXPR_UNARY] = { .exprs = { E(unary.operand) } },
	[EXPR_PREINC] = { .exprs = { E(unary.operand) } },
	[EXPR_POSTINC] = { .exprs = { E(unary.operand) } },
	[EXPR_BINARY] = { .exprs = { E(binary.left), E(binary.right) } },
	[EXPR_COMPARE] = { .exprs = { E(binary.left), E(binary.right) } },
	[EXPR_LOGICAL] = { .exprs = { E(binary.left), E(binary.right) } },
	[EXPR_CONCAT] = { .exprs = { E(binary.left), E(binary.right) } },
	[EXPR_ASSIGN] = { .exprs = { E(binary.left), E(binary.right) } },
	[EXPR_TERNARY] = { .exprs = { E(ternary.cond), E(ternary.yes), E(ternary.no) } },
	[EXPR_REGEX] = { .exprs = { E(regex.left) } },
	[EXPR_IN] = { .exprs = { E(in.array) }, .expr_vecs = { E(in.keys) } },
	[EXPR_CALL] = { .expr_vecs = { E(call.args) } },
	[EXPR_PRINT] = { .expr_vecs = { E(print.args) } },
	[EXPR_TARGET] = { .components = E(target.components) },
	[EXPR_CAST] = { .exprs = { E(cast.operand) }, .components = E(cast.components) },
	[EXPR_ATVAR] = { .components = E(cast.components) },
	[EXPR_DEREF] = { .exprs = { E(deref.operand) }, .components = E(deref.components) },
	[EXPR_ENTRY] = { .exprs = { E(wrap.operand) } },
	[EXPR_DEFINED] = { .exprs = { E(wrap.operand) } },
	[EXPR_PROBEWRITE] = { .exprs = { E(wrap.operand) } },
	[EXPR_PERF] = { .exprs = { E(named.operand) } },
	[EXPR_CONST] = { .exprs = { E(named.operand) } },
	[EXPR_ENUM] = { .exprs = { E(named.operand) } },
	[EXPR_ENUMNAME] = { .exprs = { E(named.operand) } },
	[EXPR_EMBEDDED] = { .exprs = { E(named.operand) } },
	[EXPR_REG_OP] = { .exprs = { E(regop.address) } },
	[EXPR_STAT] = { .exprs = { E(stat.stat) } },
	[EXPR_HIST] = { .exprs = { E(hist.stat), E(hist.bucket) } },
	[EXPR_MACH] = { .exprs = { E(mach.base), E(mach.value) } },
};

const struct node_shape stmt_shapes[STMT_KIND_COUNT] = {
	[STMT_BLOCK] = { .stmt_vec = S(block) },
	[STMT_EXPR] = { .exprs = { S(expr) } },
	[STMT_IF] = { .exprs = { S(branch.cond) }, .stmts = { S(branch.yes), S(branch.no) } },
	[STMT_WHILE] = { .exprs = { S(loop.init), S(loop.cond), S(loop.step) },
			 .stmts = { S(loop.body) } },
	[STMT_FOR] = { .exprs = { S(loop.init), S(loop.cond), S(loop.step) },
		       .stmts = { S(loop.body) } },
	[STMT_FOREACH] = { .exprs = { S(foreach.array), S(foreach.limit) },
			   .expr_vecs = { S(foreach.slice) },
			   .stmts = { S(foreach.body) } },
	[STMT_RETURN] = { .exprs = { S(expr) } },
	[STMT_DELETE] = { .exprs = { S(expr) } },
	[STMT_TRY] = { .stmts = { S(attempt.body), S(attempt.handler) } },
};

#undef E
#undef S

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* The parts of both kinds of nodes that are expressions. */
static void walk_shape_exprs(struct walk *walk, const struct node_shape *shape, char *node)
{
	for (size_t i = 0; i < COUNT(shape->exprs) && shape->exprs[i]; i++)
		walk_expr(walk, (struct expr **)(void *)(node + shape->exprs[i]));
	for (size_t i = 0; i < COUNT(shape->expr_vecs) && shape->expr_vecs[i]; i++) {
		expr_vec *vec = (expr_vec *)(void *)(node + shape->expr_vecs[i]);

		for (size_t j = 0; j < vec->count; j++)
			walk_expr(walk, &vec->data[j]);
	}
	if (shape->components) {
		component_vec *vec = (component_vec *)(void *)(node + shape->components);

		for (size_t j = 0; j < vec->count; j++)
			walk_expr(walk, &vec->data[j].index);
	}
}

void walk_expr_children(struct walk *walk, struct expr *expr)
{
	walk_shape_exprs(walk, &expr_shapes[expr->kind], (char *)expr);
}

void walk_expr(struct walk *walk, struct expr **slot)
{
	if (!*slot)
		return;
	if (walk->expr_before && !walk->expr_before(walk, slot))
		return;
	if (!*slot)
		return;
	walk_expr_children(walk, *slot);
	if (walk->expr)
		walk->expr(walk, slot);
}

void walk_stmt_children(struct walk *walk, struct stmt *stmt)
{
	const struct node_shape *shape = &stmt_shapes[stmt->kind];
	char *node = (char *)stmt;

	walk_shape_exprs(walk, shape, node);
	for (size_t i = 0; i < COUNT(shape->stmts) && shape->stmts[i]; i++)
		walk_stmt(walk, (struct stmt **)(void *)(node + shape->stmts[i]));
	if (shape->stmt_vec) {
		stmt_vec *vec = (stmt_vec *)(void *)(node + shape->stmt_vec);

		for (size_t j = 0; j < vec->count; j++)
			walk_stmt(walk, &vec->data[j]);
	}
}

void walk_stmt(struct walk *walk, struct stmt **slot)
{
	if (!*slot)
		return;
	if (walk->stmt_before && !walk->stmt_before(walk, slot))
		return;
	walk_stmt_children(walk, *slot);
	if (walk->stmt)
		walk->stmt(walk, slot);
}
