/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growable arrays in an arena. VEC(type) declares the structure; grown storage is abandoned to the
 * arena. Elements are moved on growth: keep indices, or make it a vector of pointers.
 *
 *	VEC(struct expr *) args;            -- {data, count, capacity}, zero-initialised is empty
 *	*vec_push(arena, &args) = e;
 *	for (size_t i = 0; i < args.count; i++) use(args.data[i]);
 */
#ifndef SONDE_UTIL_VEC_H
#define SONDE_UTIL_VEC_H

#include <stddef.h>

#include "translator/util/arena.h"

#define VEC(type) struct { type *data; size_t count, capacity; }

void *vec_grow(struct arena *arena, void *data, size_t count, size_t *capacity, size_t size);

/* A pointer to a new, zeroed last element. */
#define vec_push(arena, v)                                                                   \
	((v)->data = (v)->count < (v)->capacity                                              \
			     ? (v)->data                                                     \
			     : vec_grow((arena), (v)->data, (v)->count, &(v)->capacity,       \
					sizeof *(v)->data),                                  \
	 &(v)->data[(v)->count++])

#define vec_last(v) ((v)->data[(v)->count - 1])

#endif
