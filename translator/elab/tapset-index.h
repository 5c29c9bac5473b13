/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of a tapset directory: which names each file defines, read from the file `index`
 * in it or, when there is none or a tapset is newer, found by scanning the files.
 *
 * The file is text: a version line, then for each tapset "F size path", followed by a line
 * for each name: "f name" a function, "g" a global, "a" an alias, "m" a macro.
 */
#ifndef SONDE_TAPSET_INDEX_H
#define SONDE_TAPSET_INDEX_H

#include <stdbool.h>

#include "translator/parse/parse.h"

struct session;

struct tapset_index_sink {
	void *(*file)(void *context, const char *path);	/* gives what `name` gets as file */
	void (*name)(void *context, void *file, enum name_kind kind, const char *name);
};

/* Directories that do not exist are empty. Files for other machines are left out. */
void tapset_index_read(struct session *session, const char *directory,
		       const struct tapset_index_sink *sink, void *context);

#endif
