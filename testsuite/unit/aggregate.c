/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: aggregates in one block and merged from several; buckets; the picture of a histogram
//# link: sonde
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/aggr.h"
#include "runtime/buf.h"
#include "runtime/hist.h"

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

#define ALL (AGG_COUNT | AGG_SUM | AGG_MAX | AGG_MIN | AGG_VARIANCE)
#define WORDS 256

static void test_stats(uint32_t shift, int64_t variance)
{
	struct abi_agg agg = { .words = ALL, .shift = shift };
	uint64_t words[WORDS] = { 0 };

	for (int64_t v = 1; v <= 5; v++)
		aggr_add(&agg, words, v);
	ok(aggr_stat(&agg, words, IR_STAT_COUNT) == 5, "count");
	ok(aggr_stat(&agg, words, IR_STAT_SUM) == 15, "sum");
	ok(aggr_stat(&agg, words, IR_STAT_MIN) == 1, "min");
	ok(aggr_stat(&agg, words, IR_STAT_MAX) == 5, "max");
	ok(aggr_stat(&agg, words, IR_STAT_AVG) == 3, "avg");
	ok(aggr_stat(&agg, words, IR_STAT_VARIANCE) == variance, "variance");
}

static void test_negative(void)
{
	struct abi_agg agg = { .words = ALL };
	uint64_t words[WORDS] = { 0 };

	ok(aggr_is_empty(&agg, words) && aggr_stat(&agg, words, IR_STAT_SUM) == 0, "empty");
	aggr_add(&agg, words, -7);
	aggr_add(&agg, words, -2);
	ok(aggr_stat(&agg, words, IR_STAT_MIN) == -7, "negative min");
	ok(aggr_stat(&agg, words, IR_STAT_MAX) == -2, "negative max");
	ok(aggr_stat(&agg, words, IR_STAT_AVG) == -4, "the average is cut towards zero");
}

static void test_merge(void)
{
	struct abi_agg agg = { .words = ALL | AGG_HIST, .hist = ABI_HIST_LOG,
			       .buckets = ABI_HIST_LOG_BUCKETS };
	uint64_t blocks[3][WORDS] = { { 0 } }, merged[WORDS] = { 0 }, pair[WORDS] = { 0 };
	int64_t variance;

	for (int64_t v = 0; v < 90; v++)
		aggr_add(&agg, blocks[v % 2 * 2], v);
	aggr_merge_all(&agg, merged, blocks[0], 3, WORDS);
	ok(aggr_stat(&agg, merged, IR_STAT_COUNT) == 90, "merged count");
	ok(aggr_stat(&agg, merged, IR_STAT_SUM) == 89 * 45, "merged sum");
	ok(aggr_stat(&agg, merged, IR_STAT_MIN) == 0 && aggr_stat(&agg, merged, IR_STAT_MAX) == 89,
	   "merged extremes");
	variance = aggr_stat(&agg, merged, IR_STAT_VARIANCE);
	ok(variance > 640 && variance < 720, "merged variance");
	ok(aggr_bucket(&agg, merged, 64) == 1 && aggr_bucket(&agg, merged, 71) == 26,
	   "merged buckets");
	aggr_merge(&agg, pair, blocks[0]);
	aggr_merge(&agg, pair, blocks[2]);
	ok(aggr_stat(&agg, pair, IR_STAT_VARIANCE) == variance, "merged one by one");
}

static void test_buckets(void)
{
	struct abi_agg log = { .words = AGG_HIST, .hist = ABI_HIST_LOG,
			       .buckets = ABI_HIST_LOG_BUCKETS };
	struct abi_agg linear = { .words = AGG_HIST, .hist = ABI_HIST_LINEAR, .buckets = 8,
				  .low = 0, .high = 10, .step = 2 };
	static const struct {
		int64_t value, label;
	} cases[] = { { 0, 0 }, { 1, 1 }, { 3, 2 }, { 4, 4 }, { -1, -1 }, { -5, -4 },
		      { INT64_MAX, (int64_t)1 << 62 }, { INT64_MIN, INT64_MIN } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ok(aggr_bucket_value(&log, aggr_bucket_of(&log, cases[i].value)) == cases[i].label,
		   "logarithmic bucket");
	ok(aggr_bucket_of(&linear, -1) == 0, "under");
	ok(aggr_bucket_of(&linear, 0) == 1 && aggr_bucket_of(&linear, 5) == 3, "inside");
	ok(aggr_bucket_of(&linear, 12) == 7 && aggr_bucket_of(&linear, INT64_MAX) == 7, "over");
}

static void test_picture(void)
{
	struct abi_agg agg = { .words = AGG_COUNT | AGG_HIST, .hist = ABI_HIST_LINEAR,
			       .buckets = 13, .low = 0, .high = 100, .step = 10 };
	static const char want[] =
		"value |-------------------------------------------------- count\n"
		"   <0 |@@                                                  2\n"
		"    0 |                                                    0\n"
		"   10 |                                                    0\n"
		"      ~\n"
		"   50 |                                                    0\n"
		"   60 |                                                    0\n"
		"   70 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@                35\n"
		"   80 |                                                    0\n"
		"   90 |                                                    0\n"
		"  100 |                                                    0\n"
		" >100 |@                                                   1\n"
		"\n";
	uint64_t words[WORDS] = { 0 };
	const struct program program = { .hist_width = 50, .hist_elision = 2 };
	struct buf out = { 0 };

	for (int i = 0; i < 35; i++)
		aggr_add(&agg, words, 75);
	aggr_add(&agg, words, -3);
	aggr_add(&agg, words, -1000);
	aggr_add(&agg, words, 1000);
	hist_print(&out, &agg, words, &program);
	ok(!strcmp(out.data, want), "picture with elision, under- and overflow");
	printf("# %zu\n%s", out.size, strcmp(out.data, want) ? out.data : "");
	buf_free(&out);
}

int main(void)
{
	test_stats(0, 12);
	test_stats(1, 2);
	test_negative();
	test_merge();
	test_buckets();
	test_picture();
	printf("1..%d\n", tests);
	return failures != 0;
}
