/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens: what the scanner makes of a source, and what each filter after it passes on.
 *
 *	lex.l, token.c	text → tokens; $1 @1 $# @# are replaced here, by characters
 *	preproc.c	@define and @name(…) (macro.c), then %( … %) (cond.c)
 *	shape.c		the context that a one-token grammar cannot see: probe points, strings
 *			written next to each other, keywords used as names
 *	gram.y		tokens → tree
 *
 * A token's kind is the grammar's code. Tokens and their texts live in the session's arena.
 */
#ifndef SONDE_PARSE_TOKEN_H
#define SONDE_PARSE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/util/diag.h"
#include "translator/util/source.h"
#include "translator/util/vec.h"

struct session;

struct token {
	int kind;
	bool glued;		/* no space before it: the pieces of a wildcard component */
	bool spoiled;		/* for something bad that was reported: what it causes is not */
	struct span span;
	const char *text;	/* names: interned; strings: their bytes; else as written */
	uint32_t length;
	int64_t number;		/* NUMBER; JUNK: the id of its diagnostic */
};
typedef VEC(struct token) token_vec;

/* Scans all of @source. A bad character or an unfinished string becomes a JUNK token, reported only
 * where it gets past the preprocessor. The last token is always END. */
void tokens_scan(struct session *session, struct source *source, token_vec *out);
/* Reports a JUNK token. */
void token_report_junk(struct session *session, const struct token *token);
/* "identifier 'x'", "number 12", "end of file", for messages. */
const char *token_describe(struct session *session, const struct token *token);
/* The name of a kind alone, for lists of what was expected. */
const char *token_kind_name(int kind);
/* Whether @kind is a word of the language that may also name a member or a component. */
bool token_is_keyword(int kind);
/* Words of the language, for "did you mean". */
extern const char *const token_keywords[];
extern const size_t token_keyword_count;

/* Expands macros and conditionals of @in. Errors are reported; what they spoil is left out. */
void tokens_preprocess(struct session *session, const token_vec *in, token_vec *out);
/* Gives tokens the shape that the grammar reads. @one_liner: "probe" may be left out. */
void tokens_shape(struct session *session, const token_vec *in, bool one_liner, token_vec *out);

#endif
