/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* One kind of file: how the environment, the build tree and an installation name its directory. */
struct path_row {
	const char *env;
	const char *build_dir;
	const char *installed_dir;
};

static const struct path_row row_libexec = {
	"SONDE_LIBEXEC", "", SONDE_PKGLIBEXECDIR
};
static const struct path_row row_plugin = {
	"SONDE_PLUGINS", "/.libs", SONDE_PKGLIBDIR
};
static const struct path_row row_kern = {
	"SONDE_KERN", "/runtime/kern", SONDE_PKGLIBDIR "/kern"
};
static const struct path_row row_tapsets = {
	"SONDE_TAPSETS", "/tapsets", SONDE_PKGDATADIR "/tapsets"
};

/* Where the running program is: both are empty for one that is where configure was told. */
static struct {
	bool known;
	char dir[PATH_MAX]; /* of the build */
	char root[PATH_MAX]; /* above an installation, as DESTDIR */
} tree;

/* Cuts END off DIR. A program by chance in such a directory has no translator with it. */
static bool root_find(const char *dir, const char *end)
{
	static const char translator[] = SONDE_PKGLIBEXECDIR "/sonde-translate";
	size_t length = strlen(dir), tail = strlen(end);
	char path[PATH_MAX + sizeof(translator)];

	if (length <= tail || strcmp(dir + length - tail, end))
		return false;
	snprintf(path, sizeof(path), "%.*s%s", (int)(length - tail), dir, translator);
	if (access(path, F_OK))
		return false;
	memcpy(tree.root, dir, length - tail);
	return true;
}

/* Looks for the marker beside the running program, and for an installation around it, once. */
static void tree_find(void)
{
	static const char marker[] = "/build-tree.conf";
	char path[PATH_MAX + sizeof(marker)];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	tree.known = true;
	if (n <= 0)
		return;
	path[n] = 0;
	slash = strrchr(path, '/');
	if (!slash)
		return;
	*slash = 0;
	if (root_find(path, SONDE_BINDIR) || root_find(path, SONDE_PKGLIBEXECDIR))
		return;
	/* libtool puts a program that needs its wrapper one directory further down. */
	if (slash - path >= 6 && strncmp(slash - 6, "/.libs", 6) == 0)
		slash -= 6;
	strcpy(slash, marker);
	if (access(path, F_OK) != 0)
		return;
	*slash = 0;
	strcpy(tree.dir, path);
}

static int path_join(char *buf, size_t size, const char *base, const char *dir, const char *name)
{
	int n = snprintf(buf, size, "%s%s%s%s", base, dir, name ? "/" : "", name ? name : "");

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int path_find(const struct path_row *row, const char *name, char *buf, size_t size)
{
	if (!getauxval(AT_SECURE)) {
		const char *env = getenv(row->env);

		if (env && *env)
			return path_join(buf, size, env, "", name);
		if (!tree.known)
			tree_find();
		if (*tree.dir)
			return path_join(buf, size, tree.dir, row->build_dir, name);
	}
	return path_join(buf, size, tree.root, row->installed_dir, name);
}

int path_libexec(const char *name, char *buf, size_t size)
{
	return path_find(&row_libexec, name, buf, size);
}

int path_plugin(const char *name, char *buf, size_t size)
{
	return path_find(&row_plugin, name, buf, size);
}

int path_kern_bitcode(const char *name, char *buf, size_t size)
{
	return path_find(&row_kern, name, buf, size);
}

int path_tapsets(const char *name, char *buf, size_t size)
{
	return path_find(&row_tapsets, name, buf, size);
}
