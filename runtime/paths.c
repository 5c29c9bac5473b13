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
	bool in_source;		/* in the build tree: below the source directory */
	const char *build_dir;
	const char *installed_dir;
};

static const struct path_row row_libexec = {
	"SONDE_LIBEXEC", false, "", SONDE_PKGLIBEXECDIR
};
static const struct path_row row_plugin = {
	"SONDE_PLUGINS", false, "/.libs", SONDE_PKGLIBDIR
};
static const struct path_row row_kern = {
	"SONDE_KERN", false, "/runtime/kern", SONDE_PKGLIBDIR "/kern"
};
static const struct path_row row_tapsets = {
	"SONDE_TAPSETS", true, "/tapsets", SONDE_PKGDATADIR "/tapsets"
};
/* Written by make, so in the build directory; beside the tapsets once installed. */
static const struct path_row row_index = {
	"SONDE_TAPSETS", false, "/tapsets", SONDE_PKGDATADIR "/tapsets"
};

/* What build-tree.conf says; empty strings when the program is not in a build tree. */
struct path_tree {
	bool read;
	char source[PATH_MAX];
	char build[PATH_MAX];
};
static struct path_tree tree;

static void tree_line(const char *line)
{
	struct {
		const char *key;
		char *to;
	} keys[] = { { "srcdir=", tree.source }, { "builddir=", tree.build } };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i].key);

		if (strncmp(line, keys[i].key, n) == 0)
			snprintf(keys[i].to, PATH_MAX, "%.*s", (int)strcspn(line + n, "\n"),
				 line + n);
	}
}

/* Reads the marker beside the running program, once. */
static void tree_read(void)
{
	static const char marker[] = "build-tree.conf";
	char exe[PATH_MAX + sizeof(marker)];
	char line[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", exe, PATH_MAX - 1);
	char *slash;
	FILE *f;

	tree.read = true;
	if (n <= 0)
		return;
	exe[n] = 0;
	slash = strrchr(exe, '/');
	if (!slash)
		return;
	/* libtool puts a program that needs its wrapper one directory further down. */
	if (slash - exe >= 6 && strncmp(slash - 6, "/.libs", 6) == 0)
		slash -= 6;
	strcpy(slash + 1, marker);
	f = fopen(exe, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		tree_line(line);
	fclose(f);
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
		const char *base;

		if (env && *env)
			return path_join(buf, size, env, "", name);
		if (!tree.read)
			tree_read();
		base = row->in_source ? tree.source : tree.build;
		if (*base)
			return path_join(buf, size, base, row->build_dir, name);
	}
	return path_join(buf, size, row->installed_dir, "", name);
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

int path_tapset_index(char *buf, size_t size)
{
	return path_find(&row_index, "index", buf, size);
}
