/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain text: what the script prints goes to the output, messages to the standard error.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/buf.h"
#include "runtime/sink.h"

/* Past this much, text is written without waiting for the poll loop. */
#define COLLECT_BYTES (256 * 1024)

struct text_sink {
	struct sink sink;
	struct buf collected;
	uint64_t written;		/* into this file */
};

/* All of it; waits for a reader that is slow. 0 or a negative errno. */
static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t done = write(fd, bytes, size);

		if (done >= 0) {
			bytes += done;
			size -= (size_t)done;
			continue;
		}
		if (errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

/* How much of @bytes stays in this file: whole lines up to the limit. */
static size_t fitting(const struct text_sink *text, const char *bytes, size_t size)
{
	uint64_t limit = text->sink.config.limit;
	uint64_t room = limit > text->written ? limit - text->written : 0;
	const char *end;

	if (!limit || size <= room)
		return size;
	end = memrchr(bytes, '\n', room);
	return end ? (size_t)(end - bytes) + 1 : text->written ? 0 : size;
}

static int write_collected(struct text_sink *text)
{
	struct sink_config *config = &text->sink.config;
	const char *bytes = text->collected.data, *end = bytes + text->collected.size;
	int rc = 0;

	while (!rc && bytes < end) {
		size_t size = fitting(text, bytes, (size_t)(end - bytes));

		rc = write_all(config->out, bytes, size);
		text->written += size;
		bytes += size;
		if (rc || bytes == end)
			continue;
		config->out = config->next(config->context);
		text->written = 0;
		rc = config->out < 0 ? config->out : 0;
	}
	return rc;
}

static void text_flush(struct sink *sink)
{
	struct text_sink *text = (struct text_sink *)sink;
	int error;

	if (!text->collected.size)
		return;
	error = sink->failed ? 0 : write_collected(text);
	buf_clear(&text->collected);
	if (error) {
		sink->failed = true;
		sink_say(sink, SINK_ERROR, "output cannot be written: %s; the rest of it is lost",
			 strerror(-error));
	}
}

static void text_text(struct sink *sink, const char *bytes, size_t size)
{
	struct text_sink *text = (struct text_sink *)sink;

	buf_add(&text->collected, bytes, size);
	if (text->collected.size >= COLLECT_BYTES)
		text_flush(sink);
}

static void text_message(struct sink *sink, enum sink_level level, const char *text, size_t size)
{
	static const struct {
		const char *word, *on;
	} levels[SINK_LEVEL_COUNT] = {
		[SINK_WARNING] = { "WARNING:", "\033[01;33m" },
		[SINK_ERROR] = { "ERROR:", "\033[01;31m" },
	};
	bool in_text = sink->config.err < 0;
	bool color = sink->config.color == SINK_ALWAYS ||
		     (sink->config.color == SINK_AUTO && isatty(sink->config.err));
	struct buf line = { 0 };

	text_flush(sink);
	buf_printf(&line, "%s%s%s ", color ? levels[level].on : "", levels[level].word,
		   color ? "\033[00m" : "");
	buf_add(&line, text, size);
	buf_char(&line, '\n');
	if (in_text)
		buf_add(&((struct text_sink *)sink)->collected, line.data, line.size);
	else	/* nobody is left to tell when this fails */
		write_all(sink->config.err, line.data, line.size);
	buf_free(&line);
}

static void text_redirect(struct sink *sink, int fd)
{
	(void)fd;
	text_flush(sink);
	((struct text_sink *)sink)->written = 0;
}

static struct sink *text_open(const struct sink_config *config)
{
	(void)config;
	return calloc(1, sizeof(struct text_sink));
}

static void text_close(struct sink *sink)
{
	struct text_sink *text = (struct text_sink *)sink;

	text_flush(sink);
	buf_free(&text->collected);
	free(text);
}

const struct sink_kind sink_kind_text = {
	.name = "text",
	.open = text_open,
	.text = text_text,
	.message = text_message,
	.flush = text_flush,
	.redirect = text_redirect,
	.close = text_close,
};
