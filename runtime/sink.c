/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/buf.h"
#include "runtime/sink.h"

static const struct sink_kind *const kinds[] = {
	&sink_kind_text,
};

const struct sink_kind *sink_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

static bool when_holds(enum sink_when when, int fd)
{
	return when == SINK_ALWAYS || (when == SINK_AUTO && isatty(fd));
}

struct sink *sink_open(const struct sink_kind *kind, const struct sink_config *config)
{
	struct sink *sink = kind->open(config);

	if (!sink)
		return NULL;
	sink->kind = kind;
	sink->config = *config;
	sink->escape = when_holds(config->escape, config->out);
	return sink;
}

void sink_text(struct sink *sink, const char *text, size_t size)
{
	sink->kind->text(sink, text, size);
}

void sink_message(struct sink *sink, enum sink_level level, const char *text, size_t size)
{
	if (level == SINK_WARNING && sink->config.quiet_warnings)
		return;
	if (size && text[size - 1] == '\n')
		size--;
	sink->kind->message(sink, level, text, size);
}

void sink_say(struct sink *sink, enum sink_level level, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	int size = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (size < 0)
		return;
	sink_message(sink, level, text, strlen(text));
}

void sink_flush(struct sink *sink)
{
	sink->kind->flush(sink);
}

void sink_redirect(struct sink *sink, int fd)
{
	sink->kind->redirect(sink, fd);
	sink->config.out = fd;
	sink->escape = when_holds(sink->config.escape, fd);
}

void sink_detach(struct sink *sink)
{
	sink_flush(sink);
	sink->config.err = -1;
}

bool sink_failed(const struct sink *sink)
{
	return sink->failed;
}
