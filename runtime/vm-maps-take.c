/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Globals in kernel maps as a whole: loading, taking them away, putting them back, iterating. The
 * rules are at the top of vm-maps.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "runtime/aggr.h"
#include "runtime/vm-maps-kernel.h"

#define ROUND_LINE(n) (((n) + ABI_CACHE_LINE - 1) & ~(ABI_CACHE_LINE - 1u))

/* ---- loading ---- */

/* The map's own size and flags; -EPROTO: its layout is not what the program says. */
static int map_describe(struct kernel_map *kernel)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(kernel->fd, &info, &size))
		return -errno;
	if (info.type != kernel->type || info.key_size != kernel->key_size ||
	    info.value_size != kernel->value_size)
		return -EPROTO;
	kernel->max_entries = info.max_entries;
	kernel->flags = info.map_flags;
	return 0;
}

static int map_like(const struct kernel_map *kernel)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = kernel->flags);
	int fd = bpf_map_create(kernel->type, "sonde_inner", kernel->key_size, kernel->value_size,
				kernel->max_entries, &options);

	return fd < 0 ? -errno : fd;
}

/* What the kernel's map of a global is like (runtime/abi.h). */
static void map_specify(struct map *map, const struct maps_binding *binding)
{
	const struct program_global *global = map->global;
	struct kernel_map *kernel = map->kernel;
	bool stats = global->type == PROGRAM_STATS;

	kernel->type = stats ? BPF_MAP_TYPE_PERCPU_HASH : BPF_MAP_TYPE_HASH;
	kernel->flags = binding->inner_flags;
	kernel->max_entries = global->is_array ? map->capacity : 1;
	kernel->key_size = 0;
	for (uint32_t i = 0; i < global->key_count; i++)
		kernel->key_size += global->keys[i].width;
	if (!kernel->key_size)
		kernel->key_size = sizeof(uint64_t);
	if (stats)
		kernel->value_size = ABI_VALUE_WORDS + abi_agg_words(&global->agg) * 8;
	else if (global->type == PROGRAM_STRING)
		kernel->value_size = ABI_VALUE_TEXT + ABI_ROUND8(global->width);
	else
		kernel->value_size = ABI_VALUE_LONG + 8;
	kernel->by_cpu = stats && !global->is_array;
	if (kernel->by_cpu) {
		int cpus = libbpf_num_possible_cpus();

		kernel->type = BPF_MAP_TYPE_ARRAY;
		kernel->key_size = sizeof(uint32_t);
		kernel->value_size = ROUND_LINE(kernel->value_size);
		kernel->max_entries = cpus > 0 ? (uint32_t)cpus : 1;
	}
}

static int outer_set(int outer, int inner)
{
	uint32_t slot = 0;

	return bpf_map_update_elem(outer, &slot, &inner, BPF_ANY) ? -errno : 0;
}

