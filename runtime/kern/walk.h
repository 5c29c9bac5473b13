/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking along strings, step by step: by bpf_loop() where the kernel has it, else by a counted
 * loop.
 */
#ifndef SONDE_KERN_WALK_H
#define SONDE_KERN_WALK_H

#include "runtime/kern/kern.h"
#include "runtime/kern/work.h"

/* Constants that the back end gives: MAXSTRINGLEN - 1; whether there is bpf_loop(). */
extern const u64 kern_most, kern_loops;

#define WALK_BOUND 160			/* steps without bpf_loop(): the verifier follows each */
#define WALK_MOST (1u << 20)

typedef long (*walk_step)(u32 n, void *ctx);

/* How often, without bpf_loop(): put in place by the back end. */
extern u64 sonde_bound(void *step) __attribute__((const));
/* Without bpf_loop(): @step until it gives 1, or oftener than any text is long. The back end makes
 * functions of it that the verifier looks at once. */
extern u64 sonde_walk(void *step, u64 claim);

static inline struct kern_work *work_of(void *ctx)
{
	return *(struct kern_work **)ctx;
}

/* Steps until one gives 1. 0: it did not come to that. */
static inline __attribute__((always_inline)) u64 walk(struct kern_work *work, walk_step step)
{
	struct kern_work *ctx = work;

	work->state[WORK_MORE] = 1;
	if (kern_loops) {
		bpf_loop(WALK_MOST, step, &ctx, 0);
		return !work->state[WORK_MORE];
	}
	return sonde_walk((void *)step, work->state[WORK_CLAIM]);
}

/* The end of a walk. */
static inline long walk_done(struct kern_work *work)
{
	*(volatile u64 *)&work->state[WORK_MORE] = 0;
	return 1;
}

static inline u64 limited(u64 value)
{
	barrier_of(value);
	if (value > kern_most)
		value = kern_most;
	return value;
}

static inline char *area(struct kern_work *work, enum kern_area which)
{
	return work->areas + which * WORK_AREA(kern_most);
}

static inline u8 byte_at(struct kern_work *work, enum kern_area which, u64 at)
{
	return *(volatile u8 *)(area(work, which) + limited(at));
}

static inline void byte_put(struct kern_work *work, enum kern_area which, u64 at, u8 byte)
{
	*(volatile u8 *)(area(work, which) + limited(at)) = byte;
}

#define STATE(work, which) (*(volatile u64 *)&(work)->state[which])

#endif
