/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tokens are called in messages. */
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/token.h"
#include "translator/session.h"

static const struct kind_name {
	int kind;
	const char *name;
} kind_names[] = {
	{ TOKEN_END, "the end of the text" },
	{ TOKEN_NUMBER, "a number" },
	{ TOKEN_STRING, "a string" },
	{ TOKEN_IDENT, "a name" },
	{ TOKEN_TARGET, "a target variable" },
	{ TOKEN_AT_NAME, "an @operator" },
	{ TOKEN_EMBEDDED, "embedded code" },
	{ TOKEN_COMPONENT, "a probe point" },
	{ TOKEN_IMPLICIT_PROBE, "a probe point" },
	{ TOKEN_PRETTY, "'$'" },
	{ TOKEN_ARROW, "'->'" },
	{ TOKEN_OPTIONAL, "'?'" },
	{ TOKEN_SUFFICIENT, "'!'" },
	{ TOKEN_GROUP_OPEN, "'{'" },
	{ TOKEN_GROUP_CLOSE, "'}'" },
	{ TOKEN_PREDICATE_OPEN, "'/'" },
	{ TOKEN_PREDICATE_CLOSE, "'/'" },
	{ TOKEN_ADD_ASSIGN, "'+='" },
	{ TOKEN_SUB_ASSIGN, "'-='" },
	{ TOKEN_MUL_ASSIGN, "'*='" },
	{ TOKEN_DIV_ASSIGN, "'/='" },
	{ TOKEN_MOD_ASSIGN, "'%='" },
	{ TOKEN_SHL_ASSIGN, "'<<='" },
	{ TOKEN_SAR_ASSIGN, "'>>='" },
	{ TOKEN_AND_ASSIGN, "'&='" },
	{ TOKEN_XOR_ASSIGN, "'^='" },
	{ TOKEN_OR_ASSIGN, "'|='" },
	{ TOKEN_CAT_ASSIGN, "'.='" },
	{ TOKEN_AGGREGATE, "'<<<'" },
	{ TOKEN_LOGICAL_OR, "'||'" },
	{ TOKEN_LOGICAL_AND, "'&&'" },
	{ TOKEN_LE, "'<='" },
	{ TOKEN_GE, "'>='" },
	{ TOKEN_EQ, "'=='" },
	{ TOKEN_NE, "'!='" },
	{ TOKEN_MATCH, "'=~'" },
	{ TOKEN_NOMATCH, "'!~'" },
	{ TOKEN_SHL, "'<<'" },
	{ TOKEN_SAR, "'>>'" },
	{ TOKEN_SHR, "'>>>'" },
	{ TOKEN_INC, "'++'" },
	{ TOKEN_DEC, "'--'" },
	{ TOKEN_PP_IF, "'%('" },
	{ TOKEN_PP_THEN, "'%?'" },
	{ TOKEN_PP_ELSE, "'%:'" },
	{ TOKEN_PP_END, "'%)'" },
	{ TOKEN_PROBE, "'probe'" },
	{ TOKEN_GLOBAL, "'global'" },
	{ TOKEN_PRIVATE, "'private'" },
	{ TOKEN_FUNCTION, "'function'" },
	{ TOKEN_IF, "'if'" },
	{ TOKEN_ELSE, "'else'" },
	{ TOKEN_FOR, "'for'" },
	{ TOKEN_FOREACH, "'foreach'" },
	{ TOKEN_IN, "'in'" },
	{ TOKEN_LIMIT, "'limit'" },
	{ TOKEN_RETURN, "'return'" },
	{ TOKEN_DELETE, "'delete'" },
	{ TOKEN_WHILE, "'while'" },
	{ TOKEN_BREAK, "'break'" },
	{ TOKEN_CONTINUE, "'continue'" },
	{ TOKEN_NEXT, "'next'" },
	{ TOKEN_STRING_TYPE, "'string'" },
	{ TOKEN_LONG, "'long'" },
	{ TOKEN_TRY, "'try'" },
	{ TOKEN_CATCH, "'catch'" },
};

enum { KIND_NAMES = sizeof kind_names / sizeof kind_names[0] };

/* "'('" and its like for every code below 128, made by the compiler. */
#define QUOTED(c) [c] = { '\'', c, '\'' }
static const char characters[128][4] = {
	QUOTED('!'), QUOTED('%'), QUOTED('&'), QUOTED('('), QUOTED(')'), QUOTED('*'), QUOTED('+'),
	QUOTED(','), QUOTED('-'), QUOTED('.'), QUOTED('/'), QUOTED(':'), QUOTED(';'), QUOTED('<'),
	QUOTED('='), QUOTED('>'), QUOTED('?'), QUOTED('['), QUOTED(']'), QUOTED('^'), QUOTED('{'),
	QUOTED('|'), QUOTED('}'), QUOTED('~'),
};

const char *token_kind_name(int kind)
{
	if (kind > 0 && kind < 128 && characters[kind][0])
		return characters[kind];
	for (int i = 0; i < KIND_NAMES; i++)
		if (kind_names[i].kind == kind)
			return kind_names[i].name;
	return "something else";
}

enum { SHOWN = 40 };

const char *token_describe(struct session *session, const struct token *token)
{
	struct arena *arena = session->arena;

	switch (token->kind) {
	case TOKEN_NUMBER:
		return arena_printf(arena, "number '%s'", token->text ? token->text : "0");
	case TOKEN_IDENT:
	case TOKEN_COMPONENT:
	case TOKEN_TARGET:
		return arena_printf(arena, "'%s'", token->text);
	case TOKEN_AT_NAME:
		return arena_printf(arena, "'@%s'", token->text);
	case TOKEN_STRING:
		return arena_printf(arena, "string \"%.*s%s\"", SHOWN, token->text,
				    token->length > SHOWN ? "…" : "");
	default:
		return token_kind_name(token->kind);
	}
}

/* A byte that begins no token, as a message may show it. */
static const char *describe_character(struct session *session, const struct token *token)
{
	const char *text = token->span.source->text + token->span.begin;
	unsigned char c = (unsigned char)*text;

	if (c >= 0x80)
		return arena_printf(session->arena, "'%.*s'",
				    (int)(token->span.end - token->span.begin), text);
	if (c >= ' ' && c < 0x7f)
		return arena_printf(session->arena, "character '%c'", c);
	return arena_printf(session->arena, "byte 0x%02x", c);
}

void token_report_junk(struct session *session, const struct token *token)
{
	enum diag_id id = (enum diag_id)token->number;
	const char *shown = token->text;

	if (id == DIAG_PARSE_CHARACTER)
		shown = describe_character(session, token);
	diag(session->diags, id, token->span, shown ? shown : "",
	     (int)session->options.args.count);
	if (id == DIAG_PARSE_STRING_OPEN)
		diag_hint(session->diags, "a string ends on the line where it begins; "
					  "strings next to each other are joined");
}
