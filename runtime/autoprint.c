/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "runtime/aggr.h"
#include "runtime/autoprint.h"
#include "runtime/buf.h"
#include "runtime/program.h"
#include "runtime/sink.h"
#include "runtime/vm-maps.h"

static const struct {
	uint32_t word;		/* shown when the aggregate keeps it */
	enum ir_stat stat;
	const char *name;
} extracts[] = {
	{ AGG_COUNT, IR_STAT_COUNT, "@count" }, { AGG_MIN, IR_STAT_MIN, "@min" },
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

static void array_print(struct maps *maps, uint32_t index, const struct program_global *global,
			struct sink *sink, struct buf *out)
{
	const struct maps_sort sort = { .sort = -1, .descending = true, .stat = IR_STAT_COUNT,
					.limit = -1 };
	struct maps_iter *iter = maps_iter_new(maps, index, &sort, NULL);

	while (maps_iter_next(iter)) {
		buf_clear(out);
		element_print(out, global, iter);
		sink_text(sink, out->data, out->size);
	}
	maps_iter_free(iter);
}

static void scalar_print(struct maps *maps, uint32_t index, const struct program_global *global,
			 struct buf *out)
{
	struct maps_value value;

	buf_text(out, global->name);
	if (global->type == PROGRAM_STATS) {
		aggregate_print(out, &global->agg, maps_stat(maps, index, NULL));
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
			array_print(maps, i, global, sink, &out);
			continue;
		}
		buf_clear(&out);
		scalar_print(maps, i, global, &out);
		sink_text(sink, out.data, out.size);
	}
	buf_free(&out);
}
