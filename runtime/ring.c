/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int ring_open(struct ring *ring, int fd)
{
	struct bpf_map_info info;
	unsigned int length = sizeof(info);
	void *consumer, *rest;

	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return -errno;
	ring->page = (size_t)sysconf(_SC_PAGESIZE);
	ring->size = info.max_entries;
	consumer = mmap(NULL, ring->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	rest = mmap(NULL, ring->page + 2 * ring->size, PROT_READ, MAP_SHARED, fd,
		    (off_t)ring->page);
	if (rest == MAP_FAILED) {
		int error = errno;

		munmap(consumer, ring->page);
		return -error;
	}
	ring->consumer = consumer;
	ring->producer = rest;
	ring->data = (const unsigned char *)rest + ring->page;
	return 0;
}

size_t ring_consume(struct ring *ring, size_t limit, ring_take *take, void *context)
{
	unsigned long begin = *ring->consumer, at = begin;
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

	while (at < end && at - begin < limit) {
		const unsigned char *header = ring->data + (at & (ring->size - 1));
		uint32_t length = __atomic_load_n((const uint32_t *)(const void *)header,
						  __ATOMIC_ACQUIRE);
		uint32_t size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (length & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(length & BPF_RINGBUF_DISCARD_BIT))
			take(context, header + BPF_RINGBUF_HDR_SZ, size);
		at += (size + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
		/* Room is given back in large pieces, and early enough for a flood to go on. */
		if (((at ^ *ring->consumer) & ~(ring->size / 8 - 1)))
			__atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
	}
	__atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
	return at - begin;
}

bool ring_is_empty(const struct ring *ring)
{
	return *ring->consumer == __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

void ring_close(struct ring *ring)
{
	if (!ring->consumer)
		return;
	munmap(ring->consumer, ring->page);
	munmap((void *)(uintptr_t)ring->producer, ring->page + 2 * ring->size);
	ring->consumer = NULL;
}
