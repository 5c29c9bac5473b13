/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sprintf in a kernel handler: one conversion at a time, appended to the result. Numbers are made
 * in the work's area B. As runtime/format.c does it for the text that goes out.
 */
#include "runtime/kern/format.h"

KERN void sonde_append(struct kern_work *work, const void *from, u64 length)
{
	append(work, from, length);
}

/* What stands before the digits, at the start of area B; gives its length. Signed numbers have no
 * prefix. */
static inline u64 lead_make(struct kern_work *work, s64 value, u64 flags, u64 base)
{
	u8 flag = flags & 0xff, sign = value < 0 ? '-' : flag == '+' || flag == ' ' ? flag : 0;

	if (flags & 1 << 9) {
		byte_put(work, AREA_B, 0, sign);
		return sign != 0;
	}
	if (base == 10 || !(flags & 1 << 10 || flag == '#'))
		return 0;
	byte_put(work, AREA_B, 0, '0');
	byte_put(work, AREA_B, 1, flags & 1 << 11 ? 'X' : 'x');
	return base == 16 ? 2 : 1;
}

/* @flags: the flag character, 1 << 8 left-justified, 1 << 9 signed, 1 << 10 prefixed, 1 << 11
 * capitals, base << 16. */
KERN void sonde_format_long(struct kern_work *work, s64 value, u64 flags, s64 width, s64 precision)
{
	u64 base = flags >> 16 & 31, negative = (value >> 63) & -(flags >> 9 & 1);
	u64 left = flags & 1 << 8, filled = !left && (flags & 0xff) == '0', count, lead;
	s64 zeros = 0, padding = 0;

	/* First of all, and without a branch before: the verifier goes through its loop once. */
	count = digits_make(work, ((u64)value ^ negative) - negative, base, flags >> 7 & 16);
	count = forgotten(work, count);
	count = count > 64 ? 64 : count;
	lead = lead_make(work, value, flags, base);
	if (width > 0 || precision > 0) {
		lead = forgotten(work, lead);
		zeros = precision > (s64)count ? precision - (s64)count : 0;
		padding = width - (s64)lead - zeros - (s64)count;
		if (filled && padding > 0)
			zeros += padding;
		zeros = forgotten(work, zeros);
		if (!left && !filled)
			pad(work, padding, ' ');
	}
	if (lead)
		append(work, area(work, AREA_B), lead);
	if (width > 0 || precision > 0)
		pad(work, zeros, '0');
	barrier_of(count);
	if (count > 64)
		count = 64;
	append(work, area(work, AREA_B) + 64 - count, count);
	if (left && width > 0)
		pad(work, padding, ' ');
}

KERN void sonde_format_text(struct kern_work *work, const void *from, u64 length, u64 flags,
			    s64 width, s64 precision)
{
	u64 left = flags & 1 << 8;
	s64 padding;

	if (precision >= 0 && length > (u64)precision)
		length = precision;
	padding = width - (s64)length;
	if (width > 0 && !left)
		pad(work, padding, ' ');
	append(work, from, length);
	if (width > 0 && left)
		pad(work, padding, ' ');
}

/* %#c: as a C character constant has it; how many bytes in AREA_B. */
static inline u64 char_escape(struct kern_work *work, u8 c)
{
	const u64 letters = 0x7266766e746261ull;	/* a b t n v f r for 7 to 13 */
	u8 letter = c == '\'' || c == '\\' ? c : c >= 7 && c <= 13 ? letters >> (c - 7) * 8 : 0;

	if (!letter && c >= ' ' && c <= '~') {
		byte_put(work, AREA_B, 0, c);
		return 1;
	}
	byte_put(work, AREA_B, 0, '\\');
	byte_put(work, AREA_B, 1, letter ? letter : '0' + (c >> 6));
	byte_put(work, AREA_B, 2, '0' + (c >> 3 & 7));
	byte_put(work, AREA_B, 3, '0' + (c & 7));
	return letter ? 2 : 4;
}

/* A NUL has been written: the text ends here, whatever comes. */
KERN void sonde_format_shut(struct kern_work *work)
{
	if (!STATE(work, WORK_SHUT))
		STATE(work, WORK_SHUT) = STATE(work, WORK_OUT) + 1;
}

/* The length of the whole. */
KERN u64 sonde_format_end(struct kern_work *work)
{
	u64 shut = STATE(work, WORK_SHUT);

	return limited(shut ? shut - 1 : STATE(work, WORK_OUT));
}

KERN void sonde_format_char(struct kern_work *work, u64 byte, u64 flags, s64 width)
{
	u64 length = 1;

	byte_put(work, AREA_B, 0, byte);
	if ((flags & 0xff) == '#') {
		length = char_escape(work, byte);
	} else if (!(byte & 0xff)) {
		if (!(flags & 1 << 8))
			pad(work, width - 1, ' ');
		sonde_format_shut(work);
		return;
	}
	sonde_format_text(work, area(work, AREA_B), length, flags, width, -1);
}

static inline u64 binary_size(s64 size)
{
	return size == 1 || size == 2 || size == 4 || size == 8 ? size : 0;
}

/* %b: the low bytes in the machine's order, padded with NULs. */
KERN void sonde_format_binary(struct kern_work *work, u64 value, u64 flags, s64 width,
			      s64 precision)
{
	u64 size = binary_size(precision), count;

	if (!size)
		size = width < 0 ? 8 : binary_size(width);
	if (!size)
		size = 8;
	if (width > (s64)size && !(flags & 1 << 8))
		sonde_format_shut(work);
	for (count = 0; count < 8 && count < size && (value & 0xff); count++) {
		byte_put(work, AREA_B, count, value);
		value >>= 8;
	}
	append(work, area(work, AREA_B), count);
	if (count < size || width > (s64)size)
		sonde_format_shut(work);
}

static __attribute__((noinline)) long hex_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 in = STATE(work, WORK_IN), at = STATE(work, WORK_OUT);
	u8 byte = byte_at(work, AREA_B, in);

	(void)n;
	if (in >= STATE(work, WORK_AT) || at >= kern_most)
		return walk_done(work);
	byte_put(work, AREA_OUT, at, byte >> 4 < 10 ? '0' + (byte >> 4) : 'a' - 10 + (byte >> 4));
	if (at + 1 < kern_most)
		byte_put(work, AREA_OUT, at + 1,
			 (byte & 15) < 10 ? '0' + (byte & 15) : 'a' - 10 + (byte & 15));
	STATE(work, WORK_IN) = in + 1;
	STATE(work, WORK_OUT) = at + 2 > kern_most ? kern_most : at + 2;
	return 0;
}

/* %M: the bytes in hexadecimal. Nonzero: they are all there. */
KERN s64 sonde_format_hex(struct kern_work *work, const void *from, u64 length, u64 flags,
			  s64 width)
{
	s64 padding = width - 2 * (s64)length;

	if (width > 0 && !(flags & 1 << 8))
		pad(work, padding, ' ');
	bpf_probe_read_kernel(area(work, AREA_B), limited(length), from);
	STATE(work, WORK_AT) = limited(length);
	STATE(work, WORK_IN) = 0;
	if (!walk(work, hex_step))
		return WORK_FAILED;
	if (width > 0 && flags & 1 << 8)
		pad(work, padding, ' ');
	return 1;
}
