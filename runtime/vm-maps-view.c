/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order that sorted foreach leaves an array of kernel handlers in, seen from user space
 * (kern/view.h): read when all elements are, and made when a user-space handler has sorted. Views
 * and, while it is worked on, the ring are mapped into this process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "runtime/vm-maps-kernel.h"

#define PIN_TRIES 16

/* An element by its number. */
struct numbered {
	uint64_t sequence;
	uint64_t slot;			/* of the ring */
	struct table_entry *entry;	/* of a table */
};

struct ring {
	unsigned char *memory;
	size_t bytes;
	uint32_t slots, stride;
};

static size_t pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

static void *map_shared(int fd, size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void views_init(struct views *views)
{
	*views = (struct views){ .memory = NULL };
}

int views_bind(struct map *map, int fd)
{
	struct views *views = &map->kernel->views;
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info), slots = order_ring_slots(map);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.value_size != sizeof(struct view_item) ||
	    info.max_entries < VIEW_AT(slots, 1) || map->kernel->order_fd < 0)
		return -EPROTO;
	views->slots = slots;
	views->blocks = (info.max_entries - slots) / VIEW_BLOCK(slots);
	views->bytes = pages((size_t)info.max_entries * sizeof(struct view_item));
	views->memory = map_shared(fd, views->bytes);
	return views->memory ? 0 : -errno;
}

void views_close(struct views *views)
{
	if (views->memory)
		munmap(views->memory, views->bytes);
	views->memory = NULL;
}

/* ---- the ring ---- */

static bool ring_open(const struct map *map, struct ring *ring)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	if (!map->kernel->views.memory ||
	    bpf_obj_get_info_by_fd(map->kernel->order_fd, &info, &size) ||
	    info.value_size < sizeof(struct view_order) ||
	    info.max_entries != map->kernel->views.slots + 1)
		return false;
	ring->stride = ABI_ROUND8(info.value_size);
	ring->slots = info.max_entries - 1;
	ring->bytes = pages((size_t)ring->stride * info.max_entries);
	ring->memory = map_shared(map->kernel->order_fd, ring->bytes);
	return ring->memory != NULL;
}

static void ring_close(struct ring *ring)
{
	munmap(ring->memory, ring->bytes);
}

static uint64_t *ring_entry(const struct ring *ring, uint32_t slot)
{
	return (uint64_t *)(void *)(ring->memory + (size_t)slot * ring->stride);
}

static struct view_order *ring_head(const struct ring *ring)
{
	return (struct view_order *)(void *)ring_entry(ring, ring->slots);
}

static uint64_t view_now(const struct ring *ring)
{
	return __atomic_load_n(&ring_head(ring)->view, __ATOMIC_SEQ_CST);
}

/* ---- blocks ---- */

static struct view_item *item_at(const struct views *views, size_t index)
{
	return (struct view_item *)(void *)views->memory + index;
}

static struct view_head *block_head(const struct views *views, uint32_t block)
{
	return (struct view_head *)(void *)item_at(views, VIEW_AT(views->slots, block));
}

static struct view_item *block_items(const struct views *views, uint32_t block)
{
	return item_at(views, VIEW_TABLE(views->slots, block,
					 (uint32_t)block_head(views, block)->half & 1));
}

static void unpin(const struct views *views, uint32_t block)
{
	__atomic_sub_fetch(&block_head(views, block)->pins, 1, __ATOMIC_SEQ_CST);
}

/* Holds the view that is the array's now, if there is one; *block is where it is. */
static bool pin(const struct views *views, const struct ring *ring, uint32_t *block)
{
	/* The block of a ring that was taken away may be another's by now. */
	for (int i = 0; i < PIN_TRIES; i++) {
		uint64_t view = view_now(ring), number = view & VIEW_MASK;
		struct view_head *head;

		if (!number || number > views->blocks)
			return false;
		*block = (uint32_t)number - 1;
		head = block_head(views, *block);
		__atomic_add_fetch(&head->pins, 1, __ATOMIC_SEQ_CST);
		if (view_now(ring) == view &&
		    __atomic_load_n(&head->generation, __ATOMIC_SEQ_CST) == view >> VIEW_BITS)
			return true;
		unpin(views, *block);
	}
	return false;
}

static uint64_t block_count(const struct views *views, uint32_t block)
{
	uint64_t count = block_head(views, block)->count;

	return count < views->slots ? count : views->slots;
}

/* ---- reading ---- */

