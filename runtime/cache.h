/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of translated programs: one file for each, named by a hash of all that is known before
 * translating (cache-key.c: the script, options, tapsets, kernel, Sonde itself). What only the
 * translation finds out (the traced files, their debug files) stands behind the program, in the
 * entry's trailer, and is compared when the entry is found. An entry that does not check is no
 * entry. The directory is private to the user: $SONDE_DIR/cache, or sonde in the XDG cache
 * directory.
 *
 * The cache is a convenience: nothing here is an error for the user, -v says why it was not used.
 */
#ifndef SONDE_RUNTIME_CACHE_H
#define SONDE_RUNTIME_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct image;
struct options;
struct program;

#define CACHE_KEY_TEXT 33

struct cache_key {
	char text[CACHE_KEY_TEXT];	/* hexadecimal; "": do not cache */
};

/* @script: its text, NULL when it is in the options. */
void cache_key_make(struct cache_key *key, const struct options *options, const char *script,
		    size_t script_size);

/* Finds the entry and maps it; false: there is none that holds. The caller closes the image. */
bool cache_find(const struct cache_key *key, struct image *image);
/* Keeps a new entry. @path (if not NULL) gets the entry's file name. false: it could not. */
bool cache_keep(const struct cache_key *key, const struct image *image,
		const struct program *program, char *path, size_t size);

/* Removes the oldest entries when they are too many bytes. @all: looks now, rather than now and
 * then. */
void cache_clean(bool all);

#endif
