/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "translator/parse/at-op.h"
#include "translator/parse/gram.h"
#include "translator/parse/preproc.h"
#include "translator/parse/state.h"
#include "translator/session.h"

enum {
	EXPAND_DEPTH = 200,		/* a macro in a macro in … */
	EXPAND_TOKENS = 4 * 1000 * 1000, /* in all: macros that double need no great depth */
};

/* An argument is expanded where its parameter stands; it means what it does where it is written. */
struct closure {
	const struct token *tokens;
	size_t count;
	const struct scope *scope;
};

typedef VEC(struct closure) closure_vec;

/* Where names are looked up while a text is expanded: a macro's parameters, or a file. */
struct scope {
	const struct macro *macro;	/* NULL: the file itself */
	const struct closure *args;
	const struct origin *origin;	/* of tokens of the body */
};

struct expander {
	struct session *session;
	struct map macros;		/* of this file */
	token_vec *out;
	int depth;
	bool stopped;			/* reported: expand nothing more */
};

static const struct macro *macro_find(struct expander *x, const char *name)
{
	struct parse_state *state = state_get(x->session);
	const struct macro *macro = map_get(&x->macros, name);

	if (!macro)
		macro = map_get(&state->macros, name);
	if (macro || at_op_find(name) || !state->find_macro || map_get(&state->sought, name))
		return macro;
	map_put(&state->sought, name, state);	/* before the call: the finder parses macros too */
	state->find_macro(x->session, name);
	return map_get(&state->macros, name);
}

static const struct closure *param_find(const struct scope *scope, const char *name)
{
	if (!scope->macro)
		return NULL;
	/* Of two with one name, the last is meant. */
	for (size_t i = scope->macro->params.count; i-- > 0;)
		if (scope->macro->params.data[i] == name)
			return &scope->args[i];
	return NULL;
}

static int nesting(int kind)
{
	switch (kind) {
	case '(': case '[': case TOKEN_PP_IF:
		return 1;
	case ')': case ']': case TOKEN_PP_END:
		return -1;
	default:
		return 0;
	}
}

/* Reads "(a, b)" at tokens[*at]; leaves *at behind it. False if it does not end. */
static bool args_read(struct expander *x, const struct token *tokens, size_t count, size_t *at,
		      const struct scope *scope, closure_vec *args)
{
	size_t start = ++*at;
	int depth = 0;

	for (; *at < count; ++*at) {
		int kind = tokens[*at].kind;
		struct closure *arg;

		if (kind == TOKEN_END)
			return false;
		if (depth || (kind != ',' && kind != ')')) {
			depth += nesting(kind);
			continue;
		}
		arg = vec_push(x->session->arena, args);
		*arg = (struct closure){ tokens + start, *at - start, scope };
		start = *at + 1;
		if (kind == ')') {
			++*at;
			return true;
		}
	}
	return false;
}

static const struct scope *scope_of(struct expander *x, const struct macro *macro,
				    const struct closure *args, struct span use)
{
	struct scope *scope = arena_new_of(x->session->arena, struct scope);
	struct origin *origin = arena_new_of(x->session->arena, struct origin);

	origin->what = "expansion of macro";
	origin->name = macro->name;
	origin->where = use;
	*scope = (struct scope){ macro, args, origin };
	return scope;
}

static void expand(struct expander *x, const struct token *tokens, size_t count,
		   const struct scope *scope);

/* Stands for the expansion that could not be made, wherever that is. */
static void spoil(struct expander *x, struct span use)
{
	struct token *token = vec_push(x->session->arena, x->out);

	token->kind = TOKEN_NUMBER;
	token->span = use;
	token->spoiled = true;
}

/* Reads the arguments of the use of @macro that ends before tokens[*at]. */
static bool use_args(struct expander *x, const struct macro *macro, const struct token *tokens,
		     size_t count, size_t *at, const struct scope *scope, struct span use,
		     closure_vec *args)
{
	struct diags *diags = x->session->diags;

	if (*at >= count || tokens[*at].kind != '(')
		return diag(diags, DIAG_PRE_MACRO_CALL, use, macro->name);
	if (!args_read(x, tokens, count, at, scope, args)) {
		x->stopped = true;
		return diag(diags, DIAG_PARSE_UNCLOSED, use, "')' of the macro's arguments",
			    "the end of the text");
	}
	if (args->count == macro->params.count)
		return true;
	diag(diags, DIAG_PRE_MACRO_ARGS, use, macro->name, (int)macro->params.count,
	     macro->params.count == 1 ? "" : "s", (int)args->count);
	diag_note(diags, macro->span, "the macro is defined here");
	return false;
}

/* Expands the use of @macro at tokens[*at]; leaves *at behind it and its arguments. */
static void expand_use(struct expander *x, const struct macro *macro, const struct token *tokens,
		       size_t count, size_t *at, const struct scope *scope)
{
	struct span use = tokens[*at].span;
	closure_vec args = { 0 };

	if (!use.origin)
		use.origin = scope->origin;
	++*at;
	if (macro->has_params && !use_args(x, macro, tokens, count, at, scope, use, &args)) {
		spoil(x, use);
		return;
	}
	if (x->depth >= EXPAND_DEPTH || x->out->count > EXPAND_TOKENS) {
		x->stopped = true;
		diag(x->session->diags, DIAG_PRE_LOOP, use, macro->name);
		return;
	}
	expand(x, macro->body, macro->body_count, scope_of(x, macro, args.data, use));
}

