/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/buf.h"

static _Noreturn void buf_exhausted(void)
{
	static const char text[] = "ERROR: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

char *buf_reserve(struct buf *buf, size_t more)
{
	size_t need = buf->size + more + 1;

	if (need > buf->room) {
		size_t room = buf->room ? buf->room : 128;

		while (room < need)
			room *= 2;
		buf->data = realloc(buf->data, room);
		if (!buf->data)
			buf_exhausted();
		buf->room = room;
	}
	return buf->data + buf->size;
}

void buf_add(struct buf *buf, const void *bytes, size_t size)
{
	char *at = buf_reserve(buf, size);

	if (size)
		memcpy(at, bytes, size);
	at[size] = '\0';
	buf->size += size;
}

void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_fill(struct buf *buf, char c, size_t count)
{
	char *at = buf_reserve(buf, count);

	memset(at, c, count);
	at[count] = '\0';
	buf->size += count;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0)
		return;
	char *at = buf_reserve(buf, (size_t)size + 1);
	va_start(args, format);
	vsnprintf(at, (size_t)size + 1, format, args);
	va_end(args);
	buf->size += (size_t)size;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}
