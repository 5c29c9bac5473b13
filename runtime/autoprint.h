/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Globals that are written and never read are shown when the session ends, in SystemTap's form and
 * order: array elements by descending value (aggregates by count). Called after maps_settle(), not
 * after an error.
 */
#ifndef SONDE_AUTOPRINT_H
#define SONDE_AUTOPRINT_H

struct maps;
struct program;
struct sink;

void autoprint(const struct program *program, struct maps *maps, struct sink *sink);

#endif
