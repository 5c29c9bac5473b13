/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The globals of a script, one interface over the places where they live (enum program_home): a
 * table in this process, a memory-mapped slot that kernel handlers update too, or a kernel map.
 * What is exact and what is not when kernel handlers run meanwhile is written at the top of vm-
 * maps.c.
 *
 * Life: maps_new(); after loading the BPF object maps_bind_data() and maps_bind_map() for each
 * global of those homes; maps_init(), before any handler runs; vm_run_handler() brackets each run
 * by maps_run_begin() and maps_run_end(); when no kernel handler can run any more maps_settle(),
 * after which everything is in this process and the file descriptors may be closed; maps_free().
 */
#ifndef SONDE_VM_MAPS_H
#define SONDE_VM_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/program.h"

struct maps;
struct stacks;
struct maps_iter;
struct maps_config {
	const struct program *program;
	struct abi_session *session;
	struct stacks *stacks;		/* makes texts of tokens; NULL: there are none */
};

/* A kernel map as loaded. The descriptors are duplicated. */
struct maps_binding {
	int fd;			/* the map; of a swapped one the outer ARRAY_OF_MAPS */
	int order_fd; /* "<name>.o" of an ordered one (of a swapped one the outer map), or -1 */
	int front_fd;		/* "<name>.f", likewise, or -1 */
	int views_fd;		/* "<name>.s", or -1 */
	int locks_fd;		/* "sonde_locks", whose key the global's index is, or -1 */
	uint32_t inner_flags;	/* swapped: map_flags of the inner map's definition */
};

struct maps *maps_new(const struct maps_config *config);
/* @slots: sonde_globals, memory-mapped. */
void maps_bind_data(struct maps *maps, int64_t *slots);
/* 0 or a negative errno. A swapped outer map without an inner one gets its first. */
int maps_bind_map(struct maps *maps, uint32_t global, const struct maps_binding *binding);
/* Gives every global its initial value (-G included). 0 or a negative errno. */
int maps_init(struct maps *maps);
/* 0, or a negative errno when a kernel map could not be read. */
int maps_settle(struct maps *maps);
void maps_free(struct maps *maps);

/* @clears: for each global, whether this handler (or what it calls) may delete all of it. */
void maps_run_begin(struct maps *maps, const bool *clears);
void maps_run_end(struct maps *maps);

/* ---- access, for the VM and the automatic printing ---- */

/* A key or value. Strings are not copied; what maps_load() and iterators give is valid until the
 * next call with the same map. */
struct maps_value {
	int64_t number;
	const char *text;
	uint32_t length;
	bool wild;		/* '*' among keys */
};

/* Functions that may fail return 0 or an enum abi_fault. Keys: as many as the global has. */
bool maps_load(struct maps *maps, uint32_t global, const struct maps_value *keys,
	       struct maps_value *value);
int maps_store(struct maps *maps, uint32_t global, const struct maps_value *keys,
	       const struct maps_value *value);
/* @op: enum ir_op, a two-operand long operation. *result: the new value. */
int maps_rmw(struct maps *maps, uint32_t global, const struct maps_value *keys, enum ir_op op,
	     int64_t operand, int64_t *result);
/* Keys may be wild. */
bool maps_has(struct maps *maps, uint32_t global, const struct maps_value *keys);
void maps_delete(struct maps *maps, uint32_t global, const struct maps_value *keys);
void maps_clear(struct maps *maps, uint32_t global);
int maps_aggregate(struct maps *maps, uint32_t global, const struct maps_value *keys,
		   int64_t value);
/* The merged aggregate: abi_agg_words() words, or NULL when it is absent. Valid until the next
 * call. */
const uint64_t *maps_stat(struct maps *maps, uint32_t global, const struct maps_value *keys);

/* foreach. @sort: 0 none, 1 + n by key n, -1 by value (of aggregates by @stat). Sorting a map
 * puts it into that order for later unsorted iterations. The iterator walks what was there when
 * it began. */
struct maps_sort {
	int sort;
	bool descending;
	enum ir_stat stat;
	int64_t limit;		/* < 0: none */
};
/* @slice: keys with wild ones, or NULL. Never NULL. */
struct maps_iter *maps_iter_new(struct maps *maps, uint32_t global, const struct maps_sort *sort,
				const struct maps_value *slice);
bool maps_iter_next(struct maps_iter *iter);
/* Is it at an element? @iter may be NULL. */
bool maps_iter_at(const struct maps_iter *iter);
struct maps_value maps_iter_key(const struct maps_iter *iter, uint32_t n);
struct maps_value maps_iter_value(const struct maps_iter *iter);
const uint64_t *maps_iter_stat(const struct maps_iter *iter);
void maps_iter_free(struct maps_iter *iter);

#endif
