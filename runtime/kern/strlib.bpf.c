/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The string functions of the tapset library that walk along strings. What each does:
 * translator/ir/intrinsics.def. */
#include "runtime/kern/walk.h"

/* @length bytes of an area from @at into the result. */
static inline s64 result_part(struct kern_work *work, enum kern_area which, u64 at, u64 length)
{
	length = limited(length);
	bpf_probe_read_kernel(area(work, AREA_OUT), length, area(work, which) + limited(at));
	return length;
}

KERN s64 sonde_substr(struct kern_work *work)
{
	u64 size = STATE(work, WORK_LENGTH);
	s64 start = STATE(work, WORK_LONG), length = STATE(work, WORK_LONG + 1);

	if (start < 0 || length <= 0 || (u64)start >= size)
		return 0;
	if ((u64)length > size - start)
		length = size - start;
	return result_part(work, AREA_A, start, length);
}

KERN s64 sonde_stringat(struct kern_work *work)
{
	u64 at = STATE(work, WORK_LONG);

	return at >= STATE(work, WORK_LENGTH) ? -1 : (s64)byte_at(work, AREA_A, at);
}

KERN s64 sonde_chr(struct kern_work *work)
{
	u8 byte = STATE(work, WORK_LONG);

	byte_put(work, AREA_OUT, 0, byte);
	return byte != 0;
}

/* ---- searching ---- */

static __attribute__((noinline)) long strpos_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 at = STATE(work, WORK_AT), in = STATE(work, WORK_IN);

	(void)n;
	if (in >= STATE(work, WORK_LENGTH + 1)) {
		STATE(work, WORK_RESULT) = at;
		return walk_done(work);
	}
	if (at + in >= STATE(work, WORK_LENGTH)) {
		STATE(work, WORK_RESULT) = -1;
		return walk_done(work);
	}
	if (byte_at(work, AREA_A, at + in) == byte_at(work, AREA_B, in)) {
		STATE(work, WORK_IN) = in + 1;
	} else {
		STATE(work, WORK_AT) = at + 1;
		STATE(work, WORK_IN) = 0;
	}
	return 0;
}

KERN s64 sonde_strpos(struct kern_work *work)
{
	STATE(work, WORK_AT) = STATE(work, WORK_IN) = 0;
	return walk(work, strpos_step) ? (s64)STATE(work, WORK_RESULT) : WORK_FAILED;
}

static inline void out_add(struct kern_work *work, u8 byte)
{
	u64 at = STATE(work, WORK_OUT);

	if (at >= kern_most)
		return;
	byte_put(work, AREA_OUT, at, byte);
	STATE(work, WORK_OUT) = at + 1;
}

static inline void out_add_area(struct kern_work *work, enum kern_area which, u64 length)
{
	u64 at = limited(STATE(work, WORK_OUT));

	if (length > kern_most - at)
		length = kern_most - at;
	bpf_probe_read_kernel(area(work, AREA_OUT) + at, limited(length), area(work, which));
	STATE(work, WORK_OUT) = at + length;
}

static __attribute__((noinline)) long replace_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 at = STATE(work, WORK_AT), in = STATE(work, WORK_IN),
	    what = STATE(work, WORK_LENGTH + 1);
	u64 size = STATE(work, WORK_LENGTH);

	(void)n;
	if (at >= size)
		return walk_done(work);
	if (what && in == what) {
		out_add_area(work, AREA_C, STATE(work, WORK_LENGTH + 2));
		STATE(work, WORK_AT) = at + what;
		STATE(work, WORK_IN) = 0;
	} else if (what && at + in < size &&
		   byte_at(work, AREA_A, at + in) == byte_at(work, AREA_B, in)) {
		STATE(work, WORK_IN) = in + 1;
	} else {
		out_add(work, byte_at(work, AREA_A, at));
		STATE(work, WORK_AT) = at + 1;
		STATE(work, WORK_IN) = 0;
	}
	return 0;
}

KERN s64 sonde_str_replace(struct kern_work *work)
{
	STATE(work, WORK_AT) = STATE(work, WORK_IN) = STATE(work, WORK_OUT) = 0;
	return walk(work, replace_step) ? (s64)STATE(work, WORK_OUT) : WORK_FAILED;
}

/* ---- numbers ---- */

