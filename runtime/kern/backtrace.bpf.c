/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel stacks, and the tokens that stand for stacks and symbols (stack.h). A stack is stored
 * once, by a number made of its frames.
 */
#include "runtime/kern/kern.h"
#include "runtime/kern/stack.h"

static inline u64 digits(u64 value, u32 from, u32 count)
{
	u64 text = 0;

#pragma unroll
	for (u32 i = 0; i < count; i++)
		text |= (STACK_DIGIT + (value >> (from + i) * 6 & 63)) << 8 * i;
	return text;
}

/* @to: 16 bytes. */
KERN void sonde_token(u64 *to, u64 form, u64 value)
{
	to[0] = STACK_MARK | form << 8 | digits(value, 0, 6) << 16;
	to[1] = digits(value, 6, 5);
}

/* @to: 32 bytes. */
KERN void sonde_token_user(u64 *to, u64 form, u64 value, u64 space)
{
	sonde_token(to, form, value);
	to[1] |= digits(space, 0, 3) << 40;
	to[2] = digits(space, 3, 8);
	to[3] = 0;
}

static inline u64 mix(u64 number, u64 word)
{
	number = (number ^ word) * STACK_PRIME;
	return number ^ number >> 29;
}

/* The number of a stack of @count frames, 0 if it has none. It is put into @map if it is new. */
static __attribute__((always_inline)) inline u64 stack_store(void *map, struct stack_trace *trace,
							     u64 most)
{
	u64 number = mix(trace->space + 1, trace->count);

	for (u64 i = 0; i < most && i < trace->count; i++)
		number = mix(number, trace->frames[i]);
	number += !number;
	if (!bpf_map_lookup_elem(map, &number) &&
	    bpf_map_update_elem(map, &number, trace, BPF_NOEXIST) == -7 /* E2BIG */)
		__sync_fetch_and_add(&sonde_session.stacks_lost, 1);
	return number;
}

static __attribute__((always_inline)) inline u64 frames_get(void *ctx, struct stack_trace *trace,
							    u64 most, u64 how)
{
	long bytes = bpf_get_stack(ctx, trace->frames, most * 8, how & STACK_SKIP);
	u64 address;

	trace->space = 0;
	trace->count = bytes > 0 ? (u64)bytes / 8 : 0;
	if (!trace->count)
		return 0;
	trace->frames[0] -= how / STACK_BACK & 255;
	if (how & STACK_FUNCTION) {
		address = bpf_get_func_ip(ctx);
		if (address && trace->frames[0] - address < 16)
			trace->frames[0] = address;
	}
	return trace->count;
}

/* @most, @how: constants. */
KERN u64 sonde_backtrace(void *ctx, void *map, struct stack_trace *trace, u64 most, u64 how)
{
	return frames_get(ctx, trace, most, how) ? stack_store(map, trace, most) : 0;
}

/* Frame @n, 0 if the stack is not as deep. */
KERN u64 sonde_stack_at(void *ctx, struct stack_trace *trace, u64 most, u64 how, u64 n)
{
	u64 count = frames_get(ctx, trace, most, how);

	if (n >= count)
		return 0;
	barrier_of(n);
	return n < most ? trace->frames[n] : 0;
}
