/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last filter before the grammar. '*', '?', '!', '{' and '/' mean one thing in a probe point
 * and another in an expression, a component may be a keyword, and "sys*" is one name: here the
 * pieces become COMPONENT, OPTIONAL, SUFFICIENT, GROUP_… and PREDICATE_… tokens, so that the
 * grammar needs no feedback into the scanner. Strings side by side become one; a keyword behind
 * "->" and a type behind "function" become names. Junk is reported here, once, and replaced by
 * what it probably was.
 */
#include <ctype.h>
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/state.h"
#include "translator/parse/token.h"
#include "translator/session.h"
#include "translator/util/intern.h"

struct shaper {
	struct session *session;
	const struct token *in;		/* the next token; the last is END */
	token_vec *out;
	bool one_liner;
	bool separated;			/* a point without a handler wants a ';' behind it */
};

static struct token *emit_as(struct shaper *s, int kind)
{
	struct token *token = vec_push(s->session->arena, s->out);

	*token = *s->in;
	token->kind = kind;
	if (s->in->kind != TOKEN_END)
		s->in++;
	return token;
}

static bool starts_declaration(int kind)
{
	return kind == TOKEN_PROBE || kind == TOKEN_GLOBAL || kind == TOKEN_FUNCTION ||
	       kind == TOKEN_PRIVATE;
}

/* Before 2.0 a comment kept two strings apart. */
static bool is_glued(const struct shaper *s, const struct token *left)
{
	const struct span *a = &left->span, *b = &s->in->span;

	if (s->in->kind != TOKEN_STRING)
		return false;
	if (!state_is_before(s->session, a->source, "2.0") || a->source != b->source)
		return true;
	for (uint32_t at = a->end; at < b->begin; at++)
		if (!isspace((unsigned char)a->source->text[at]))
			return false;
	return true;
}

/* The bytes of string tokens that follow each other, glued. */
static void shape_string(struct shaper *s)
{
	struct token *whole = emit_as(s, TOKEN_STRING);

	while (is_glued(s, whole)) {
		char *bytes = arena_alloc(s->session->arena, whole->length + s->in->length + 1);

		memcpy(bytes, whole->text, whole->length);
		memcpy(bytes + whole->length, s->in->text, s->in->length);
		whole->text = bytes;
		whole->length += s->in->length;
		whole->span = span_join(whole->span, s->in->span);
		s->in++;
	}
}

/* What a token that cannot be used probably was. */
static int junk_kind(const struct token *token)
{
	switch ((enum diag_id)token->number) {
	case DIAG_PARSE_STRING_OPEN:
	case DIAG_PARSE_STRING_NUL:
		return TOKEN_STRING;
	case DIAG_PARSE_EMBEDDED_OPEN:
		return TOKEN_EMBEDDED;
	case DIAG_PRE_ARGUMENT:
		return token->text[0] == '@' ? TOKEN_STRING : TOKEN_NUMBER;
	case DIAG_PARSE_CHARACTER:
		/* A letter of another alphabet, in a name; else a stray character */
		return token->span.source->text[token->span.begin] & 0x80 ? TOKEN_IDENT : 0;
	default:
		return TOKEN_NUMBER;
	}
}

static void shape_junk(struct shaper *s)
{
	int kind = junk_kind(s->in);
	struct token *token;

	token_report_junk(s->session, s->in);
	if (!kind) {
		s->in++;
		return;
	}
	token = emit_as(s, kind);
	token->spoiled = true;
	token->text = "";
	token->length = 0;
	token->number = 0;
}

/* Whether a keyword is a name behind @before: a member's, or a type's as a function's. */
static bool names_anything(int before, int keyword)
{
	if (before == TOKEN_FUNCTION)
		return keyword == TOKEN_STRING_TYPE || keyword == TOKEN_LONG;
	return before == TOKEN_ARROW && token_is_keyword(keyword);
}

/* One token of an expression or a statement. */
static void shape_token(struct shaper *s)
{
	int kind = s->in->kind;

	switch (kind) {
	case TOKEN_STRING:
		shape_string(s);
		break;
	case TOKEN_JUNK:
		shape_junk(s);
		break;
	default:
		emit_as(s, kind);
		if (names_anything(kind, s->in->kind))
			emit_as(s, TOKEN_IDENT);
	}
}

