/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deep copies of trees, driven by the shapes that walking uses. */
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
