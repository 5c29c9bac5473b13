/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interned names: one copy of each distinct string, so that equal names are equal pointers.
 * The table and its strings live in the arena that it was made with.
 */
#ifndef SONDE_UTIL_INTERN_H
#define SONDE_UTIL_INTERN_H

#include <stddef.h>

struct arena;
struct intern;

struct intern *intern_new(struct arena *arena);
const char *intern_str(struct intern *table, const char *text);
const char *intern_strn(struct intern *table, const char *text, size_t length);

#endif
