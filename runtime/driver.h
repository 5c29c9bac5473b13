/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what the user typed to a program in memory: a .sonde file, an entry of the cache, or what
 * sonde-translate makes. Errors are said here; functions give an exit status, 0 for success. The
 * caller closes the image and frees the program.
 */
#ifndef SONDE_RUNTIME_DRIVER_H
#define SONDE_RUNTIME_DRIVER_H

#include "runtime/image.h"

struct options;
struct program;

/* -l, -L, --dump-…, -p1 to -p3: this process becomes the translator. Returns when that failed. */
int driver_become_translator(const struct options *options);

/* With -p4 the program is also written where it belongs and its name printed. */
int driver_get_program(const struct options *options, struct image *image,
		       struct program **program);

#endif
