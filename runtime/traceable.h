/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel functions that ftrace can follow, as tracefs lists them. Read on the first question
 * and kept for the process.
 */
#ifndef SONDE_RUNTIME_TRACEABLE_H
#define SONDE_RUNTIME_TRACEABLE_H

#include <stdbool.h>

/* true also when the list cannot be read: the kernel itself will say then. */
bool traceable_has(const char *function);

#endif
