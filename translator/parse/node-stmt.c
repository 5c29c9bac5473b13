/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translator/parse/at-op.h"
#include "translator/parse/gram.h"
#include "translator/parse/node.h"

struct stmt *node_stmt(struct parser *p, enum stmt_kind kind, struct span span,
		       const struct token *token)
{
	struct stmt *stmt = arena_new_of(p->arena, struct stmt);

	stmt->kind = kind;
	stmt->span = span;
	stmt->tok = token->span;
	stmt->tok_kind = token_is_keyword(token->kind) ? TOK_KEYWORD : TOK_OPERATOR;
	return stmt;
}

static void nest_expr(struct parser *p, struct stmt *stmt, const struct expr *child)
{
	if (child)
		node_nest(p, &stmt->depth, child->depth);
}

static void nest_stmt(struct parser *p, struct stmt *stmt, const struct stmt *child)
{
	if (child)
		node_nest(p, &stmt->depth, child->depth);
}

struct stmt *node_block(struct parser *p, struct span span, const struct token *token,
			const stmt_vec *stmts)
{
	struct stmt *stmt = node_stmt(p, STMT_BLOCK, span, token);

	stmt->block = *stmts;
	for (size_t i = 0; i < stmts->count; i++)
		nest_stmt(p, stmt, stmts->data[i]);
	return stmt;
}

struct stmt *node_expr_stmt(struct parser *p, struct span span, struct expr *expr)
{
	struct token token = { .span = expr->tok };
	struct stmt *stmt;

	if (expr->kind == EXPR_EMBEDDED && !expr->parenthesised) {
		stmt = node_stmt(p, STMT_EMBEDDED, span, &token);
		stmt->tok_kind = TOK_EMBEDDED;
		stmt->embedded = expr->named.text;
		return stmt;
	}
	stmt = node_stmt(p, STMT_EXPR, span, &token);
	stmt->tok_kind = expr->tok_kind;
	stmt->expr = expr;
	nest_expr(p, stmt, expr);
	return stmt;
}

struct stmt *node_if(struct parser *p, struct span span, const struct token *token,
		     struct expr *cond, struct stmt *yes, struct stmt *no)
{
	struct stmt *stmt = node_stmt(p, STMT_IF, span, token);

	stmt->branch.cond = cond;
	stmt->branch.yes = yes;
	stmt->branch.no = no;
	nest_expr(p, stmt, cond);
	nest_stmt(p, stmt, yes);
	nest_stmt(p, stmt, no);
	return stmt;
}

struct stmt *node_loop(struct parser *p, enum stmt_kind kind, struct span span,
		       const struct token *token, struct expr *const header[3], struct stmt *body)
{
	struct stmt *stmt = node_stmt(p, kind, span, token);

	stmt->loop.init = header[0];
	stmt->loop.cond = header[1];
	stmt->loop.step = header[2];
	stmt->loop.body = body;
	for (int i = 0; i < 3; i++)
		nest_expr(p, stmt, header[i]);
	nest_stmt(p, stmt, body);
	return stmt;
}

struct stmt *node_return(struct parser *p, struct span span, const struct token *token,
			 struct expr *value)
{
	struct stmt *stmt = node_stmt(p, STMT_RETURN, span, token);

	if (!p->in_function) {
		diag(p->diags, DIAG_PARSE_RETURN, token->span);
		diag_hint(p->diags, "a probe's handler is left with 'next'");
	}
	stmt->expr = value;
	nest_expr(p, stmt, value);
	return stmt;
}

struct stmt *node_try(struct parser *p, struct span span, const struct token *token,
		      struct stmt *body, const struct token *name, struct stmt *handler)
{
	struct stmt *stmt = node_stmt(p, STMT_TRY, span, token);

	stmt->attempt.body = body;
	stmt->attempt.handler = handler;
	stmt->attempt.name = name ? name->text : NULL;
	nest_stmt(p, stmt, body);
	nest_stmt(p, stmt, handler);
	return stmt;
}

/* Takes the direction, if there is one, as what the foreach sorts by. */
static void foreach_sort(struct parser *p, struct stmt *stmt, const struct foreach_sort *sort,
			 enum sort_by by, int key)
{
	if (!sort->direction)
		return;
	if (stmt->foreach.sort != SORT_NONE) {
		diag(p->diags, DIAG_PARSE_SORT, sort->token->span);
		return;
	}
	stmt->foreach.sort = by;
	stmt->foreach.sort_key = key;
	stmt->foreach.descending = sort->direction == '-';
	if (!sort->op)
		return;
	stmt->foreach.sort_op = at_op_stat(sort->op->text);
	if (stmt->foreach.sort_op == STAT_NONE)
		diag(p->diags, DIAG_PARSE_SORT_OP, sort->op->span, sort->op->text);
}

static struct foreach_key foreach_key(const struct foreach_name *name)
{
	return (struct foreach_key){ .name = name->name->text, .span = name->name->span };
}

struct stmt *node_foreach(struct parser *p, struct span span, const struct token *token,
			  const struct foreach_head *head, struct stmt *body)
{
	struct stmt *stmt = node_stmt(p, STMT_FOREACH, span, token);

	stmt->foreach.sort_op = STAT_NONE;
	if (head->value.name) {
		stmt->foreach.value = foreach_key(&head->value);
		foreach_sort(p, stmt, &head->value.sort, SORT_VALUE, 0);
	}
	for (size_t i = 0; i < head->keys.count; i++) {
		*vec_push(p->arena, &stmt->foreach.keys) = foreach_key(&head->keys.data[i]);
		foreach_sort(p, stmt, &head->keys.data[i].sort, SORT_KEY, (int)i);
	}
	foreach_sort(p, stmt, &head->sort, SORT_VALUE, 0);
	stmt->foreach.array = head->array;
	stmt->foreach.slice = head->slice;
	stmt->foreach.limit = head->limit;
	stmt->foreach.body = body;
	nest_expr(p, stmt, head->array);
	nest_expr(p, stmt, head->limit);
	for (size_t i = 0; i < head->slice.count; i++)
		nest_expr(p, stmt, head->slice.data[i]);
	nest_stmt(p, stmt, body);
	return stmt;
}