/* From an opening bracket to the one that closes it. A declaration's keyword inside means that it
 * is missing: the rest is left to the next declaration. */
static void shape_balanced(struct shaper *s, int open, int close)
{
	int depth = 0;

	while (s->in->kind != TOKEN_END && !starts_declaration(s->in->kind)) {
		depth += s->in->kind == open;
		if (s->in->kind == close && !--depth) {
			emit_as(s, close);
			return;
		}
		shape_token(s);
	}
}

static bool is_junk(const struct token *token, enum diag_id id)
{
	return token->kind == TOKEN_JUNK && token->number == id;
}

/* What a component may begin with. */
static bool is_first_piece(const struct token *token)
{
	return token->kind == TOKEN_IDENT || token->kind == '*' ||
	       is_junk(token, DIAG_PRE_ARGUMENT) || token_is_keyword(token->kind);
}

static bool is_piece(const struct token *token)
{
	return is_first_piece(token) || token->kind == TOKEN_NUMBER ||
	       is_junk(token, DIAG_PARSE_NUMBER);
}

/* '?' in a component is a wildcard only where a name goes on right behind it. */
static bool is_wild_mark(const struct token *token)
{
	return token->kind == '?' && token->glued && is_piece(&token[1]) && token[1].glued &&
	       token[1].kind != TOKEN_IF;
}

/* The "]" that ends a character class which begins at @token, or NULL. */
static const struct token *class_end(const struct token *token)
{
	if (token->kind != '[')
		return NULL;
	for (const struct token *t = token + 1; t->glued; t++) {
		if (t->kind == ']')
			return t->span.source == token->span.source ? t : NULL;
		if (t->kind != '-' && t->kind != '^' && t->kind != '!' && !is_piece(t))
			break;
	}
	return NULL;
}

/* The text of the piece at s->in, and its end. */
static const char *piece_text(struct shaper *s, const struct token **last)
{
	const struct token *end = class_end(s->in);

	*last = s->in;
	if (end) {
		*last = end;
		return arena_strndup(s->session->arena,
				     s->in->span.source->text + s->in->span.begin,
				     end->span.end - s->in->span.begin);
	}
	return s->in->kind == '*' ? "*" : s->in->kind == '?' ? "?" : s->in->text;
}

/* A component's name, of glued pieces: sys*, **, vfs_[rw]*. */
static void shape_component(struct shaper *s)
{
	struct token *name = vec_push(s->session->arena, s->out);
	const struct token *last;
	const char *text = "";

	*name = *s->in;
	name->kind = TOKEN_COMPONENT;
	do {
		if (is_junk(s->in, DIAG_PRE_ARGUMENT))
			token_report_junk(s->session, s->in);
		text = arena_printf(s->session->arena, "%s%s", text, piece_text(s, &last));
		name->span = span_join(name->span, last->span);
		s->in = last + 1;
	} while (s->in->glued && (is_piece(s->in) || is_wild_mark(s->in) || class_end(s->in)));
	name->text = intern_str(s->session->names, text);
	name->length = (uint32_t)strlen(text);
}

/* The slash that ends a predicate: no expression goes on behind it. NULL: there is none. */
static const struct token *predicate_end(const struct token *token)
{
	int depth = 0;

	for (; token->kind != TOKEN_END && !starts_declaration(token->kind); token++) {
		int next = token[1].kind;

		depth += (token->kind == '(') - (token->kind == ')');
		if (token->kind == '/' && !depth &&
		    (next == '{' || next == ';' || next == TOKEN_END || starts_declaration(next)))
			return token;
		if (token->kind == '{')
			return NULL;
	}
	return NULL;
}

static void shape_predicate(struct shaper *s)
{
	const struct token *end = predicate_end(s->in + 1);

	if (!end) {
		emit_as(s, '/');
		return;
	}
	emit_as(s, TOKEN_PREDICATE_OPEN);
	while (s->in < end)
		shape_token(s);
	emit_as(s, TOKEN_PREDICATE_CLOSE);
}

