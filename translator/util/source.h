/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source texts and places in them. A span is a half-open byte range of one source; where its text
 * was produced by a macro, an alias or a command-line argument, `origin` says who asked for it.
 */
#ifndef SONDE_UTIL_SOURCE_H
#define SONDE_UTIL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct source {
	const char *name;		/* the path; "<input>" for -e and standard input */
	const char *text;
	size_t length;
	bool privileged;		/* a tapset, or -g: may use intrinsics */
	bool tapset;			/* of the library, not the user's script */
	uint32_t *lines;		/* offset of each line's first byte; made on first use */
	size_t line_count;
	struct arena *arena;
};

struct origin;

struct span {
	struct source *source;
	uint32_t begin, end;
	const struct origin *origin;	/* NULL: written right there */
};

/* One step of "in expansion of macro 'm'", "in alias 'syscall.read'". */
struct origin {
	const char *what;		/* "expansion of macro", "probe alias", "function" */
	const char *name;
	struct span where;		/* the use that led here; its origin goes on */
};

struct position {
	unsigned int line, column;	/* from 1; columns count bytes */
};

struct source *source_new(struct arena *arena, const char *name, const char *text, size_t length);
/* Reads a whole file. NULL with errno set when it cannot be read. */
struct source *source_read(struct arena *arena, const char *path);
/* The rest of @fd, as file @name. Likewise. */
struct source *source_read_fd(struct arena *arena, const char *name, int fd);
struct position source_position(struct source *source, uint32_t offset);
/* Text of line @line (from 1) without what ends it; length in *length. */
const char *source_line(struct source *source, unsigned int line, size_t *length);
/* From the first byte of @a to the last of @b; @a where they are of different sources. */
struct span span_join(struct span a, struct span b);

#endif
