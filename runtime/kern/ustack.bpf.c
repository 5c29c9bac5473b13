/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User stacks. User space unwinds them by the tables that compilers leave (.eh_frame), from
 * registers and memory that are sent to it; and for each place it meets it leaves a row here, how
 * to get from there to the caller. When all places of a stack have rows the handler follows it by
 * itself, sends nothing, and the same stack has the same number each time.
 */
#include "runtime/kern/kern.h"
#include "runtime/kern/stack.h"
#include "runtime/kern/walk.h"

#define PAGE 4096ull
#define FOLLOW_PLAIN 24		/* frames that are followed without bpf_loop() */

/* The list of return addresses that return probes have taken away, and where its fields are. */
struct stack_returns {
	u64 first, next, stack, address;
};
#define RETURNS(list, offsets) \
	{ list, (offsets) & 0xffff, (offsets) >> 16 & 0xffff, (offsets) >> 32 & 0xffff }
/* The page that they lead to instead is the topmost one that a process can have, or near it. */
#define RETURNS_AREA 0x7fff00000000ull

static inline u64 mix(u64 number, u64 word)
{
	number = (number ^ word) * STACK_PRIME;
	return number ^ number >> 29;
}

/* The address space of @anchor and @file, which are the same in children, never 0. */
KERN u64 sonde_space(void *ring, void *spaces, u64 anchor, u64 file)
{
	struct stack_space *record;
	u64 space = mix(mix(1, anchor), file), one = 1;

	space += !space;
	if (bpf_map_lookup_elem(spaces, &space) ||
	    bpf_map_update_elem(spaces, &space, &one, BPF_NOEXIST))
		return space;
	record = bpf_ringbuf_reserve(ring, sizeof(*record), 0);
	if (!record) {
		bpf_map_delete_elem(spaces, &space);
		return space;
	}
	record->record.kind = RECORD_SPACE;
	record->record.handler = 0;
	record->record.size = sizeof(*record) - sizeof(record->record);
	record->space = space;
	record->process = bpf_get_current_pid_tgid();
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return space;
}

/* The kernel's struct pt_regs, as the context shows it. */
#define COPY(i) regs[i] = ((volatile u64 *)ctx)[i]

/* The registers that the process has in user space. @how: see stack.h; @saved: where the
 * kernel keeps them, used where no helper tells. */
static __attribute__((always_inline)) inline void regs_get(void *ctx, u64 *regs, u64 how, u64 saved)
{
	if (how & STACK_CONTEXT) {
		COPY(0); COPY(1); COPY(2); COPY(3); COPY(4); COPY(5); COPY(6); COPY(7); COPY(8);
		COPY(9); COPY(10); COPY(11); COPY(12); COPY(13); COPY(14); COPY(15); COPY(16);
		COPY(17); COPY(18); COPY(19); COPY(20);
		if (!(how & STACK_TASK) || regs[REG_CS] & 3)
			return;
	}
	if (how & STACK_HELPER)
		saved = bpf_task_pt_regs((void *)bpf_get_current_task_btf());
	if (bpf_probe_read_kernel(regs, STACK_REGS * 8, (void *)saved))
		regs[REG_IP] = 0;
}

/* Where user space goes on, 0 if that is not known. */
KERN u64 sonde_user_address(void *ctx, u64 *regs, u64 how, u64 saved)
{
	regs_get(ctx, regs, how, saved);
	return regs[REG_IP];
}

static __attribute__((always_inline)) inline void returns_copy(struct stack_sample *sample,
							       const struct stack_returns *returns)
{
	u64 instance = returns->first;

#pragma clang loop unroll(full)
	for (u32 i = 0; i < RETURNS_MOST; i++) {
		u64 here = instance;

		sample->returns[i].slot = sample->returns[i].address = 0;
		if (!here)
			continue;
		bpf_probe_read_kernel(&sample->returns[i].slot, 8, (void *)(here + returns->stack));
		bpf_probe_read_kernel(&sample->returns[i].address, 8,
				      (void *)(here + returns->address));
		if (bpf_probe_read_kernel(&instance, 8, (void *)(here + returns->next)))
			instance = 0;
	}
}