/* The map in the slot of @outer. A descriptor, or -ENOENT, … */
static int inner_open(int outer)
{
	uint32_t slot = 0, id;
	int fd;

	if (bpf_map_lookup_elem(outer, &slot, &id))
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

static int descriptor_copy(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return copy < 0 ? -errno : copy;
}

static int scratch_make(struct kernel_map *kernel)
{
	bool per_cpu = kernel->by_cpu || kernel->type == BPF_MAP_TYPE_PERCPU_HASH;
	int cpus = per_cpu ? libbpf_num_possible_cpus() : 1;

	if (cpus < 0)
		return cpus;
	kernel->cpus = (uint32_t)cpus;
	kernel->stride = ABI_ROUND8(kernel->value_size);
	kernel->key = calloc(1, kernel->key_size);
	kernel->value = calloc(kernel->cpus, kernel->stride);
	return kernel->key && kernel->value ? 0 : -ENOMEM;
}

static void use_note(struct kernel_map *kernel, const struct program_global *global)
{
	uint32_t use = global->kernel_use;

	kernel->adds_only = global->type == PROGRAM_STATS ||
			    (global->type == PROGRAM_LONG && use && !(use & USE_STORE));
	kernel->rest_stays = use && !(use & USE_READ) && use != (USE_ADD | USE_STORE);
}

/* The map of the binding, or the one in its slot (the first one, if it is empty). */
static int bind_elements(struct map *map, const struct maps_binding *binding)
{
	struct kernel_map *kernel = map->kernel;
	int fd;

	map_specify(map, binding);
	fd = descriptor_copy(binding->fd);
	if (fd < 0)
		return fd;
	if (!map->global->swapped) {
		kernel->fd = fd;
		return map_describe(kernel);
	}
	kernel->outer_fd = fd;
	kernel->fd = inner_open(fd);
	if (kernel->fd >= 0)
		return map_describe(kernel);
	if (kernel->fd != -ENOENT)
		return kernel->fd;
	kernel->fd = map_like(kernel);
	return kernel->fd < 0 ? kernel->fd : outer_set(kernel->outer_fd, kernel->fd);
}

static int bind_order(struct map *map, const struct maps_binding *binding)
{
	struct kernel_map *kernel = map->kernel;
	int fd = descriptor_copy(binding->order_fd);

	if (fd < 0)
		return fd;
	if (!map->global->swapped) {
		kernel->order_fd = fd;
		return 0;
	}
	kernel->order_outer_fd = fd;
	kernel->order_fd = inner_open(fd);
	return kernel->order_fd < 0 ? kernel->order_fd : 0;
}

static int bind_front(struct map *map, const struct maps_binding *binding)
{
	struct front *front = &map->kernel->front;
	int fd = descriptor_copy(binding->front_fd);

	if (fd >= 0 && map->global->swapped) {
		front->outer_fd = fd;
		fd = inner_open(fd);
	}
	if (fd < 0)
		return fd;
	front->fd = fd;
	return front_bind(map);
}

int maps_bind_map(struct maps *maps, uint32_t global, const struct maps_binding *binding)
{
	struct map *map = &maps->map[global];
	struct kernel_map *kernel = calloc(1, sizeof(*kernel));
	int error;

	if (!kernel)
		return -ENOMEM;
	map->kernel = kernel;
	kernel->fd = kernel->outer_fd = kernel->order_fd = kernel->order_outer_fd = -1;
	kernel->locks_fd = binding->locks_fd < 0 ? -1 : descriptor_copy(binding->locks_fd);
	rmw_init(&kernel->rmw, -1, 0);
	rmw_init(&kernel->head_rmw, kernel->locks_fd, global);
	rmw_init(&kernel->tail_rmw, kernel->locks_fd, global);
	views_init(&kernel->views);
	front_init(&kernel->front);
	use_note(kernel, map->global);
	error = bind_elements(map, binding);
	if (!error && binding->order_fd >= 0 && map->global->ordered)
		error = bind_order(map, binding);
	if (!error && binding->front_fd >= 0)
		error = bind_front(map, binding);
	if (!error && binding->views_fd >= 0)
		error = views_bind(map, binding->views_fd);
	return error ? error : scratch_make(kernel);
}

static void descriptor_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

void kernel_free(struct kernel_map *kernel)
{
	if (!kernel)
		return;
	rmw_close(&kernel->rmw);
	rmw_close(&kernel->head_rmw);
	rmw_close(&kernel->tail_rmw);
	descriptor_close(kernel->fd);
	descriptor_close(kernel->outer_fd);
	descriptor_close(kernel->order_fd);
	descriptor_close(kernel->order_outer_fd);
	descriptor_close(kernel->locks_fd);
	front_close(&kernel->front);
	views_close(&kernel->views);
	descriptor_close(kernel->front.outer_fd);
	table_free(kernel->merged);
	table_free(kernel->view);
	buf_free(&kernel->text);
	table_free(kernel->order);
	free(kernel->key);
	free(kernel->value);
	free(kernel);
}

/* ---- taking ---- */

/* Adds @from to @into, where what came before stands. Frees @from. */
static void table_absorb(struct map *map, struct table *into, struct table *from)
{
	for (struct table_entry *entry = from->first; entry; entry = entry->next) {
		struct table_entry *known = table_find(into, entry->key, entry->key_size);
		bool is_new = !known;

		if (is_new)
			known = table_insert(into, entry->key, entry->key_size, entry->sequence);
		if (map->global->type == PROGRAM_STRING)
			entry_set_text(known, entry->text ? entry->text : "", entry->length);
		else if (map->global->type == PROGRAM_STATS)
			aggr_merge(&map->global->agg, known->words, entry->words);
		else
			known->number = (is_new || !map->kernel->adds_only ? 0 : known->number) +
					entry->number;
	}
	table_free(from);
	while (map->global->wraps && into->count > map->capacity)
		table_remove(into, into->first);
}

/* Reads the kernel's part into the rest. */
static int kernel_collect(struct map *map)
{
	struct table *fresh;
	int error = kernel_read_all(map, &fresh);

	view_apply(map, fresh);
	if (map->table->count) {
		table_absorb(map, map->table, fresh);
	} else {
		table_free(map->table);
		map->table = fresh;
	}
	return error;
}

/* A new ring of keys. It goes in place before the new map: a key too many in it does no harm. An
 * array that wraps keeps its ring: between the two updates the old map, when full, would have none
 * to drop. *@old: what was there, or -1. */
static int ring_swap(struct map *map, int *old)
{
	struct kernel_map *kernel = map->kernel;
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	int fresh, error;

	*old = -1;
	if (kernel->order_outer_fd < 0 || map->global->wraps)
		return 0;
	if (bpf_obj_get_info_by_fd(kernel->order_fd, &info, &size))
		return -errno;
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = info.map_flags);
	fresh = bpf_map_create(info.type, "sonde_order", info.key_size, info.value_size,
			       info.max_entries, &options);
	if (fresh < 0)
		return -errno;
	error = outer_set(kernel->order_outer_fd, fresh);
	if (error) {
		close(fresh);
		return error;
	}
	*old = kernel->order_fd;
	kernel->order_fd = fresh;
	rmw_close(&kernel->head_rmw);
	rmw_close(&kernel->tail_rmw);
	return 0;
}

