/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "runtime/aggr.h"
#include "runtime/buf.h"
#include "runtime/hist.h"

#define HIST_WIDTH 50		/* of the longest bar */
#define HIST_MARGIN 2		/* empty rows shown on either side of the data */
#define HIST_ELISION 2 /* a row is left out when this many on both sides are empty as well */
#define HIST_VALUE_MIN 5	/* "value" */

struct picture {
	const struct abi_agg *agg;
	const uint64_t *buckets;
	uint32_t low, high;	/* rows shown, inclusive */
	uint64_t greatest;
	uint64_t scale;
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
	p->scale = p->greatest <= HIST_WIDTH ? 1 : (p->greatest + HIST_WIDTH - 1) / HIST_WIDTH;
}

static bool row_is_elided(const struct picture *p, uint32_t row)
{
	uint32_t from = row > p->low + HIST_ELISION ? row - HIST_ELISION : p->low;
	uint32_t to = row + HIST_ELISION < p->high ? row + HIST_ELISION : p->high;

	for (uint32_t i = from; i <= to; i++)
		if (p->buckets[i])
			return false;
	return true;
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
	buf_printf(out, "%*" PRIu64 "\n", HIST_WIDTH - bar + 1 + p->count_width, p->buckets[row]);
}

void hist_print(struct buf *out, const struct abi_agg *agg, const uint64_t *words)
{
	struct picture p = { .agg = agg, .buckets = words + abi_agg_offset(agg, AGG_HIST) };
	bool eliding = false;

	range_find(&p);
	widths_find(&p);
	buf_printf(out, "%*s |", p.value_width, "value");
	buf_fill(out, '-', HIST_WIDTH);
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
