/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of aggregates: one histogram and one bit shift a variable, sensible histogram
 * parameters, sorting by an extractor only where there are aggregates.
 *
 * Needs: types. Changes nothing.
 */
#include <string.h>

#include "translator/elab/elab-priv.h"

enum { MAX_LINEAR_BUCKETS = 128, MAX_SHIFT = 62 };

/* What has been seen of one aggregate variable. */
struct stat_use {
	const struct global *global;
	const struct expr *hist, *variance;
};

struct check_stat {
	struct elab *elab;
	struct session *session;
	VEC(struct stat_use) uses;
	bool failed;
};

static struct stat_use *use_of(struct check_stat *check, const struct expr *stat)
{
	const struct expr *base = stat->kind == EXPR_INDEX ? stat->index.base : stat;

	if (base->kind != EXPR_SYMBOL || !base->symbol.global)
		return NULL;
	for (size_t i = 0; i < check->uses.count; i++)
		if (check->uses.data[i].global == base->symbol.global)
			return &check->uses.data[i];
	struct stat_use *use = vec_push(check->session->arena, &check->uses);

	use->global = base->symbol.global;
	return use;
}

static bool same_hist(const struct expr *a, const struct expr *b)
{
	return a->hist.hist == b->hist.hist &&
	       (a->hist.hist == HIST_LOG || (a->hist.low == b->hist.low &&
					     a->hist.high == b->hist.high &&
					     a->hist.step == b->hist.step));
}

static const char *range_problem(const struct expr *e)
{
	int64_t span;

	if (e->hist.hist == HIST_LOG)
		return NULL;
	if (e->hist.step <= 0)
		return "the width of a bucket must be positive";
	if (e->hist.high < e->hist.low)
		return "its upper end is below its lower end";
	if (__builtin_sub_overflow(e->hist.high, e->hist.low, &span) ||
	    span / e->hist.step + 3 > MAX_LINEAR_BUCKETS)
		return "it has more than 128 buckets; make them wider";
	return NULL;
}

static void check_hist(struct check_stat *check, const struct expr *e)
{
	struct stat_use *use = use_of(check, e->hist.stat);
	const char *problem = range_problem(e);

	if (problem) {
		diag(check->session->diags, DIAG_SEM_HIST_RANGE, e->span, problem);
		check->failed = true;
	}
	if (!use)
		return;
	if (use->hist && !same_hist(use->hist, e)) {
		diag(check->session->diags, DIAG_SEM_HIST_CONFLICT, e->span, use->global->name);
		diag_note(check->session->diags, use->hist->span, "the other one is here");
		check->failed = true;
	}
	use->hist = e;
}

static void check_variance(struct check_stat *check, const struct expr *e)
{
	struct stat_use *use = use_of(check, e->stat.stat);

	if (e->stat.op == STAT_VARIANCE && (uint64_t)e->stat.shift > MAX_SHIFT) {
		diag(check->session->diags, DIAG_SEM_SHIFT_RANGE, e->span, MAX_SHIFT);
		check->failed = true;
	}
	if (!use || e->stat.op != STAT_VARIANCE)
		return;
	if (use->variance && use->variance->stat.shift != e->stat.shift) {
		diag(check->session->diags, DIAG_SEM_SHIFT_CONFLICT, e->span, use->global->name);
		diag_note(check->session->diags, use->variance->span, "the other one is here");
		check->failed = true;
	}
	use->variance = e;
}

static bool check_expr(struct walk *walk, struct expr **slot)
{
	struct check_stat *check = walk->context;

	if ((*slot)->kind == EXPR_HIST)
		check_hist(check, *slot);
	else if ((*slot)->kind == EXPR_STAT)
		check_variance(check, *slot);
	return true;
}

static bool check_stmt(struct walk *walk, struct stmt **slot)
{
	static const char *const names[] = {
		[STAT_COUNT] = "count", [STAT_SUM] = "sum", [STAT_MIN] = "min",
		[STAT_MAX] = "max",	[STAT_AVG] = "avg", [STAT_VARIANCE] = "variance",
	};
	struct check_stat *check = walk->context;
	const struct stmt *stmt = *slot;

	if (stmt->kind != STMT_FOREACH || stmt->foreach.sort_op == STAT_NONE ||
	    stmt->foreach.array->kind != EXPR_SYMBOL)
		return true;
	if (stmt->foreach.array->symbol.global->type == TYPE_STATS)
		return true;
	diag(check->session->diags, DIAG_SEM_SORT, stmt->foreach.array->span,
	     names[stmt->foreach.sort_op]);
	check->failed = true;
	return true;
}

static void check_body(struct elab *elab, struct handler *handler, struct function *function,
		       struct stmt **body, void *context)
{
	struct walk walk = { .expr_before = check_expr, .stmt_before = check_stmt,
			     .context = context };

	(void)elab;
	(void)handler;
	(void)function;
	walk_stmt(&walk, body);
}

bool check_types(struct elab *elab)
{
	struct check_stat check = { .elab = elab, .session = elab->session };

	elab_each_body(elab, check_body, &check);
	return !check.failed;
}
