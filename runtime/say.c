/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int say_verbosity;
static bool say_use_color, say_no_warnings;

void say_setup(int verbose, enum say_color color, bool quiet_warnings)
{
	say_verbosity = verbose;
	say_no_warnings = quiet_warnings;
	say_use_color = color == SAY_ALWAYS || (color == SAY_AUTO && isatty(STDERR_FILENO));
}

bool say_is_verbose(int level)
{
	return say_verbosity >= level;
}

bool say_colored(void)
{
	return say_use_color;
}

/* One write for one message, so that lines of several processes do not mix. */
static void say_line(const char *color, const char *prefix, const char *format, va_list args)
{
	char text[4096];
	int head = say_use_color && color
			   ? snprintf(text, sizeof(text), "\033[%sm%s\033[0m", color, prefix)
			   : snprintf(text, sizeof(text), "%s", prefix);
	int n = vsnprintf(text + head, sizeof(text) - (size_t)head - 1, format, args);
	size_t length;

	if (n < 0)
		return;
	length = strlen(text);
	text[length++] = '\n';
	if (write(STDERR_FILENO, text, length) < 0)
		return;
}

void say_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line("31;1", "ERROR: ", format, args);
	va_end(args);
}

void say_warning(const char *format, ...)
{
	va_list args;

	if (say_no_warnings)
		return;
	va_start(args, format);
	say_line("33;1", "WARNING: ", format, args);
	va_end(args);
}

void say_verbose(int level, const char *format, ...)
{
	va_list args;

	if (!say_is_verbose(level))
		return;
	va_start(args, format);
	say_line(NULL, "", format, args);
	va_end(args);
}

static unsigned long long microseconds(const struct timeval *t)
{
	return (unsigned long long)t->tv_sec * 1000000 + (unsigned long long)t->tv_usec;
}

void say_pass_begin(struct say_pass *pass)
{
	struct timespec now;
	struct rusage self, children;

	if (!say_is_verbose(1))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	pass->wall_ns = (unsigned long long)now.tv_sec * 1000000000 +
			(unsigned long long)now.tv_nsec;
	pass->user_us = microseconds(&self.ru_utime) + microseconds(&children.ru_utime);
	pass->system_us = microseconds(&self.ru_stime) + microseconds(&children.ru_stime);
}

void say_pass_end(const struct say_pass *pass, const char *format, ...)
{
	struct say_pass now;
	struct rusage self;
	char what[1024];
	va_list args;

	if (!say_is_verbose(1))
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	say_pass_begin(&now);
	getrusage(RUSAGE_SELF, &self);
	say_verbose(1, "Pass 5: %s using %ldkb, in %.1fusr/%.1fsys/%.1freal ms.", what,
		    self.ru_maxrss, (double)(now.user_us - pass->user_us) / 1e3,
		    (double)(now.system_us - pass->system_us) / 1e3,
		    (double)(now.wall_ns - pass->wall_ns) / 1e6);
}

const char *say_escaped(const char *text, char *buf, size_t size)
{
	size_t at = 0;

	for (; *text && at + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			at += (size_t)snprintf(buf + at, size - at, "\\%03o", c);
		else
			buf[at++] = (char)c;
	}
	buf[at] = 0;
	return buf;
}
