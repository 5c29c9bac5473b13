/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where output goes: a row of struct sink_kind each (sink-text.c; others later). Text of the script
 * is collected and written in large pieces: the poll loop calls sink_flush() when the ring buffer
 * is drained and before it sleeps. Messages (warnings, errors) go out at once, after the text that
 * came before them.
 *
 * A failing write (closed pipe, full disk) is reported on stderr once; from then on text is
 * dropped, sink_failed() is true and the exit status of sonde is 1. SIGPIPE must be ignored by the
 * program.
 *
 * sink_open() makes a sink, sink_close() flushes it, waits for the commands of system() and frees
 * it. The file descriptors stay the caller's.
 */
#ifndef SONDE_SINK_H
#define SONDE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink;

enum sink_level { SINK_WARNING, SINK_ERROR, SINK_LEVEL_COUNT };
enum sink_when { SINK_AUTO /* on a terminal */, SINK_NEVER, SINK_ALWAYS };

struct sink_config {
	int out, err;			/* file descriptors */
	enum sink_when color;		/* of "ERROR:" and "WARNING:" */
	enum sink_when escape; /* control characters of traced text as \ooo in stdout text */
	bool quiet_warnings;		/* -w: script and runtime warnings are dropped */
	/* Of more than this many bytes in @out the rest goes where next() says (a descriptor, or
	 * a negative errno after a message); 0: no limit. */
	uint64_t limit;
	int (*next)(void *context);
	void *context;
};

struct sink_kind {
	const char *name;
	struct sink *(*open)(const struct sink_config *config);	/* NULL: out of memory */
	void (*text)(struct sink *sink, const char *text, size_t size);
	void (*message)(struct sink *sink, enum sink_level level, const char *text, size_t size);
	void (*flush)(struct sink *sink);
	/* Later text goes to @fd (SIGUSR2); what is collected is written to the old one
	 * first. */
	void (*redirect)(struct sink *sink, int fd);
	void (*close)(struct sink *sink);
};

/* What all kinds have; theirs starts with it. */
struct sink {
	const struct sink_kind *kind;
	struct sink_config config;
	bool escape;			/* decided from config.escape and the terminal */
	bool failed;
};

extern const struct sink_kind sink_kind_text;

/* The kind by name; NULL: none. */
const struct sink_kind *sink_kind_find(const char *name);

struct sink *sink_open(const struct sink_kind *kind, const struct sink_config *config);
void sink_text(struct sink *sink, const char *text, size_t size);
/* @text without prefix ("ERROR: ", "WARNING: ") and with or without a closing newline. */
void sink_message(struct sink *sink, enum sink_level level, const char *text, size_t size);
__attribute__((format(printf, 3, 4))) void sink_say(struct sink *sink, enum sink_level level,
						    const char *format, ...);
void sink_flush(struct sink *sink);
void sink_redirect(struct sink *sink, int fd);
/* Messages stand in the text from now on: there is no terminal. */
void sink_detach(struct sink *sink);
bool sink_failed(const struct sink *sink);
void sink_close(struct sink *sink);

/* Runs @command by sh -c after the collected text has been written. Waits for it a tenth of a
 * second, so that its output mostly stands where the script says; a longer one goes on beside
 * the session. */
void sink_system(struct sink *sink, const char *command, size_t size);
/* Writes a line to the kernel's log. */
void sink_printk(struct sink *sink, const char *text, size_t size);

#endif
