/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Globals in kernel maps: single elements. The rules are at the top of vm-maps.c.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include <bpf/bpf.h>

#include "runtime/aggr.h"
#include "runtime/kern/front.h"
#include "runtime/stack.h"
#include "runtime/vm-arith.h"
#include "runtime/vm-maps-kernel.h"

/* A reader of a string that is being written tries again this often. A writer that was preempted in
 * between gets the processor: there are yields. */
#define TORN_TRIES 100000


void kernel_key_encode(const struct map *map, const struct maps_value *keys, unsigned char *key)
{
	const struct program_global *global = map->global;

	memset(key, 0, map->kernel->key_size);
	for (uint32_t i = 0; i < global->key_count; i++) {
		uint32_t width = global->keys[i].width, length = keys[i].length;

		if (global->keys[i].type == PROGRAM_LONG)
			memcpy(key, &keys[i].number, sizeof(keys[i].number));
		else
			memcpy(key, keys[i].text, length < width ? length : width - 1);
		key += width;
	}
}

void kernel_key_of(struct map *map, const struct table *table, const struct table_entry *entry)
{
	unsigned char *key = map->kernel->key;

	memset(key, 0, map->kernel->key_size);
	for (uint32_t i = 0; i < map->global->key_count; i++) {
		struct maps_value value = table_key(table, entry, i);

		if (map->global->keys[i].type == PROGRAM_LONG)
			memcpy(key, &value.number, sizeof(value.number));
		else
			memcpy(key, value.text, value.length);
		key += map->global->keys[i].width;
	}
}

/* A string of the kernel's with the texts of its tokens; *@length is its length. */
static const char *text_expand(struct map *map, const char *text, uint64_t *length)
{
	struct buf *out = &map->kernel->text;

	if (!map->maps->stacks || !stacks_marked(text, *length))
		return text;
	buf_clear(out);
	stacks_expand(map->maps->stacks, text, *length, out);
	*length = out->size;
	return out->data ? out->data : "";
}

static void key_add(struct map *map, const char *text, uint64_t length)
{
	const char *whole = text_expand(map, text, &length);

	if (whole != text && map->home == &map_home_kernel)
		map->home = &map_home_marked;
	buf_add(&map->key, &length, sizeof(length));
	buf_add(&map->key, whole, length);
	buf_fill(&map->key, '\0', ABI_ROUND8(length + 1) - length);
}

void kernel_key_decode(struct map *map, const unsigned char *key)
{
	const struct program_global *global = map->global;

	buf_clear(&map->key);
	for (uint32_t i = 0; i < global->key_count; i++) {
		if (global->keys[i].type == PROGRAM_LONG) {
			buf_add(&map->key, key, sizeof(uint64_t));
		} else {
			key_add(map, (const char *)key,
				strnlen((const char *)key, global->keys[i].width - 1));
		}
		key += global->keys[i].width;
	}
}

static uint64_t word_of(const unsigned char *value, uint32_t offset)
{
	uint64_t word;

	memcpy(&word, value + offset, sizeof(word));
	return word;
}

/* Of an aggregate. */
static const uint64_t *words_of(const unsigned char *value)
{
	return (const uint64_t *)(const void *)(value + ABI_VALUE_WORDS);
}

static bool text_is_whole(const struct map *map, const unsigned char *value)
{
	uint32_t words = (map->kernel->value_size - ABI_VALUE_TEXT) / sizeof(uint64_t);
	const void *text = value + ABI_VALUE_TEXT;

	return word_of(value, ABI_VALUE_SUM) == abi_string_sum(text, words);
}

/* Scalar aggregates: a slot for each CPU, which always exists. One that was never added to
 * counts nothing. */
static bool lookup_by_cpu(const struct map *map)
{
	const struct kernel_map *kernel = map->kernel;
	bool found = false;

	for (uint32_t cpu = 0; cpu < kernel->cpus; cpu++) {
		unsigned char *value = kernel->value + cpu * kernel->stride;

		if (bpf_map_lookup_elem(kernel->fd, &cpu, value))
			memset(value, 0, kernel->stride);
		found |= aggr_count(&map->global->agg, words_of(value)) != 0;
	}
	return found;
}

static uint64_t value_sequence(const struct map *map, const unsigned char *value)
{
	uint64_t least = 0;

	for (uint32_t cpu = 0; cpu < map->kernel->cpus; cpu++) {
		uint64_t sequence = word_of(value + cpu * map->kernel->stride, ABI_VALUE_SEQUENCE);

		if (sequence && (!least || sequence < least))
			least = sequence;
	}
	return least;
}

