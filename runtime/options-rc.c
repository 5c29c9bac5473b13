/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of options that stand before those of the command line. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wordexp.h>

#include "runtime/options.h"
#include "runtime/say.h"

static const char *const word_errors[] = {
	[WRDE_BADCHAR] = "one of | & ; < > ( ) { } without quotes",
	[WRDE_CMDSUB] = "commands are not run here",
	[WRDE_NOSPACE] = "out of memory",
	[WRDE_SYNTAX] = "a quote or a parenthesis is not closed",
};

static bool rc_path(char *path, size_t size)
{
	const char *own = getenv("SONDE_DIR"), *home = getenv("HOME");
	int n = -1;

	if (own && *own)
		n = snprintf(path, size, "%s/rc", own);
	else if (home && *home)
		n = snprintf(path, size, "%s/.sonde/rc", home);
	return n > 0 && (size_t)n < size;
}

static int rc_add(struct options_list *words, const char *word)
{
	const char **items = reallocarray(words->items, words->count + 1, sizeof(*items));
	char *copy = strdup(word);

	if (items)
		words->items = items;
	if (!items || !copy) {
		free(copy);
		return -ENOMEM;
	}
	items[words->count++] = copy;
	return 0;
}

static int rc_line(struct options_list *words, char *line, const char *path, unsigned int number)
{
	wordexp_t found;
	int error, rc = 0;

	line[strcspn(line, "\r\n")] = 0;
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	error = wordexp(line, &found, WRDE_NOCMD);
	if (error) {
		say_error("%s:%u: %s", path, number, word_errors[error]);
		return -EINVAL;
	}
	for (size_t i = 0; i < found.we_wordc && !rc; i++)
		rc = rc_add(words, found.we_wordv[i]);
	wordfree(&found);
	return rc;
}

int options_read_rc(struct options_list *words, char *path, size_t size)
{
	unsigned int number = 0;
	char *line = NULL;
	size_t room = 0;
	int rc = 0;
	FILE *file;

	if (!rc_path(path, size))
		return 0;
	file = fopen(path, "re");
	if (!file) {
		struct stat st;

		/* Another user's home, left in HOME: whether there is a file is not known. */
		if (errno == ENOENT || errno == ENOTDIR || (errno == EACCES && stat(path, &st)))
			return 0;
		say_error("cannot read %s: %s", path, strerror(errno));
		return -EINVAL;
	}
	while (!rc && getline(&line, &room, file) >= 0)
		rc = rc_line(words, line, path, ++number);
	if (!rc && ferror(file)) {
		say_error("cannot read %s: %s", path, strerror(errno));
		rc = -EINVAL;
	}
	free(line);
	fclose(file);
	return rc;
}
