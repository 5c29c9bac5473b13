/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one parse, shared by gram.y and the files that make nodes. */
#ifndef SONDE_PARSE_PARSER_H
#define SONDE_PARSE_PARSER_H

#include "translator/parse/ast.h"
#include "translator/parse/token.h"
#include "translator/session.h"
#include "translator/util/finder.h"

enum {
	PARSER_DEPTH = 2000,		/* of a tree: recursion over it must fit in the stack */
	PARSER_POINTS = 10000,		/* that braces may make in one probe */
	PARSER_ERRORS = 50,		/* after so many the rest is noise */
};

struct parser {
	struct session *session;
	struct arena *arena;
	struct diags *diags;
	struct source *source;
	const struct token *tokens;	/* shaped; the last is END */
	size_t at;			/* the next one for the grammar */
	size_t last;			/* the one that the grammar got last */
	size_t item;			/* the first of the declaration being read */
	int start;			/* TOKEN_START_…, the grammar's first token; then 0 */
	bool one_liner;			/* a handler may be left out */
	bool in_function;
	bool in_private;		/* the declaration began with "private" */
	bool too_deep;			/* reported: give up */
	const struct expr *bound;	/* the last 'in' or match */
	VEC(const struct expr *) histograms; /* of the declaration: checked at its end */
	struct file *file;
	struct finder global_finder;	/* of the file's globals, by name */
	struct function *signature;
};

/* Says what was expected instead of the last token (syntax-error.c). */
void parser_syntax_error(struct parser *p, const int *expected, int count);

#endif
