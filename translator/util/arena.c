/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/util/arena.h"

enum { ARENA_ALIGN = 16, ARENA_CHUNK = 64 * 1024 };

struct chunk {
	struct chunk *previous;
	size_t padding;		/* keeps the data that follows aligned to ARENA_ALIGN */
};

struct arena {
	struct chunk *chunks;
	char *free, *limit;
};

_Static_assert(sizeof(struct chunk) % ARENA_ALIGN == 0, "data after a chunk header is aligned");

static void out_of_memory(size_t size)
{
	fprintf(stderr, "error: out of memory (%zu bytes wanted)\n", size);
	exit(1);
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (!arena)
		out_of_memory(sizeof *arena);
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct chunk *c = arena->chunks, *previous; c; c = previous) {
		previous = c->previous;
		free(c);
	}
	free(arena);
}

static struct chunk *chunk_add(struct arena *arena, size_t size)
{
	struct chunk *c = size <= SIZE_MAX - sizeof *c ? calloc(1, sizeof *c + size) : NULL;

	if (!c)
		out_of_memory(size);
	c->previous = arena->chunks;
	arena->chunks = c;
	return c;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	char *p;

	if (size > SIZE_MAX - ARENA_ALIGN)
		out_of_memory(size);
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	/* A big object gets its own chunk: what is left of the current one stays in use. */
	if (size > ARENA_CHUNK / 4)
		return chunk_add(arena, size) + 1;
	if ((size_t)(arena->limit - arena->free) < size) {
		arena->free = (char *)(chunk_add(arena, ARENA_CHUNK) + 1);
		arena->limit = arena->free + ARENA_CHUNK;
	}
	p = arena->free;
	arena->free += size;
	return p;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return arena_strdup(arena, format);
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}
