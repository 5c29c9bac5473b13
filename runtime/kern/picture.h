/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A histogram on its way to text, in a handler's scratch memory: kern/picture.bpf.c. The first
 * words are set by the back end. */
#ifndef SONDE_KERN_PICTURE_H
#define SONDE_KERN_PICTURE_H

#include "runtime/abi.h"

#define PICTURE_BUCKETS 256		/* at least as many as any has; a power of two */

struct kern_picture {
	u64 hist, buckets;		/* of struct abi_agg */
	s64 low, step;
	s64 width, elision;		/* HIST_WIDTH, HIST_ELISION */
	/* what is worked out */
	s64 first, last;		/* rows that are shown */
	u64 found, greatest, scale;
	s64 value_width, count_width;
	s64 row, at, end, shown, eliding;
	u64 bucket[PICTURE_BUCKETS];
};

#endif
