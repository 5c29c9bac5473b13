/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a name means at a place: private names of the same file first, then the user's (a
 * user's function goes before one of the library of the same arity, which `next` then
 * reaches), then public ones of the library.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "translator/elab/elab-priv.h"
#include "translator/parse/parse.h"
#include "translator/util/intern.h"

/* Once a library file is part of the program its own probes are, too. */
static void use_tapset(struct elab *elab, struct tapset *tapset)
{
	if (tapset->in_use)
		return;
	tapset->in_use = true;
	for (size_t i = 0; i < tapset->file->probes.count; i++)
		*vec_push(elab->session->arena, &elab->pending) =
			(struct pending_probe){ tapset->file->probes.data[i], tapset->file };
}

static void add_user_functions(struct elab *elab, const char *name, const struct source *source,
			       function_vec *out)
{
	const function_vec *user = map_get(&elab->user_functions, name);

	for (size_t i = 0; user && i < user->count; i++)
		if (!user->data[i]->is_private || user->data[i]->span.source == source)
			*vec_push(elab->session->arena, out) = user->data[i];
}

void names_functions(struct elab *elab, const char *name, const struct source *source,
		     function_vec *out)
{
	struct arena *arena = elab->session->arena;
	struct function *own = map_get(&elab->synthetic, name);

	if (own) {
		*vec_push(arena, out) = own;
		return;
	}
	add_user_functions(elab, name, source, out);
	const tapset_vec *files = library_functions(elab->session->library, name);

	for (size_t i = 0; i < files->count; i++) {
		struct file *file = files->data[i]->file;
		bool same = file->source == source;

		for (size_t j = 0; j < file->functions.count; j++) {
			struct function *function = file->functions.data[j];

			if (function->name != name || (function->is_private && !same))
				continue;
			*vec_push(arena, out) = function;
		}
	}
}

/* Called when a function or global of a library file becomes part of the program. */
static struct global *library_global(struct elab *elab, const char *name,
				     const struct source *source)
{
	const tapset_vec *files = library_globals(elab->session->library, name);

	for (size_t i = 0; i < files->count; i++) {
		struct file *file = files->data[i]->file;

		for (size_t j = 0; j < file->globals.count; j++) {
			struct global *global = file->globals.data[j];

			if (global->name != name ||
			    (global->is_private && file->source != source))
				continue;
			use_tapset(elab, files->data[i]);
			return global;
		}
	}
	return NULL;
}

struct global *names_global(struct elab *elab, const char *name, const struct source *source)
{
	struct global *global = map_get(&elab->user_globals, name);

	/* a tapset's own implicit locals are not captured by what the user calls a global */
	if (global && source && !source->tapset &&
	    (!global->is_private || global->span.source == source))
		return global;
	return library_global(elab, name, source);
}

void names_use_function(struct elab *elab, const struct function *function)
{
	struct tapset *tapset = library_tapset_of(elab->session->library, function->span.source);

	if (tapset)
		use_tapset(elab, tapset);
}

struct function *names_signature(struct elab *elab, const struct intrinsic *intrinsic)
{
	struct function *signature = map_get(&elab->signatures, intrinsic->name);

	if (!signature) {
		signature = parse_signature(elab->session, intrinsic->signature);
		if (!signature)
			return NULL;
		map_put(&elab->signatures, intrinsic->name, signature);
	}
	return signature;
}

static bool declare_function(struct elab *elab, struct function *function)
{
	function_vec *list = map_get(&elab->user_functions, function->name);

	if (!list) {
		list = arena_new_of(elab->session->arena, function_vec);
		map_put(&elab->user_functions, function->name, list);
	}
	*vec_push(elab->session->arena, list) = function;
	return true;
}

static bool declare_global(struct elab *elab, struct global *global)
{
	const struct global *other = map_get(&elab->user_globals, global->name);

	if (other) {
		diag(elab->session->diags, DIAG_SEM_DUPLICATE, global->span, "global",
		     global->name);
		diag_note(elab->session->diags, other->span, "declared first here");
		return false;
	}
	map_put(&elab->user_globals, global->name, global);
	return true;
}

bool names_declare_user_file(struct elab *elab, struct file *file)
{
	struct arena *arena = elab->session->arena;
	bool ok = true;

	*vec_push(arena, &elab->user_files) = file;
	for (size_t i = 0; i < file->globals.count; i++)
		ok &= declare_global(elab, file->globals.data[i]);
	for (size_t i = 0; i < file->functions.count; i++)
		ok &= declare_function(elab, file->functions.data[i]);
	for (size_t i = 0; i < file->probes.count; i++)
		*vec_push(arena, &elab->pending) =
			(struct pending_probe){ file->probes.data[i], file };
	return ok;
}

void names_suggest_function(struct elab *elab, const char *name)
{
	const struct map *library = library_function_names(elab->session->library);
	name_vec names = { 0 };

	for (size_t i = 0; i < elab->user_functions.count; i++)
		*vec_push(elab->session->arena, &names) = elab->user_functions.entries[i].key;
	for (size_t i = 0; i < library->count; i++)
		if (strncmp(library->entries[i].key, "__", 2) != 0)
			*vec_push(elab->session->arena, &names) = library->entries[i].key;
	const char *near = diag_nearest(name, names.data, names.count);

	if (near)
		diag_hint(elab->session->diags, "did you mean '%s'?", near);
}

/* A global of the script, or of the tapsets: of these it need not be used. */
static struct global *global_of_option(struct elab *elab, const char *name)
{
	struct global *global = map_get(&elab->user_globals, name);
	const tapset_vec *files = global ? NULL : library_globals(elab->session->library, name);

	for (size_t i = 0; files && !global && i < files->count; i++) {
		struct file *file = files->data[i]->file;

		for (size_t j = 0; !global && j < file->globals.count; j++)
			if (file->globals.data[j]->name == name &&
			    !file->globals.data[j]->is_private)
				global = file->globals.data[j];
	}
	return global;
}

/* One -G NAME=VALUE: a number where it reads as one, else a string. */
static bool apply_option(struct elab *elab, const char *option)
{
	struct session *session = elab->session;
	const char *equals = strchr(option, '=');
	struct span at = { .source = elab->user_files.data[0]->source };

	if (!equals || equals == option)
		return diag(session->diags, DIAG_SEM_OPTION_GLOBAL, at, option,
			    "expected NAME=VALUE");
	const char *name = intern_strn(session->names, option, equals - option);
	struct global *global = global_of_option(elab, name);

	if (!global)
		return diag(session->diags, DIAG_SEM_OPTION_GLOBAL, at, option,
			    "there is no such global");
	if (global->is_array)
		return diag(session->diags, DIAG_SEM_OPTION_GLOBAL, at, option,
			    "an array cannot be given a value");
	char *end;
	struct expr *init = arena_new_of(session->arena, struct expr);

	errno = 0;
	init->span = init->tok = global->span;
	init->number = strtoll(equals + 1, &end, 0);
	init->kind = EXPR_NUMBER;
	init->type = TYPE_LONG;
	if (end == equals + 1 || *end || errno) {
		init->kind = EXPR_STRING;
		init->type = TYPE_STRING;
		init->string.text = arena_strdup(session->arena, equals + 1);
		init->string.length = strlen(equals + 1);
	}
	global->init = init;
	return true;
}

bool names_apply_options(struct elab *elab)
{
	bool ok = true;

	for (size_t i = 0; i < elab->session->options.globals.count; i++)
		ok &= apply_option(elab, elab->session->options.globals.data[i]);
	return ok;
}
