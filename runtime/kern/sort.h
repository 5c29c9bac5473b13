/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a sorted foreach in scratch memory: these words, then what is compared of last, best
 * and candidate. */
#ifndef SONDE_KERN_SORT_H
#define SONDE_KERN_SORT_H

enum kern_sort { SORT_LAST, SORT_BEST, SORT_HEAD };	/* positions + 1; 0: none */
#define SORT_BYTES(words) ((SORT_HEAD + 3 * (words)) * 8)

#endif