bool kernel_lookup(struct map *map)
{
	struct kernel_map *kernel = map->kernel;

	if (kernel->by_cpu)
		return lookup_by_cpu(map);
	for (int i = 0; i < TORN_TRIES; i++) {
		if (bpf_map_lookup_elem(kernel->fd, kernel->key, kernel->value))
			return false;
		if (map->global->type != PROGRAM_STRING || text_is_whole(map, kernel->value))
			return true;
		sched_yield();
	}
	map->maps->session->skipped[SKIP_TORN]++;
	return false;
}

static void value_merge(struct map *map, struct table_entry *entry, bool is_new,
			const unsigned char *value)
{
	const struct program_global *global = map->global;
	uint64_t stride = map->kernel->stride / sizeof(uint64_t);
	const uint64_t *words = words_of(value);

	if (global->type == PROGRAM_STRING) {
		const char *text = (const char *)value + ABI_VALUE_TEXT;

		uint64_t length = strnlen(text, map->kernel->value_size - ABI_VALUE_TEXT);

		text = text_expand(map, text, &length);
		entry_set_text(entry, text, (uint32_t)length);
	} else if (global->type == PROGRAM_LONG) {
		int64_t number = (int64_t)word_of(value, ABI_VALUE_LONG);

		entry->number = map->kernel->adds_only ? entry->number + number : number;
	} else if (is_new) {
		aggr_merge_all(&global->agg, entry->words, words, map->kernel->cpus,
			       (uint32_t)stride);
	} else {
		for (uint32_t cpu = 0; cpu < map->kernel->cpus; cpu++)
			aggr_merge(&global->agg, entry->words, words + cpu * stride);
	}
}

bool kernel_element_add(struct map *map, struct table *table, const unsigned char *key,
			const unsigned char *value)
{
	uint64_t sequence = value_sequence(map, value);
	struct table_entry *entry;
	bool is_new;

	if (map->global->type == PROGRAM_STRING && !text_is_whole(map, value))
		return false;
	kernel_key_decode(map, key);
	entry = table_find(table, map->key.data, map->key.size);
	is_new = !entry;
	if (is_new)
		entry = table_insert(table, map->key.data, map->key.size, sequence);
	/* A slot of the front may not have known it. */
	else if (!entry->sequence)
		entry->sequence = sequence;
	value_merge(map, entry, is_new, value);
	return true;
}

/* ---- what the VM calls ---- */

/* Takes the whole map away when this run reads it and may delete it. */
static void take_if_due(struct map *map)
{
	if (map->clears && map->kernel->outer_fd >= 0 && !map->kernel->taken)
		kernel_take(map);
}

/* Adds what the front has of the element to what the map has. */
static void front_merge(const struct map *map, const uint64_t *values)
{
	unsigned char *value = map->kernel->value;
	uint64_t number;

	if (map->global->type == PROGRAM_STATS) {
		aggr_merge(&map->global->agg, (uint64_t *)(void *)(value + ABI_VALUE_WORDS),
			   values);
		return;
	}
	number = word_of(value, ABI_VALUE_LONG) + values[0];
	memcpy(value + ABI_VALUE_LONG, &number, sizeof(number));
}

/* Is there a kernel's element? Looks it up into kernel->value. */
static bool kernel_find(struct map *map, const struct maps_value *keys)
{
	uint64_t values[FRONT_VALUE_WORDS];
	bool fronted;

	if (map->kernel->taken)
		return false;
	kernel_key_encode(map, keys, map->kernel->key);
	fronted = front_find(map, values);
	if (!kernel_lookup(map))
		return false;
	if (fronted)
		front_merge(map, values);
	return true;
}

static bool kernel_load(struct map *map, const struct maps_value *keys, struct maps_value *value)
{
	const char *text = (const char *)map->kernel->value + ABI_VALUE_TEXT;
	struct table_entry *rest;

	take_if_due(map);
	rest = map_entry(map, keys, false);
	*value = rest ? entry_value(map->table, rest) : (struct maps_value){ .text = "" };
	if (!kernel_find(map, keys))
		return rest != NULL;
	if (map->global->type == PROGRAM_STRING) {
		uint64_t length = strnlen(text, map->kernel->value_size - ABI_VALUE_TEXT);

		value->text = text_expand(map, text, &length);
		value->length = (uint32_t)length;
	} else {
		int64_t number = (int64_t)word_of(map->kernel->value, ABI_VALUE_LONG);

		value->number = map->kernel->adds_only ? value->number + number : number;
	}
	return true;
}

static bool kernel_has(struct map *map, const struct maps_value *keys)
{
	take_if_due(map);
	return map_entry(map, keys, false) || kernel_find(map, keys);
}

