/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding files: programs in PATH, libraries as ld.so would, kernels, globs. */
#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "translator/debuginfo/priv.h"

struct paths { const char **data; size_t count, capacity; };

static const char *search_path(struct dsession *ds, const char *dir, const char *name)
{
	return arena_printf(ds->arena, "%s%s/%s", ds->sysroot, dir, name);
}

/* An absolute path is below the sysroot; a relative one is the user's own. */
static const char *search_rooted(struct dsession *ds, const char *path)
{
	return *path == '/' ? arena_printf(ds->arena, "%s%s", ds->sysroot, path) : path;
}

static bool search_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

const char *search_program(struct dsession *ds, const char *name)
{
	const char *p = getenv("PATH");

	if (!p || !*p)
		p = "/usr/local/bin:/usr/bin:/bin";
	while (*p) {
		size_t n = strcspn(p, ":");
		const char *dir = n ? arena_strndup(ds->arena, p, n) : ".";
		const char *path = search_path(ds, dir, name);

		if (search_is_file(path) && access(path, X_OK) == 0)
			return path;
		p += n + (p[n] == ':');
	}
	return NULL;
}

/* Is PATH an ELF file for the same machine as EXE (or as ourselves)? */
static bool search_fits(const char *path, struct dmodule *exe)
{
	unsigned char head[20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	int machine = exe ? exe->machine : EM_X86_64;
	int class = exe && exe->address_size == 4 ? ELFCLASS32 : ELFCLASS64;

	if (fd >= 0)
		close(fd);
	return n == sizeof(head) && !memcmp(head, ELFMAG, SELFMAG) &&
	       head[EI_CLASS] == class && (head[18] | head[19] << 8) == machine;
}

/* The library directories of ld.so.conf, recursively through its includes. */
static void search_conf(struct dsession *ds, const char *file, struct paths *dirs, int depth)
{
	FILE *f = fopen(file, "re");
	char line[1024];

	while (f && depth < 8 && fgets(line, sizeof(line), f)) {
		char *word = line + strspn(line, " \t");
		glob_t g;

		word[strcspn(word, "#\n")] = 0;
		for (size_t n = strlen(word); n && strchr(" \t", word[n - 1]); )
			word[--n] = 0;
		if (*word == '/') {
			*vec_push(ds->arena, dirs) = arena_strdup(ds->arena, word);
		} else if (!strncmp(word, "include", 7) && strchr(" \t", word[7])) {
			word += 7 + strspn(word + 7, " \t");
			if (glob(*word == '/' ? search_rooted(ds, word) :
				 search_path(ds, "/etc", word), 0, NULL, &g))
				continue;
			for (size_t i = 0; i < g.gl_pathc; i++)
				search_conf(ds, g.gl_pathv[i], dirs, depth + 1);
			globfree(&g);
		}
	}
	if (f)
		fclose(f);
}

static void search_library_dirs(struct dsession *ds, struct dmodule *exe, struct paths *dirs)
{
	static const char *const standard[] = {
		"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64",
		"/lib", "/usr/lib", "/usr/local/lib",
	};
	const char *env = getenv("LD_LIBRARY_PATH");
	char *origin;

	while (env && *env) {
		size_t n = strcspn(env, ":");

		if (n)
			*vec_push(ds->arena, dirs) = arena_strndup(ds->arena, env, n);
		env += n + (env[n] == ':');
	}
	search_conf(ds, search_path(ds, "/etc", "ld.so.conf"), dirs, 0);
	for (size_t i = 0; i < sizeof(standard) / sizeof(*standard); i++)
		*vec_push(ds->arena, dirs) = standard[i];
	/* $ORIGIN is the commonest run path of programs that ship their libraries. */
	if (exe && exe->path && !*ds->sysroot) {
		origin = arena_strdup(ds->arena, exe->path);
		*strrchr(origin, '/') = 0;
		*vec_push(ds->arena, dirs) = origin;
		*vec_push(ds->arena, dirs) = arena_printf(ds->arena, "%s/../lib", origin);
	}
}

struct ld_cache_head { char magic[20]; uint32_t count, strings; uint8_t pad[20]; };
struct ld_cache_row { int32_t flags; uint32_t key, value, osversion; uint64_t hwcap; };

/* Sonames in the loader's cache that match GLOB; the first that fits EXE. */
static const char *search_ld_cache(struct dsession *ds, const char *name, struct dmodule *exe)
{
	FILE *f = fopen(search_path(ds, "/etc", "ld.so.cache"), "re");
	const char *found = NULL;
	struct ld_cache_head head;
	char *text = NULL;
	struct stat st;

	if (!f)
		return NULL;
	if (fstat(fileno(f), &st) || st.st_size < (off_t)sizeof(head) || st.st_size > 64 << 20)
		goto out;
	text = malloc(st.st_size + 1);
	if (!text || fread(text, 1, st.st_size, f) != (size_t)st.st_size)
		goto out;
	text[st.st_size] = 0;
	memcpy(&head, text, sizeof(head));
	if (memcmp(head.magic, "glibc-ld.so.cache1.1", 20))
		goto out;
	for (uint32_t i = 0; i < head.count && !found; i++) {
		size_t at = sizeof(head) + (size_t)i * sizeof(struct ld_cache_row);
		struct ld_cache_row row;

		if (at + sizeof(row) > (size_t)st.st_size)
			break;
		memcpy(&row, text + at, sizeof(row));
		if (row.key >= st.st_size || row.value >= st.st_size ||
		    !dglob_match(name, text + row.key))
			continue;
		found = arena_printf(ds->arena, "%s%s", ds->sysroot, text + row.value);
		if (!search_fits(found, exe))
			found = NULL;
	}
out:
	free(text);
	fclose(f);
	return found;
}

static const char *search_in_dir(struct dsession *ds, const char *dir, const char *name,
				 struct dmodule *exe)
{
	const char *path = search_path(ds, dir, name), *found = NULL;
	glob_t g;

	if (!dglob_is(name))
		return search_fits(path, exe) ? path : NULL;
	if (glob(path, 0, NULL, &g))
		return NULL;
	for (size_t i = 0; i < g.gl_pathc && !found; i++)
		if (search_fits(g.gl_pathv[i], exe))
			found = arena_strdup(ds->arena, g.gl_pathv[i]);
	globfree(&g);
	return found;
}

static const char *search_soname(struct dsession *ds, const char *name, struct dmodule *exe)
{
	struct paths dirs = { 0 };
	const char *found = NULL;

	if (!getenv("LD_LIBRARY_PATH"))
		found = search_ld_cache(ds, name, exe);
	if (!found)
		search_library_dirs(ds, exe, &dirs);
	for (size_t i = 0; i < dirs.count && !found; i++)
		found = search_in_dir(ds, dirs.data[i], name, exe);
	return found;
}

const char *search_library(struct dsession *ds, const char *name, struct dmodule *for_exe)
{
	static const char *const spellings[] = { "%s", "%s.so.*", "lib%s.so.*", "%s.so",
						 "lib%s.so" };
	const char **needed, *found = NULL;
	int nneeded = for_exe ? elfsym_needed(for_exe, &needed) : 0;
	glob_t g;

	if (strchr(name, '/')) {
		if (glob(search_rooted(ds, name), 0, NULL, &g))
			return NULL;
		for (size_t i = 0; i < g.gl_pathc && !found; i++)
			if (search_fits(g.gl_pathv[i], for_exe))
				found = arena_strdup(ds->arena, g.gl_pathv[i]);
		globfree(&g);
		return found;
	}
	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings) && !found; i++) {
		char pattern[512];

		snprintf(pattern, sizeof(pattern), spellings[i], name);
		for (int j = 0; j < nneeded && !found; j++)
			if (dglob_match(pattern, needed[j]))
				found = search_soname(ds, needed[j], for_exe);
		if (!found)
			found = search_soname(ds, pattern, for_exe);
	}
	return found;
}

