/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing piece of text (bytes; NUL bytes may occur inside). buf.data is always followed by a
 * NUL. The holder frees it with buf_free(). Running out of memory ends the program: text is needed
 * even to say so.
 */
#ifndef SONDE_BUF_H
#define SONDE_BUF_H

#include <stddef.h>

struct buf {
	char *data;
	size_t size, room;
};

/* Room for @more bytes at the end; the caller writes there and adds to size. */
char *buf_reserve(struct buf *buf, size_t more);
void buf_add(struct buf *buf, const void *bytes, size_t size);
void buf_text(struct buf *buf, const char *text);
void buf_fill(struct buf *buf, char c, size_t count);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *format, ...);
void buf_free(struct buf *buf);

static inline void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

static inline void buf_clear(struct buf *buf)
{
	buf->size = 0;
}

#endif
