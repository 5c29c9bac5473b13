/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to say when the grammar cannot go on, from the tokens that it could have gone on with. */
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/parser.h"

struct expectation {
	const int *kinds;
	int count;
};

static bool expects(const struct expectation *e, int kind)
{
	for (int i = 0; i < e->count; i++)
		if (e->kinds[i] == kind)
			return true;
	return false;
}

/* What several expected tokens amount to together, if all are there; the most telling first. */
static const struct {
	int kinds[3];
	const char *what;
} groups[] = {
	{ { TOKEN_NUMBER, TOKEN_FOREACH, '}' }, "a statement or '}'" },
	{ { TOKEN_NUMBER, TOKEN_FOREACH, 0 }, "a statement" },
	{ { TOKEN_NUMBER, TOKEN_TARGET, '*' }, "an expression or '*'" },
	{ { TOKEN_NUMBER, TOKEN_TARGET, 0 }, "an expression" },
	{ { TOKEN_NUMBER, TOKEN_STRING, 0 }, "a literal number or string" },
	{ { TOKEN_COMPONENT, TOKEN_GROUP_OPEN, 0 }, "a probe point" },
	{ { '{', ',', TOKEN_PROBE }, "'{', ',' or '='" },
	{ { '{', TOKEN_PROBE, 0 }, "'{'" },
	{ { TOKEN_PROBE, TOKEN_FUNCTION, ',' }, "',', ';' or the next declaration" },
	{ { TOKEN_PROBE, TOKEN_FUNCTION, 0 }, "'probe', 'global', 'function' or 'private'" },
};

enum { GROUPS = sizeof groups / sizeof groups[0], LISTED = 4 };

/* Tokens that go on with an expression; never what someone forgot. */
static bool is_operator(int kind)
{
	static const char single[] = "+-*/%<>|^&.?=[";

	if (kind < 128)
		return strchr(single, kind) != NULL;
	return !token_is_keyword(kind) && kind != TOKEN_NUMBER && kind != TOKEN_STRING &&
	       kind != TOKEN_IDENT && kind != TOKEN_COMPONENT && kind != TOKEN_EMBEDDED &&
	       kind != TOKEN_END;
}

/* "')' or ','": the expected tokens by name, operators left out; NULL if there are too many. */
static const char *expected_list(struct parser *p, const struct expectation *e)
{
	int shown[LISTED], count = 0;
	const char *text = "";

	for (int i = 0; i < e->count; i++) {
		/* 'in' belongs to a foreach, or is one operator of many. */
		if (is_operator(e->kinds[i]) ||
		    (e->kinds[i] == TOKEN_IN && expects(e, TOKEN_LOGICAL_OR)))
			continue;
		if (count == LISTED)
			return NULL;
		shown[count++] = e->kinds[i];
	}
	for (int i = 0; i < count; i++)
		text = arena_printf(p->arena, "%s%s%s", text,
				    !i ? "" : i == count - 1 ? " or " : ", ",
				    token_kind_name(shown[i]));
	return count ? text : NULL;
}

static const char *expected_text(struct parser *p, const struct expectation *e)
{
	for (int i = 0; i < GROUPS; i++)
		if (expects(e, groups[i].kinds[0]) && expects(e, groups[i].kinds[1]) &&
		    (!groups[i].kinds[2] || expects(e, groups[i].kinds[2])))
			return groups[i].what;
	return expected_list(p, e);
}

static int closer_of(int kind)
{
	switch (kind) {
	case '(':
		return ')';
	case '[':
		return ']';
	case '{':
		return '}';
	case TOKEN_GROUP_OPEN:
		return TOKEN_GROUP_CLOSE;
	default:
		return 0;
	}
}

/* The innermost bracket of the declaration that is open before the last token, or NULL. */
static const struct token *open_bracket(const struct parser *p)
{
	size_t closed = 0;

	for (size_t i = p->last; i-- > p->item;) {
		int kind = p->tokens[i].kind;

		if (kind == ')' || kind == ']' || kind == '}' || kind == TOKEN_GROUP_CLOSE)
			closed++;
		else if (closer_of(kind) && !closed--)
			return &p->tokens[i];
	}
	return NULL;
}

/* A token that cannot stand inside brackets: what is missing is the closing one. */
static bool ends_bracket(const struct parser *p, const struct token *open)
{
	int kind = p->tokens[p->last].kind;

	if (kind == TOKEN_END || kind == TOKEN_PROBE || kind == TOKEN_GLOBAL ||
	    kind == TOKEN_FUNCTION || kind == TOKEN_PRIVATE)
		return true;
	return open->kind != '{' &&
	       (kind == ';' || kind == '{' || kind == '}' || kind == ')' || kind == ']');
}

static void hint_keyword(struct parser *p, const struct expectation *e, const struct token *found)
{
	const char *words[32], *near;
	size_t count = 0;

	if (found->kind != TOKEN_IDENT && found->kind != TOKEN_COMPONENT)
		return;
	for (int i = 0; i < e->count; i++) {
		const char *name = token_kind_name(e->kinds[i]);

		if (token_is_keyword(e->kinds[i]) && count < 32)
			words[count++] = arena_strndup(p->arena, name + 1, strlen(name) - 2);
	}
	near = diag_nearest(found->text, words, count);
	if (near)
		diag_hint(p->diags, "did you mean '%s'?", near);
}

/* Reports an operator behind an expression that it does not go on with; SystemTap puts 'in' below
 * the comparisons, and nothing goes on with a match. */
static bool report_bound(struct parser *p, const struct token *found)
{
	const struct expr *left = p->bound;
	const char *spelling;

	if (!left || left->parenthesised || !p->last ||
	    (!is_operator(found->kind) && found->kind != TOKEN_IN) ||
	    p->tokens[p->last - 1].span.end != left->span.end)
		return false;
	spelling = left->kind == EXPR_IN ? "in" : left->regex.negated ? "!~" : "=~";
	diag(p->diags, DIAG_PARSE_IN, left->tok, spelling, token_kind_name(found->kind));
	return true;
}

void parser_syntax_error(struct parser *p, const int *expected, int count)
{
	const struct expectation e = { expected, count };
	const struct token *found = &p->tokens[p->last], *open = open_bracket(p);
	const char *seen = token_describe(p->session, found), *wanted;

	for (size_t i = p->item; i <= p->last; i++)
		if (p->tokens[i].spoiled)
			return;
	if (open && expects(&e, closer_of(open->kind)) && ends_bracket(p, open)) {
		diag(p->diags, DIAG_PARSE_UNCLOSED, found->span,
		     token_kind_name(closer_of(open->kind)), seen);
		diag_note(p->diags, open->span, "to close this one");
		return;
	}
	if (report_bound(p, found))
		return;
	wanted = expected_text(p, &e);
	diag(p->diags, DIAG_PARSE_SYNTAX, found->span,
	     wanted ? arena_printf(p->arena, "expected %s, found %s", wanted, seen)
		    : arena_printf(p->arena, "%s cannot stand here", seen));
	hint_keyword(p, &e, found);
}
