/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extractors of aggregates, and histograms: a bucket, or the picture. */
#include "translator/ir/lower-priv.h"

/* The two enumerations are one: see parse/ast.h and runtime/program.h. */
_Static_assert((int)STAT_COUNT == (int)IR_STAT_COUNT && (int)STAT_SUM == (int)IR_STAT_SUM &&
	       (int)STAT_MIN == (int)IR_STAT_MIN && (int)STAT_MAX == (int)IR_STAT_MAX &&
	       (int)STAT_AVG == (int)IR_STAT_AVG && (int)STAT_VARIANCE == (int)IR_STAT_VARIANCE,
	       "extractors are numbered alike");

int64_t lower_hist_buckets(const struct expr *expr)
{
	if (expr->hist.hist == HIST_LOG)
		return ABI_HIST_LOG_BUCKETS;
	return (expr->hist.high - expr->hist.low) / expr->hist.step + 3;
}

void lower_hist_log(struct abi_agg *agg)
{
	agg->words |= AGG_HIST;
	agg->hist = ABI_HIST_LOG;
	agg->buckets = ABI_HIST_LOG_BUCKETS;
}

void lower_note_hist(struct lower *l, const struct expr *expr)
{
	const struct expr *stat = expr->hist.stat;
	const struct global *global = stat->kind == EXPR_INDEX ? stat->index.base->symbol.global :
								 stat->symbol.global;
	struct abi_agg *agg = &l->program->globals.data[global->index].agg;

	if (expr->hist.hist == HIST_LOG) {
		lower_hist_log(agg);
		return;
	}
	agg->words |= AGG_HIST;
	agg->hist = ABI_HIST_LINEAR;
	agg->buckets = lower_hist_buckets(expr);
	agg->low = expr->hist.low;
	agg->high = expr->hist.high;
	agg->step = expr->hist.step;
}

uint32_t lower_stat(struct lower *l, struct expr *expr, bool wanted)
{
	struct lower_ref ref;
	uint32_t stat = expr->stat.op, result = lower_temp_reg(l);

	(void)wanted;
	lower_ref(l, expr->stat.stat, NULL, &ref);
	if (expr->stat.op == STAT_VARIANCE)
		l->program->globals.data[ref.global->index].agg.shift = expr->stat.shift;
	lower_access(l, IR_STAT, result, &ref, &stat, 1);
	return result;
}

uint32_t lower_hist_bucket(struct lower *l, struct expr *expr, uint32_t bucket)
{
	struct lower_ref ref;
	uint32_t result = lower_temp_reg(l);

	lower_note_hist(l, expr);
	lower_ref(l, expr->hist.stat, NULL, &ref);
	lower_access(l, IR_BUCKET, result, &ref, &bucket, 1);
	return result;
}

/* The picture is an argument of print: lower-print.c sees to it. */
uint32_t lower_hist(struct lower *l, struct expr *expr, bool wanted)
{
	(void)wanted;
	return lower_hist_bucket(l, expr, lower_value(l, expr->hist.bucket));
}
