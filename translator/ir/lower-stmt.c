/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements: control flow, loops, errors caught. */
#include <ctype.h>

#include "translator/elab/walk.h"
#include "translator/ir/lower-priv.h"
#include "translator/session.h"
#include "translator/util/diag.h"

/* ---- loops ---- */

/* The block in hand, the loop's header, is the first of the new loop; `after` is of the outer one.
 * */
uint32_t lower_loop_open(struct lower *l, struct lower_loop *loop, const struct stmt *stmt)
{
	struct ir_func *func = l->b.func;
	struct ir_loop *made = vec_push(l->session->arena, &func->loops);
	uint32_t header;

	loop->after = ir_block_new(&l->b);
	made->parent = l->b.loop;
	made->exit = loop->after;
	lower_place(l, stmt->tok_kind, stmt->tok);
	made->place = l->b.place;
	l->b.loop = func->loops.count;
	header = made->header = ir_block_new(&l->b);
	loop->again = ir_block_new(&l->b);
	loop->outer = l->loop;
	l->loop = loop;
	lower_jump(l, header);
	lower_enter(l, header);
	return header;
}

static bool count_statement(struct walk *walk, struct stmt **slot)
{
	unsigned int *count = walk->context;
	enum stmt_kind kind = (*slot)->kind;

	*count += kind != STMT_BLOCK && kind != STMT_EMPTY;
	/* Inner loops count for themselves. */
	return kind != STMT_WHILE && kind != STMT_FOR && kind != STMT_FOREACH;
}

static const struct stmt *first_statement(const struct stmt *stmt)
{
	while (stmt->kind == STMT_BLOCK && stmt->block.count)
		stmt = stmt->block.data[0];
	return stmt;
}

/* SystemTap names a statement by its first token, here the name that an expression begins with. */
static void place_statement(struct lower *l, const struct stmt *stmt)
{
	const struct source *source = stmt->span.source;
	struct span name = stmt->span;
	bool is_expr = stmt->kind == STMT_EXPR || stmt->kind == STMT_EMPTY;

	name.end = name.begin;
	while (source && name.end < stmt->span.end &&
	       (isalnum((unsigned char)source->text[name.end]) || source->text[name.end] == '_'))
		name.end++;
	if (is_expr && name.end > name.begin && !isdigit((unsigned char)source->text[name.begin]))
		lower_place(l, TOK_IDENTIFIER, name);
	else
		lower_place(l, stmt->tok_kind, stmt->tok);
}

/* MAXACTION cannot be caught. */
void lower_action(struct lower *l, uint32_t count)
{
	EMIT(l, IR_ACTION, NOTHING, count)->catch_block = 0;
}

void lower_loop_again(struct lower *l, const struct stmt *body, uint32_t header)
{
	unsigned int count = 0;
	struct walk walk = { .stmt_before = count_statement, .context = &count };
	struct stmt *slot = (struct stmt *)body;

	walk_stmt(&walk, &slot);
	place_statement(l, first_statement(body));
	lower_action(l, count ? count : 1);
	lower_jump(l, header);
}

void lower_loop_close(struct lower *l, struct lower_loop *loop)
{
	l->loop = loop->outer;
	l->b.loop = l->b.func->loops.data[l->b.loop - 1].parent;
	lower_enter(l, loop->after);
}

static void stmt_loop(struct lower *l, struct stmt *stmt)
{
	struct lower_loop loop = { .iter = NOTHING };
	uint32_t header, body;

	if (stmt->loop.init)
		lower_expr(l, stmt->loop.init, false);
	lower_temps_release(l);
	header = lower_loop_open(l, &loop, stmt);
	body = ir_block_new(&l->b);
	if (stmt->loop.cond)
		lower_cond(l, stmt->loop.cond, body, loop.after);
	else
		lower_jump(l, body);
	lower_temps_release(l);
	lower_enter(l, body);
	lower_stmt(l, stmt->loop.body);
	lower_jump(l, loop.again);
	lower_enter(l, loop.again);
	if (stmt->loop.step)
		lower_expr(l, stmt->loop.step, false);
	lower_temps_release(l);
	lower_loop_again(l, stmt->loop.body, header);
	lower_loop_close(l, &loop);
}

static void stmt_break(struct lower *l, struct stmt *stmt)
{
	(void)stmt;
	lower_jump(l, l->loop->after);
}