/* Sends what user space needs; gives the number of the stack that it will make of it. */
static __attribute__((always_inline)) inline u64 sample_send(void *ring, u64 space, const u64 *regs,
							     u64 bytes,
							     const struct stack_returns *returns)
{
	struct stack_sample *sample = bpf_ringbuf_reserve(ring, sizeof(*sample) + bytes, 0);
	u64 start = regs[REG_SP] & ~(PAGE - 1), size = 0, number;

	if (!sample) {
		__sync_fetch_and_add(&sonde_session.stacks_lost, 1);
		return STACK_LOST;
	}
	number = mix(mix(bpf_ktime_get_ns(), bpf_get_smp_processor_id()), space) | 2;
	sample->record.kind = RECORD_STACK;
	sample->record.handler = 0;
	sample->record.size = sizeof(*sample) + bytes - sizeof(sample->record);
	sample->number = number;
	sample->space = space;
	sample->process = bpf_get_current_pid_tgid();
#pragma unroll
	for (u32 i = 0; i < STACK_REGS; i++)
		sample->regs[i] = regs[i];
	returns_copy(sample, returns);
	sample->start = start;
#pragma clang loop unroll(full)
	for (u32 i = 0; i < STACK_PAGES_MOST; i++) {
		if (i * PAGE >= bytes || size != i * PAGE)
			continue;
		if (!bpf_probe_read_user(sample->memory + i * PAGE, PAGE, (void *)(start + size)))
			size += PAGE;
	}
	sample->size = size;
	bpf_ringbuf_submit(sample, 0);
	return number;
}

/*
 * Where a return address that a return probe took away led to. The kernel keeps them in a list, the
 * innermost first, with where on the stack they were: @returns stays at the next one to be met.
 */
static __attribute__((always_inline)) inline u64 return_take(u64 slot, u64 pc,
							     struct stack_returns *returns)
{
	u64 instance = returns->first, at = 0, address = 0;

	bpf_probe_read_kernel(&at, 8, (void *)(instance + returns->stack));
	bpf_probe_read_kernel(&address, 8, (void *)(instance + returns->address));
	if (bpf_probe_read_kernel(&returns->first, 8, (void *)(instance + returns->next)))
		returns->first = 0;
	return at == slot ? address : pc;
}

/* Those of functions that have returned, or are about to. */
static __attribute__((always_inline)) inline void returns_begin(u64 sp,
								struct stack_returns *returns)
{
#pragma unroll
	for (u32 i = 0; i < 4; i++) {
		u64 at = 0;

		if (bpf_probe_read_kernel(&at, 8, (void *)(returns->first + returns->stack)) ||
		    at >= sp)
			return;
		bpf_probe_read_kernel(&returns->first, 8, (void *)(returns->first + returns->next));
	}
}

/* From one frame to the next by the row: 0 when the stack ends here. */
static __attribute__((always_inline)) inline u64 row_step(u64 row, u64 *sp, u64 *bp,
							  struct stack_returns *returns)
{
	u64 cfa = (row & ROW_BP ? *bp : *sp) + (s64)(s32)(row >> 32), pc = 0;
	s64 saved = (short)(row >> 16);

	if (row & ROW_END || cfa <= *sp)
		return 0;
	if (bpf_probe_read_user(&pc, 8, (void *)(cfa - 8)))
		return 0;
	if (row & ROW_SAVED && bpf_probe_read_user(bp, 8, (void *)(cfa + saved)))
		*bp = 0;
	*sp = cfa;
	return pc >= RETURNS_AREA ? return_take(cfa - 8, pc, returns) : pc;
}

static __attribute__((always_inline)) inline u64 ustack_store(void *map, struct stack_trace *trace,
							      u64 number)
{
	number += !number;
	if (!bpf_map_lookup_elem(map, &number) &&
	    bpf_map_update_elem(map, &number, trace, BPF_NOEXIST) == -7 /* E2BIG */)
		__sync_fetch_and_add(&sonde_session.stacks_lost, 1);
	return number;
}

