/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/abi.h"
#include "runtime/features.h"
#include "runtime/kern/view.h"
#include "runtime/load.h"
#include "runtime/program.h"
#include "runtime/vm-maps.h"

#define RING_SILENT (64l << 10)		/* errors and exit() only */
#define RING_DEFAULT (16l << 20)
#define INNERS 3			/* maps of a global that may be behind maps of maps */
#define LAZY_BYTES (1u << 20)		/* larger hash tables are not allocated at once */
#define VIEWS_BYTES (64u << 20)		/* of an array, at most */
#define ELEMENT_HEAD 48			/* the kernel's own part of an element */

/* Names, of the map that kernel handlers see and of its template. */
static const char *const suffixes[INNERS][2] = { { "", ".i" }, { ".o", ".oi" }, { ".f", ".fi" } };

static struct bpf_map *map_find(const struct load *load, const char *name, const char *suffix)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	return bpf_object__find_map_by_name(load->object, full);
}

static unsigned int ring_size(const struct program *program, int64_t bytes)
{
	int64_t size = sysconf(_SC_PAGESIZE);

	if (!bytes)
		bytes = program->ring_bytes;
	if (bytes <= 0)
		bytes = program->kernel_silent ? RING_SILENT : RING_DEFAULT;
	while (size < bytes && size < 1l << 31)
		size <<= 1;
	return (unsigned int)size;
}

/* About what all elements of a hash table take. */
static uint64_t map_bytes(const struct bpf_map *map, enum bpf_map_type type, int cpus)
{
	uint64_t value = ABI_ROUND8(bpf_map__value_size(map));

	if (type == BPF_MAP_TYPE_PERCPU_HASH)
		value *= (uint64_t)cpus;
	return bpf_map__max_entries(map) * (ELEMENT_HEAD + ABI_ROUND8(bpf_map__key_size(map)) +
					    value);
}

/* Elements of large hash tables are allocated as they come where the kernel can do that in any
 * context; before, all at once. So are those of small ones: with interrupts off, as in a profiling
 * handler, the kernel has only a few elements at hand. */
static void map_set_allocation(struct bpf_map *map, int cpus)
{
	enum bpf_map_type type = bpf_map__type(map);
	unsigned int flags = bpf_map__map_flags(map);

	if (type != BPF_MAP_TYPE_HASH && type != BPF_MAP_TYPE_PERCPU_HASH)
		return;
	if (map_bytes(map, type, cpus) > LAZY_BYTES && feature_has(FEATURE_LAZY_MAPS))
		flags |= BPF_F_NO_PREALLOC;
	else
		flags &= ~(unsigned int)BPF_F_NO_PREALLOC;
	bpf_map__set_map_flags(map, flags);
}

/* The template @inner becomes a map of its own, which shows the kernel what @outer will hold. */
static int inner_make(struct bpf_map *outer, struct bpf_map *inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = bpf_map__map_flags(inner));
	int rc, fd = bpf_map_create(bpf_map__type(inner), NULL, bpf_map__key_size(inner),
				    bpf_map__value_size(inner), bpf_map__max_entries(inner), &opts);

	if (fd < 0)
		return fd;
	rc = bpf_map__set_inner_map_fd(outer, fd);
	if (!rc)
		rc = bpf_map__set_autocreate(inner, false);
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

/* A map of maps, if @name is one: its template is "NAME<suffix>". Keeps the descriptor in *@fd. */
static int outer_prepare(struct load *load, const char *name, const char *outer_suffix,
			 const char *suffix, int *fd)
{
	struct bpf_map *outer = map_find(load, name, outer_suffix);
	struct bpf_map *inner = map_find(load, name, suffix);

	if (!outer || !inner || bpf_map__type(outer) != BPF_MAP_TYPE_ARRAY_OF_MAPS)
		return 0;
	*fd = inner_make(outer, inner);
	return *fd < 0 ? *fd : 0;
}

/* There are some for each CPU, where one knows how many of those there are. */
static int front_prepare(struct load *load, const struct program_global *global, int cpus)
{
	struct bpf_map *front = map_find(load, global->map_name, ".fi");

	front = front ? front : map_find(load, global->map_name, ".f");
	if (!front || global->type != PROGRAM_STATS)
		return 0;
	return bpf_map__set_max_entries(front, bpf_map__max_entries(front) * (uint32_t)cpus);
}

/* Room to sort for every CPU; where that is too much, handlers that find none are skipped. */
static int views_prepare(struct load *load, const struct program_global *global, int cpus)
{
	struct bpf_map *views = map_find(load, global->map_name, ".s");
	uint32_t slots = 1, blocks = (uint32_t)cpus + VIEW_BLOCKS_LEAST;
	uint64_t most;

	if (!views)
		return 0;
	while (slots < global->max_entries)
		slots *= 2;
	most = VIEWS_BYTES / sizeof(struct view_item) / VIEW_BLOCK((uint64_t)slots);
	if (blocks > most)
		blocks = (uint32_t)most;
	if (blocks < VIEW_BLOCKS_LEAST)
		blocks = VIEW_BLOCKS_LEAST;
	if (blocks > VIEW_BLOCKS_MOST)
		blocks = VIEW_BLOCKS_MOST;
	return bpf_map__set_max_entries(views, VIEW_AT(slots, blocks));
}

