/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tapset library: which file of the tapset directories defines which name. A file is
 * parsed only when one of its names is wanted. Everything lives in the session's arena.
 *
 * A directory may hold a file `index` (made at installation by `sonde-translate
 * --index-tapsets DIR`), so that start-up reads one file; without it, or when a tapset is
 * newer than it, the directory is scanned.
 *
 * Files below arch/NAME/ and the file arch/NAME.stp count only for machine NAME.
 */
#ifndef SONDE_LIBRARY_H
#define SONDE_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/parse/ast.h"
#include "translator/util/map.h"

struct session;
struct library;

struct tapset {
	const char *path;
	struct file *file;		/* NULL until it is wanted */
	bool is_macros;			/* a .stpm */
	bool in_use;			/* its probes are part of the program: see library_use() */
};

typedef VEC(struct tapset *) tapset_vec;

/* An alias of the index: its name, and the tapset that defines it. */
struct library_alias {
	const char *name;		/* "syscall.read.return" */
	struct tapset *tapset;
};
typedef VEC(struct library_alias) library_alias_vec;

/* Reads the indexes of session->options.tapset_dirs, and finds macros for the parser from
 * now on. */
struct library *library_open(struct session *session);

/* The files that define a public or private function, or global, of this (interned) name;
 * parsed. */
const tapset_vec *library_functions(struct library *library, const char *name);
const tapset_vec *library_globals(struct library *library, const char *name);
/* All aliases, not parsed; then the file of one of them. */
const library_alias_vec *library_aliases(struct library *library);
struct file *library_file(struct library *library, struct tapset *tapset);
/* The tapset that @file came from; NULL: it is the user's. */
struct tapset *library_tapset_of(struct library *library, const struct source *source);
/* Names of all functions, for suggestions and --dump-functions. */
const struct map *library_function_names(struct library *library);

/* What a program made with the library depends on: the files parsed, all macro files, and the
 * directories, where a new file may define a name that another one defined. */
void library_deps(struct library *library, const char *const **paths, uint32_t *count);

/* `sonde-translate --index-tapsets DIR`. false: reported on stderr. */
bool library_write_index(struct session *session, const char *directory);

#endif