/* Following a stack, frame by frame. */
struct follow {
	void *rows;
	struct stack_trace *trace;
	u64 space, pc, sp, bp, number, count, unknown, wanted;
	struct stack_returns returns;
};

static __attribute__((always_inline)) inline long follow_one(u32 i, struct follow *w)
{
	u64 at = i, key = stack_row_key(w->space, w->pc, i > 0), *row;

	/* Counted by the loop: of a number that is kept here the verifier would try each value. */
	barrier_of(at);
	if (at >= STACK_FRAMES_MOST)
		return 1;
	w->trace->frames[at] = w->pc;
	w->count = at + 1;
	w->number = mix(w->number, w->pc);
	if (at >= w->wanted)
		return 1;
	row = bpf_map_lookup_elem(w->rows, &key);
	if (!row) {
		w->unknown = 1;
		return 1;
	}
	w->pc = row_step(*row, &w->sp, &w->bp, &w->returns);
	return !w->pc;
}

static __attribute__((noinline)) long follow_step(u32 i, void *ctx)
{
	return follow_one(i, ctx);
}

/* Up to frame @wanted, from the registers at @regs. */
static __attribute__((always_inline)) inline void follow_all(struct follow *w, const u64 *regs,
							     u64 most)
{
	w->pc = regs[REG_IP];
	w->sp = regs[REG_SP];
	w->bp = regs[REG_BP];
	w->number = mix(w->space, 0);
	w->count = w->unknown = 0;
	if (!w->pc)
		return;
	returns_begin(w->sp, &w->returns);
	if (kern_loops) {
		bpf_loop(most, follow_step, w, 0);
		return;
	}
	/* Older verifiers dislike how such a loop comes out: there is none. What is deeper is sent
	 * each time. */
#pragma clang loop unroll(full)
	for (u32 i = 0; i < FOLLOW_PLAIN; i++)
		if (i >= most || follow_one(i, w))
			return;
	w->unknown = 1;
}

/* The number of the user's stack, 0: it has none. @trace: scratch, registers behind it. */
KERN u64 sonde_ubacktrace(void *ctx, void *ring, void *stacks, void *rows,
			  struct stack_trace *trace, u64 most, u64 how, u64 space, u64 saved,
			  u64 bytes, u64 first, u64 offsets)
{
	struct follow w = { .rows = rows, .trace = trace, .space = space, .wanted = most,
			    .returns = RETURNS(first, offsets) };
	u64 *regs = trace->frames + STACK_FRAMES_MOST;

	if (!space)
		return 0;
	regs_get(ctx, regs, how, saved);
	follow_all(&w, regs, most);
	w.returns.first = first;
	if (*(volatile u64 *)&w.unknown)
		return sample_send(ring, space, regs, bytes, &w.returns);
	trace->space = space;
	trace->count = *(volatile u64 *)&w.count;
	return trace->count ? ustack_store(stacks, trace, *(volatile u64 *)&w.number) : 0;
}

/* Frame @n of it: 0 if it is not as deep, or not known yet: then it will be the next time. */
KERN u64 sonde_ustack_at(void *ctx, void *ring, void *rows, struct stack_trace *trace, u64 most,
			 u64 how, u64 space, u64 saved, u64 bytes, u64 n, u64 first, u64 offsets)
{
	struct follow w = { .rows = rows, .trace = trace, .space = space, .wanted = n,
			    .returns = RETURNS(first, offsets) };
	u64 *regs = trace->frames + STACK_FRAMES_MOST;

	if (!space)
		return 0;
	regs_get(ctx, regs, how, saved);
	follow_all(&w, regs, most);
	w.returns.first = first;
	if (*(volatile u64 *)&w.unknown)
		sample_send(ring, space, regs, bytes, &w.returns);
	return *(volatile u64 *)&w.count == n + 1 ? *(volatile u64 *)&w.pc : 0;
}
