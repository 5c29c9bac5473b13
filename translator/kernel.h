/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernel a program is translated for, and where its BTF and configuration are. */
#ifndef SONDE_TRANSLATOR_KERNEL_H
#define SONDE_TRANSLATOR_KERNEL_H

#include <stdbool.h>

struct session;

/*
 * Fills session->kernel: of the running kernel, or of @release if it is not NULL (as in -r: a
 * release, or the directory of a build tree). False: said on stderr why not.
 */
bool kernel_find(struct session *session, const char *release, const char *arch);

#endif