/* What kernel_swap() took out of their hands. */
struct taken_away {
	int fd;
	int order_fd;		/* or -1: it is the one there is */
	struct front front;
};

/* The second step of a swap. Nothing is wrong if it cannot be done: the front goes on, and what it
 * holds is seen later. */
static void front_swap(struct kernel_map *kernel, struct front *fresh, struct front *old)
{
	front_init(old);
	if (!fresh->memory || outer_set(kernel->front.outer_fd, fresh->fd)) {
		front_close(fresh);
		return;
	}
	*old = kernel->front;
	kernel->front = *fresh;
}

/* An empty map for kernel handlers. Handlers that run are waited for by the kernel itself: after
 * the update no one adds to the old one any more. The front goes after the map: whoever takes a
 * slot in the new one has seen the new map. 0 or a negative errno: the old ones stay. */
static int kernel_swap(struct map *map, struct taken_away *old)
{
	struct kernel_map *kernel = map->kernel;
	int error = ring_swap(map, &old->order_fd), fresh = error ? error : map_like(kernel);
	struct front front;

	if (fresh < 0) {
		descriptor_close(old->order_fd);
		return fresh;
	}
	front_init(&front);
	error = kernel->front.memory ? front_like(&kernel->front, &front) : 0;
	if (!error)
		error = outer_set(kernel->outer_fd, fresh);
	if (error) {
		front_close(&front);
		close(fresh);
		descriptor_close(old->order_fd);
		return error;
	}
	front_swap(kernel, &front, &old->front);
	old->fd = kernel->fd;
	kernel->fd = fresh;
	rmw_close(&kernel->rmw);
	return 0;
}

static void taken_close(struct taken_away *old)
{
	close(old->fd);
	descriptor_close(old->order_fd);
	front_close(&old->front);
}

