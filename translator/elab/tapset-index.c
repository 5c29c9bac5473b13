/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "translator/elab/library.h"
#include "translator/elab/tapset-index.h"
#include "translator/session.h"

#define INDEX_NAME "index"
#define INDEX_VERSION "sonde-tapsets 1"
/* Package tools set times in any order within one installation. */
#define INDEX_SLACK_SECONDS 2

static const char kind_letters[] = { [NAME_FUNCTION] = 'f', [NAME_GLOBAL] = 'g',
				     [NAME_ALIAS] = 'a', [NAME_MACRO] = 'm' };

/* Is the file below arch/ for another machine? @path is relative to the directory. */
static bool is_foreign(const struct session *session, const char *path)
{
	const char *arch = session->kernel.arch;

	if (strncmp(path, "arch/", 5) != 0 || !arch)
		return false;
	size_t length = strcspn(path + 5, "/.");

	return length != strlen(arch) || strncmp(path + 5, arch, length) != 0;
}

static bool is_tapset_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] != '.' && dot && (strcmp(dot, ".stp") == 0 || strcmp(dot, ".stpm") == 0);
}

typedef VEC(const char *) path_vec;

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Relative paths of all tapsets below @directory / @below. */
static void collect(struct arena *arena, const char *directory, const char *below, path_vec *paths)
{
	DIR *dir = opendir(*below ? arena_printf(arena, "%s/%s", directory, below) : directory);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		char *path = *below ? arena_printf(arena, "%s/%s", below, entry->d_name) :
				      arena_strdup(arena, entry->d_name);
		struct stat info;

		if (fstatat(dirfd(dir), entry->d_name, &info, 0) != 0)
			continue;
		if (S_ISDIR(info.st_mode))
			collect(arena, directory, path, paths);
		else if (is_tapset_name(entry->d_name))
			*vec_push(arena, paths) = path;
	}
	if (dir)
		closedir(dir);
}

static void scan_file(struct session *session, const char *path,
		      const struct tapset_index_sink *sink, void *context)
{
	struct source *source = source_read(session->arena, path);
	defined_name_vec names = { 0 };

	if (!source)
		return;
	source->tapset = source->privileged = true;
	parse_names(session, source, &names);
	void *file = sink->file(context, path);

	for (size_t i = 0; i < names.count; i++)
		sink->name(context, file, names.data[i].kind, names.data[i].name);
}

static void collect_sorted(struct arena *arena, const char *directory, path_vec *paths)
{
	collect(arena, directory, "", paths);
	if (paths->count)
		qsort(paths->data, paths->count, sizeof(*paths->data), compare_paths);
}

static void scan_directory(struct session *session, const char *directory,
			   const struct tapset_index_sink *sink, void *context)
{
	path_vec paths = { 0 };

	collect_sorted(session->arena, directory, &paths);
	for (size_t i = 0; i < paths.count; i++)
		if (!is_foreign(session, paths.data[i]))
			scan_file(session,
				  arena_printf(session->arena, "%s/%s", directory, paths.data[i]),
				  sink, context);
}

/* Does the index still say what is there? Each file's size and time, and each directory's time. */
static bool is_fresh(struct session *session, const char *directory, const char *text,
		     time_t index_time)
{
	struct stat info;

	if (stat(directory, &info) != 0 || info.st_mtime > index_time + INDEX_SLACK_SECONDS)
		return false;
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line != 'F')
			continue;
		char *end;
		long long size = strtoll(line + 1, &end, 10);
		const char *name = end + 1;
		const char *path = arena_printf(session->arena, "%s/%.*s", directory,
						(int)strcspn(name, "\n"), name);
		const char *slash = strrchr(path, '/');

		if (stat(path, &info) != 0 || info.st_size != size ||
		    info.st_mtime > index_time + INDEX_SLACK_SECONDS)
			return false;
		if (stat(arena_strndup(session->arena, path, slash - path), &info) != 0 ||
		    info.st_mtime > index_time + INDEX_SLACK_SECONDS)
			return false;
	}
	return true;
}

/* One line of the index. */
static void index_line(struct session *session, const char *directory, char *line,
		       const struct tapset_index_sink *sink, void *context, void **file)
{
	if (line[0] == 'F') {
		char *end;

		strtoll(line + 1, &end, 10);
		end += *end == ' ';
		*file = is_foreign(session, end) ?
				NULL :
				sink->file(context, arena_printf(session->arena, "%s/%s", directory,
								 end));
		return;
	}
	for (size_t kind = 0; *file && kind < sizeof(kind_letters); kind++)
		if (line[0] == kind_letters[kind] && line[1] == ' ')
			sink->name(context, *file, kind, line + 2);
}

static bool read_index_file(struct session *session, const char *directory,
			    const struct tapset_index_sink *sink, void *context)
{
	const char *path = arena_printf(session->arena, "%s/" INDEX_NAME, directory);
	struct stat info;
	struct source *source = stat(path, &info) == 0 ? source_read(session->arena, path) : NULL;
	size_t version = strlen(INDEX_VERSION);

	if (!source || source->length <= version ||
	    strncmp(source->text, INDEX_VERSION "\n", version + 1) != 0 ||
	    !is_fresh(session, directory, source->text, info.st_mtime))
		return false;
	char *text = arena_strndup(session->arena, source->text, source->length);
	char *save = NULL;
	void *file = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		index_line(session, directory, line, sink, context, &file);
	return true;
}

void tapset_index_read(struct session *session, const char *directory,
		       const struct tapset_index_sink *sink, void *context)
{
	if (!read_index_file(session, directory, sink, context))
		scan_directory(session, directory, sink, context);
}

struct index_writer {
	FILE *out;
	const char *directory;
};

static void *write_file(void *context, const char *path)
{
	struct index_writer *writer = context;
	struct stat info;

	if (stat(path, &info) == 0)
		fprintf(writer->out, "F%lld %s\n", (long long)info.st_size,
			path + strlen(writer->directory) + 1);
	return writer;
}

static void write_name(void *context, void *file, enum name_kind kind, const char *name)
{
	struct index_writer *writer = context;

	(void)file;
	fprintf(writer->out, "%c %s\n", kind_letters[kind], name);
}

bool library_write_index(struct session *session, const char *directory)
{
	static const struct tapset_index_sink sink = { write_file, write_name };
	const char *path = arena_printf(session->arena, "%s/" INDEX_NAME, directory);
	const char *draft = arena_printf(session->arena, "%s.%d", path, (int)getpid());
	struct index_writer writer = { fopen(draft, "w"), directory };
	path_vec paths = { 0 };

	if (!writer.out) {
		fprintf(stderr, "sonde-translate: cannot write %s: %s\n", draft, strerror(errno));
		return false;
	}
	fprintf(writer.out, INDEX_VERSION "\n");
	collect_sorted(session->arena, directory, &paths);
	for (size_t i = 0; i < paths.count; i++)
		scan_file(session,
			  arena_printf(session->arena, "%s/%s", directory, paths.data[i]), &sink,
			  &writer);
	bool ok = !ferror(writer.out);

	ok = fclose(writer.out) == 0 && ok && rename(draft, path) == 0;
	if (ok)
		utimensat(AT_FDCWD, path, NULL, 0);
	else
		fprintf(stderr, "sonde-translate: cannot write %s: %s\n", path, strerror(errno));
	return ok;
}