static inline u32 digit_value(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static __attribute__((noinline)) long strtol_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 at = STATE(work, WORK_AT), base = STATE(work, WORK_IN);
	u32 digit = digit_value(byte_at(work, AREA_A, at));

	(void)n;
	if (at >= STATE(work, WORK_LENGTH) || digit >= base || digit >= 36)
		return walk_done(work);
	STATE(work, WORK_RESULT) = STATE(work, WORK_RESULT) * base + digit;
	STATE(work, WORK_AT) = at + 1;
	return 0;
}

KERN s64 sonde_strtol(struct kern_work *work)
{
	u64 base = STATE(work, WORK_LONG), at = byte_at(work, AREA_A, 0) == '-', negative = at;
	u64 leading_zero = byte_at(work, AREA_A, at) == '0';
	u64 hex = leading_zero && (byte_at(work, AREA_A, at + 1) | 0x20) == 'x' &&
		  digit_value(byte_at(work, AREA_A, at + 2)) < 16;

	if (!base)
		base = hex ? 16 : leading_zero ? 8 : 10;
	if (base == 16 && hex)
		at += 2;
	STATE(work, WORK_AT) = at;
	STATE(work, WORK_IN) = base;
	STATE(work, WORK_RESULT) = 0;
	walk(work, strtol_step);
	return negative ? -STATE(work, WORK_RESULT) : STATE(work, WORK_RESULT);
}

/* ---- tokens ---- */

static __attribute__((noinline)) long set_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 at = STATE(work, WORK_AT), which = STATE(work, WORK_IN);
	u8 byte;

	(void)n;
	if (at >= STATE(work, WORK_OUT))
		return walk_done(work);
	byte = which ? byte_at(work, AREA_B, at) : byte_at(work, AREA_A, at);
	STATE(work, WORK_SET + (byte >> 6)) |= 1ull << (byte & 63);
	STATE(work, WORK_AT) = at + 1;
	return 0;
}

static __attribute__((noinline)) long token_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 at = STATE(work, WORK_TOKEN_AT), inside = STATE(work, WORK_IN);
	u8 byte = byte_at(work, AREA_TOKEN, at);
	u64 delimits = STATE(work, WORK_SET + (byte >> 6)) >> (byte & 63) & 1;

	(void)n;
	if (at >= STATE(work, WORK_TOKEN_LENGTH) || (inside && delimits))
		return walk_done(work);
	if (!inside && !delimits) {
		STATE(work, WORK_IN) = 1;
		STATE(work, WORK_OUT) = at;
	}
	STATE(work, WORK_TOKEN_AT) = at + 1;
	return 0;
}

/* @which: whether the delimiters are the second argument; @size: how many. */
static inline s64 token_next(struct kern_work *work, u64 which, u64 size)
{
	u64 from, end;

	for (int i = 0; i < 4; i++)
		STATE(work, WORK_SET + i) = 0;
	STATE(work, WORK_AT) = 0;
	STATE(work, WORK_IN) = which;
	STATE(work, WORK_OUT) = size;
	if (!walk(work, set_step))
		return WORK_FAILED;
	STATE(work, WORK_IN) = 0;
	STATE(work, WORK_OUT) = STATE(work, WORK_TOKEN_LENGTH);
	if (!walk(work, token_step))
		return WORK_FAILED;
	from = STATE(work, WORK_OUT);
	end = STATE(work, WORK_TOKEN_AT);
	if (end <= from)
		return 0;
	/* behind the delimiter: the next call may have others */
	STATE(work, WORK_TOKEN_AT) = end + (end < STATE(work, WORK_TOKEN_LENGTH));
	return result_part(work, AREA_TOKEN, from, end - from);
}

KERN s64 sonde_tokenize(struct kern_work *work)
{
	u64 length = limited(STATE(work, WORK_LENGTH));

	bpf_probe_read_kernel(area(work, AREA_TOKEN), length, area(work, AREA_A));
	STATE(work, WORK_TOKEN_AT) = 0;
	STATE(work, WORK_TOKEN_LENGTH) = length;
	return token_next(work, 1, STATE(work, WORK_LENGTH + 1));
}

KERN s64 sonde_tokenize_next(struct kern_work *work)
{
	return token_next(work, 0, STATE(work, WORK_LENGTH));
}
