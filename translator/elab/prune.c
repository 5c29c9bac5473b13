/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removes what does nothing: assignments to locals that nobody reads, expressions without
 * effect, then handlers that are empty; once types have been checked also branches that
 * constants exclude. Each round makes more; until nothing changes.
 *
 * Needs: names, usage. Gives: usage again, of what is left. The user is told what was left out.
 */

#include "translator/elab/elab-priv.h"
#include "translator/ir/intrinsics.h"
#include "runtime/program.h"

struct prune {
	struct elab *elab;
	struct session *session;
	bool fold;		/* types are known: constants may exclude what has been checked */
	bool changed;
};

/* ---- effects ---- */

struct effects {
	struct prune *prune;
	bool found;
	bool in_function;	/* assignments to locals stay inside */
	VEC(const struct function *) seen;
};

static bool effects_expr(struct walk *walk, struct expr **slot);
static bool effects_stmt(struct walk *walk, struct stmt **slot);

static void call_effects(struct effects *fx, const struct expr *call)
{
	if (call->call.intrinsic) {
		fx->found |= (call->call.intrinsic->effects & WRITES) != 0;
		return;
	}
	for (size_t i = 0; i < call->call.targets.count; i++) {
		struct function *target = call->call.targets.data[i];
		struct walk walk = { .expr_before = effects_expr, .stmt_before = effects_stmt,
				     .context = fx };
		bool seen = false, outer = fx->in_function;

		for (size_t j = 0; j < fx->seen.count && !seen; j++)
			seen = fx->seen.data[j] == target;
		if (seen)
			continue;
		*vec_push(fx->prune->session->arena, &fx->seen) = target;
		fx->in_function = true;
		walk_stmt(&walk, &target->body);
		fx->in_function = outer;
	}
}

static bool is_local(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL && !e->symbol.global;
}

static bool effects_expr(struct walk *walk, struct expr **slot)
{
	struct effects *fx = walk->context;
	const struct expr *e = *slot;

	switch (e->kind) {
	case EXPR_ASSIGN:
		fx->found |= !fx->in_function || !is_local(e->binary.left);
		break;
	case EXPR_PREINC:
	case EXPR_POSTINC:
		fx->found |= !fx->in_function || !is_local(e->unary.operand);
		break;
	case EXPR_PRINT:
		fx->found |= !e->print.to_string;
		break;
	case EXPR_REGEX: /* matched() looks at it */
		fx->found = true;
		break;
	case EXPR_MACH:
		fx->found |= e->mach.mach == MACH_WRITE;
		break;
	case EXPR_CALL:
		call_effects(fx, e);
		break;
	default:
		break;
	}
	return !fx->found;
}

static bool effects_stmt(struct walk *walk, struct stmt **slot)
{
	struct effects *fx = walk->context;

	if ((*slot)->kind == STMT_DELETE)
		fx->found = true;
	return !fx->found;
}

static bool has_effects(struct prune *prune, struct expr *e)
{
	struct effects fx = { .prune = prune };
	struct walk walk = { .expr_before = effects_expr, .context = &fx };

	walk_expr(&walk, &e);
	return fx.found;
}

/* ---- expressions ---- */

static void prune_expr(struct walk *walk, struct expr **slot)
{
	struct prune *prune = walk->context;
	struct expr *e = *slot;

	if (!prune->fold)
		return;
	if (e->kind == EXPR_TERNARY && e->ternary.cond->kind == EXPR_NUMBER) {
		*slot = e->ternary.cond->number ? e->ternary.yes : e->ternary.no;
		prune->changed = true;
	} else if (e->kind == EXPR_UNARY && e->unary.op == OP_NOT &&
		   e->unary.operand->kind == EXPR_NUMBER) {
		*slot = e->unary.operand;
		(*slot)->number = !(*slot)->number;
		prune->changed = true;
	} else if (e->kind == EXPR_LOGICAL && e->binary.left->kind == EXPR_NUMBER) {
		bool left = e->binary.left->number, decides = e->binary.op == OP_LOGICAL_OR;

		if (left == decides) {
			*slot = e->binary.left;
			(*slot)->number = left;
			prune->changed = true;
		} else if (e->binary.right->kind == EXPR_NUMBER) {
			*slot = e->binary.right;
			(*slot)->number = (*slot)->number != 0;
			prune->changed = true;
		}
	}
}

/* ---- statements ---- */

static bool is_empty(const struct stmt *stmt)
{
	return !stmt || stmt->kind == STMT_EMPTY ||
	       (stmt->kind == STMT_BLOCK && stmt->block.count == 0);
}

static void make_empty(struct prune *prune, struct stmt *stmt)
{
	stmt->kind = STMT_EMPTY;
	prune->changed = true;
}

/*
 * `x = e` where nobody reads the local x: only e's effects count. `x++` and `x += e` read it, as in
 * SystemTap: they stay, without a word.
 */
static void prune_assignment(struct prune *prune, struct stmt *stmt)
{
	struct expr *e = stmt->expr;
	struct expr *target = e->kind == EXPR_ASSIGN ? e->binary.left : NULL;

	if (!target || e->binary.op != OP_ASSIGN || !is_local(target) || !target->symbol.local ||
	    target->symbol.local->is_read)
		return;
	if (usage_is_users(e->span) && !usage_is_made(target->symbol.local))
		diag(prune->session->diags, DIAG_SEM_UNUSED_VALUE, e->span,
		     target->symbol.local->name);
	if (has_effects(prune, e->binary.right)) {
		stmt->expr = e->binary.right;
		prune->changed = true;
	} else {
		make_empty(prune, stmt);
	}
}

