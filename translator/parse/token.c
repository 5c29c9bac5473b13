/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "translator/parse/lexer.h"
#include "translator/parse/gram.h"
#include "translator/parse/state.h"
#include "translator/session.h"
#include "translator/util/intern.h"

/* What flex makes of lex.l. */
int lex_lex_init_extra(struct lexer *extra, void **scanner);
void *lex__scan_bytes(const char *text, int length, void *scanner);
int lex_lex(struct token *token, struct span *span, void *scanner);
int lex_lex_destroy(void *scanner);

struct keyword {
	const char *word;
	int kind;
};

/* Sorted, for bsearch(). "private" is an ordinary name for --compatible before 3.0. */
static const struct keyword keywords[] = {
	{ "break", TOKEN_BREAK },
	{ "catch", TOKEN_CATCH },
	{ "continue", TOKEN_CONTINUE },
	{ "delete", TOKEN_DELETE },
	{ "else", TOKEN_ELSE },
	{ "for", TOKEN_FOR },
	{ "foreach", TOKEN_FOREACH },
	{ "function", TOKEN_FUNCTION },
	{ "global", TOKEN_GLOBAL },
	{ "if", TOKEN_IF },
	{ "in", TOKEN_IN },
	{ "limit", TOKEN_LIMIT },
	{ "long", TOKEN_LONG },
	{ "next", TOKEN_NEXT },
	{ "private", TOKEN_PRIVATE },
	{ "probe", TOKEN_PROBE },
	{ "return", TOKEN_RETURN },
	{ "string", TOKEN_STRING_TYPE },
	{ "try", TOKEN_TRY },
	{ "while", TOKEN_WHILE },
};

enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };

const char *const token_keywords[] = {
	"break", "catch", "continue", "delete", "else", "for", "foreach", "function", "global",
	"if", "in", "limit", "long", "next", "private", "probe", "return", "string", "try", "while",
};
const size_t token_keyword_count = KEYWORDS;
_Static_assert(sizeof token_keywords / sizeof token_keywords[0] == KEYWORDS, "one list, twice");

static int keyword_compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct keyword *)row)->word);
}

bool token_is_keyword(int kind)
{
	for (int i = 0; i < KEYWORDS; i++)
		if (keywords[i].kind == kind)
			return true;
	return false;
}

void lexer_advance(struct lexer *lexer, struct span *span, uint32_t length)
{
	span->source = lexer->source;
	span->begin = lexer->offset;
	lexer->offset += length;
	span->end = lexer->offset;
}

int lexer_junk(struct token *token, enum diag_id id)
{
	token->number = id;
	return TOKEN_JUNK;
}

int lexer_open_comment(struct lexer *lexer, struct token *token)
{
	struct span span = { .source = lexer->source, .begin = lexer->start,
			     .end = lexer->start + 2 };

	(void)token;
	diag(lexer->session->diags, DIAG_PARSE_COMMENT_OPEN, span);
	return TOKEN_END;
}

int lexer_embedded(struct lexer *lexer, struct token *token, const struct span *span)
{
	token->text = arena_strndup(lexer->session->arena, lexer->source->text + span->begin + 2,
				    span->end - span->begin - 4);
	token->length = span->end - span->begin - 4;
	return TOKEN_EMBEDDED;
}

int lexer_number(struct lexer *lexer, struct token *token, const char *text, size_t length)
{
	char *end;

	token->text = arena_strndup(lexer->session->arena, text, length);
	token->length = (uint32_t)length;
	errno = 0;
	token->number = (int64_t)strtoull(token->text, &end, 0);
	if (!*end && !errno)
		return TOKEN_NUMBER;
	return lexer_junk(token, DIAG_PARSE_NUMBER);
}

int lexer_name(struct lexer *lexer, struct token *token, const char *text, size_t length, int kind)
{
	token->text = intern_strn(lexer->session->names, text, length);
	token->length = (uint32_t)length;
	return kind;
}

int lexer_word(struct lexer *lexer, struct token *token, const char *text, size_t length)
{
	const struct keyword *row;

	lexer_name(lexer, token, text, length, TOKEN_IDENT);
	row = bsearch(token->text, keywords, KEYWORDS, sizeof keywords[0], keyword_compare);
	if (!row || (row->kind == TOKEN_PRIVATE &&
		     state_is_before(lexer->session, lexer->source, "3.0")))
		return TOKEN_IDENT;
	return row->kind;
}

static int digit_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* Writes the byte that the escape after a backslash stands for; returns the text after it. \x is
 * of 2.3. */