static int numbered_compare(const void *a, const void *b)
{
	const struct numbered *left = a, *right = b;

	return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

static struct numbered *numbered_find(struct numbered *all, size_t count, uint64_t sequence)
{
	struct numbered wanted = { .sequence = sequence };

	return bsearch(&wanted, all, count, sizeof(*all), numbered_compare);
}

/* Those that the view has come first, in its order. */
static void items_apply(const struct views *views, uint32_t block, struct table *table)
{
	struct numbered *all = calloc(table->count + 1, sizeof(*all)), *found;
	const struct view_item *items = block_items(views, block);
	size_t count = 0;

	if (!all)
		return;
	for (struct table_entry *entry = table->first; entry; entry = entry->next)
		all[count++] = (struct numbered){ .sequence = entry->sequence, .entry = entry };
	qsort(all, count, sizeof(*all), numbered_compare);
	for (uint64_t i = block_count(views, block); i-- > 0;) {
		found = numbered_find(all, count, items[i].sequence);
		if (found)
			table_move_first(table, found->entry);
	}
	free(all);
}

void view_look(struct map *map)
{
	struct ring ring;

	if (!ring_open(map, &ring))
		return;
	map->kernel->views.seen = view_now(&ring);
	ring_close(&ring);
}

void view_apply(struct map *map, struct table *table)
{
	struct kernel_map *kernel = map->kernel;
	struct views *views = &kernel->views;
	struct ring ring;
	uint32_t block;

	if (!ring_open(map, &ring))
		return;
	if (view_now(&ring) != views->known) {
		table_free(kernel->order);
		kernel->order = NULL;
	}
	if (!kernel->order && pin(views, &ring, &block)) {
		items_apply(views, block, table);
		unpin(views, block);
	}
	ring_close(&ring);
}

bool view_take(struct map *map, unsigned char *entry, size_t size)
{
	struct views *views = &map->kernel->views;
	struct ring ring;
	uint32_t block;
	bool found = false;

	if (!ring_open(map, &ring))
		return false;
	if (pin(views, &ring, &block)) {
		const struct view_item *items = block_items(views, block);
		uint64_t *next = &block_head(views, block)->dropped, at;

		while (!found && __atomic_load_n(next, __ATOMIC_SEQ_CST) <
					 block_count(views, block)) {
			at = __atomic_fetch_add(next, 1, __ATOMIC_SEQ_CST);
			if (at >= block_count(views, block) || items[at].slot >= ring.slots)
				break;
			memcpy(entry, ring_entry(&ring, items[at].slot), size);
			found = *(uint64_t *)(void *)entry == items[at].sequence;
		}
		unpin(views, block);
	}
	ring_close(&ring);
	return found;
}

/* ---- making one ---- */

/* A block that nobody needs, pinned; views->blocks: none. */
static uint32_t block_claim(const struct views *views, const struct ring *ring)
{
	for (uint32_t block = 0; block < views->blocks; block++) {
		struct view_head *head = block_head(views, block);
		uint64_t none = 0;

		if ((view_now(ring) & VIEW_MASK) == block + 1 ||
		    !__atomic_compare_exchange_n(&head->pins, &none, 1, false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			continue;
		if ((view_now(ring) & VIEW_MASK) != block + 1) {
			__atomic_store_n(&head->generation, 0, __ATOMIC_SEQ_CST);
			return block;
		}
		unpin(views, block);
	}
	return views->blocks;
}

/* What the ring has, by number. */
static struct numbered *ring_numbers(const struct ring *ring, size_t *count)
{
	struct numbered *all = calloc(ring->slots, sizeof(*all));

	*count = 0;
	for (uint32_t slot = 0; all && slot < ring->slots; slot++) {
		uint64_t sequence = __atomic_load_n(ring_entry(ring, slot), __ATOMIC_SEQ_CST);

		if (sequence)
			all[(*count)++] = (struct numbered){ .sequence = sequence, .slot = slot };
	}
	if (all)
		qsort(all, *count, sizeof(*all), numbered_compare);
	return all;
}

/* From this view on the entry is in all. */
static void mark_set(struct view_item *mark, uint64_t sequence, uint64_t generation)
{
	if (mark->sequence == sequence)
		return;
	__atomic_store_n(&mark->sequence, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n((uint64_t *)(void *)mark + 1, generation, __ATOMIC_SEQ_CST);
	__atomic_store_n(&mark->sequence, sequence, __ATOMIC_SEQ_CST);
}

static void block_fill(const struct views *views, const struct ring *ring, uint32_t block,
		       const struct table *order, uint64_t generation)
{
	struct view_head *head = block_head(views, block);
	size_t known, count = 0;
	struct numbered *all = ring_numbers(ring, &known), *found;
	struct view_item *items;

	head->half = head->dropped = 0;
	items = block_items(views, block);
	for (struct table_entry *entry = order->first; all && entry; entry = entry->next) {
		found = numbered_find(all, known, entry->sequence);
		if (!found || count >= views->slots)
			continue;
		items[count++] = (struct view_item){ entry->sequence, (uint32_t)found->slot,
						     (uint32_t)entry->sequence };
		mark_set(item_at(views, found->slot), entry->sequence, generation);
	}
	free(all);
	head->count = count;
	__atomic_store_n(&head->generation, generation, __ATOMIC_SEQ_CST);
}

void view_publish(struct map *map, const struct table *order)
{
	struct views *views = &map->kernel->views;
	struct view_order *head;
	uint64_t none = 0, generation;
	struct ring ring;
	uint32_t block;

	views->known = views->seen;
	if (!ring_open(map, &ring))
		return;
	head = ring_head(&ring);
	/* A handler in the kernel is sorting: it comes later, and its order stays. So it does if
	 * it has sorted since the elements were read: its view may have some that @order has
	 * not. */
	if (view_now(&ring) == views->seen &&
	    __atomic_compare_exchange_n(&head->lock, &none, 1, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST)) {
		block = block_claim(views, &ring);
		generation = (view_now(&ring) >> VIEW_BITS) + 1;
		if (block < views->blocks && view_now(&ring) == views->seen) {
			block_fill(views, &ring, block, order, generation);
			views->known = generation << VIEW_BITS | (block + 1);
			__atomic_store_n(&head->view, views->known, __ATOMIC_SEQ_CST);
		}
		if (block < views->blocks)
			unpin(views, block);
		__atomic_store_n(&head->lock, 0, __ATOMIC_SEQ_CST);
	}
	ring_close(&ring);
}
