/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arena memory: everything a translation makes lives until the translation ends.
 *
 * Nothing allocated here is freed on its own; arena_free() releases all of it. Allocation never
 * fails: out of memory ends the process with a message, because no stage can go on without it.
 */
#ifndef SONDE_UTIL_ARENA_H
#define SONDE_UTIL_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* Zeroed memory of @size bytes, aligned for any type (16). Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