static const uint64_t *kernel_stat(struct map *map, const struct maps_value *keys)
{
	struct table_entry *rest, *copy;

	take_if_due(map);
	rest = map_entry(map, keys, false);
	if (!kernel_find(map, keys))
		return rest ? rest->words : NULL;
	/* The sum of both is kept in a table of one element, for as long as the caller may look. */
	if (!map->kernel->merged)
		map->kernel->merged = table_new(map->global);
	table_clear(map->kernel->merged);
	kernel_element_add(map, map->kernel->merged, map->kernel->key, map->kernel->value);
	copy = map->kernel->merged->first;
	if (copy && rest)
		aggr_merge(&map->global->agg, copy->words, rest->words);
	return copy ? copy->words : NULL;
}

static void value_set_number(struct map *map, uint64_t sequence, int64_t number)
{
	memcpy(map->kernel->value + ABI_VALUE_SEQUENCE, &sequence, sizeof(sequence));
	memcpy(map->kernel->value + ABI_VALUE_LONG, &number, sizeof(number));
}

static void value_set(struct map *map, uint64_t sequence, const struct maps_value *value)
{
	struct kernel_map *kernel = map->kernel;
	uint32_t room = kernel->value_size - ABI_VALUE_TEXT;
	uint64_t sum;

	if (map->global->type == PROGRAM_LONG) {
		value_set_number(map, sequence, value->number);
		return;
	}
	/* The text may be one that was read from here. */
	memmove(kernel->value + ABI_VALUE_TEXT, value->text, value->length);
	memset(kernel->value + ABI_VALUE_TEXT + value->length, 0, room - value->length);
	sum = abi_string_sum((const void *)(kernel->value + ABI_VALUE_TEXT), room / sizeof(sum));
	memcpy(kernel->value + ABI_VALUE_SEQUENCE, &sequence, sizeof(sequence));
	memcpy(kernel->value + ABI_VALUE_SUM, &sum, sizeof(sum));
}

void kernel_value_set(struct map *map, const struct table *table, const struct table_entry *entry)
{
	struct kernel_map *kernel = map->kernel;
	struct maps_value value = entry_value(table, entry);

	if (map->global->type != PROGRAM_STATS) {
		value_set(map, entry->sequence, &value);
		return;
	}
	memset(kernel->value, 0, (size_t)kernel->cpus * kernel->stride);
	memcpy(kernel->value + ABI_VALUE_SEQUENCE, &entry->sequence, sizeof(entry->sequence));
	memcpy(kernel->value + ABI_VALUE_WORDS, entry->words,
	       kernel->value_size - ABI_VALUE_WORDS);
}

int kernel_create(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	int error;

	/* What is behind a slot for each CPU stays with the rest. */
	if (kernel->by_cpu)
		return -EEXIST;
	do {
		error = bpf_map_update_elem(kernel->fd, kernel->key, kernel->value, BPF_NOEXIST)
				? -errno
				: 0;
	} while (error == -E2BIG && map->global->wraps && order_drop(map));
	if (!error && kernel->order_fd >= 0)
		order_push(map, word_of(kernel->value, ABI_VALUE_SEQUENCE));
	return error;
}

/* Creates or replaces; keeps the place in the order. */
static int kernel_put(struct map *map, const struct maps_value *value)
{
	struct kernel_map *kernel = map->kernel;
	struct buf text = { 0 };
	struct maps_value safe = *value;
	int error;

	if (value->text) {
		buf_add(&text, value->text, value->length);
		safe.text = text.data;
	}
	do {
		bool exists = kernel_lookup(map);
		uint64_t sequence = exists ? word_of(kernel->value, ABI_VALUE_SEQUENCE)
					   : maps_sequence(map->maps);

		value_set(map, sequence, &safe);
		if (!exists)
			error = kernel_create(map);
		else if (bpf_map_update_elem(kernel->fd, kernel->key, kernel->value, BPF_EXIST))
			error = -errno;
		else
			error = 0;
	} while (error == -EEXIST || error == -ENOENT);
	buf_free(&text);
	return error ? FAULT_OVERFLOW : 0;
}

static int kernel_store(struct map *map, const struct maps_value *keys,
			const struct maps_value *value)
{
	struct table_entry *rest = map_entry(map, keys, false);

	if (map->kernel->taken)
		return map_home_table.store(map, keys, value);
	kernel_key_encode(map, keys, map->kernel->key);
	if (map->kernel->adds_only && map->kernel->rest_stays) {
		/* The sum of both parts must be the value: the kernel's begins anew. */
		front_forget(map);
		bpf_map_delete_elem(map->kernel->fd, map->kernel->key);
		return map_home_table.store(map, keys, value);
	}
	if (rest)
		table_remove(map->table, rest);
	return kernel_put(map, value);
}

