/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of what the translator knows: --dump-probe-types, …-aliases, --dump-functions. */
#ifndef SONDE_TRANSLATOR_DUMP_H
#define SONDE_TRANSLATOR_DUMP_H

struct session;
struct source;

void dump_probe_types(void);
void dump_probe_aliases(struct session *session);
void dump_functions(struct session *session);
/* The tokens as the grammar sees them, a line each. */
void dump_tokens(struct session *session, struct source *source);

#endif
