/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file defines, from its tokens alone: for the tapset index. */
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/parse.h"
#include "translator/parse/token.h"
#include "translator/session.h"
#include "translator/util/intern.h"

struct name_scan {
	struct session *session;
	const struct token *token;	/* the last is END */
	defined_name_vec *out;
	bool is_private;
};

static void name_add(struct name_scan *s, enum name_kind kind, const char *name,
		     const struct token *at)
{
	struct defined_name *entry = vec_push(s->session->arena, s->out);

	entry->kind = kind;
	entry->name = intern_str(s->session->names, name);
	entry->offset = at->span.begin;
	entry->is_private = s->is_private;
}

/* To behind the bracket that closes the one at s->token. */
static void skip_nested(struct name_scan *s, int open, int close)
{
	int depth = 0;

	for (; s->token->kind != TOKEN_END; s->token++) {
		depth += (s->token->kind == open) - (s->token->kind == close);
		if (!depth) {
			s->token++;
			return;
		}
	}
}

static void scan_macro(struct name_scan *s)
{
	s->token++;
	if (s->token->text)
		name_add(s, NAME_MACRO, s->token->text, s->token);
	while (s->token->kind != TOKEN_PP_IF && s->token->kind != TOKEN_END)
		s->token++;
	skip_nested(s, TOKEN_PP_IF, TOKEN_PP_END);
}

/* a, b[10], c = "x": a name after every comma that is in no bracket. */
static void scan_globals(struct name_scan *s)
{
	for (;;) {
		if (s->token->kind != TOKEN_IDENT)
			return;
		name_add(s, NAME_GLOBAL, s->token->text, s->token);
		s->token++;
		while (s->token->kind == '[' || s->token->kind == ']' || s->token->kind == '%' ||
		       s->token->kind == '=' || s->token->kind == '-' ||
		       s->token->kind == TOKEN_NUMBER || s->token->kind == TOKEN_STRING)
			s->token++;
		if (s->token->kind != ',')
			return;
		s->token++;
	}
}

/* NAME = …, NAME = NAME = …, NAME += …: up to what is no alias. */
static void scan_probe(struct name_scan *s)
{
	for (;;) {
		const struct token *first = s->token;
		const char *name = "";

		while (s->token->kind == TOKEN_IDENT || s->token->kind == '.' ||
		       s->token->kind == '*' || token_is_keyword(s->token->kind)) {
			const char *piece = s->token->kind == '.'   ? "."
					    : s->token->kind == '*' ? "*"
								    : s->token->text;

			name = arena_printf(s->session->arena, "%s%s", name, piece);
			s->token++;
		}
		if (s->token->kind == '(')
			skip_nested(s, '(', ')');
		if (s->token->kind != '=' && s->token->kind != TOKEN_ADD_ASSIGN)
			return;
		name_add(s, NAME_ALIAS, name, first);
		s->token++;
	}
}

static void scan_declaration(struct name_scan *s)
{
	int kind = s->token->kind;

	if (kind == TOKEN_AT_NAME && !strcmp(s->token->text, "define")) {
		scan_macro(s);
		return;
	}
	if (kind == '{') {
		skip_nested(s, '{', '}');
		return;
	}
	s->token++;
	if (kind == TOKEN_FUNCTION && s->token->text)
		name_add(s, NAME_FUNCTION, s->token->text, s->token);
	else if (kind == TOKEN_GLOBAL || (kind == TOKEN_PRIVATE && s->token->kind == TOKEN_IDENT))
		scan_globals(s);
	else if (kind == TOKEN_PROBE)
		scan_probe(s);
}

void parse_names(struct session *session, struct source *source, defined_name_vec *out)
{
	token_vec tokens = { 0 };
	struct name_scan s = { .session = session, .out = out };

	tokens_scan(session, source, &tokens);
	s.token = tokens.data;
	while (s.token->kind != TOKEN_END) {
		s.is_private = s.token->kind == TOKEN_PRIVATE ||
			       (s.token > tokens.data && s.token[-1].kind == TOKEN_PRIVATE);
		scan_declaration(&s);
	}
}
