/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "runtime/aggr.h"
#include "runtime/autoprint.h"
#include "runtime/buf.h"
#include "runtime/hist.h"
#include "runtime/program.h"
#include "runtime/sink.h"
#include "runtime/vm-maps.h"

#define KEYS_MOST 64		/* columns for the keys of a table; longer ones push the numbers */

static const struct {
	uint32_t word;		/* shown when the aggregate keeps it */
	enum ir_stat stat;
	const char *name;
} extracts[] = {
	{ AGG_COUNT | AGG_HIST, IR_STAT_COUNT, "@count" }, { AGG_MIN, IR_STAT_MIN, "@min" },
	{ AGG_MAX, IR_STAT_MAX, "@max" },       { AGG_SUM, IR_STAT_SUM, "@sum" },
	{ AGG_SUM, IR_STAT_AVG, "@avg" },
};

static void aggregate_print(struct buf *out, const struct abi_agg *agg, const uint64_t *words)
{
	if (aggr_is_empty(agg, words)) {
		buf_text(out, " @count=0x0\n");
		return;
	}
	for (size_t i = 0; i < sizeof(extracts) / sizeof(*extracts); i++)
		if (agg->words & extracts[i].word)
			buf_printf(out, " %s=%" PRId64, extracts[i].name,
				   aggr_stat(agg, words, extracts[i].stat));
	buf_char(out, '\n');
}

static void value_print(struct buf *out, uint32_t type, const struct maps_value *value)
{
	if (type == PROGRAM_LONG) {
		buf_printf(out, "%" PRId64, value->number);
		return;
	}
	buf_char(out, '"');
	buf_add(out, value->text, value->length);
	buf_char(out, '"');
}

static void element_print(struct buf *out, const struct program_global *global,
			  const struct maps_iter *iter)
{
	struct maps_value value;

	buf_printf(out, "%s[", global->name);
	for (uint32_t i = 0; i < global->key_count; i++) {
		struct maps_value key = maps_iter_key(iter, i);

		if (i)
			buf_char(out, ',');
		value_print(out, global->keys[i].type, &key);
	}
	buf_char(out, ']');
	if (global->type == PROGRAM_STATS) {
		aggregate_print(out, &global->agg, maps_iter_stat(iter));
		return;
	}
	value = maps_iter_value(iter);
	buf_char(out, '=');
	value_print(out, global->type, &value);
	buf_char(out, '\n');
}

/* Most values first. */
static const struct maps_sort by_value = { .sort = -1, .descending = true, .stat = IR_STAT_COUNT,
					   .limit = -1 };

static void keys_print(struct buf *out, const struct program_global *global,
		       const struct maps_iter *iter)
{
	for (uint32_t i = 0; i < global->key_count; i++) {
		struct maps_value key = maps_iter_key(iter, i);

		if (i)
			buf_text(out, ", ");
		if (global->keys[i].type == PROGRAM_LONG)
			buf_printf(out, "%" PRId64, key.number);
		else
			buf_add(out, key.text, key.length);
	}
}

/* Bytes of the widest keys, or of the name; 0: there are no elements. */
static size_t keys_width(struct maps *maps, uint32_t index, const struct program_global *global,
			 struct buf *out)
{
	struct maps_iter *iter = maps_iter_new(maps, index, &by_value, NULL);
	size_t width = 0;

	while (maps_iter_next(iter)) {
		buf_clear(out);
		keys_print(out, global, iter);
		width = width ? width : strlen(global->name);
		if (out->size > width)
			width = out->size;
	}
	maps_iter_free(iter);
	return width < KEYS_MOST ? width : KEYS_MOST;
}

static const struct {
	const char *title;
	enum ir_stat stat;
	int width;
} columns[] = {
	{ "count", IR_STAT_COUNT, 10 }, { "min", IR_STAT_MIN, 12 }, { "avg", IR_STAT_AVG, 12 },
	{ "max", IR_STAT_MAX, 12 },	{ "sum", IR_STAT_SUM, 16 },
};

/* A row an element, in columns. */
static void table_print(struct maps *maps, uint32_t index, const struct program_global *global,
			struct sink *sink, struct buf *out)
{
	size_t width = keys_width(maps, index, global, out);
	struct maps_iter *iter;

	if (!width)
		return;
	iter = maps_iter_new(maps, index, &by_value, NULL);
	buf_clear(out);
	buf_printf(out, "%-*s", (int)width, global->name);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		buf_printf(out, " %*s", columns[i].width, columns[i].title);
	buf_char(out, '\n');
	sink_text(sink, out->data, out->size);
	while (maps_iter_next(iter)) {
		const uint64_t *words = maps_iter_stat(iter);

		buf_clear(out);
		keys_print(out, global, iter);
		while (out->size < width)
			buf_char(out, ' ');
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			buf_printf(out, " %*" PRId64, columns[i].width,
				   aggr_stat(&global->agg, words, columns[i].stat));
		buf_char(out, '\n');
		sink_text(sink, out->data, out->size);
	}
	maps_iter_free(iter);
}

static void array_print(struct maps *maps, uint32_t index, const struct program_global *global,
			struct sink *sink, struct buf *out)
{
	struct maps_iter *iter = maps_iter_new(maps, index, &by_value, NULL);

	while (maps_iter_next(iter)) {
		buf_clear(out);
		element_print(out, global, iter);
		sink_text(sink, out->data, out->size);
	}
	maps_iter_free(iter);
}

static void scalar_print(const struct program *program, struct maps *maps, uint32_t index,
			 struct buf *out)
{
	const struct program_global *global = &program->globals[index];
	struct maps_value value;

	buf_text(out, global->name);
	if (global->type == PROGRAM_STATS) {
		const uint64_t *words = maps_stat(maps, index, NULL);

		aggregate_print(out, &global->agg, words);
		if (global->tabulated && !aggr_is_empty(&global->agg, words))
			hist_print(out, &global->agg, words, program);
		return;
	}
	maps_load(maps, index, NULL, &value);
	buf_char(out, '=');
	value_print(out, global->type, &value);
	buf_char(out, '\n');
}

void autoprint(const struct program *program, struct maps *maps, struct sink *sink)
{
	struct buf out = { 0 };

	for (uint32_t i = 0; i < program->global_count; i++) {
		const struct program_global *global = &program->globals[i];

		if (!global->autoprint)
			continue;
		if (global->is_array) {
			(global->tabulated ? table_print : array_print)(maps, i, global, sink,
									&out);
			continue;
		}
		buf_clear(&out);
		scalar_print(program, maps, i, &out);
		sink_text(sink, out.data, out.size);
	}
	buf_free(&out);
}