/* Behind a component. Returns whether another component may follow; *done: the points end here. */
static bool shape_after_component(struct shaper *s, int *groups, bool *done)
{
	switch (s->in->kind) {
	case '(':
		shape_balanced(s, '(', ')');
		return false;
	case '.': case ',': case '=': case TOKEN_ADD_ASSIGN:
		emit_as(s, s->in->kind);
		return true;
	case '?':
		emit_as(s, TOKEN_OPTIONAL);
		return false;
	case '!':
		emit_as(s, TOKEN_SUFFICIENT);
		return false;
	case TOKEN_IF:
		emit_as(s, TOKEN_IF);
		if (s->in->kind == '(')
			shape_balanced(s, '(', ')');
		return false;
	case '/':
		shape_predicate(s);
		return false;
	case '}':
		if (*groups) {
			--*groups;
			emit_as(s, TOKEN_GROUP_CLOSE);
			return false;
		}
		break;
	default:
		break;
	}
	*done = true;
	return false;
}

/* Probe points up to their handler, and that. */
static void shape_points(struct shaper *s)
{
	bool component = true, done = false;
	int groups = 0;

	while (!done) {
		if (!component) {
			component = shape_after_component(s, &groups, &done);
		} else if (s->in->kind == '{') {
			groups++;
			emit_as(s, TOKEN_GROUP_OPEN);
		} else if (is_first_piece(s->in) || class_end(s->in)) {
			shape_component(s);
			component = false;
		} else {
			return;		/* the grammar says what is wrong */
		}
	}
	if (s->in->kind != '{')
		return;
	shape_balanced(s, '{', '}');
	if (s->in->kind == ',' && s->in[1].kind == '{') {
		emit_as(s, ',');
		shape_balanced(s, '{', '}');
	}
}

/* function NAME:type (…) and its body. */
static void shape_function(struct shaper *s)
{
	do {
		shape_token(s);
	} while (s->in->kind != TOKEN_END && s->in->kind != '{' && s->in->kind != TOKEN_EMBEDDED &&
		 !starts_declaration(s->in->kind));
	if (s->in->kind == '{')
		shape_balanced(s, '{', '}');
}

/* Whether a declaration of globals ends before @token. In a one-liner, a name that no comma
 * precedes begins a probe. */
static bool globals_end(const struct token *token, int previous)
{
	if (token->kind == TOKEN_IDENT)
		return previous != ',' && previous != TOKEN_GLOBAL && previous != TOKEN_PRIVATE;
	return token->kind == TOKEN_END || token->kind == '{' || token->kind == ';' ||
	       starts_declaration(token->kind);
}

/* global a, b[5] = … */
static void shape_globals(struct shaper *s)
{
	int previous;

	do {
		previous = s->in->kind;
		shape_token(s);
	} while (!globals_end(s->in, previous));
	if (s->in->kind == ';')
		emit_as(s, ';');
}

/* A probe whose first word was left out. */
static void shape_implicit(struct shaper *s)
{
	struct token *start = vec_push(s->session->arena, s->out);

	*start = *s->in;
	start->kind = TOKEN_IMPLICIT_PROBE;
	start->span.end = start->span.begin;
	shape_points(s);
	s->separated = vec_last(s->out).kind == '}';
}

/* A declaration, or one token that begins none. */
static void shape_declaration(struct shaper *s)
{
	bool is_private = s->in->kind == TOKEN_PRIVATE && s->in[1].kind == TOKEN_IDENT;

	switch (is_private ? TOKEN_GLOBAL : s->in->kind) {
	case TOKEN_PROBE:
		emit_as(s, TOKEN_PROBE);
		shape_points(s);
		s->separated = vec_last(s->out).kind == '}';
		return;
	case TOKEN_PRIVATE:
		emit_as(s, TOKEN_PRIVATE);
		return;
	case TOKEN_GLOBAL:
		shape_globals(s);
		break;
	case TOKEN_FUNCTION:
		shape_function(s);
		break;
	case '{':
		shape_balanced(s, '{', '}');
		break;
	case ';':
		if (s->one_liner)
			s->in++;
		else
			emit_as(s, ';');
		break;
	default:
		if (s->one_liner && s->separated && (is_first_piece(s->in) || class_end(s->in))) {
			shape_implicit(s);
			return;
		}
		shape_token(s);
	}
	s->separated = true;
}

void tokens_shape(struct session *session, const token_vec *in, bool one_liner, token_vec *out)
{
	struct shaper s = { session, in->data, out, one_liner, true };

	while (s.in->kind != TOKEN_END)
		shape_declaration(&s);
	emit_as(&s, TOKEN_END);
}