/* The operation on the kernel's element, atomically. */
static enum rmw_state rmw_in_place(struct map *map, enum ir_op op, int64_t operand, int64_t *result,
				   int *fault)
{
	struct kernel_map *kernel = map->kernel;
	enum rmw_state state;
	int64_t old;

	if (op == IR_ADD || op == IR_SUB)
		return rmw_add(&kernel->rmw, kernel->fd, kernel->key_size, ABI_VALUE_LONG,
			       kernel->key,
			       op == IR_ADD ? operand : (int64_t)(0 - (uint64_t)operand), result);
	do {
		int64_t seen;

		if (!kernel_lookup(map))
			return RMW_ABSENT;
		old = seen = (int64_t)word_of(kernel->value, ABI_VALUE_LONG);
		*fault = arith_apply(op, old, operand, result);
		if (*fault)
			return RMW_DONE;
		state = rmw_swap(&kernel->rmw, kernel->fd, kernel->key_size, ABI_VALUE_LONG,
				 kernel->key, &seen, *result);
		if (seen == old)
			break;
	} while (state == RMW_DONE);
	return state;
}

/* No kernel handler runs yet, or the kernel cannot run the program: by reading and writing. */
static int rmw_plainly(struct map *map, enum ir_op op, int64_t operand, int64_t *result)
{
	bool exists = kernel_lookup(map);
	int64_t old = exists ? (int64_t)word_of(map->kernel->value, ABI_VALUE_LONG) : 0;
	int fault = arith_apply(op, old, operand, result);
	struct maps_value value = { .number = *result };

	return fault ? fault : kernel_put(map, &value);
}

/* Where parts are added up: whatever the operator, the difference it makes goes to the rest. What
 * kernel handlers add after the reading comes on top. */
static int rmw_by_parts(struct map *map, const struct maps_value *keys, enum ir_op op,
			int64_t operand, int64_t *result)
{
	bool adds = op == IR_ADD || op == IR_SUB;
	struct maps_value whole;
	int64_t part;
	int fault;

	if (!adds) {
		kernel_load(map, keys, &whole);
		fault = arith_apply(op, whole.number, operand, result);
		if (fault)
			return fault;
		op = IR_ADD;
		operand = (int64_t)((uint64_t)*result - (uint64_t)whole.number);
	}
	fault = map_home_table.rmw(map, keys, op, operand, &part);
	if (adds && !fault && kernel_load(map, keys, &whole))
		*result = whole.number;
	return fault;
}

/* The element does not exist in the kernel: 0, -EEXIST if it does by now, or a fault. */
static int rmw_create(struct map *map, enum ir_op op, int64_t operand, int64_t *result)
{
	int fault = arith_apply(op, 0, operand, result), error;

	if (fault)
		return fault;
	value_set_number(map, maps_sequence(map->maps), *result);
	error = kernel_create(map);
	return !error || error == -EEXIST ? error : FAULT_OVERFLOW;
}

static int kernel_rmw(struct map *map, const struct maps_value *keys, enum ir_op op,
		      int64_t operand, int64_t *result)
{
	struct kernel_map *kernel = map->kernel;
	struct table_entry *rest = map_entry(map, keys, false);
	int fault = 0;

	if (kernel->taken)
		return map_home_table.rmw(map, keys, op, operand, result);
	if (kernel->adds_only && (kernel->rest_stays || rest))
		return rmw_by_parts(map, keys, op, operand, result);
	kernel_key_encode(map, keys, kernel->key);
	/* The rest is the value until a kernel handler stores another. */
	if (rest && !kernel_lookup(map))
		return map_home_table.rmw(map, keys, op, operand, result);
	if (map->maps->session->state != STATE_RUNNING &&
	    map->maps->session->state != STATE_LEAVING)
		return rmw_plainly(map, op, operand, result);
	do {
		enum rmw_state state = rmw_in_place(map, op, operand, result, &fault);

		if (state == RMW_DONE)
			return fault;
		if (state == RMW_IMPOSSIBLE)
			return rmw_plainly(map, op, operand, result);
		fault = rmw_create(map, op, operand, result);
	} while (fault == -EEXIST);
	return fault;
}

static void kernel_remove(struct map *map, const struct maps_value *keys)
{
	struct table_entry *rest = map_entry(map, keys, false);

	if (!map->kernel->taken) {
		kernel_key_encode(map, keys, map->kernel->key);
		front_forget(map);
		bpf_map_delete_elem(map->kernel->fd, map->kernel->key);
	}
	if (rest)
		table_remove(map->table, rest);
}

static int kernel_aggregate(struct map *map, const struct maps_value *keys, int64_t value)
{
	return map_home_table.aggregate(map, keys, value);
}

const struct map_home map_home_kernel = {
	.load = kernel_load,
	.store = kernel_store,
	.rmw = kernel_rmw,
	.has = kernel_has,
	.remove = kernel_remove,
	.clear = kernel_clear,
	.aggregate = kernel_aggregate,
	.stat = kernel_stat,
	.elements = kernel_elements,
	.sorted = kernel_sorted,
	.settle = kernel_settle,
};