static void expand(struct expander *x, const struct token *tokens, size_t count,
		   const struct scope *scope)
{
	x->depth++;
	for (size_t i = 0; i < count && !x->stopped;) {
		const struct token *token = &tokens[i];
		bool named = token->kind == TOKEN_AT_NAME;
		const struct closure *arg = named ? param_find(scope, token->text) : NULL;
		const struct macro *macro = named && !arg ? macro_find(x, token->text) : NULL;

		if (arg && x->depth < EXPAND_DEPTH) {
			expand(x, arg->tokens, arg->count, arg->scope);
			i++;
		} else if (macro) {
			expand_use(x, macro, tokens, count, &i, scope);
		} else {
			struct token *copy = vec_push(x->session->arena, x->out);

			*copy = *token;
			if (scope->origin)
				copy->span.origin = scope->origin;
			i++;
		}
	}
	x->depth--;
}

/* "(a, b)" behind the macro's name at *at. */
static bool params_read(struct session *session, struct macro *macro, const token_vec *in,
			size_t *at)
{
	const struct token *token = &in->data[++*at];

	macro->has_params = true;
	for (;; token = &in->data[++*at]) {
		if (token->kind != TOKEN_IDENT)
			return diag(session->diags, DIAG_PRE_DEFINE, token->span,
				    "expected a parameter's name");
		*vec_push(session->arena, &macro->params) = token->text;
		token = &in->data[++*at];
		if (token->kind == ')')
			break;
		if (token->kind != ',')
			return diag(session->diags, DIAG_PRE_DEFINE, token->span,
				    "expected ',' or ')' in the parameters");
	}
	++*at;
	return true;
}

struct macro *macro_define(struct session *session, const token_vec *in, size_t *at)
{
	struct macro *macro = arena_new_of(session->arena, struct macro);
	const struct token *token = &in->data[*at + 1];
	struct span open;
	int depth = 0;

	++*at;
	if (token->kind != TOKEN_IDENT) {
		diag(session->diags, DIAG_PRE_DEFINE, token->span, "expected the macro's name");
		return NULL;
	}
	macro->name = token->text;
	macro->span = token->span;
	token = &in->data[++*at];
	if (token->kind == '(') {
		if (!params_read(session, macro, in, at))
			return NULL;
		token = &in->data[*at];
	}
	if (token->kind != TOKEN_PP_IF) {
		diag(session->diags, DIAG_PRE_DEFINE, token->span,
		     "expected '%(' before the macro's text");
		return NULL;
	}
	open = token->span;
	macro->body = &in->data[++*at];
	for (; in->data[*at].kind != TOKEN_END; ++*at) {
		depth += in->data[*at].kind == TOKEN_PP_IF;
		if (in->data[*at].kind != TOKEN_PP_END || depth--)
			continue;
		macro->body_count = (size_t)(&in->data[*at] - macro->body);
		++*at;
		return macro;
	}
	diag(session->diags, DIAG_PRE_UNCLOSED, open);
	return NULL;
}

/* A malformed definition: past its body, if it has one. */
static void skip_definition(const token_vec *in, size_t *at)
{
	int depth = 0;

	if (token_is_keyword(in->data[*at].kind))
		++*at;
	while (in->data[*at].kind == TOKEN_IDENT || in->data[*at].kind == TOKEN_NUMBER ||
	       in->data[*at].kind == TOKEN_STRING || in->data[*at].kind == ',' ||
	       in->data[*at].kind == '(' || in->data[*at].kind == ')')
		++*at;
	if (in->data[*at].kind != TOKEN_PP_IF)
		return;
	for (; in->data[*at].kind != TOKEN_END; ++*at) {
		depth += (in->data[*at].kind == TOKEN_PP_IF) - (in->data[*at].kind == TOKEN_PP_END);
		if (!depth) {
			++*at;
			return;
		}
	}
}

static void define_local(struct expander *x, const token_vec *in, size_t *at)
{
	struct macro *macro = macro_define(x->session, in, at), *known;

	if (!macro) {
		skip_definition(in, at);
		return;
	}
	known = map_get(&x->macros, macro->name);
	if (known) {
		diag(x->session->diags, DIAG_PRE_REDEFINED, macro->span, macro->name);
		diag_note(x->session->diags, known->span, "first defined here");
		return;
	}
	if (at_op_find(macro->name))
		diag(x->session->diags, DIAG_PRE_BUILTIN, macro->span, macro->name);
	map_put(&x->macros, macro->name, macro);
}

/* The end of the text from @at to the next "@define" or the end of the file. */
static size_t text_end(const token_vec *in, size_t at)
{
	static const char define[] = "define";

	while (at < in->count &&
	       !(in->data[at].kind == TOKEN_AT_NAME && !strcmp(in->data[at].text, define)))
		at++;
	return at;
}

void macros_expand(struct session *session, const token_vec *in, token_vec *out)
{
	struct expander x = { .session = session, .out = out };
	const struct scope file = { 0 };

	map_init(&x.macros, session->arena);
	for (size_t at = 0; at < in->count && !x.stopped;) {
		size_t end = text_end(in, at);

		expand(&x, in->data + at, end - at, &file);
		at = end;
		if (at < in->count)
			define_local(&x, in, &at);
	}
	if (x.stopped)
		out->count = 0;		/* half a text would only give more errors */
	if (!out->count || vec_last(out).kind != TOKEN_END)
		*vec_push(session->arena, out) = vec_last(in);
}
