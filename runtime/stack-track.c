/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which code processes map while we run, told by the kernel (perf events): a process may be gone
 * before anybody can look at its /proc/PID/maps.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/stack-priv.h"

#define RING_PAGES 64		/* of each CPU, a power of two */
#define GONE_MOST 4096		/* processes that have ended and are remembered */
#define BUCKETS 1024

/* A process as far as it was seen. */
struct tracked {
	struct tracked *chain;
	struct space maps;
	uint64_t began, seen;		/* when it was made or executed a file; its last event */
	bool gone;
};

struct cpu_ring {
	int fd;
	struct perf_event_mmap_page *head;
};

struct tracker {
	struct cpu_ring *rings;
	size_t count, gone;
	struct tracked *buckets[BUCKETS];
	char *event;			/* room for one that wraps */
};

struct event_mmap {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t address, length, offset;
	uint32_t major_number, minor_number;
	uint64_t inode, generation;
	uint32_t access, flags;
	char path[];
};

struct event_task {
	struct perf_event_header header;
	uint32_t pid, parent, tid, parent_tid;
};

struct event_comm {
	struct perf_event_header header;
	uint32_t pid, tid;
};

static struct tracked **tracked_slot(struct tracker *tracker, pid_t pid)
{
	struct tracked **slot = &tracker->buckets[(uint32_t)pid % BUCKETS];

	while (*slot && (*slot)->maps.pid != pid)
		slot = &(*slot)->chain;
	return slot;
}

static struct tracked *tracked_get(struct tracker *tracker, pid_t pid)
{
	struct tracked **slot = tracked_slot(tracker, pid);

	if (!*slot) {
		*slot = calloc(1, sizeof(**slot));
		if (!*slot)
			abort();
		(*slot)->maps.pid = pid;
	}
	return *slot;
}

static void tracked_free(struct tracker *tracker, struct tracked **slot)
{
	struct tracked *process = *slot;

	*slot = process->chain;
	tracker->gone -= process->gone;
	mappings_free(&process->maps);
	free(process);
}

/* Too many are remembered: forgets all that have ended. */
static void gone_forget(struct tracker *tracker)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct tracked **slot = &tracker->buckets[i]; *slot;)
			if ((*slot)->gone)
				tracked_free(tracker, slot);
			else
				slot = &(*slot)->chain;
}

/* ---- events ---- */

/* CPUs have rings of their own: events come in order from each only. */
static uint64_t event_time(const struct perf_event_header *event)
{
	uint64_t time;

	memcpy(&time, (const char *)event + event->size - sizeof(time), sizeof(time));
	return time;
}

static void take_mmap(struct tracker *tracker, const struct event_mmap *event)
{
	size_t room = event->header.size - sizeof(*event);
	struct tracked *process;
	struct mapping mapping = {
		.start = event->address, .end = event->address + event->length,
		.offset = event->offset, .inode = event->inode, .executable = true,
		.device = (uint64_t)event->major_number << 32 | event->minor_number,
	};

	if (event->header.size <= sizeof(*event) || !memchr(event->path, 0, room) ||
	    event->header.misc & PERF_RECORD_MISC_MMAP_DATA)
		return;
	process = tracked_get(tracker, (pid_t)event->pid);
	mapping.time = event_time(&event->header);
	if (mapping.time < process->began)
		return;
	process->seen = mapping.time;
	mapping_insert(&process->maps, &mapping, event->path);
}

static void take_fork(struct tracker *tracker, const struct event_task *event)
{
	struct tracked *child, *parent;

	if (event->pid == event->parent)
		return;
	child = tracked_get(tracker, (pid_t)event->pid);
	if (child->seen > event_time(&event->header))
		return;
	parent = *tracked_slot(tracker, (pid_t)event->parent);
	tracker->gone -= child->gone;
	child->gone = false;
	mappings_free(&child->maps);
	child->began = event_time(&event->header);
	if (parent)
		mappings_copy(&child->maps, &parent->maps);
}

static void take_exit(struct tracker *tracker, const struct event_task *event)
{
	struct tracked *process = *tracked_slot(tracker, (pid_t)event->pid);

	if (event->pid != event->tid || !process || process->gone ||
	    process->began > event_time(&event->header))
		return;
	process->gone = true;
	if (++tracker->gone > GONE_MOST)
		gone_forget(tracker);
}

