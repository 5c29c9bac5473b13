/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the preprocessor: what macro.c, cond.c and preproc.c share. */
#ifndef SONDE_PARSE_PREPROC_H
#define SONDE_PARSE_PREPROC_H

#include "translator/parse/token.h"
#include "translator/util/map.h"

struct macro {
	const char *name;
	struct span span;
	bool has_params;
	VEC(const char *) params;
	const struct token *body;
	size_t body_count;
};

/* Reads a definition whose "@define" is at in->data[*at]; leaves *at behind it. NULL and a
 * diagnostic if it is malformed. */
struct macro *macro_define(struct session *session, const token_vec *in, size_t *at);
/* Takes the definitions out of @in and expands every use: out has neither. */
void macros_expand(struct session *session, const token_vec *in, token_vec *out);

/* Evaluates the condition at in->data[*at], behind "%(", and leaves *at behind its "%?". False,
 * with *at where reading stopped, after reporting that it is malformed. */
bool cond_evaluate(struct session *session, const token_vec *in, size_t *at, bool *result);
/* Leaves *at on the "%:" or "%)" that ends the arm which begins at *at, or on END. */
void cond_skip_arm(const token_vec *in, size_t *at);

#endif
