/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reporting an error that nothing caught, and the text of one that was. */
#include "runtime/kern/kern.h"

struct error_record {
	struct abi_record record;
	struct abi_error error;
};

/*
 * Counts; past the limit the session stops. Errors and the stop wake the reader. 0: only the
 * number is wanted.
 */
static inline u32 error_count(void)
{
	__sync_fetch_and_add(&sonde_session.errors, 1);
	if (sonde_session.suppress_errors)
		return 0;
	if (*(volatile s64 *)&sonde_session.errors > sonde_session.max_errors)
		*(volatile u64 *)&sonde_session.state = STATE_STOPPING;
	return 1;
}

/* The constant's address is a number where it went through memory: the verifier then has one way
 * behind all places that raise. */
static inline u32 fault_of(const struct kern_fault *fault)
{
	u32 which = 0;

	bpf_probe_read_kernel(&which, sizeof(which), &fault->error.fault);
	return which;
}

/* What follows the error, in front of error()'s text, where functions call themselves. */
struct frames_record {
	struct error_record head;
	struct abi_frames frames;
};

static inline void record_fill(struct error_record *r, u64 handler, const struct kern_fault *fault,
			       u64 detail, u32 stride)
{
	r->record.kind = RECORD_ERROR;
	r->record.handler = handler;
	r->record.size = sizeof(r->error) + stride;
	bpf_probe_read_kernel(&r->error, sizeof(r->error), &fault->error);
	r->error.detail = detail;
}

KERN void sonde_error(void *ring, u64 handler, const struct kern_fault *fault, u64 detail)
{
	struct error_record *r;

	if (!error_count())
		return;
	r = bpf_ringbuf_reserve(ring, sizeof(*r), 0);
	if (!r) {
		__sync_fetch_and_add(&sonde_session.lost, 1);
		return;
	}
	record_fill(r, handler, fault, detail, 0);
	bpf_ringbuf_submit(r, BPF_RB_FORCE_WAKEUP);
}

/* Seldom runs, and is a good part of a short handler: one for the whole program. */
KERN_CALL void sonde_error_call(void *ring, u64 handler, const struct kern_fault *fault, u64 detail)
{
	sonde_error(ring, handler, fault, detail);
}

/* Bytes that a text of *@length bytes takes in a record; both are at most @limit. */
static inline __attribute__((always_inline)) u64 stride_within(u64 *length, u64 limit)
{
	u64 stride;

	if (*length > limit)
		*length = limit;
	barrier_of(*length);
	stride = ABI_ROUND8((u32)*length);
	if (stride > limit)
		stride = limit;
	barrier_of(stride);
	return stride;
}

/* @area: room for the record, behind which error()'s text of @length bytes was built; at most
 * @limit. */
KERN void sonde_error_text(void *ring, u64 handler, const struct kern_fault *fault, u64 detail,
			   void *area, u64 length, u64 limit)
{
	struct error_record *r = area;
	u64 stride;

	if (fault_of(fault) != FAULT_USER) {
		sonde_error(ring, handler, fault, detail);
		return;
	}
	if (!error_count())
		return;
	stride = stride_within(&length, limit);
	record_fill(r, handler, fault, detail, stride);
	r->error.text.length = length;
	r->error.text.stride = stride;
	if (bpf_ringbuf_output(ring, r, sizeof(*r) + stride, BPF_RB_FORCE_WAKEUP))
		__sync_fetch_and_add(&sonde_session.lost, 1);
}

/* The last @count entries of the trail, which has room for @most. */
static inline void frames_fill(struct abi_frames *frames, const u32 *trail, u64 count, u64 most)
{
	frames->count = count;
	frames->pad = 0;
	for (u32 i = 0; i < ABI_CHAIN_MAX; i++) {
		u64 at = count - 1 - i;

		if (i >= count)
			break;
		barrier_of(at);
		frames->chain[i] = at < most ? ((const volatile u32 *)trail)[at] : 0;
	}
}

/* As sonde_error_text, with the calls that only the run knows: the first @count of @trail. */
KERN void sonde_error_deep(void *ring, u64 handler, const struct kern_fault *fault, u64 detail,
			   void *area, u64 length, u64 limit, const u32 *trail, u64 count, u64 most)
{
	struct frames_record *r = area;
	u64 stride = 0;

	if (!error_count())
		return;
	if (fault_of(fault) == FAULT_USER)
		stride = stride_within(&length, limit);
	frames_fill(&r->frames, trail, count, most);
	record_fill(&r->head, handler, fault, detail, sizeof(r->frames) + stride);
	r->head.error.text.length = stride ? length : 0;
	r->head.error.text.stride = stride;
	if (bpf_ringbuf_output(ring, r, sizeof(*r) + stride, BPF_RB_FORCE_WAKEUP))
		__sync_fetch_and_add(&sonde_session.lost, 1);
}

static const char hex_digits[16] = "0123456789abcdef";

/* The constant part of a caught error's text into @out (KERN_FAULT_TEXT + 16 bytes); gives its
 * length. */
KERN u64 sonde_fault_text(char *out, const struct kern_fault *fault, u64 which, u64 detail)
{
	long length = bpf_probe_read_kernel_str(out, KERN_FAULT_TEXT, fault->text) - 1;

	length = length < 0 ? 0 : length;
	if (which != FAULT_ADDRESS)
		return length;
	barrier_of(length);
	if ((u64)length > KERN_FAULT_TEXT - 1)
		return 0;
	for (int i = 0; i < 16; i++) {
		out[length + i] = ((const volatile char *)hex_digits)[detail >> 60];
		detail <<= 4;
	}
	return length + 16;
}
