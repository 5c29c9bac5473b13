/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a print: pieces of a format and their arguments, as SystemTap's kernel runtime writes
 * them. Differs from C: everything is 64-bit, `0` pads in spite of a precision, `#` prefixes a zero
 * too.
 */
#ifndef SONDE_FORMAT_H
#define SONDE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct program_piece;
struct program_print;

struct format_arg {
	int64_t number;
	const char *text;	/* strings; length bytes */
	uint32_t length;
	bool trusted;		/* a constant of the script: never escaped */
};

/* Appends the text of @print to @out. @args: as many as print->arg_count. @escape: control
 * characters of untrusted strings but newline and tab become \ooo. */
void format_print(struct buf *out, const struct program_print *print, const struct format_arg *args,
		  bool escape);

/* Appends @text with its control characters as \ooo, newline and tab as they are. */
void format_escape(struct buf *out, const char *text, uint32_t length);

#endif