/* ROOT and one of PLACES, whose '%' is the release. What is not there is remembered. */
static const char *search_release(struct dsession *ds, const char *root, size_t length,
				  const char *const *places, const char *release)
{
	for (; *places; places++) {
		const char *mark = strchr(*places, '%');
		const char *path = arena_printf(ds->arena, "%.*s%.*s%s%s", (int)length, root,
						(int)(mark - *places), *places, release, mark + 1);

		if (search_is_file(path))
			return path;
		*vec_push(ds->arena, &ds->absent) = path;
	}
	return NULL;
}

const char *search_vmlinux(struct dsession *ds, const char *release)
{
	static const char *const debug[] = {
		"/boot/vmlinux-%", "/lib/modules/%/vmlinux", "/lib/modules/%/vmlinux.debug",
		"/boot/vmlinux-%.debug", "/vmlinux-%", NULL
	};
	static const char *const installed[] = {
		"/lib/modules/%/build/vmlinux", "/lib/modules/%/vmlinux", "/boot/vmlinux-%", NULL
	};
	const char *found = NULL;

	for (const char *p = ds->debug_path; *p && !found; ) {
		size_t length;

		p += strspn(p, "-+:");
		length = strcspn(p, ":");
		if (length)
			found = search_release(ds, p, length, debug, release);
		p += length;
	}
	return found ? found : search_release(ds, ds->sysroot, strlen(ds->sysroot), installed,
					      release);
}