static void stmt_continue(struct lower *l, struct stmt *stmt)
{
	(void)stmt;
	lower_jump(l, l->loop->again);
}

/* ---- leaving ---- */

static void stmt_return(struct lower *l, struct stmt *stmt)
{
	uint32_t value = NOTHING;
	bool wanted = l->frame ? OPERAND_TAG(l->frame->result) != OPERAND_NONE :
				 l->b.func->result != 0;

	if (stmt->expr)
		value = lower_expr(l, stmt->expr, wanted);
	lower_leave(l, wanted ? value : NOTHING);
}

static void stmt_next(struct lower *l, struct stmt *stmt)
{
	(void)stmt;
	lower_iters_end(l, NULL);
	lower_emit(l, l->function ? IR_RETNEXT : IR_RET, NOTHING, NULL, 0);
}

/* ---- the others ---- */

static void stmt_block(struct lower *l, struct stmt *stmt)
{
	for (size_t i = 0; i < stmt->block.count; i++)
		lower_stmt(l, stmt->block.data[i]);
}

static void stmt_empty(struct lower *l, struct stmt *stmt)
{
	(void)l;
	(void)stmt;
}

static void stmt_expr(struct lower *l, struct stmt *stmt)
{
	lower_expr(l, stmt->expr, false);
}

static void stmt_delete(struct lower *l, struct stmt *stmt)
{
	lower_delete(l, stmt->expr);
}

static void stmt_if(struct lower *l, struct stmt *stmt)
{
	uint32_t yes = ir_block_new(&l->b), after = ir_block_new(&l->b);
	uint32_t no = stmt->branch.no ? ir_block_new(&l->b) : after;

	lower_cond(l, stmt->branch.cond, yes, no);
	lower_temps_release(l);
	lower_enter(l, yes);
	lower_stmt(l, stmt->branch.yes);
	lower_jump(l, after);
	if (stmt->branch.no) {
		lower_enter(l, no);
		lower_stmt(l, stmt->branch.no);
		lower_jump(l, after);
	}
	lower_enter(l, after);
}

/* What may fault in the body goes to a block that begins by taking the error's text. Iterations
 * that the error left are ended there. */
static void stmt_try(struct lower *l, struct stmt *stmt)
{
	uint32_t outer = l->b.catch_block, handler = ir_block_new(&l->b);
	uint32_t after = ir_block_new(&l->b), first_iter = l->b.func->iter_count;
	uint32_t to = stmt->attempt.local ? lower_local(stmt->attempt.local) : NOTHING;

	l->b.catch_block = handler;
	lower_stmt(l, stmt->attempt.body);
	lower_jump(l, after);
	l->b.catch_block = outer;
	lower_enter(l, handler);
	lower_emit(l, IR_CATCH, to, NULL, 0);
	for (uint32_t i = first_iter; i < l->b.func->iter_count; i++)
		EMIT(l, IR_ITEREND, NOTHING, i);
	lower_stmt(l, stmt->attempt.handler);
	lower_jump(l, after);
	lower_enter(l, after);
}

static void stmt_embedded(struct lower *l, struct stmt *stmt)
{
	diag(l->session->diags, DIAG_LOWER_UNSUPPORTED, stmt->span, "embedded code");
}

typedef void lower_stmt_fn(struct lower *l, struct stmt *stmt);
static lower_stmt_fn *const rows[STMT_KIND_COUNT] = {
	[STMT_EMPTY] = stmt_empty, [STMT_BLOCK] = stmt_block, [STMT_EXPR] = stmt_expr,
	[STMT_IF] = stmt_if, [STMT_WHILE] = stmt_loop, [STMT_FOR] = stmt_loop,
	[STMT_FOREACH] = lower_foreach, [STMT_BREAK] = stmt_break,
	[STMT_CONTINUE] = stmt_continue, [STMT_RETURN] = stmt_return, [STMT_NEXT] = stmt_next,
	[STMT_DELETE] = stmt_delete, [STMT_TRY] = stmt_try, [STMT_EMBEDDED] = stmt_embedded,
};

void lower_stmt(struct lower *l, struct stmt *stmt)
{
	if (!stmt || ir_block_ended(&l->b))
		return;
	rows[stmt->kind](l, stmt);
	lower_temps_release(l);
}
