/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parser keeps from file to file: the library's macros, which script arguments were used,
 * the kernel's configuration once a condition has asked for it. In the session's arena, made on
 * first use, reached through session->parse.
 */
#ifndef SONDE_PARSE_STATE_H
#define SONDE_PARSE_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "translator/util/map.h"

struct session;

struct parse_state {
	struct map macros;		/* of the library: struct macro */
	struct map sought;		/* names that the finder was asked for */
	void (*find_macro)(struct session *session, const char *name);
	bool *argument_used;		/* one for each of options.args */
	struct map kconfig;		/* CONFIG_X → its text */
	bool kconfig_read;
};

struct parse_state *state_get(struct session *session);
void state_argument_used(struct session *session, size_t index);
/* Is @source to be read as before @version of the language (--compatible)? The library is not. */
bool state_is_before(struct session *session, const struct source *source, const char *version);
const char *state_language_version(struct session *session);
/* The value of CONFIG_X of the target kernel: "y", "m", a number, a string without its quotes; ""
 * if it is not set. */
const char *state_kconfig(struct session *session, const char *name);

#endif
