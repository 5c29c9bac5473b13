/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorting an in-process array: what is compared is taken out of the elements once, then merged.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/aggr.h"
#include "runtime/buf.h"
#include "runtime/vm-maps.h"
#include "runtime/vm-table.h"

struct sort_item {
	struct table_entry *entry;
	struct maps_value value;
};

typedef int compare_fn(const struct maps_value *a, const struct maps_value *b);

static int compare_numbers(const struct maps_value *a, const struct maps_value *b)
{
	return (a->number > b->number) - (a->number < b->number);
}

static int compare_texts(const struct maps_value *a, const struct maps_value *b)
{
	uint32_t common = a->length < b->length ? a->length : b->length;
	int order = common ? memcmp(a->text, b->text, common) : 0;

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_numbers_down(const struct maps_value *a, const struct maps_value *b)
{
	return compare_numbers(b, a);
}

static int compare_texts_down(const struct maps_value *a, const struct maps_value *b)
{
	return compare_texts(b, a);
}

static void merge(struct sort_item *into, const struct sort_item *left, size_t left_count,
		  const struct sort_item *right, size_t right_count, compare_fn *compare)
{
	while (left_count && right_count) {
		if (compare(&left->value, &right->value) <= 0) {
			*into++ = *left++;
			left_count--;
		} else {
			*into++ = *right++;
			right_count--;
		}
	}
	memcpy(into, left, left_count * sizeof(*into));
	memcpy(into + left_count, right, right_count * sizeof(*into));
}

/* Bottom-up; the result is in @items or @spare, which of them is returned. */
static struct sort_item *merge_sort(struct sort_item *items, struct sort_item *spare, size_t count,
				    compare_fn *compare)
{
	for (size_t run = 1; run < count; run *= 2) {
		struct sort_item *swap = items;

		for (size_t at = 0; at < count; at += 2 * run) {
			size_t left = count - at < run ? count - at : run;
			size_t right = count - at - left < run ? count - at - left : run;

			merge(spare + at, items + at, left, items + at + left, right, compare);
		}
		items = spare;
		spare = swap;
	}
	return items;
}

static void order_apply(struct table *table, const struct sort_item *items)
{
	struct table_entry *previous = NULL;

	for (size_t i = 0; i < table->count; i++) {
		items[i].entry->previous = previous;
		if (previous)
			previous->next = items[i].entry;
		else
			table->first = items[i].entry;
		previous = items[i].entry;
	}
	if (previous)
		previous->next = NULL;
	table->last = previous;
}

static struct maps_value sort_value(const struct table *table, const struct table_entry *entry,
				    const struct maps_sort *sort)
{
	const struct program_global *global = table->global;

	if (sort->sort > 0)
		return table_key(table, entry, (uint32_t)sort->sort - 1);
	if (global->type == PROGRAM_STATS)
		return (struct maps_value){ .number = aggr_stat(&global->agg, entry->words,
								sort->stat) };
	return entry_value(table, entry);
}

static void items_sort(struct table *table, struct sort_item *items, compare_fn *compare)
{
	order_apply(table, merge_sort(items, items + table->count, table->count, compare));
}

static struct sort_item *items_new(const struct table *table)
{
	struct buf block = { 0 };

	return (struct sort_item *)(void *)buf_reserve(&block,
						       2 * table->count * sizeof(struct sort_item));
}

void table_sort(struct table *table, const struct maps_sort *sort)
{
	const struct program_global *global = table->global;
	uint32_t type = sort->sort > 0 ? global->keys[sort->sort - 1].type : global->type;
	struct sort_item *items = items_new(table);
	size_t count = 0;

	for (struct table_entry *entry = table->first; entry; entry = entry->next)
		items[count++] = (struct sort_item){ entry, sort_value(table, entry, sort) };
	if (type == PROGRAM_STRING)
		items_sort(table, items, sort->descending ? compare_texts_down : compare_texts);
	else
		items_sort(table, items, sort->descending ? compare_numbers_down : compare_numbers);
	free(items);
}

void table_sort_creation(struct table *table)
{
	struct sort_item *items = items_new(table);
	size_t count = 0;

	for (struct table_entry *entry = table->first; entry; entry = entry->next)
		items[count++] =
			(struct sort_item){ entry, { .number = (int64_t)entry->sequence } };
	items_sort(table, items, compare_numbers);
	free(items);
}
