/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean": for options here, for names of scripts in the translator. Nothing is owned. */
#ifndef SONDE_RUNTIME_NEAREST_H
#define SONDE_RUNTIME_NEAREST_H

#include <stddef.h>

/* The candidate nearest to @word by edit distance, or NULL if none is near enough. */
const char *nearest_text(const char *word, const char *const *candidates, size_t count);

#endif
