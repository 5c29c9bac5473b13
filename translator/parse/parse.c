/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/parse.h"
#include "translator/parse/parser.h"
#include "translator/parse/state.h"

static bool starts_declaration(int kind)
{
	return kind == TOKEN_PROBE || kind == TOKEN_GLOBAL || kind == TOKEN_FUNCTION ||
	       kind == TOKEN_PRIVATE || kind == TOKEN_IMPLICIT_PROBE;
}

/* After an error: to the next declaration. */
static void parser_resume(struct parser *p)
{
	/* The token in error may begin it, unless it is where reading started. */
	p->at = p->last > p->item ? p->last : p->last + 1;
	if (p->tokens[p->last].kind == TOKEN_END)
		p->at = p->last;
	while (p->tokens[p->at].kind != TOKEN_END && !starts_declaration(p->tokens[p->at].kind))
		p->at++;
	p->item = p->at;
}

static void parser_init(struct parser *p, struct session *session, struct source *source)
{
	memset(p, 0, sizeof *p);
	p->session = session;
	p->arena = session->arena;
	p->diags = session->diags;
	p->source = source;
}

static void parser_run(struct parser *p, int start)
{
	int errors = diags_errors(p->diags);

	for (;;) {
		p->start = start;
		if (!gram_parse(p) || p->too_deep)
			return;
		parser_resume(p);
		if (p->tokens[p->at].kind == TOKEN_END ||
		    diags_errors(p->diags) - errors >= PARSER_ERRORS)
			return;
	}
}

static bool file_is_empty(const struct file *file)
{
	return !file->probes.count && !file->aliases.count && !file->functions.count &&
	       !file->globals.count && !file->embedded.count;
}

struct file *parse_file(struct session *session, struct source *source)
{
	token_vec scanned = { 0 }, processed = { 0 }, shaped = { 0 };
	int errors = diags_errors(session->diags);
	struct span start = { .source = source };
	struct parser p;

	parser_init(&p, session, source);
	p.one_liner = session->options.one_liner && !source->tapset;
	p.file = arena_new_of(session->arena, struct file);
	p.file->source = source;
	tokens_scan(session, source, &scanned);
	tokens_preprocess(session, &scanned, &processed);
	tokens_shape(session, &processed, p.one_liner, &shaped);
	p.tokens = shaped.data;
	parser_run(&p, TOKEN_START_FILE);
	if (file_is_empty(p.file) && !source->tapset && diags_errors(session->diags) == errors)
		diag(session->diags, DIAG_PARSE_EMPTY, start, source->name);
	return p.file;
}

struct file *parse_text(struct session *session, const char *name, const char *text, bool tapset)
{
	size_t length = strlen(text);
	struct source *source = source_new(session->arena, name,
					   arena_strndup(session->arena, text, length), length);

	source->tapset = tapset;
	source->privileged = tapset || session->options.guru;
	return parse_file(session, source);
}

struct function *parse_signature(struct session *session, const char *text)
{
	token_vec scanned = { 0 }, shaped = { 0 };
	struct source *source = source_new(session->arena, "<signature>", text, strlen(text));
	int errors = diags_errors(session->diags);
	struct parser p;

	parser_init(&p, session, source);
	tokens_scan(session, source, &scanned);
	tokens_shape(session, &scanned, false, &shaped);
	p.tokens = shaped.data;
	p.start = TOKEN_START_SIGNATURE;
	gram_parse(&p);
	return diags_errors(session->diags) == errors ? p.signature : NULL;
}