static void prune_expression(struct prune *prune, struct stmt *stmt)
{
	prune_assignment(prune, stmt);
	if (stmt->kind == STMT_EMPTY || has_effects(prune, stmt->expr))
		return;
	if (usage_is_users(stmt->expr->span) && stmt->expr->kind != EXPR_NUMBER)
		diag(prune->session->diags, DIAG_SEM_ELIDED, stmt->expr->span, "this expression");
	make_empty(prune, stmt);
}

static void prune_if(struct prune *prune, struct stmt **slot)
{
	struct stmt *stmt = *slot;
	struct expr *cond = stmt->branch.cond;

	if (prune->fold && cond->kind == EXPR_NUMBER) {
		struct stmt *taken = cond->number ? stmt->branch.yes : stmt->branch.no;

		prune->changed = true;
		if (taken)
			*slot = taken;
		else
			make_empty(prune, stmt);
		return;
	}
	if (stmt->branch.no && is_empty(stmt->branch.no)) {
		stmt->branch.no = NULL;
		prune->changed = true;
	}
	if (!is_empty(stmt->branch.yes) || stmt->branch.no)
		return;
	/* what the condition does stays */
	stmt->kind = STMT_EXPR;
	stmt->expr = cond;
	prune->changed = true;
	prune_expression(prune, stmt);
}

/* Does nothing that follows @stmt run? */
static bool leaves(const struct stmt *stmt)
{
	switch (stmt->kind) {
	case STMT_NEXT:
	case STMT_RETURN:
	case STMT_BREAK:
	case STMT_CONTINUE:
		return true;
	case STMT_BLOCK:
		return stmt->block.count && leaves(vec_last(&stmt->block));
	default:
		return false;
	}
}

static void prune_block(struct prune *prune, struct stmt *stmt)
{
	size_t kept = 0;
	bool reached = true;

	for (size_t i = 0; i < stmt->block.count && reached; i++) {
		if (!is_empty(stmt->block.data[i]))
			stmt->block.data[kept++] = stmt->block.data[i];
		reached = !prune->fold || !leaves(stmt->block.data[i]);
	}
	prune->changed |= kept != stmt->block.count;
	stmt->block.count = kept;
}

static void prune_foreach(struct prune *prune, struct stmt *stmt)
{
	if (!is_empty(stmt->foreach.body) ||
	    (stmt->foreach.limit && has_effects(prune, stmt->foreach.limit)))
		return;
	for (size_t i = 0; i < stmt->foreach.slice.count; i++)
		if (stmt->foreach.slice.data[i] && has_effects(prune, stmt->foreach.slice.data[i]))
			return;
	/* a sort stays: later loops see its order */
	if (stmt->foreach.sort == SORT_NONE)
		make_empty(prune, stmt);
}

/* A loop that is never entered: what it begins with stays. */
static void prune_for(struct prune *prune, struct stmt *stmt)
{
	struct expr *init = stmt->loop.init, *cond = stmt->loop.cond;

	if (!prune->fold || !cond || cond->kind != EXPR_NUMBER || cond->number)
		return;
	make_empty(prune, stmt);
	if (init) {
		stmt->kind = STMT_EXPR;
		stmt->expr = init;
	}
}

static void prune_stmt(struct walk *walk, struct stmt **slot)
{
	struct prune *prune = walk->context;
	struct stmt *stmt = *slot;

	switch (stmt->kind) {
	case STMT_EXPR:
		prune_expression(prune, stmt);
		break;
	case STMT_IF:
		prune_if(prune, slot);
		break;
	case STMT_BLOCK:
		prune_block(prune, stmt);
		break;
	case STMT_FOREACH:
		prune_foreach(prune, stmt);
		break;
	case STMT_WHILE:
		if (prune->fold && stmt->loop.cond && stmt->loop.cond->kind == EXPR_NUMBER &&
		    !stmt->loop.cond->number)
			make_empty(prune, stmt);
		break;
	case STMT_FOR:
		prune_for(prune, stmt);
		break;
	case STMT_TRY:
		if (is_empty(stmt->attempt.body))
			make_empty(prune, stmt);
		break;
	default:
		break;
	}
}

static void prune_body(struct elab *elab, struct handler *handler, struct function *function,
		       struct stmt **body, void *context)
{
	struct walk walk = { .expr = prune_expr, .stmt = prune_stmt, .context = context };

	(void)elab;
	(void)handler;
	(void)function;
	walk_stmt(&walk, body);
}

static void prune_handlers(struct elab *elab)
{
	struct elab_program *program = elab->program;
	size_t kept = 0;

	for (size_t i = 0; i < program->handlers.count; i++) {
		struct handler *handler = program->handlers.data[i];

		if (!is_empty(handler->body)) {
			program->handlers.data[kept++] = handler;
			continue;
		}
		if (handler->point && !handler->is_twin)
			diag(elab->session->diags, DIAG_SEM_EMPTY_PROBE, handler->point->span,
			     handler->alias ? handler->alias : handler->name);
	}
	program->handlers.count = kept;
}

void prune_program(struct elab *elab, bool fold)
{
	struct prune prune = { .elab = elab, .session = elab->session, .fold = fold };

	do {
		prune.changed = false;
		elab_each_body(elab, prune_body, &prune);
		usage_program(elab);
	} while (prune.changed);
	prune_handlers(elab);
}