static int global_prepare(struct load *load, uint32_t index, int cpus)
{
	const struct program_global *global = &load->program->globals[index];
	struct bpf_map *map;
	int rc = 0;

	if (global->home != HOME_MAP)
		return 0;
	map = map_find(load, global->map_name, "");
	if (!map)
		return -EINVAL;
	if (!global->is_array && global->type == PROGRAM_STATS) {
		struct bpf_map *inner = map_find(load, global->map_name, ".i");

		rc = bpf_map__set_max_entries(inner ? inner : map, (unsigned int)cpus);
		if (rc)
			return rc;
	}
	rc = front_prepare(load, global, cpus);
	if (!rc)
		rc = views_prepare(load, global, cpus);
	for (uint32_t k = 0; !rc && k < INNERS; k++)
		rc = outer_prepare(load, global->map_name, suffixes[k][0], suffixes[k][1],
				   &load->inner_fds[INNERS * index + k]);
	return rc;
}

int load_maps_prepare(struct load *load, int64_t ring_bytes)
{
	const struct program *program = load->program;
	struct bpf_map *map, *ring = map_find(load, "sonde_ring", "");
	struct bpf_map *scratch = map_find(load, "sonde_scratch", "");
	int rc = 0, cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	load->inner_fds = malloc((INNERS * program->global_count + 1) * sizeof(int));
	if (!load->inner_fds)
		return -ENOMEM;
	for (uint32_t i = 0; i < INNERS * program->global_count; i++)
		load->inner_fds[i] = -1;
	bpf_object__for_each_map(map, load->object)
		map_set_allocation(map, cpus);
	/* Stacks go through the ring, too. */
	if (!ring_bytes && map_find(load, "sonde_rows", ""))
		ring_bytes = RING_DEFAULT;
	if (ring)
		rc = bpf_map__set_max_entries(ring, ring_size(program, ring_bytes));
	if (!rc && scratch)
		rc = bpf_map__set_max_entries(scratch, (unsigned int)cpus * ABI_SCRATCH_PER_CPU);
	for (uint32_t i = 0; !rc && i < program->global_count; i++)
		rc = global_prepare(load, i, cpus);
	return rc;
}

static int inner_place(const struct load *load, const char *name, const char *suffix, int *fd)
{
	const uint32_t slot = 0;
	struct bpf_map *outer = map_find(load, name, suffix);
	int rc = 0;

	if (*fd >= 0 && outer)
		rc = bpf_map_update_elem(bpf_map__fd(outer), &slot, fd, BPF_ANY);
	return rc;
}

int load_maps_finish(struct load *load, bool loaded)
{
	const struct program *program = load->program;
	int rc = 0;

	for (uint32_t i = 0; load->inner_fds && i < program->global_count; i++) {
		int *fds = &load->inner_fds[INNERS * i];

		for (int k = 0; k < INNERS; k++) {
			if (loaded && !rc)
				rc = inner_place(load, program->globals[i].map_name, suffixes[k][0],
						 &fds[k]);
			if (fds[k] >= 0)
				close(fds[k]);
		}
	}
	free(load->inner_fds);
	load->inner_fds = NULL;
	return rc;
}

int load_bind(const struct load *load, struct maps *maps)
{
	const struct program *program = load->program;
	struct bpf_map *locks = map_find(load, "sonde_locks", "");
	int rc = 0;

	if (load->slots)
		maps_bind_data(maps, load->slots);
	for (uint32_t i = 0; !rc && i < program->global_count; i++) {
		const struct program_global *global = &program->globals[i];
		struct maps_binding binding = { .order_fd = -1, .front_fd = -1,
						.views_fd = -1, .locks_fd = -1 };
		struct bpf_map *map, *order, *front, *views, *inner;

		if (global->home != HOME_MAP)
			continue;
		map = map_find(load, global->map_name, "");
		order = map_find(load, global->map_name, ".o");
		front = map_find(load, global->map_name, ".f");
		views = map_find(load, global->map_name, ".s");
		inner = map_find(load, global->map_name, ".i");
		binding.fd = bpf_map__fd(map);
		if (order)
			binding.order_fd = bpf_map__fd(order);
		if (front)
			binding.front_fd = bpf_map__fd(front);
		if (views)
			binding.views_fd = bpf_map__fd(views);
		if (locks)
			binding.locks_fd = bpf_map__fd(locks);
		binding.inner_flags = inner ? bpf_map__map_flags(inner) : bpf_map__map_flags(map);
		rc = maps_bind_map(maps, i, &binding);
	}
	return rc;
}
