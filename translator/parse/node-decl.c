/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>

#include "translator/parse/gram.h"
#include "translator/parse/node.h"

bool node_embedded_allowed(struct parser *p, const struct token *token)
{
	if (p->session->options.guru || token->span.source->privileged)
		return true;
	return diag(p->diags, DIAG_PARSE_EMBEDDED, token->span);
}

void node_embedded_add(struct parser *p, const struct token *token)
{
	node_embedded_allowed(p, token);
	*vec_push(p->arena, &p->file->embedded) = token->text;
}

path_vec node_path(struct parser *p, struct span span, const struct token *name, struct expr *arg)
{
	path_vec paths = { 0 };
	struct path *path = vec_push(p->arena, &paths);

	*vec_push(p->arena, &path->parts) = (struct point_part){ name->text, arg, span };
	return paths;
}

static bool too_many(struct parser *p, size_t count)
{
	if (count <= PARSER_POINTS)
		return false;
	diag(p->diags, DIAG_PARSE_POINTS, p->tokens[p->last].span, PARSER_POINTS);
	p->too_deep = true;
	return true;
}

void node_path_join(struct parser *p, path_vec *paths, const path_vec *more)
{
	if (too_many(p, paths->count + more->count))
		return;
	for (size_t i = 0; i < more->count; i++)
		*vec_push(p->arena, paths) = more->data[i];
}

static void parts_append(struct parser *p, struct path *path, const struct path *more)
{
	for (size_t i = 0; i < more->parts.count; i++)
		*vec_push(p->arena, &path->parts) = more->parts.data[i];
	if (more->suffix)
		path->suffix = more->suffix;
}

void node_path_suffix(path_vec *paths, int suffix)
{
	for (size_t i = 0; suffix && i < paths->count; i++)
		paths->data[i].suffix = suffix;
}

/* Every path of @paths followed by every one of @more. */
void node_path_append(struct parser *p, struct span span, path_vec *paths, const path_vec *more)
{
	path_vec product = { 0 };
	bool ended = false;

	for (size_t i = 0; i < paths->count; i++)
		ended = ended || paths->data[i].suffix;
	if (ended)
		diag(p->diags, DIAG_PARSE_SYNTAX, span,
		     "'?' and '!' stand behind the last part of a probe point only");
	if (too_many(p, paths->count * more->count))
		return;
	if (more->count == 1) {		/* no braces here: nothing to copy */
		for (size_t i = 0; i < paths->count; i++)
			parts_append(p, &paths->data[i], &more->data[0]);
		return;
	}
	for (size_t i = 0; i < paths->count; i++) {
		for (size_t j = 0; j < more->count; j++) {
			struct path *path = vec_push(p->arena, &product);

			parts_append(p, path, &paths->data[i]);
			parts_append(p, path, &more->data[j]);
		}
	}
	*paths = product;
}

point_vec node_points(struct parser *p, struct span span, const path_vec *paths,
		      struct expr *condition)
{
	point_vec points = { 0 };

	for (size_t i = 0; i < paths->count; i++) {
		struct point *point = arena_new_of(p->arena, struct point);

		for (size_t j = 0; j < paths->data[i].parts.count; j++)
			*vec_push(p->arena, &point->parts) = paths->data[i].parts.data[j];
		point->optional = paths->data[i].suffix == TOKEN_OPTIONAL;
		point->sufficient = paths->data[i].suffix == TOKEN_SUFFICIENT;
		point->condition = condition;
		point->span = span;
		point->from_brace = paths->count > 1;
		*vec_push(p->arena, &points) = point;
	}
	return points;
}

void node_alias_name(struct parser *p, struct probe_parts *parts, const point_vec *points)
{
	const struct point *point = points->data[0];

	if (points->count > 1)
		diag(p->diags, DIAG_PARSE_ALIAS, points->data[1]->span, "a list");
	else if (point->optional || point->sufficient || point->condition)
		diag(p->diags, DIAG_PARSE_ALIAS, point->span, "one with '?', '!' or 'if'");
	*vec_push(p->arena, &parts->aliases) = points->data[0];
}

/* probe P /cond/ { … }: the handler begins with if (!(cond)) next. */
static struct stmt *with_predicate(struct parser *p, struct expr *predicate, struct stmt *body)
{
	struct token place = { .span = predicate->tok };
	struct expr *inverse = node_unary(p, predicate->span, OP_NOT, &place, predicate);
	struct stmt *next = node_stmt(p, STMT_NEXT, predicate->span, &place);
	stmt_vec stmts = { 0 };

	*vec_push(p->arena, &stmts) = node_if(p, predicate->span, &place, inverse, next, NULL);
	*vec_push(p->arena, &stmts) = body;
	place.span = body->tok;
	return node_block(p, body->span, &place, &stmts);
}