/* The path of module NAME by modules.dep, whose lines are "kernel/…/x.ko: …". */
const char *search_kmod(struct dsession *ds, const char *name, const char *release)
{
	const char *dir = arena_printf(ds->arena, "%s/lib/modules/%s", ds->sysroot, release);
	FILE *f = fopen(arena_printf(ds->arena, "%s/modules.dep", dir), "re");
	const char *found = NULL;
	size_t room = 0;
	char *line = NULL;

	while (f && !found && getline(&line, &room, f) > 0) {
		char *base, *p, stem[128];

		line[strcspn(line, ":\n")] = 0;
		base = strrchr(line, '/');
		base = base ? base + 1 : line;
		snprintf(stem, sizeof(stem), "%.*s", (int)strcspn(base, "."), base);
		for (p = stem; (p = strchr(p, '-')); )
			*p = '_';
		if (!strcmp(stem, name))
			found = *line == '/' ? arena_printf(ds->arena, "%s%s", ds->sysroot, line)
				: arena_printf(ds->arena, "%s/%s", dir, line);
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

/* Programs of the PATH directories that match a pattern without '/'. */
static void search_glob_path(struct dsession *ds, const char *pattern, struct paths *out)
{
	const char *p = getenv("PATH");

	while (p && *p) {
		size_t n = strcspn(p, ":");
		glob_t g;
		const char *dir = arena_strndup(ds->arena, p, n);

		if (!glob(search_path(ds, dir, pattern), 0, NULL, &g)) {
			for (size_t i = 0; i < g.gl_pathc; i++)
				*vec_push(ds->arena, out) = arena_strdup(ds->arena,
									 g.gl_pathv[i]);
			globfree(&g);
		}
		p += n + (p[n] == ':');
	}
}

int search_glob(struct dsession *ds, const char *pattern, const char ***paths)
{
	struct paths out = { 0 }, files = { 0 };
	glob_t g;

	if (!strchr(pattern, '/')) {
		search_glob_path(ds, pattern, &out);
	} else if (!glob(search_rooted(ds, pattern), GLOB_BRACE, NULL, &g)) {
		for (size_t i = 0; i < g.gl_pathc; i++)
			*vec_push(ds->arena, &out) = arena_strdup(ds->arena, g.gl_pathv[i]);
		globfree(&g);
	}
	for (size_t i = 0; i < out.count; i++)
		if (search_is_file(out.data[i]))
			*vec_push(ds->arena, &files) = out.data[i];
	if (!files.count)
		return dsession_fail(ds, "no file matches '%s'", pattern);
	*paths = files.data;
	return files.count;
}

/* The program that runs the script PATH by its first line, as "#!/usr/bin/env NAME" too. */
static const char *script_program(struct dsession *ds, const char *path)
{
	char head[256], *word, *save;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head) - 1, 0);

	if (fd >= 0)
		close(fd);
	if (n < 3 || head[0] != '#' || head[1] != '!')
		return NULL;
	head[n] = 0;
	head[strcspn(head, "\n")] = 0;
	word = strtok_r(head + 2, " \t", &save);
	if (word && strlen(word) > 4 && !strcmp(word + strlen(word) - 4, "/env"))
		do
			word = strtok_r(NULL, " \t", &save);
		while (word && *word == '-');
	if (!word)
		return NULL;
	return *word == '/' ? arena_printf(ds->arena, "%s%s", ds->sysroot, word)
			    : search_program(ds, word);
}

const char *search_interpreter(struct dsession *ds, const char *path)
{
	/* as many as the kernel follows */
	for (int i = 0; i < 4; i++) {
		const char *next = script_program(ds, path);

		if (!next)
			break;
		path = next;
	}
	return path;
}
