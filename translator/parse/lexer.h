/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between lex.l and token.c: the scanner's state, and the actions that need more than a line.
 * Nothing here outlives a call of tokens_scan() but the texts, which are the arena's.
 */
#ifndef SONDE_PARSE_LEXER_H
#define SONDE_PARSE_LEXER_H

#include "translator/parse/token.h"

struct lexer {
	struct session *session;
	struct source *source;
	uint32_t offset;	/* of the text not scanned yet */
	uint32_t start;		/* where a comment or embedded code began */
	bool space;		/* since the last token */
	bool pasted;		/* the text of a script argument: its tokens are all at `place` */
	struct span place;
};

#define YYSTYPE struct token
#define YYLTYPE struct span

void lexer_advance(struct lexer *lexer, struct span *span, uint32_t length);
int lexer_junk(struct token *token, enum diag_id id);
int lexer_open_comment(struct lexer *lexer, struct token *token);
int lexer_embedded(struct lexer *lexer, struct token *token, const struct span *span);
int lexer_number(struct lexer *lexer, struct token *token, const char *text, size_t length);
int lexer_word(struct lexer *lexer, struct token *token, const char *text, size_t length);
int lexer_name(struct lexer *lexer, struct token *token, const char *text, size_t length, int kind);
int lexer_string(struct lexer *lexer, struct token *token, const char *text, size_t length);

#endif
