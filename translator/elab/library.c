/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/elab/library.h"
#include "translator/elab/tapset-index.h"
#include "translator/parse/parse.h"
#include "translator/session.h"
#include "translator/util/diag.h"
#include "translator/util/intern.h"

struct library {
	struct session *session;
	struct map functions, globals, macros;	/* name -> tapset_vec * */
	struct map sources;			/* path -> struct tapset * */
	library_alias_vec aliases;
};

static void name_add(struct library *library, struct map *map, const char *name,
		     struct tapset *tapset)
{
	struct arena *arena = library->session->arena;
	tapset_vec *files = map_get(map, name);

	if (!files) {
		files = arena_new_of(arena, tapset_vec);
		map_put(map, name, files);
	}
	if (!files->count || vec_last(files) != tapset)
		*vec_push(arena, files) = tapset;
}

/* What the index reader calls for each file, then for each name in it. */
static void *index_file(void *context, const char *path)
{
	struct library *library = context;
	struct tapset *tapset = arena_new_of(library->session->arena, struct tapset);
	size_t length = strlen(path);

	tapset->path = intern_str(library->session->names, path);
	tapset->is_macros = length > 5 && strcmp(path + length - 5, ".stpm") == 0;
	map_put(&library->sources, tapset->path, tapset);
	return tapset;
}

static void index_name(void *context, void *file, enum name_kind kind, const char *text)
{
	struct library *library = context;
	const char *name = intern_str(library->session->names, text);
	struct map *const maps[] = {
		[NAME_FUNCTION] = &library->functions,
		[NAME_GLOBAL] = &library->globals,
		[NAME_MACRO] = &library->macros,
	};

	if (kind == NAME_ALIAS)
		*vec_push(library->session->arena, &library->aliases) =
			(struct library_alias){ name, file };
	else if (kind != NAME_MACRO || ((struct tapset *)file)->is_macros)
		name_add(library, maps[kind], name, file);
}

static const struct tapset_index_sink library_sink = { index_file, index_name };

static struct source *tapset_source(struct library *library, struct tapset *tapset)
{
	struct session *session = library->session;
	struct source *source = source_read(session->arena, tapset->path);

	if (!source) {
		diag(session->diags, DIAG_SEM_TAPSET_UNREADABLE, (struct span){ 0 }, tapset->path,
		     strerror(errno));
		return NULL;
	}
	source->name = tapset->path;
	source->tapset = source->privileged = true;
	return source;
}

static void find_macro(struct session *session, const char *name)
{
	const tapset_vec *files = map_get(&session->library->macros, name);

	for (size_t i = 0; files && i < files->count; i++) {
		struct tapset *tapset = files->data[i];

		if (tapset->in_use)
			continue;
		tapset->in_use = true;
		struct source *source = tapset_source(session->library, tapset);

		if (source)
			parse_macros(session, source);
	}
}

struct library *library_open(struct session *session)
{
	struct library *library = arena_new_of(session->arena, struct library);

	library->session = session;
	session->library = library;
	map_init(&library->functions, session->arena);
	map_init(&library->globals, session->arena);
	map_init(&library->macros, session->arena);
	map_init(&library->sources, session->arena);
	for (size_t i = 0; i < session->options.tapset_dirs.count; i++)
		tapset_index_read(session, session->options.tapset_dirs.data[i], &library_sink,
				  library);
	parse_set_macro_finder(session, find_macro);
	return library;
}

struct file *library_file(struct library *library, struct tapset *tapset)
{
	if (!tapset->file) {
		struct source *source = tapset_source(library, tapset);

		tapset->file = source ? parse_file(library->session, source) :
					arena_new_of(library->session->arena, struct file);
	}
	return tapset->file;
}

static const tapset_vec *files_of(struct library *library, const struct map *map, const char *name)
{
	static const tapset_vec none;
	const tapset_vec *files = map_get(map, name);

	if (!files)
		return &none;
	for (size_t i = 0; i < files->count; i++)
		library_file(library, files->data[i]);
	return files;
}

const tapset_vec *library_functions(struct library *library, const char *name)
{
	return files_of(library, &library->functions, name);
}

const tapset_vec *library_globals(struct library *library, const char *name)
{
	return files_of(library, &library->globals, name);
}

const library_alias_vec *library_aliases(struct library *library)
{
	return &library->aliases;
}

struct tapset *library_tapset_of(struct library *library, const struct source *source)
{
	return source && source->tapset ? map_get(&library->sources, source->name) : NULL;
}

const struct map *library_function_names(struct library *library)
{
	return &library->functions;
}

/* The directory of @path, once. */
static void add_directory(struct library *library, struct map *seen, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *directory = slash && slash != path ?
		intern_strn(library->session->names, path, slash - path) : "/";

	if (slash)
		map_put(seen, directory, library);
}

void library_deps(struct library *library, const char *const **paths, uint32_t *count)
{
	struct arena *arena = library->session->arena;
	VEC(const char *) out = { 0 };
	struct map directories;

	map_init(&directories, arena);
	for (size_t i = 0; i < library->sources.count; i++) {
		const struct tapset *tapset = library->sources.entries[i].value;

		add_directory(library, &directories, tapset->path);
		if (tapset->file || tapset->is_macros)
			*vec_push(arena, &out) = tapset->path;
	}
	for (size_t i = 0; i < library->session->options.tapset_dirs.count; i++)
		map_put(&directories, library->session->options.tapset_dirs.data[i], library);
	for (size_t i = 0; i < directories.count; i++)
		*vec_push(arena, &out) = directories.entries[i].key;
	*paths = out.data;
	*count = out.count;
}
