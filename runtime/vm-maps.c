/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The globals of a script as user-space handlers see them.
 *
 * A global that no kernel handler uses is a number or a table here. A scalar long that one uses is
 * a slot of memory shared with the kernel, changed by atomic instructions on both sides. Everything
 * else lives in a kernel map, and there the following holds while kernel handlers run
 * (vm-maps-kernel.c):
 *
 *  - What user space sees of a map is the kernel's part together with its own part, a table ("the
 *    rest") of what it has taken out of the kernel's part earlier or has added itself. Where kernel
 *    handlers only add (+=, ++, <<<) numbers and aggregates of both parts are added up; otherwise
 *    the kernel's element counts where there are two.
 *  - A swapped map (one that user-space handlers read and delete) is taken away whole by the first
 *    reading of a handler run that may delete it: kernel handlers go on with an empty map, running
 *    ones are waited for, and what was there joins the rest. Until `delete a` or the end of the run
 *    the handler sees the rest only, so that `foreach (k in a) …; delete a` accounts for every
 *    event once. If the run ends without the deletion, the rest stays where it is when kernel
 *    handlers only add or only store; when they read too, it is put back into the kernel's map.
 *  - x += n and the like from user space cannot lose against kernel handlers: the rest takes them
 *    where kernel handlers only add, else a small BPF program does it in place (vm-maps-rmw.c).
 *  - <<< from user space goes to the rest: kernel handlers that read the aggregate do not see it.
 *  - Storing and deleting single elements are one system call each.
 *  - An array that kernel handlers only add to may have a front (kern/front.h): it is part of the
 *    kernel's part, read and swapped with it (vm-maps-front.c).
 *
 * After maps_settle() all is in tables here. Capacity counts each part by itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/aggr.h"
#include "runtime/vm-maps-priv.h"

static bool keys_are_wild(const struct map *map, const struct maps_value *keys)
{
	for (uint32_t i = 0; i < map->global->key_count; i++)
		if (keys[i].wild)
			return true;
	return false;
}

