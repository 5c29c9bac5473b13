/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: where files are looked for: environment, build tree; and a buffer that is too small
//# link: sonde
#include "runtime/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int points;

static void ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, what);
}

int main(void)
{
	char here[PATH_MAX], got[PATH_MAX], want[PATH_MAX + 16];
	FILE *marker = fopen("build-tree.conf", "w");

	/* The program runs in a directory of its own: the marker makes it a build tree. */
	if (!marker || fclose(marker) || !getcwd(here, sizeof(here)))
		return 2;
	setenv("SONDE_KERN", "/elsewhere", 1);
	ok(path_kern_bitcode("x.bc", got, sizeof(got)) == 0 && strcmp(got, "/elsewhere/x.bc") == 0,
	   "environment");
	unsetenv("SONDE_TAPSETS");
	unsetenv("SONDE_PLUGINS");
	snprintf(want, sizeof(want), "%s/tapsets", here);
	ok(path_tapsets(NULL, got, sizeof(got)) == 0 && strcmp(got, want) == 0, "build tree");
	snprintf(want, sizeof(want), "%s/.libs/x.so", here);
	ok(path_plugin("x.so", got, sizeof(got)) == 0 && strcmp(got, want) == 0, "plug-in");
	ok(path_tapsets(NULL, got, 5) == -ENAMETOOLONG, "too small a buffer");
	puts("1..4");
	return 0;
}
