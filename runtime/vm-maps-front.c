/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front of an array, seen from user space: kern/front.h. Its slots are mapped into this process
 * and read in place; what they hold is added to what the map has. It is read before the map: a key
 * that is in the front is in the map by then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "runtime/aggr.h"
#include "runtime/kern/front.h"
#include "runtime/vm-maps-kernel.h"

void front_init(struct front *front)
{
	*front = (struct front){ .fd = -1, .outer_fd = -1 };
}

void front_close(struct front *front)
{
	if (front->memory)
		munmap(front->memory, front->bytes);
	if (front->fd >= 0)
		close(front->fd);
	front->memory = NULL;
	front->fd = -1;
}

static uint32_t slots_all(const struct front *front)
{
	return front->cpus * front->slots;
}

static int front_map(struct front *front)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory;

	front->bytes = ((size_t)slots_all(front) * front->slot_size + page - 1) / page * page;
	memory = mmap(NULL, front->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, front->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	front->memory = memory;
	return 0;
}

int front_bind(struct map *map)
{
	struct kernel_map *kernel = map->kernel;
	struct front *front = &kernel->front;
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(front->fd, &info, &size))
		return -errno;
	front->key_words = kernel->key_size / sizeof(uint64_t);
	front->value_words = (kernel->value_size - ABI_VALUE_WORDS) / sizeof(uint64_t);
	front->cpus = 1;
	if (map->global->type == PROGRAM_STATS)
		front->cpus = (uint32_t)libbpf_num_possible_cpus();
	front->slots = info.max_entries / front->cpus;
	front->slot_size = info.value_size;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.max_entries != slots_all(front) ||
	    !kernel->adds_only || !kernel->rest_stays || kernel->by_cpu ||
	    front->key_words > FRONT_KEY_WORDS || front->value_words > FRONT_VALUE_WORDS ||
	    front->slots < FRONT_SLOTS_LEAST || front->slots & (front->slots - 1) ||
	    front->slot_size != front_slot_size(kernel->key_size, front->value_words))
		return -EPROTO;
	return front_map(front);
}

int front_like(const struct front *front, struct front *fresh)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int error;

	*fresh = *front;
	fresh->memory = NULL;
	fresh->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sonde_front", sizeof(uint32_t),
				   front->slot_size, slots_all(front), &options);
	error = fresh->fd < 0 ? -errno : front_map(fresh);
	if (error)
		front_close(fresh);
	return error;
}

static struct front_slot *slot_at(const struct front *front, uint64_t index)
{
	return (struct front_slot *)(void *)(front->memory + index * front->slot_size);
}

static uint64_t state_of(const struct front_slot *slot)
{
	return __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
}

/* A tag has both bits of FRONT_HELD, and the other states have not. */
static bool state_is_tag(uint64_t state)
{
	return (state & FRONT_HELD) == FRONT_HELD;
}

/* The slot's values. false: there is nothing in it. */
static bool values_read(const struct front *front, const struct front_slot *slot, uint64_t *values)
{
	const u64 *at = slot->key + front->key_words;
	uint64_t any = 0;

	for (uint32_t i = 0; i < front->value_words; i++) {
		values[i] = __atomic_load_n(&at[i], __ATOMIC_RELAXED);
		any |= values[i];
	}
	return any;
}

/* Where the key of kernel->key would be on @cpu; *@tag: its tag. */
static struct front_slot *slot_of(const struct kernel_map *kernel, uint32_t cpu, uint64_t *tag)
{
	const struct front *front = &kernel->front;
	const u64 *key = (const void *)kernel->key;
	uint64_t hash = 0;

	for (uint32_t i = 0; i < front->key_words; i++)
		hash = front_hash(hash, key[i]);
	*tag = front_tag(hash);
	return slot_at(front, (hash >> front_shift(front->slots)) + (uint64_t)cpu * front->slots);
}

static bool slot_holds(const struct kernel_map *kernel, const struct front_slot *slot, uint64_t tag)
{
	return state_of(slot) == tag && !memcmp(slot->key, kernel->key, kernel->key_size);
}

bool front_find(const struct map *map, uint64_t *values)
{
	const struct kernel_map *kernel = map->kernel;
	const struct front *front = &kernel->front;
	uint64_t part[FRONT_VALUE_WORDS], tag;
	bool found = false;

	memset(values, 0, front->value_words * sizeof(*values));
	for (uint32_t cpu = 0; front->memory && cpu < front->cpus; cpu++) {
		const struct front_slot *slot = slot_of(kernel, cpu, &tag);

		if (!slot_holds(kernel, slot, tag) || !values_read(front, slot, part))
			continue;
		found = true;
		if (map->global->type == PROGRAM_STATS)
			aggr_merge(&map->global->agg, values, part);
		else
			values[0] = part[0];
	}
	return found;
}

void front_read(struct map *map, struct table *table)
{
	const struct kernel_map *kernel = map->kernel;
	const struct front *front = &kernel->front;
	unsigned char *value;

	if (!front->memory)
		return;
	value = calloc(kernel->cpus, kernel->stride);
	if (!value)
		abort();
	for (uint32_t i = 0; i < slots_all(front); i++) {
		const struct front_slot *slot = slot_at(front, i);
		uint64_t values[FRONT_VALUE_WORDS];

		if (!state_is_tag(state_of(slot)) || !values_read(front, slot, values))
			continue;
		memcpy(value + ABI_VALUE_SEQUENCE, &slot->sequence, sizeof(uint64_t));
		memcpy(value + ABI_VALUE_WORDS, values, front->value_words * sizeof(uint64_t));
		kernel_element_add(map, table, (const unsigned char *)slot->key, value);
	}
	free(value);
}

static void slot_kill(struct front_slot *slot)
{
	__atomic_store_n(&slot->state, FRONT_DEAD, __ATOMIC_SEQ_CST);
}

/* A slot that holds another key cannot come to hold this one. */
static void slot_forget(const struct kernel_map *kernel, struct front_slot *slot, uint64_t tag)
{
	uint64_t state = state_of(slot);

	while (!state_is_tag(state) && state != FRONT_DEAD)
		if (__atomic_compare_exchange_n(&slot->state, &state, FRONT_DEAD, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return;
	if (slot_holds(kernel, slot, tag))
		slot_kill(slot);
}

void front_forget(const struct map *map)
{
	const struct kernel_map *kernel = map->kernel;
	uint64_t tag;

	for (uint32_t cpu = 0; kernel->front.memory && cpu < kernel->front.cpus; cpu++) {
		struct front_slot *slot = slot_of(kernel, cpu, &tag);

		slot_forget(kernel, slot, tag);
	}
}

void front_forget_all(const struct map *map)
{
	const struct front *front = &map->kernel->front;

	for (uint32_t i = 0; front->memory && i < slots_all(front); i++)
		slot_kill(slot_at(front, i));
}
