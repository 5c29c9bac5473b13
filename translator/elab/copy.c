/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deep copies of trees, driven by the shapes that walking uses; and new nodes. */
#include <string.h>

#include "translator/elab/walk.h"
#include "translator/util/arena.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void *copy_bytes(struct arena *arena, const void *from, size_t size)
{
	void *to = arena_alloc(arena, size ? size : 1);

	if (size)
		memcpy(to, from, size);
	return to;
}

static void copy_expr_vec(struct arena *arena, expr_vec *vec)
{
	struct expr **data = arena_alloc(arena, (vec->count + 1) * sizeof(*data));

	for (size_t i = 0; i < vec->count; i++)
		data[i] = expr_copy(arena, vec->data[i]);
	vec->data = data;
	vec->capacity = vec->count + 1;
}

static void copy_components(struct arena *arena, component_vec *vec)
{
	vec->data = copy_bytes(arena, vec->data, vec->count * sizeof(*vec->data));
	vec->capacity = vec->count;
	for (size_t i = 0; i < vec->count; i++)
		vec->data[i].index = expr_copy(arena, vec->data[i].index);
}

static void copy_shape_exprs(struct arena *arena, const struct node_shape *shape, char *node)
{
	for (size_t i = 0; i < COUNT(shape->exprs) && shape->exprs[i]; i++) {
		struct expr **slot = (struct expr **)(void *)(node + shape->exprs[i]);

		*slot = expr_copy(arena, *slot);
	}
	for (size_t i = 0; i < COUNT(shape->expr_vecs) && shape->expr_vecs[i]; i++)
		copy_expr_vec(arena, (expr_vec *)(void *)(node + shape->expr_vecs[i]));
	if (shape->components)
		copy_components(arena, (component_vec *)(void *)(node + shape->components));
}

struct expr *expr_copy(struct arena *arena, const struct expr *expr)
{
	if (!expr)
		return NULL;
	struct expr *copy = copy_bytes(arena, expr, sizeof(*expr));

	copy_shape_exprs(arena, &expr_shapes[copy->kind], (char *)copy);
	if (copy->kind == EXPR_CALL) {
		size_t bytes = copy->call.targets.count * sizeof(*copy->call.targets.data);

		copy->call.targets.data = copy_bytes(arena, copy->call.targets.data, bytes);
		copy->call.targets.capacity = copy->call.targets.count;
	}
	return copy;
}

struct stmt *stmt_copy(struct arena *arena, const struct stmt *stmt)
{
	if (!stmt)
		return NULL;
	struct stmt *copy = copy_bytes(arena, stmt, sizeof(*stmt));
	const struct node_shape *shape = &stmt_shapes[copy->kind];
	char *node = (char *)copy;

	copy_shape_exprs(arena, shape, node);
	for (size_t i = 0; i < COUNT(shape->stmts) && shape->stmts[i]; i++) {
		struct stmt **slot = (struct stmt **)(void *)(node + shape->stmts[i]);

		*slot = stmt_copy(arena, *slot);
	}
	if (shape->stmt_vec) {
		stmt_vec *vec = (stmt_vec *)(void *)(node + shape->stmt_vec);

		vec->data = copy_bytes(arena, vec->data, vec->count * sizeof(*vec->data));
		vec->capacity = vec->count;
		for (size_t i = 0; i < vec->count; i++)
			vec->data[i] = stmt_copy(arena, vec->data[i]);
	}
	if (copy->kind == STMT_FOREACH) {
		size_t bytes = copy->foreach.keys.count * sizeof(*copy->foreach.keys.data);

		copy->foreach.keys.data = copy_bytes(arena, copy->foreach.keys.data, bytes);
		copy->foreach.keys.capacity = copy->foreach.keys.count;
	}
	return copy;
}

struct function *function_copy(struct arena *arena, const struct function *function)
{
	struct function *copy = copy_bytes(arena, function, sizeof(*function));

	copy->params.data = copy_bytes(arena, function->params.data,
				       function->params.count * sizeof(*function->params.data));
	copy->params.capacity = copy->params.count;
	for (size_t i = 0; i < copy->params.count; i++)
		copy->params.data[i] = copy_bytes(arena, copy->params.data[i],
						  sizeof(*copy->params.data[i]));
	copy->body = stmt_copy(arena, function->body);
	memset(&copy->locals, 0, sizeof(copy->locals));
	return copy;
}

struct expr *expr_new(struct arena *arena, enum expr_kind kind, struct span span)
{
	struct expr *expr = arena_new_of(arena, struct expr);

	expr->kind = kind;
	expr->span = expr->tok = span;
	expr->tok_kind = TOK_IDENTIFIER;
	return expr;
}

struct expr *expr_number(struct arena *arena, int64_t number, struct span span)
{
	struct expr *expr = expr_new(arena, EXPR_NUMBER, span);

	expr->tok_kind = TOK_NUMBER;
	expr->type = TYPE_LONG;
	expr->number = number;
	return expr;
}

struct expr *expr_string(struct arena *arena, const char *text, struct span span)
{
	struct expr *expr = expr_new(arena, EXPR_STRING, span);

	expr->tok_kind = TOK_STRING;
	expr->type = TYPE_STRING;
	expr->string.text = text;
	expr->string.length = strlen(text);
	return expr;
}

struct expr *expr_binary(struct arena *arena, enum expr_kind kind, enum op op, struct expr *left,
			 struct expr *right)
{
	struct expr *expr = expr_new(arena, kind, span_join(left->span, right->span));

	expr->tok = left->tok;
	expr->tok_kind = TOK_OPERATOR;
	expr->binary.op = op;
	expr->binary.left = left;
	expr->binary.right = right;
	return expr;
}

struct expr *expr_unary(struct arena *arena, enum op op, struct expr *operand)
{
	struct expr *expr = expr_new(arena, EXPR_UNARY, operand->span);

	expr->tok_kind = TOK_OPERATOR;
	expr->unary.op = op;
	expr->unary.operand = operand;
	return expr;
}

struct expr *expr_call(struct arena *arena, const char *interned_name, struct span span)
{
	struct expr *expr = expr_new(arena, EXPR_CALL, span);

	expr->call.name = interned_name;
	return expr;
}

struct stmt *stmt_new(struct arena *arena, enum stmt_kind kind, struct span span)
{
	struct stmt *stmt = arena_new_of(arena, struct stmt);

	stmt->kind = kind;
	stmt->span = stmt->tok = span;
	stmt->tok_kind = TOK_KEYWORD;
	return stmt;
}

struct stmt *stmt_expr(struct arena *arena, struct expr *expr)
{
	struct stmt *stmt = stmt_new(arena, STMT_EXPR, expr->span);

	stmt->tok = expr->tok;
	stmt->tok_kind = expr->tok_kind;
	stmt->expr = expr;
	return stmt;
}
