/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "runtime/aggr.h"
#include "runtime/buf.h"
#include "runtime/hist.h"
#include "runtime/program.h"

#define HIST_MARGIN 2		/* empty rows shown on either side of the data */
#define HIST_VALUE_MIN 5	/* "value" */

struct picture {
	const struct abi_agg *agg;
	const uint64_t *buckets;
	uint32_t low, high;	/* rows shown, inclusive */
	uint64_t greatest;
	uint64_t scale;
	int64_t width;		/* of the longest bar */
	int64_t elision;	/* a row is left out when so many on both sides are empty, too */
	int value_width, count_width;
};

static int number_width(int64_t value)
{
	return snprintf(NULL, 0, "%" PRId64, value);
}

static bool is_linear(const struct picture *p)
{
	return p->agg->hist == ABI_HIST_LINEAR;
}

static void range_find(struct picture *p)
{
	uint32_t last = p->agg->buckets - 1;
	bool found = false;

	for (uint32_t i = 0; i <= last; i++) {
		if (!p->buckets[i])
			continue;
		if (!found)
			p->low = i;
		found = true;
		p->high = i;
		if (p->buckets[i] > p->greatest)
			p->greatest = p->buckets[i];
	}
	for (int i = 0; i < HIST_MARGIN; i++) {
		/* A logarithmic one shows no negative rows unless there are negative values. */
		if (p->low > 0 && (is_linear(p) || p->low != 64))
			p->low--;
		if (p->high < last)
			p->high++;
	}
	/* Under- and overflow rows are shown only when something fell there. */
	if (is_linear(p) && p->low == 0 && !p->buckets[0])
		p->low++;
	if (is_linear(p) && p->high == last && !p->buckets[last])
		p->high--;
}

static void widths_find(struct picture *p)
{
	int left, right;

	if (is_linear(p)) {
		left = number_width(p->agg->low) + (p->low == 0);
		right = number_width(p->agg->low + p->agg->step * (int64_t)p->high) +
			(p->high == p->agg->buckets - 1);
	} else {
		left = number_width(aggr_bucket_value(p->agg, p->low));
		right = number_width(aggr_bucket_value(p->agg, p->high));
	}
	p->value_width = left > right ? left : right;
	if (p->value_width < HIST_VALUE_MIN)
		p->value_width = HIST_VALUE_MIN;
	p->count_width = number_width((int64_t)p->greatest);
	p->scale = p->greatest <= (uint64_t)p->width ? 1 :
		   (p->greatest + (uint64_t)p->width - 1) / (uint64_t)p->width;
}

static bool row_is_elided(const struct picture *p, uint32_t row)
{
	int64_t from = row - p->elision > p->low ? row - p->elision : p->low;
	int64_t to = row + p->elision < p->high ? row + p->elision : p->high;

	for (int64_t i = from; i <= to; i++)
		if (p->buckets[i])
			return false;
	return p->elision >= 0;
}

static void row_print(struct buf *out, const struct picture *p, uint32_t row)
{
	int64_t value = aggr_bucket_value(p->agg, row);
	const char *prefix = "";
	int bar = (int)(p->buckets[row] / p->scale);

	if (is_linear(p) && row == 0)
		prefix = "<";
	else if (is_linear(p) && row == p->agg->buckets - 1)
		prefix = ">";
	buf_printf(out, "%*s%" PRId64 " |", p->value_width - number_width(value), prefix, value);
	buf_fill(out, '@', (size_t)bar);
	buf_printf(out, "%*" PRIu64 "\n", (int)p->width - bar + 1 + p->count_width,
		   p->buckets[row]);
}

void hist_print(struct buf *out, const struct abi_agg *agg, const uint64_t *words,
		const struct program *program)
{
	struct picture p = { .agg = agg, .buckets = words + abi_agg_offset(agg, AGG_HIST),
			     .width = program->hist_width, .elision = program->hist_elision };
	bool eliding = false;

	range_find(&p);
	widths_find(&p);
	buf_printf(out, "%*s |", p.value_width, "value");
	buf_fill(out, '-', (size_t)p.width);
	buf_text(out, " count\n");
	for (uint32_t row = p.low; row <= p.high; row++) {
		if (row_is_elided(&p, row)) {
			eliding = true;
			continue;
		}
		if (eliding)
			buf_printf(out, "%*s ~\n", p.value_width, "");
		eliding = false;
		row_print(out, &p, row);
	}
	buf_char(out, '\n');
}
