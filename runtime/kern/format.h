/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making texts in a kernel handler: what format.bpf.c and picture.bpf.c share. Numbers are made in
 * the work's area B, what comes of it in AREA_OUT. */
#ifndef SONDE_KERN_FORMAT_H
#define SONDE_KERN_FORMAT_H

#include "runtime/kern/walk.h"

#define DIGITS_MOST 22			/* in octal */

/* Fields are padded by copies of these: one is enough by default. */
#define PAD_MOST 512
#define EIGHT(c) c, c, c, c, c, c, c, c
#define PADDING(c) { EIGHT(EIGHT(c)), EIGHT(EIGHT(c)), EIGHT(EIGHT(c)), EIGHT(EIGHT(c)),       \
		     EIGHT(EIGHT(c)), EIGHT(EIGHT(c)), EIGHT(EIGHT(c)), EIGHT(EIGHT(c)) }
static const char spaces[PAD_MOST] = PADDING(' '), zeros[PAD_MOST] = PADDING('0');

/* Appends @length bytes; what does not fit is cut. */
static inline __attribute__((always_inline)) void append(struct kern_work *work, const void *from,
							 u64 length)
{
	u64 at = limited(STATE(work, WORK_OUT)), room = kern_most - at;

	if (length > room)
		length = room;
	bpf_probe_read_kernel(area(work, AREA_OUT) + at, limited(length), from);
	STATE(work, WORK_OUT) = at + length;
}

/* @from: PAD_MOST times what is to be repeated. */
static inline __attribute__((always_inline)) void fill(struct kern_work *work, s64 count,
						       const char *from)
{
	u64 at = limited(STATE(work, WORK_OUT)), room = kern_most - at;

	if (count <= 0)
		return;
	if ((u64)count > room)
		count = room;
	for (u32 done = 0; done < kern_most && count > 0; done += PAD_MOST) {
		u64 part = count < PAD_MOST ? count : PAD_MOST;

		append(work, from, part);
		count -= part;
	}
}

static __attribute__((noinline)) long pad(struct kern_work *work, s64 count, u64 c)
{
	fill(work, count, c == ' ' ? spaces : zeros);
	return 0;
}

static const char digits[32] = "0123456789abcdef0123456789ABCDEF";

/* Writes digits from the end of area B backwards; gives how many. */
static inline __attribute__((always_inline)) long digits_make(struct kern_work *work, u64 value,
							      u64 base, u64 large)
{
	for (u64 i = 0; i < DIGITS_MOST; i++) {
		u64 digit = value % base | large;

		barrier_of(digit);
		*(volatile u8 *)(area(work, AREA_B) + 63 - i) =
			((const volatile char *)digits)[digit & 31];
		value /= base;
		if (!value)
			return i + 1;
	}
	return DIGITS_MOST;
}

/* What the verifier knows of a number is forgotten: each of its values would be a way of its own
 * through all that follows. */
static inline u64 forgotten(struct kern_work *work, u64 value)
{
	STATE(work, WORK_IN) = value;
	return STATE(work, WORK_IN);
}

#endif