void node_probe(struct parser *p, struct span span, const struct probe_parts *parts)
{
	struct probe *probe = arena_new_of(p->arena, struct probe);
	const struct token *found = &p->tokens[p->last];

	probe->span = span;
	probe->points = parts->points;
	probe->body = parts->body;
	if (!parts->body && !p->too_deep && (!p->one_liner || parts->aliases.count))
		diag(p->diags, DIAG_PARSE_HANDLER, found->span, token_describe(p->session, found));
	if (parts->predicate && parts->body)
		probe->body = with_predicate(p, parts->predicate, parts->body);
	else
		probe->predicate = parts->predicate;
	if (parts->epilogue && parts->is_epilogue)
		diag(p->diags, DIAG_PARSE_EPILOGUE, parts->comma->span);
	for (size_t i = 0; i < parts->aliases.count; i++)
		*vec_push(p->arena, &probe->alias_names) = parts->aliases.data[i];
	probe->alias_is_epilogue = parts->is_epilogue;
	probe->alias_epilogue = parts->epilogue;
	if (parts->aliases.count)
		*vec_push(p->arena, &p->file->aliases) = probe;
	else
		*vec_push(p->arena, &p->file->probes) = probe;
}

static struct global *global_find(struct parser *p, const char *name, uint32_t hash)
{
	for (uint32_t at = finder_first(&p->global_finder, hash); at;
	     at = finder_next(&p->global_finder, at))
		if (p->file->globals.data[at - 1]->name == name)
			return p->file->globals.data[at - 1];
	return NULL;
}

void node_global(struct parser *p, struct span span, const struct global_parts *parts,
		 bool is_private)
{
	struct global *global = arena_new_of(p->arena, struct global);
	uint32_t hash = finder_hash((uintptr_t)parts->name->text, 0);
	const struct global *known = global_find(p, parts->name->text, hash);

	(void)span;
	if (known) {
		diag(p->diags, DIAG_PARSE_DUPLICATE, parts->name->span, "global", known->name);
		diag_note(p->diags, known->span, "first declared here");
		return;
	}
	global->name = parts->name->text;
	global->span = parts->name->span;
	global->is_private = is_private;
	global->wraps = parts->wraps;
	global->is_array = parts->size;
	global->init = parts->init;
	if (parts->size && (parts->size->number < 1 || parts->size->number > INT_MAX))
		diag(p->diags, DIAG_PARSE_ARRAY_SIZE, parts->size->span);
	else if (parts->size)
		global->max_entries = parts->size->number;
	if (parts->size && parts->init)
		diag(p->diags, DIAG_PARSE_ARRAY_INIT, parts->init->span);
	finder_add(&p->global_finder, p->arena, hash);
	*vec_push(p->arena, &p->file->globals) = global;
}

static enum type type_of(int token)
{
	return token == TOKEN_LONG	    ? TYPE_LONG
	       : token == TOKEN_STRING_TYPE ? TYPE_STRING
					    : TYPE_UNKNOWN;
}

void node_param(struct parser *p, local_vec *params, const struct token *name, int type)
{
	struct local *local = arena_new_of(p->arena, struct local);

	for (size_t i = 0; i < params->count; i++) {
		if (params->data[i]->name != name->text)
			continue;
		diag(p->diags, DIAG_PARSE_DUPLICATE, name->span, "parameter", name->text);
		diag_note(p->diags, params->data[i]->span, "first declared here");
	}
	local->name = name->text;
	local->span = name->span;
	local->is_param = true;
	local->type = type_of(type);
	local->type_span = name->span;
	*vec_push(p->arena, params) = local;
}

struct function *node_function(struct parser *p, const struct function_parts *parts)
{
	struct function *function = arena_new_of(p->arena, struct function);

	function->name = parts->name ? parts->name->text : NULL;
	function->span = parts->name ? parts->name->span : parts->type_span;
	function->is_private = parts->is_private;
	function->priority = -1;
	function->params = parts->params;
	function->body = parts->body;
	function->type = type_of(parts->type);
	function->type_declared = parts->type;
	function->type_span = parts->type_span;
	if (parts->priority && parts->priority->number < 1)
		diag(p->diags, DIAG_PARSE_PRIORITY, parts->priority->span);
	else if (parts->priority)
		function->priority = parts->priority->number;
	if (parts->embedded) {
		node_embedded_allowed(p, parts->embedded);
		function->embedded = parts->embedded->text;
	}
	return function;
}

void node_function_add(struct parser *p, const struct function_parts *parts)
{
	*vec_push(p->arena, &p->file->functions) = node_function(p, parts);
}
