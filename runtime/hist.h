/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The picture of a histogram, SystemTap's layout: scripts parse it.
 */
#ifndef SONDE_HIST_H
#define SONDE_HIST_H

#include <stdint.h>

struct abi_agg;
struct buf;
struct program;

/* Appends the picture of @words, which must not be empty and must have AGG_HIST, to @out, as
 * wide as @program's limits say. */
void hist_print(struct buf *out, const struct abi_agg *agg, const uint64_t *words,
		const struct program *program);

#endif
