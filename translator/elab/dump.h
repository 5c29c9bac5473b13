/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to use: --dump-functions, --dump-probe-types, --dump-probe-aliases. Sorted, one a line. */
#ifndef SONDE_DUMP_H
#define SONDE_DUMP_H

#include <stdio.h>

struct session;

/* Public functions of the tapsets, as "name:type (arg:type, …)". */
void dump_functions(FILE *out, struct session *session);
/* Forms of the probe kinds, as "timer.s(number)". */
void dump_probe_types(FILE *out, struct session *session);
/* Aliases of the tapsets and what they stand for, as "name = point, point". */
void dump_probe_aliases(FILE *out, struct session *session);

#endif