uint64_t maps_sequence(struct maps *maps)
{
	struct timespec now;

	if (!maps->coarse_sequence)
		return __atomic_add_fetch(&maps->session->sequence, 1, __ATOMIC_RELAXED);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool maps_load(struct maps *maps, uint32_t global, const struct maps_value *keys,
	       struct maps_value *value)
{
	struct map *map = &maps->map[global];

	return map->home->load(map, keys, value);
}

int maps_store(struct maps *maps, uint32_t global, const struct maps_value *keys,
	       const struct maps_value *value)
{
	struct map *map = &maps->map[global];
	struct maps_value cut = *value;

	if (map->global->type == PROGRAM_STRING && map->home == &map_home_kernel &&
	    cut.length >= map->global->width)
		cut.length = map->global->width - 1;
	return map->home->store(map, keys, &cut);
}

int maps_rmw(struct maps *maps, uint32_t global, const struct maps_value *keys, enum ir_op op,
	     int64_t operand, int64_t *result)
{
	struct map *map = &maps->map[global];

	return map->home->rmw(map, keys, op, operand, result);
}

/* The next element of @table after @entry (the first after NULL) that @slice describes. */
static struct table_entry *slice_next(struct table *table, struct table_entry *entry,
				      const struct maps_value *slice)
{
	entry = entry ? entry->next : table->first;
	while (entry && !table_key_matches(table, entry, slice))
		entry = entry->next;
	return entry;
}

bool maps_has(struct maps *maps, uint32_t global, const struct maps_value *keys)
{
	struct map *map = &maps->map[global];
	struct table *table;
	bool owned, found;

	if (!keys_are_wild(map, keys))
		return map->home->has(map, keys);
	table = map->home->elements(map, &owned);
	found = slice_next(table, NULL, keys) != NULL;
	if (owned)
		table_free(table);
	return found;
}

static void slice_delete(struct map *map, const struct maps_value *slice)
{
	uint32_t count = map->global->key_count;
	struct maps_value *keys = calloc(count, sizeof(*keys));
	struct table_entry *entry, *next;
	struct table *table;
	bool owned;

	if (!keys)
		abort();
	table = map->home->elements(map, &owned);
	for (entry = slice_next(table, NULL, slice); entry; entry = next) {
		next = slice_next(table, entry, slice);
		entry->holders++;
		for (uint32_t i = 0; i < count; i++)
			keys[i] = table_key(table, entry, i);
		map->home->remove(map, keys);
		entry_release(entry);
	}
	if (owned)
		table_free(table);
	free(keys);
}

void maps_delete(struct maps *maps, uint32_t global, const struct maps_value *keys)
{
	struct map *map = &maps->map[global];

	if (keys_are_wild(map, keys))
		slice_delete(map, keys);
	else if (map->global->key_count)
		map->home->remove(map, keys);
	else
		map->home->clear(map);
}

void maps_clear(struct maps *maps, uint32_t global)
{
	maps->map[global].home->clear(&maps->map[global]);
}

int maps_aggregate(struct maps *maps, uint32_t global, const struct maps_value *keys, int64_t value)
{
	struct map *map = &maps->map[global];

	return map->home->aggregate(map, keys, value);
}

const uint64_t *maps_stat(struct maps *maps, uint32_t global, const struct maps_value *keys)
{
	struct map *map = &maps->map[global];

	return map->home->stat(map, keys);
}

/* ---- life ---- */

static const struct map_home *home_of(const struct program_global *global)
{
	if (global->home == HOME_MAP)
		return &map_home_kernel;
	return global->type == PROGRAM_LONG && !global->is_array ? &map_home_slot : &map_home_table;
}

/* Which globals does some user-space handler iterate in the order they are in? */
static void unsorted_find(struct maps *maps, const struct program_block *block)
{
	for (uint32_t i = 0; i < block->insn_count; i++) {
		const struct program_insn *insn = &block->insns[i];

		/* operands: iterator after the empty result, global, sort */
		if (insn->op != IR_ITER || insn->operand_count < 4)
			continue;
		uint32_t global = OPERAND_INDEX(insn->operands[2]);

		if (global < maps->program->global_count && insn->operands[3] == 0)
			maps->map[global].iterated_unsorted = true;
	}
}

/* Kernels before 5.12 have no atomic fetch-and-add: programs made for them number by time. */
static bool sequence_is_coarse(const struct program *program)
{
	unsigned int major, minor;

	return program->kernel_release &&
	       sscanf(program->kernel_release, "%u.%u", &major, &minor) == 2 &&
	       (major < 5 || (major == 5 && minor < 12));
}

struct maps *maps_new(const struct maps_config *config)
{
	const struct program *program = config->program;
	struct maps *maps = calloc(1, sizeof(*maps));

	if (!maps)
		return NULL;
	maps->map = calloc(program->global_count + 1, sizeof(*maps->map));
	if (!maps->map) {
		free(maps);
		return NULL;
	}
	maps->program = program;
	maps->session = config->session;
	maps->stacks = config->stacks;
	maps->coarse_sequence = sequence_is_coarse(program);
	for (uint32_t i = 0; i < program->global_count; i++) {
		struct map *map = &maps->map[i];

		map->maps = maps;
		map->global = &program->globals[i];
		map->home = home_of(map->global);
		map->table = table_new(map->global);
		map->slot = &map->own;
		map->capacity = map->global->max_entries ? map->global->max_entries
							 : (uint32_t)program->max_map_entries;
	}
	for (uint32_t i = 0; i < program->func_count; i++)
		for (uint32_t b = 0; b < program->funcs[i].block_count; b++)
			unsorted_find(maps, &program->funcs[i].blocks[b]);
	return maps;
}

void maps_bind_data(struct maps *maps, int64_t *slots)
{
	for (uint32_t i = 0; i < maps->program->global_count; i++)
		if (maps->map[i].global->home == HOME_DATA)
			maps->map[i].slot = &slots[maps->map[i].global->slot];
}

int maps_init(struct maps *maps)
{
	for (uint32_t i = 0; i < maps->program->global_count; i++) {
		const struct program_global *global = maps->map[i].global;
		struct maps_value value = { .number = global->init_long };

		/* No map was given for it: no kernel handler runs in this session. */
		if (maps->map[i].home == &map_home_kernel && !maps->map[i].kernel)
			maps->map[i].home = &map_home_table;
		if (!global->has_init)
			continue;
		if (global->type == PROGRAM_STRING) {
			value.text = global->init_text ? global->init_text : "";
			value.length = (uint32_t)strlen(value.text);
		}
		int error = maps_store(maps, i, NULL, &value);
		if (error)
			return error < 0 ? error : -1;
	}
	return 0;
}

int maps_settle(struct maps *maps)
{
	int error = 0;

	for (uint32_t i = 0; i < maps->program->global_count; i++) {
		struct map *map = &maps->map[i];
		int result = map->home->settle ? map->home->settle(map) : 0;

		if (result && !error)
			error = result;
	}
	return error;
}

void maps_free(struct maps *maps)
{
	if (!maps)
		return;
	for (uint32_t i = 0; i < maps->program->global_count; i++) {
		table_free(maps->map[i].table);
		buf_free(&maps->map[i].key);
		kernel_free(maps->map[i].kernel);
	}
	free(maps->map);
	free(maps);
}

void maps_run_begin(struct maps *maps, const bool *clears)
{
	for (uint32_t i = 0; i < maps->program->global_count; i++)
		maps->map[i].clears = clears && clears[i];
}

void maps_run_end(struct maps *maps)
{
	for (uint32_t i = 0; i < maps->program->global_count; i++) {
		maps->map[i].clears = false;
		if (maps->map[i].kernel)
			kernel_run_end(&maps->map[i]);
	}
}
