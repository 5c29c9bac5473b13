/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config.h"
#include "runtime/buf.h"
#include "runtime/cache.h"
#include "runtime/hash128.h"
#include "runtime/options.h"
#include "runtime/paths.h"
#include "runtime/program.h"

#define DEPTH_MAX 8	/* of tapset directories */

/* Each part with its length, so that parts cannot run into each other. */
static void key_bytes(struct buf *key, const void *bytes, size_t size)
{
	buf_add(key, &size, sizeof(size));
	buf_add(key, bytes, size);
}

static void key_text(struct buf *key, const char *text)
{
	key_bytes(key, text ? text : "", text ? strlen(text) : 0);
}

static void key_stat(struct buf *key, const struct stat *st)
{
	const uint64_t numbers[] = { (uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
				     (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ino };

	key_bytes(key, numbers, sizeof(numbers));
}

static void key_file(struct buf *key, const char *path)
{
	struct stat st;

	key_text(key, path);
	if (stat(path, &st) == 0)
		key_stat(key, &st);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A directory's files, with all below. */
static void key_tree(struct buf *key, const char *path, int depth)
{
	struct dirent **entries;
	int count = depth < DEPTH_MAX ? scandir(path, &entries, NULL, by_name) : -1;

	for (int i = 0; i < count; i++) {
		char full[PATH_MAX];
		struct stat st;

		if (entries[i]->d_name[0] != '.' &&
		    snprintf(full, sizeof(full), "%s/%s", path, entries[i]->d_name) < PATH_MAX &&
		    stat(full, &st) == 0) {
			key_text(key, full);
			if (S_ISDIR(st.st_mode))
				key_tree(key, full, depth + 1);
			else
				key_stat(key, &st);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* Directories of a list "a:b". */
static void key_trees(struct buf *key, const char *list)
{
	while (list && *list) {
		size_t n = strcspn(list, ":");
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%.*s", (int)n, list);
		key_tree(key, path, 0);
		list += n + (list[n] == ':');
	}
}

/* Sonde's own parts: another build makes another program. */
static void key_sonde(struct buf *key)
{
	char path[PATH_MAX];
	const uint32_t version = PROGRAM_VERSION;

	key_text(key, PACKAGE_VERSION);
	key_bytes(key, &version, sizeof(version));
	if (!path_libexec("sonde-translate", path, sizeof(path)))
		key_file(key, path);
	if (!path_plugin("sonde-backend-llvm.so", path, sizeof(path)))
		key_file(key, path);
	if (!path_kern_bitcode(NULL, path, sizeof(path)))
		key_tree(key, path, DEPTH_MAX - 1);
	if (!path_tapsets(NULL, path, sizeof(path)))
		key_tree(key, path, 0);
}

static void key_kernel(struct buf *key)
{
	int fd = open("/sys/kernel/notes", O_RDONLY | O_CLOEXEC);
	struct utsname name;
	char notes[4096];
	ssize_t n;

	uname(&name);
	key_text(key, name.release);
	key_text(key, name.version);
	key_text(key, name.machine);
	/* The build-id of the kernel is among its notes. */
	n = fd >= 0 ? read(fd, notes, sizeof(notes)) : 0;
	if (n > 0)
		key_bytes(key, notes, (size_t)n);
	if (fd >= 0)
		close(fd);
	key_file(key, "/sys/kernel/btf/vmlinux");
}

/* What the names in a script mean. */
static void key_surroundings(struct buf *key)
{
	static const char *const variables[] = { "PATH", "LD_LIBRARY_PATH", "SONDE_TAPSET",
						 "SYSTEMTAP_TAPSET", "SONDE_DEBUGINFO_PATH",
						 "SYSTEMTAP_DEBUGINFO_PATH", "DEBUGINFOD_URLS" };
	char path[PATH_MAX];

	key_text(key, getcwd(path, sizeof(path)));
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		key_text(key, getenv(variables[i]));
	key_trees(key, getenv("SONDE_TAPSET"));
	key_trees(key, getenv("SYSTEMTAP_TAPSET"));
}

static void key_target(struct buf *key, const struct options *options)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (!options->pid)
		return;
	snprintf(link, sizeof(link), "/proc/%lld/exe", (long long)options->pid);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return;
	path[n] = 0;
	key_file(key, path);
}

void cache_key_make(struct cache_key *key, const struct options *options, const char *script,
		    size_t script_size)
{
	struct buf buf = { 0 };
	struct hash128 hash;

	key_sonde(&buf);
	key_kernel(&buf);
	key_surroundings(&buf);
	key_target(&buf, options);
	for (size_t i = 0; i < options->key.count; i++)
		key_text(&buf, options->key.items[i]);
	for (size_t i = 0; i < options->include_dirs.count; i++)
		key_tree(&buf, options->include_dirs.items[i], 0);
	key_text(&buf, options->script_file);
	if (script)
		key_bytes(&buf, script, script_size);
	else
		key_text(&buf, options->script_text);
	for (size_t i = 0; i < options->arg_count; i++)
		key_text(&buf, options->args[i]);
	hash = hash128(buf.data, buf.size);
	snprintf(key->text, sizeof(key->text), "%016llx%016llx", (unsigned long long)hash.a,
		 (unsigned long long)hash.b);
	buf_free(&buf);
}
