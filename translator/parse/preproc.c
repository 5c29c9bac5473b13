/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which arms of %( … %) are kept, and the files that hold macros only. */
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/parse.h"
#include "translator/parse/preproc.h"
#include "translator/parse/state.h"
#include "translator/session.h"

enum { PREPROC_DEPTH = 500 };

struct chooser {
	struct session *session;
	const token_vec *in;
	size_t at;
	int depth;
	/* Does with a token that is not skipped what there is to do; steps over it. */
	void (*keep)(struct chooser *chooser);
	/* Whether the "%(" at `at` is to be left as it is; steps over it then. NULL: none is. */
	bool (*leave)(struct chooser *chooser);
	token_vec *out;
};

static void choose(struct chooser *c, bool nested);

/* "%(" is at c->at: keeps the arm that its condition chooses; leaves c->at behind its "%)". */
static void choose_arm(struct chooser *c)
{
	struct span open = c->in->data[c->at++].span;
	bool taken = false, good = c->depth < PREPROC_DEPTH;

	if (!good)
		diag(c->session->diags, DIAG_PARSE_DEPTH, open);
	good = good && cond_evaluate(c->session, c->in, &c->at, &taken);
	if (good && taken)
		choose(c, true);
	else
		cond_skip_arm(c->in, &c->at);
	if (c->in->data[c->at].kind == TOKEN_PP_ELSE) {
		c->at++;
		if (good && !taken)
			choose(c, true);
		else
			cond_skip_arm(c->in, &c->at);
	}
	/* A second "%:" has no meaning; what follows it is in no arm. */
	while (c->in->data[c->at].kind == TOKEN_PP_ELSE) {
		diag(c->session->diags, DIAG_PRE_STRAY, c->in->data[c->at++].span, "%:");
		cond_skip_arm(c->in, &c->at);
	}
	if (c->in->data[c->at].kind == TOKEN_PP_END)
		c->at++;
	else if (good)
		diag(c->session->diags, DIAG_PRE_UNCLOSED, open);
}

static void choose(struct chooser *c, bool nested)
{
	c->depth++;
	for (;;) {
		const struct token *token = &c->in->data[c->at];

		switch (token->kind) {
		case TOKEN_END:
			goto done;
		case TOKEN_PP_IF:
			if (!c->leave || !c->leave(c))
				choose_arm(c);
			break;
		case TOKEN_PP_THEN:
			diag(c->session->diags, DIAG_PRE_STRAY, token->span, "%?");
			c->at++;
			break;
		case TOKEN_PP_ELSE:
		case TOKEN_PP_END:
			if (nested)
				goto done;
			diag(c->session->diags, DIAG_PRE_STRAY, token->span,
			     token->kind == TOKEN_PP_ELSE ? "%:" : "%)");
			c->at++;
			break;
		default:
			c->keep(c);
		}
	}
done:
	c->depth--;
}

static void keep_token(struct chooser *c)
{
	*vec_push(c->session->arena, c->out) = c->in->data[c->at++];
}

static bool is_define(const struct token *token)
{
	return token->kind == TOKEN_AT_NAME && !strcmp(token->text, "define");
}

/* Keeps what stands from c->at to the end of the "%(" that begins there. */
static void keep_group(struct chooser *c)
{
	int depth = 0;

	do {
		int kind = c->in->data[c->at].kind;

		if (kind == TOKEN_END)
			return;
		depth += (kind == TOKEN_PP_IF) - (kind == TOKEN_PP_END);
		keep_token(c);
	} while (depth);
}

/* A definition is kept whole: the "%(" of its text is no condition yet. */
static void keep_with_text(struct chooser *c)
{
	bool defines = is_define(&c->in->data[c->at]);

	keep_token(c);
	while (defines && c->in->data[c->at].kind != TOKEN_PP_IF &&
	       c->in->data[c->at].kind != TOKEN_END)
		keep_token(c);
	if (defines)
		keep_group(c);
}

/* A condition is decided before macros are expanded if macros are defined in it, and none used to
 * decide it. */
static bool leave_plain(struct chooser *c)
{
	const struct token *token = &c->in->data[c->at];
	bool decided = false, defines = false;
	int depth = 0;

	do {
		decided = decided || token->kind == TOKEN_PP_THEN;
		if (!decided && token->kind == TOKEN_AT_NAME)
			break;
		defines = defines || is_define(token);
		depth += (token->kind == TOKEN_PP_IF) - (token->kind == TOKEN_PP_END);
	} while (depth && token++->kind != TOKEN_END);
	if (decided && defines)
		return false;
	keep_group(c);
	return true;
}

/* Expands the macros of @in; those that are defined are what the conditions around them choose. */
static void preprocess_macros(struct session *session, const token_vec *in, token_vec *out)
{
	token_vec chosen = { 0 };
	struct chooser chooser = { .session = session, .in = in, .keep = keep_with_text,
				   .leave = leave_plain, .out = &chosen };
	bool defines = false;

	for (size_t i = 0; i < in->count && !defines; i++)
		defines = is_define(&in->data[i]);
	if (defines) {
		choose(&chooser, false);
		*vec_push(session->arena, &chosen) = vec_last(in);
	}
	macros_expand(session, defines ? &chosen : in, out);
}

void tokens_preprocess(struct session *session, const token_vec *in, token_vec *out)
{
	token_vec expanded = { 0 };
	struct chooser chooser = { .session = session, .keep = keep_token, .out = out };
	bool plain = true;

	for (size_t i = 0; i < in->count && plain; i++)
		plain = in->data[i].kind != TOKEN_AT_NAME;
	/* Most files have no macros: no second copy of their tokens. */
	if (!plain)
		preprocess_macros(session, in, &expanded);
	chooser.in = plain ? in : &expanded;
	choose(&chooser, false);
	*vec_push(session->arena, out) = vec_last(chooser.in);
}

static void keep_definition(struct chooser *c)
{
	const struct token *token = &c->in->data[c->at];
	struct parse_state *state = state_get(c->session);
	struct macro *macro;

	if (!is_define(token)) {
		diag(c->session->diags, DIAG_PRE_LIBRARY, token->span,
		     token_describe(c->session, token));
		c->at++;
		return;
	}
	macro = macro_define(c->session, c->in, &c->at);
	/* The first file on the search path wins, as it does for functions. */
	if (macro && !map_get(&state->macros, macro->name))
		map_put(&state->macros, macro->name, macro);
}

void parse_macros(struct session *session, struct source *source)
{
	token_vec *tokens = arena_new_of(session->arena, token_vec);
	struct chooser chooser = { .session = session, .in = tokens, .keep = keep_definition };

	tokens_scan(session, source, tokens);
	choose(&chooser, false);
}
