/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a string can get: bytes with the closing NUL, at most MAXSTRINGLEN. Buffers, keys
 * and values are sized by it.
 */
#ifndef SONDE_WIDTH_H
#define SONDE_WIDTH_H

#include <stdint.h>

struct expr;
struct session;

/* Of a typed string expression, by the widths of what it uses. After width_program(). */
uint32_t width_of_expr(const struct session *session, const struct expr *expr);

#endif