static const char *unescape(const char *p, const char *end, bool has_hex, char *out)
{
	static const char letters[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
	const char *letter = *p ? strchr(letters, *p) : NULL;
	int value = 0, digits = 0;

	if (letter) {
		*out = values[letter - letters];
		return p + 1;
	}
	if (has_hex && *p == 'x' && p + 1 < end && isxdigit((unsigned char)p[1])) {
		for (p++; p < end && digits < 2 && isxdigit((unsigned char)*p); p++, digits++)
			value = value * 16 + digit_value(*p);
		*out = (char)value;
		return p;
	}
	if (*p >= '0' && *p <= '7') {
		for (; p < end && digits < 3 && *p >= '0' && *p <= '7'; p++, digits++)
			value = value * 8 + digit_value(*p);
		*out = (char)value;
		return p;
	}
	*out = *p;	/* \" \\ and any other: the character itself */
	return p + 1;
}

int lexer_string(struct lexer *lexer, struct token *token, const char *text, size_t length)
{
	char *bytes = arena_alloc(lexer->session->arena, length + 1), *out = bytes;
	bool has_hex = !state_is_before(lexer->session, lexer->source, "2.3");

	for (const char *p = text, *end = text + length; p < end; out++) {
		if (*p == '\\')
			p = unescape(p + 1, end, has_hex, out);
		else
			*out = *p++;
	}
	token->text = bytes;
	token->length = (uint32_t)(out - bytes);
	return TOKEN_STRING;
}

static void scan_text(struct lexer *lexer, const char *text, size_t length, token_vec *out);

/* $N: the argument's characters, and what is written right behind them, are scanned again. */
static void paste_argument(struct lexer *lexer, const char *argument, const char *tail,
			   size_t tail_length, struct span place, token_vec *out)
{
	struct arena *arena = lexer->session->arena;
	size_t length = strlen(argument);
	char *text = arena_alloc(arena, length + tail_length + 1);
	struct lexer inner = { .session = lexer->session, .pasted = true, .place = place,
			       .space = lexer->space };

	memcpy(text, argument, length);
	memcpy(text + length, tail, tail_length);
	inner.source = source_new(arena, lexer->source->name, text, length + tail_length);
	scan_text(&inner, text, length + tail_length, out);
}

/* Puts what a $N, @N, $# or @# stands for onto @out. */
static void scan_argument(struct lexer *lexer, struct token *token, token_vec *out)
{
	struct session *session = lexer->session;
	bool quoted = token->text[0] == '@';
	const char *spelled = arena_strndup(session->arena, token->text, token->length);
	size_t count = session->options.args.count;
	char *tail;
	unsigned long n;

	if (lexer->pasted) {
		diag(session->diags, DIAG_PRE_ARGUMENT_NESTED, token->span, spelled);
		token->kind = TOKEN_NUMBER;
		token->text = "";
		token->spoiled = true;
		*vec_push(session->arena, out) = *token;
		return;
	}
	if (spelled[1] == '#') {
		token->kind = quoted ? TOKEN_STRING : TOKEN_NUMBER;
		token->text = arena_printf(session->arena, "%zu", count);
		token->length = (uint32_t)strlen(token->text);
		token->number = (int64_t)count;
		*vec_push(session->arena, out) = *token;
		return;
	}
	n = strtoul(spelled + 1, &tail, 10);
	if (!n || n > count) {
		token->kind = TOKEN_JUNK;	/* an error only where it is not skipped by %( */
		token->number = DIAG_PRE_ARGUMENT;
		token->text = spelled;
		*vec_push(session->arena, out) = *token;
		return;
	}
	state_argument_used(session, n - 1);
	if (quoted) {
		token->kind = TOKEN_STRING;
		token->text = session->options.args.data[n - 1];
		token->length = (uint32_t)strlen(token->text);
		*vec_push(session->arena, out) = *token;
	} else {
		paste_argument(lexer, session->options.args.data[n - 1], tail, strlen(tail),
			       token->span, out);
	}
}

static void scan_text(struct lexer *lexer, const char *text, size_t length, token_vec *out)
{
	void *scanner;

	if (lex_lex_init_extra(lexer, &scanner))
		abort();	/* out of memory, as in the arena */
	lex__scan_bytes(text, (int)length, scanner);
	for (;;) {
		struct token token = { 0 };

		token.kind = lex_lex(&token, &token.span, scanner);
		if (token.kind == TOKEN_END)
			break;
		if (lexer->pasted)
			token.span = lexer->place;
		token.glued = !lexer->space;
		if (token.kind == TOKEN_ARGUMENT)
			scan_argument(lexer, &token, out);
		else
			*vec_push(lexer->session->arena, out) = token;
		lexer->space = false;
	}
	lex_lex_destroy(scanner);
}

void tokens_scan(struct session *session, struct source *source, token_vec *out)
{
	struct lexer lexer = { .session = session, .source = source, .space = true };
	struct token end = { .kind = TOKEN_END };

	scan_text(&lexer, source->text, source->length, out);
	end.span.source = source;
	end.span.begin = end.span.end = (uint32_t)source->length;
	*vec_push(session->arena, out) = end;
}
