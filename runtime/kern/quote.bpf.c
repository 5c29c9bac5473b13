/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts as they can be printed: escapes, quotes, a limit. */
#include "runtime/kern/walk.h"

/* The letter of a C escape, 0 if @c has none. */
static inline u8 escape_letter(u8 c)
{
	const u64 letters = 0x7266766e746261ull;	/* a b t n v f r for 7 to 13 */

	if (c == '"' || c == '\\')
		return c;
	return c >= 7 && c <= 13 ? letters >> (c - 7) * 8 : 0;
}

/* WORK_OUT: characters so far; WORK_RESULT: how many there may be; WORK_IN: there are more. */
static __attribute__((noinline)) long quote_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 at = STATE(work, WORK_AT), out = STATE(work, WORK_OUT), room = STATE(work, WORK_RESULT),
	    size;
	u8 byte = byte_at(work, AREA_A, at), letter = escape_letter(byte);

	(void)n;
	if (at >= STATE(work, WORK_LENGTH))
		return walk_done(work);
	size = letter ? 2 : byte < ' ' || byte > '~' ? 4 : 1;
	if (out + size > room) {
		STATE(work, WORK_IN) = 1;
		return walk_done(work);
	}
	if (size > 1)
		byte_put(work, AREA_OUT, out, '\\');
	if (size == 1) {
		byte_put(work, AREA_OUT, out, byte);
	} else if (letter) {
		byte_put(work, AREA_OUT, out + 1, letter);
	} else {
		byte_put(work, AREA_OUT, out + 1, '0' + (byte >> 6));
		byte_put(work, AREA_OUT, out + 2, '0' + (byte >> 3 & 7));
		byte_put(work, AREA_OUT, out + 3, '0' + (byte & 7));
	}
	out += size;
	STATE(work, WORK_OUT) = out;
	STATE(work, WORK_AT) = at + 1;
	return 0;
}

/* As BUILTIN(text) of vm-intrinsics-string.c. */
static inline s64 text_quote(struct kern_work *work, s64 limit, u64 quoted)
{
	u64 room = limit > 0 && (u64)limit < kern_most ? (u64)limit : kern_most, out;

	if (quoted)
		room = (room < 5 ? 5 : room) - 2;
	STATE(work, WORK_RESULT) = room;
	STATE(work, WORK_AT) = STATE(work, WORK_IN) = STATE(work, WORK_OUT) = 0;
	if (quoted) {
		byte_put(work, AREA_OUT, 0, '"');
		STATE(work, WORK_OUT) = 1;
		STATE(work, WORK_RESULT) = room + 1;
	}
	if (!walk(work, quote_step))
		return WORK_FAILED;
	out = STATE(work, WORK_OUT);
	if (!quoted)
		return out;
	if (STATE(work, WORK_IN)) {
		out = room - 2;
		for (int i = 1; i <= 3; i++)
			byte_put(work, AREA_OUT, out + i, '.');
		byte_put(work, AREA_OUT, out, '"');
		return out + 4;
	}
	byte_put(work, AREA_OUT, out, '"');
	return out + 1;
}

KERN s64 sonde_text(struct kern_work *work)
{
	return text_quote(work, STATE(work, WORK_LONG), STATE(work, WORK_LONG + 1));
}

/* space, address, length, limit */
KERN s64 sonde_bytes_quoted(struct kern_work *work)
{
	s64 length = STATE(work, WORK_LONG + 2), error;
	const void *address = (const void *)STATE(work, WORK_LONG + 1);
	u64 size = limited(length < 0 ? 0 : length);

	error = STATE(work, WORK_LONG) ? bpf_probe_read_user(area(work, AREA_A), size, address)
				       : bpf_probe_read_kernel(area(work, AREA_A), size, address);
	if (error)
		return WORK_FAILED;
	STATE(work, WORK_LENGTH) = size;
	return text_quote(work, STATE(work, WORK_LONG + 3), 1);
}
