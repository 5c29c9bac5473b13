/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds elements of a growing array by a hash of the caller's choice. Elements are known by their
 * index and are added in order; the caller compares them:
 *
 *	for (uint32_t at = finder_first(&f, hash); at; at = finder_next(&f, at))
 *		if (equal(&v.data[at - 1], wanted))
 *			return at - 1;
 *	finder_add(&f, arena, hash);	-- belongs to the next vec_push(arena, &v)
 *
 * Zero-initialised is empty. Memory is the arena's.
 */
#ifndef SONDE_UTIL_FINDER_H
#define SONDE_UTIL_FINDER_H

#include <stdint.h>

#include "translator/util/vec.h"

struct finder_entry {
	uint32_t hash, next;
};

struct finder {
	VEC(struct finder_entry) entries;
	uint32_t *heads;		/* 1 + index of the newest of a chain, 0: none */
	uint32_t head_count;		/* a power of two, or 0 */
};

/* 1 + index of an element with @hash, 0 if there is none; the newest first. */
uint32_t finder_first(const struct finder *f, uint32_t hash);
/* The next with the same hash. */
uint32_t finder_next(const struct finder *f, uint32_t at);
void finder_add(struct finder *f, struct arena *arena, uint32_t hash);
/* A hash of two words. */
uint32_t finder_hash(uint64_t a, uint64_t b);

#endif
