/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the user, on standard error: "ERROR: …" and "WARNING: …" as SystemTap words them,
 * coloured on a terminal only, and what -v adds. Nothing is allocated, nothing fails: a message
 * that cannot be written is lost.
 */
#ifndef SONDE_RUNTIME_SAY_H
#define SONDE_RUNTIME_SAY_H

#include <stdbool.h>
#include <stddef.h>

enum say_color { SAY_AUTO, SAY_ALWAYS, SAY_NEVER };

/* Both are set from the command line before anything is said; @verbose counts -v. */
void say_setup(int verbose, enum say_color color, bool quiet_warnings);
bool say_is_verbose(int level);
/* Are messages coloured? Decided once. */
bool say_colored(void);

__attribute__((format(printf, 1, 2))) void say_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void say_warning(const char *format, ...);
/* Printed from `level` times -v on. */
__attribute__((format(printf, 2, 3))) void say_verbose(int level, const char *format, ...);

/* A pass of work for -v: say_pass_begin() notes the clock, say_pass_end() prints "Pass: NAME …
 * in 1.2 ms". */
struct say_pass {
	unsigned long long wall_ns, user_us, system_us;
};
void say_pass_begin(struct say_pass *pass);
__attribute__((format(printf, 2, 3))) void say_pass_end(const struct say_pass *pass,
							const char *format, ...);

/* Copies @text with control characters as \ooo, for text that is not ours. Returns @buf. */
const char *say_escaped(const char *text, char *buf, size_t size);

#endif
