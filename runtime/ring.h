/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The consumer's side of the kernel's BPF ring buffer: mapped by hand, so that a whole run of
 * records is released at once. One reader. ring_open() fills a struct ring (0 or a negative
 * errno), ring_close() unmaps.
 */
#ifndef SONDE_RUNTIME_RING_H
#define SONDE_RUNTIME_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
	unsigned long *consumer;
	const unsigned long *producer;
	const unsigned char *data;	/* mapped twice in a row: records do not wrap */
	size_t size, page;
};

typedef void ring_take(void *context, const void *record, size_t size);

int ring_open(struct ring *ring, int fd);
/* Hands over at most @limit bytes of complete records; returns how many bytes those were, 0:
 * there is none yet. */
size_t ring_consume(struct ring *ring, size_t limit, ring_take *take, void *context);
bool ring_is_empty(const struct ring *ring);
void ring_close(struct ring *ring);

#endif
