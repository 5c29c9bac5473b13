/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people write to the session and read from it: standard input (input.char, input.line) and
 * the files of procfs probes, which are named pipes in a directory of the session's own,
 * $XDG_RUNTIME_DIR/sonde/NAME or /var/tmp/sonde-UID/NAME.
 *
 * inputs_open() makes them, inputs_close() removes them and frees. Functions return 0 or a negative
 * errno and say what is wrong.
 */
#ifndef SONDE_RUNTIME_INPUTS_H
#define SONDE_RUNTIME_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inputs;
struct program;

/* A handler that is to run now. */
struct inputs_event {
	uint32_t handler;
	const char *text;	/* what was written; valid until the next call */
	size_t length;
	bool wants_answer;	/* somebody reads: inputs_answer() with what the handler left */
};

/* @name: of the directory. *inputs is NULL when the program has no such probes. */
int inputs_open(struct inputs **inputs, const struct program *program, const char *name);
/* A descriptor that is ready when there is something; -1: none. */
int inputs_descriptor(const struct inputs *inputs);
/* When to look even if the descriptor is not ready: nothing announces a reader of a pipe. */
uint64_t inputs_next(const struct inputs *inputs, uint64_t now_ns);
bool inputs_take(struct inputs *inputs, struct inputs_event *event);
void inputs_answer(struct inputs *inputs, const char *text, size_t length);
/* inputs may be NULL. */
void inputs_close(struct inputs *inputs);

#endif