void kernel_take(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	struct taken_away old, fresh;

	if (kernel_swap(map, &old))
		return;
	fresh = (struct taken_away){ kernel->fd, kernel->order_fd, kernel->front };
	kernel->fd = old.fd;
	kernel->order_fd = old.order_fd >= 0 ? old.order_fd : kernel->order_fd;
	kernel->front = old.front;
	kernel_collect(map);
	kernel->fd = fresh.fd;
	kernel->order_fd = fresh.order_fd;
	kernel->front = fresh.front;
	taken_close(&old);
	kernel->taken = true;
}

/* One element of the rest back into the kernel's map. false: it stays in the rest. */
static bool element_return(struct map *map, struct table_entry *entry)
{
	struct kernel_map *kernel = map->kernel;
	int64_t result;

	kernel_key_of(map, map->table, entry);
	kernel_value_set(map, map->table, entry);
	switch (kernel_create(map)) {
	case 0:
		return true;
	case -EEXIST:
		if (map->global->type == PROGRAM_STATS)
			return false;
		/* A kernel handler has begun it anew: what it stored counts, what it added is
		 * added to. */
		if (!kernel->adds_only)
			return true;
		return rmw_add(&kernel->rmw, kernel->fd, kernel->key_size, ABI_VALUE_LONG,
			       kernel->key, entry->number, &result) == RMW_DONE;
	default:
		return false;
	}
}

void kernel_run_end(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	struct table_entry *next;

	if (map->home == &map_home_marked)
		marked_run_end(map);
	if (!kernel->taken || map->home != &map_home_kernel)
		return;
	kernel->taken = false;
	if (kernel->rest_stays)
		return;
	for (struct table_entry *entry = map->table->first; entry; entry = next) {
		next = entry->next;
		if (element_return(map, entry))
			table_remove(map->table, entry);
	}
}

/* ---- all of it ---- */

static void elements_delete(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	struct table *table;

	if (kernel->by_cpu) {
		memset(kernel->value, 0, kernel->stride);
		for (uint32_t cpu = 0; cpu < kernel->cpus; cpu++)
			bpf_map_update_elem(kernel->fd, &cpu, kernel->value, BPF_ANY);
		return;
	}
	front_forget_all(map);
	kernel_read_all(map, &table);
	for (struct table_entry *entry = table->first; entry; entry = entry->next) {
		kernel_key_of(map, table, entry);
		bpf_map_delete_elem(kernel->fd, kernel->key);
	}
	table_free(table);
}

void kernel_clear(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	struct taken_away old;

	table_clear(map->table);
	if (kernel->taken) {
		kernel->taken = false;
		return;
	}
	if (kernel->outer_fd >= 0 && !kernel_swap(map, &old))
		taken_close(&old);
	else
		elements_delete(map);
}

/* Elements that the last sort saw come first, in its order. */
static void order_apply(struct table *table, const struct table *order)
{
	for (struct table_entry *want = order->last; want; want = want->previous) {
		struct table_entry *entry = table_find(table, want->key, want->key_size);

		if (entry && entry->sequence == want->sequence)
			table_move_first(table, entry);
	}
}

struct table *kernel_elements(struct map *map, bool *owned)
{
	struct kernel_map *kernel = map->kernel;
	struct table *all, *fresh;

	if (map->clears && kernel->outer_fd >= 0 && !kernel->taken)
		kernel_take(map);
	*owned = !kernel->taken;
	if (kernel->taken)
		return map->table;
	view_look(map);
	kernel_read_all(map, &all);
	if (map->table->count) {
		fresh = all;
		all = table_copy(map->table);
		table_absorb(map, all, fresh);
		table_sort_creation(all);
	}
	view_apply(map, all);
	if (kernel->order)
		order_apply(all, kernel->order);
	return all;
}

void kernel_sorted(struct map *map, struct table *copy)
{
	struct kernel_map *kernel = map->kernel;

	view_publish(map, copy);
	if (!map->iterated_unsorted) {
		table_free(copy);
		return;
	}
	table_free(kernel->order);
	kernel->order = copy;
}

int kernel_settle(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	int error = kernel && !kernel->taken ? kernel_collect(map) : 0;

	map->home = &map_home_table;
	if (kernel && kernel->order) {
		table_sort_creation(map->table);
		order_apply(map->table, kernel->order);
	}
	return error;
}
