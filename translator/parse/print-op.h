/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of the print family, and the formats of printf. */
#ifndef SONDE_PARSE_PRINT_OP_H
#define SONDE_PARSE_PRINT_OP_H

#include "translator/parse/parser.h"

struct print_op;

/* The row of print, sprintf, … or NULL. */
const struct print_op *print_op_find(const char *name);
struct expr *print_op_node(struct parser *p, struct span span, const struct print_op *op,
			   const struct token *name, const expr_vec *args);
/* "sprintdln": the name of a PRINT node's function. */
const char *print_op_name(const struct expr *print);

#endif
