/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lowering: from the typed tree to IR. A script means the same in both back ends because it is
 * lowered once.
 */
#ifndef SONDE_LOWER_H
#define SONDE_LOWER_H

struct elab_program;
struct ir_program;
struct session;

/* NULL when diagnostics were reported. */
struct ir_program *lower(struct session *session, const struct elab_program *program);

/* MAXSTRINGLEN, by -D or the default, into session->max_string: before elaboration, which infers
 * widths. */
void lower_max_string_option(struct session *session);

#endif
