/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The @operators: rows of at-op.c. */
#ifndef SONDE_PARSE_AT_OP_H
#define SONDE_PARSE_AT_OP_H

#include "translator/parse/ast.h"

struct at_op;

/* The operator called @name, without its '@', or NULL. "define" counts. */
const struct at_op *at_op_find(const char *name);
/* The extractor called @name: STAT_NONE if it is none. */
enum stat_op at_op_stat(const char *name);

#endif