static void take_comm(struct tracker *tracker, const struct event_comm *event)
{
	struct tracked *process;

	if (!(event->header.misc & PERF_RECORD_MISC_COMM_EXEC))
		return;
	process = tracked_get(tracker, (pid_t)event->pid);
	process->began = event_time(&event->header);
	if (process->seen < process->began)
		process->seen = process->began;
	mappings_outdate(&process->maps, process->began);
}

static void take_event(struct tracker *tracker, const struct perf_event_header *event)
{
	switch (event->type) {
	case PERF_RECORD_MMAP2:
		take_mmap(tracker, (const void *)event);
		break;
	case PERF_RECORD_FORK:
		take_fork(tracker, (const void *)event);
		break;
	case PERF_RECORD_EXIT:
		take_exit(tracker, (const void *)event);
		break;
	case PERF_RECORD_COMM:
		take_comm(tracker, (const void *)event);
		break;
	default:
		break;
	}
}

static void ring_take(struct tracker *tracker, struct cpu_ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = RING_PAGES * page;
	const char *data = (const char *)ring->head + page;
	uint64_t head = __atomic_load_n(&ring->head->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = ring->head->data_tail;

	while (tail < head) {
		struct perf_event_header event;
		size_t at = tail % size;

		memcpy(&event, data + at, sizeof(event));
		if (event.size < sizeof(event))
			break;
		for (size_t i = 0; i < event.size; i++)
			tracker->event[i] = data[(at + i) % size];
		take_event(tracker, (const void *)tracker->event);
		tail += event.size;
	}
	__atomic_store_n(&ring->head->data_tail, head, __ATOMIC_RELEASE);
}

void tracker_poll(struct tracker *tracker)
{
	for (size_t i = 0; tracker && i < tracker->count; i++)
		if (tracker->rings[i].head)
			ring_take(tracker, &tracker->rings[i]);
}

bool tracker_look(struct tracker *tracker, struct space *space)
{
	struct tracked *process;

	if (!tracker)
		return false;
	tracker_poll(tracker);
	process = *tracked_slot(tracker, space->pid);
	if (!process || !process->maps.count)
		return false;
	mappings_free(space);
	mappings_copy(space, &process->maps);
	return true;
}

/* ---- life ---- */

static void ring_open_cpu(struct cpu_ring *ring, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY, .mmap = 1, .mmap2 = 1, .comm = 1, .comm_exec = 1,
		.task = 1, .sample_type = PERF_SAMPLE_TIME, .sample_id_all = 1, .watermark = 1,
		.wakeup_watermark = UINT32_MAX,
		/* perf's own clock may differ between CPUs, and a process may change its */
		.use_clockid = 1, .clockid = CLOCK_MONOTONIC,
	};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *area;

	ring->head = NULL;
	ring->fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (ring->fd < 0)
		return;
	area = mmap(NULL, (RING_PAGES + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (area != MAP_FAILED)
		ring->head = area;
}

struct tracker *tracker_new(void)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!tracker)
		abort();
	tracker->count = cpus > 0 ? (size_t)cpus : 1;
	tracker->rings = calloc(tracker->count, sizeof(*tracker->rings));
	tracker->event = malloc(UINT16_MAX + 1);
	if (!tracker->rings || !tracker->event)
		abort();
	for (size_t i = 0; i < tracker->count; i++)
		ring_open_cpu(&tracker->rings[i], (int)i);
	return tracker;
}

void tracker_free(struct tracker *tracker)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!tracker)
		return;
	for (size_t i = 0; i < tracker->count; i++) {
		if (tracker->rings[i].head)
			munmap(tracker->rings[i].head, (RING_PAGES + 1) * page);
		if (tracker->rings[i].fd >= 0)
			close(tracker->rings[i].fd);
	}
	for (size_t i = 0; i < BUCKETS; i++)
		while (tracker->buckets[i])
			tracked_free(tracker, &tracker->buckets[i]);
	free(tracker->rings);
	free(tracker->event);
	free(tracker);
}
