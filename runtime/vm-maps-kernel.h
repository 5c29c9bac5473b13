/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside vm-maps-kernel*.c and vm-maps-rmw.c: a global in a kernel map.
 */
#ifndef SONDE_VM_MAPS_KERNEL_H
#define SONDE_VM_MAPS_KERNEL_H

#include "runtime/kern/view.h"
#include "runtime/vm-maps-priv.h"

/* A small BPF program that changes a number of an element in place, see vm-maps-rmw.c. */
struct rmw {
	int map_fd;		/* of the map it was made for */
	int add_fd, swap_fd;	/* programs, -1: not made */
	int transfer_fd;
	uint32_t transfer_size;
	struct rmw_transfer *transfer;
	int locks_fd;		/* "sonde_locks" where atomic operations do not tell what was there
				 * before, else -1; not owned */
	uint32_t lock;		/* its key */
};

/* A table of slots before an array: kern/front.h, vm-maps-front.c. */
struct front {
	int fd;			/* or -1; of a swapped map the inner one */
	int outer_fd;		/* or -1 */
	uint32_t cpus;		/* each has its slots; 1: they are everybody's */
	uint32_t slots;		/* of each */
	uint32_t slot_size, key_words, value_words;
	unsigned char *memory;	/* mapped; NULL: there is none */
	size_t bytes;
};

/* The order that kernel handlers sort an array into: kern/view.h, vm-maps-view.c. */
struct views {
	unsigned char *memory;	/* mapped; NULL: there are none */
	size_t bytes;
	uint32_t slots, blocks;
	uint64_t known;		/* the one that kernel_map.order is about */
	uint64_t seen;		/* the one there was when all elements were read last */
};

struct kernel_map {
	int fd;			/* what kernel handlers write; of a swapped one the inner map */
	int outer_fd;		/* or -1 */
	int order_fd;		/* ring of keys, or -1; of a swapped map the inner one */
	int order_outer_fd;	/* or -1 */
	int locks_fd;		/* or -1 */
	uint32_t type, key_size, value_size, max_entries, flags;
	uint32_t cpus;		/* values of an element: 1, or one for each possible CPU */
	bool by_cpu;		/* a scalar aggregate: an array indexed by CPU is its one element */
	uint32_t stride;	/* bytes of one of them */
	bool taken;		/* the rest holds everything until the run ends */
	bool adds_only;		/* kernel handlers only add: parts are added up */
	bool rest_stays;	/* ... and the rest need not be put back */
	unsigned char *key, *value;	/* scratch: one element */
	struct table *merged;	/* one aggregate: what maps_stat() gave last */
	struct table *view;	/* of one with tokens: what this handler run sees */
	struct buf text;	/* scratch: a string with its tokens expanded */
	struct table *order;	/* what the last sort left, when someone iterates unsorted */
	struct rmw rmw, head_rmw, tail_rmw;
	struct front front;
	struct views views;
};

/* vm-maps-kernel.c: one element */
void kernel_key_encode(const struct map *map, const struct maps_value *keys, unsigned char *key);
/* The table's form of a kernel key, into map->key. */
void kernel_key_decode(struct map *map, const unsigned char *key);
/* Reads the element of kernel->key into kernel->value. false: absent. */
bool kernel_lookup(struct map *map);
/* Adds an element as the kernel has it to @table. false: it is torn, nothing was done. */
bool kernel_element_add(struct map *map, struct table *table, const unsigned char *key,
			const unsigned char *value);
/* The key of a table's element as the kernel has it, into kernel->key. */
void kernel_key_of(struct map *map, const struct table *table, const struct table_entry *entry);
/* The element's value in the kernel's form, into kernel->value: an aggregate on the first CPU
 * only. */
void kernel_value_set(struct map *map, const struct table *table, const struct table_entry *entry);
/* Writes kernel->key, kernel->value as a new element. 0, -EEXIST, -E2BIG, … */
int kernel_create(struct map *map);

/* vm-maps-batch.c: all elements */
/* A new table of all elements that the kernel has, in order of creation. 0 or a negative errno. */
int kernel_read_all(struct map *map, struct table **table);

/* vm-maps-take.c: the whole map */
/* Gives kernel handlers an empty map; what was in the old one joins the rest. */
void kernel_take(struct map *map);
void kernel_clear(struct map *map);
struct table *kernel_elements(struct map *map, bool *owned);
void kernel_sorted(struct map *map, struct table *copy);
int kernel_settle(struct map *map);

/* vm-maps-marked.c */
void marked_run_end(struct map *map);

/* vm-maps-rmw.c */
/* RMW_LOCKED: a kernel handler had it locked, each time. */
enum rmw_state { RMW_DONE, RMW_ABSENT, RMW_IMPOSSIBLE, RMW_LOCKED };
/* *(s64 *)(element at @offset) += @delta; *result: the new value. */
enum rmw_state rmw_add(struct rmw *rmw, int fd, uint32_t key_size, uint32_t offset, const void *key,
		       int64_t delta, int64_t *result);
/* Stores @fresh if the number is *old; RMW_DONE with *old changed: it was not. */
enum rmw_state rmw_swap(struct rmw *rmw, int fd, uint32_t key_size, uint32_t offset,
			const void *key, int64_t *old, int64_t fresh);
void rmw_init(struct rmw *rmw, int locks_fd, uint32_t lock);
void rmw_close(struct rmw *rmw);

/* vm-maps-front.c */
void front_init(struct front *front);
/* The descriptors are in place: checks and maps it. 0 or a negative errno. */
int front_bind(struct map *map);
/* An empty one like @front. 0 or a negative errno. */
int front_like(const struct front *front, struct front *fresh);
/* Unmaps and closes it; the outer descriptor stays. */
void front_close(struct front *front);
/* What the front has of the element of kernel->key; false: nothing. */
bool front_find(const struct map *map, uint64_t *values);
/* Adds what it has of all elements to @table. */
void front_read(struct map *map, struct table *table);
/* No more is added to what it has of kernel->key, of all keys; what that was is gone. */
void front_forget(const struct map *map);
void front_forget_all(const struct map *map);

/* vm-maps-view.c: the order that kernel handlers sort into */
void views_init(struct views *views);
/* Maps them; the ring is there. 0 or a negative errno. */
int views_bind(struct map *map, int fd);
void views_close(struct views *views);
/* Notes which view there is: before all elements are read. */
void view_look(struct map *map);
/* Puts the elements into its order, unless the last one to sort was user space. */
void view_apply(struct map *map, struct table *table);
/* The order that a user-space handler has sorted into. */
void view_publish(struct map *map, const struct table *order);
/* Takes the first @size bytes of the ring's entry that is first in the view, for a wrapping array
 * to drop. false: the ring knows. */
bool view_take(struct map *map, unsigned char *entry, size_t size);

/* vm-maps-order.c: the ring of keys of an ordered map */
uint32_t order_ring_slots(const struct map *map);
void order_push(struct map *map, uint64_t sequence);
/* Deletes the oldest element. false: there is none. */
bool order_drop(struct map *map);

#endif
