/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside vm-maps*.c: a global and the row of functions of the home it has at present.
 */
#ifndef SONDE_VM_MAPS_PRIV_H
#define SONDE_VM_MAPS_PRIV_H

#include "runtime/buf.h"
#include "runtime/vm-maps.h"
#include "runtime/vm-table.h"

struct kernel_map;
struct map;

struct map_home {
	bool (*load)(struct map *map, const struct maps_value *keys, struct maps_value *value);
	int (*store)(struct map *map, const struct maps_value *keys,
		     const struct maps_value *value);
	int (*rmw)(struct map *map, const struct maps_value *keys, enum ir_op op, int64_t operand,
		   int64_t *result);
	bool (*has)(struct map *map, const struct maps_value *keys);
	void (*remove)(struct map *map, const struct maps_value *keys);
	void (*clear)(struct map *map);
	int (*aggregate)(struct map *map, const struct maps_value *keys, int64_t value);
	const uint64_t *(*stat)(struct map *map, const struct maps_value *keys);
	/* All elements in order. *owned: a copy, which the caller hands to `sorted` or frees. */
	struct table *(*elements)(struct map *map, bool *owned);
	/* A copy has been sorted for the script: keep its order. Takes the copy. NULL: nothing
	 * to do. */
	void (*sorted)(struct map *map, struct table *copy);
	int (*settle)(struct map *map);
};

extern const struct map_home map_home_slot, map_home_table, map_home_kernel, map_home_marked;

struct map {
	struct maps *maps;
	const struct program_global *global;
	const struct map_home *home;
	struct table *table; /* HOME_VM: the elements; HOME_MAP: user space's part of them */
	int64_t own, *slot;		/* scalar longs: where the number is */
	struct kernel_map *kernel;
	struct buf key;			/* scratch: the encoded key of the call */
	uint32_t capacity;
	bool clears;			/* the handler that runs may delete all of it */
	bool iterated_unsorted;		/* some handler does: orders left by sorts matter */
};

struct maps {
	const struct program *program;
	struct abi_session *session;
	struct stacks *stacks;
	struct map *map;
	bool coarse_sequence;		/* creation numbers are time stamps (see abi.h) */
};

uint64_t maps_sequence(struct maps *maps);
/* The element, created at the end where @create says so: NULL then when the array is full. */
struct table_entry *map_entry(struct map *map, const struct maps_value *keys, bool create);

/* vm-maps-kernel.c */
void kernel_run_end(struct map *map);
void kernel_free(struct kernel_map *kernel);

#endif
