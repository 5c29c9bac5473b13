/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Globs over names and paths: * ? [a-z] [!a-z]; '*' matches '/' and ':' too. */
#include <string.h>

#include "translator/debuginfo/priv.h"

bool dglob_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* Does C match the class that begins behind '['? *END is behind its ']'; NULL: none. */
static bool glob_class(const char *p, char c, const char **end)
{
	bool negate = *p == '!' || *p == '^', hit = false;
	const char *first = p += negate;

	while (*p && (*p != ']' || p == first)) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			hit |= (unsigned char)c >= (unsigned char)p[0] &&
			       (unsigned char)c <= (unsigned char)p[2];
			p += 3;
		} else {
			hit |= c == *p++;
		}
	}
	*end = *p ? p + 1 : NULL;
	return hit != negate;
}

/* One element of the glob against C; *P is moved behind it. */
static bool glob_one(const char **p, char c)
{
	const char *end;
	bool hit;

	if (**p == '?') {
		++*p;
		return true;
	}
	if (**p == '[') {
		hit = glob_class(*p + 1, c, &end);
		if (end) {
			*p = end;
			return hit;
		}
	}
	return *(*p)++ == c;
}

/* Only the last star needs to be tried again, so this takes no more than n·m steps. */
bool dglob_match(const char *glob, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		const char *next = glob;

		if (*glob == '*') {
			star = ++glob;
			again = text;
		} else if (*glob && glob_one(&next, *text)) {
			glob = next;
			text++;
		} else if (star) {
			glob = star;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

bool dglob_path(const char *tail, const char *path)
{
	const char *p = path + strlen(path);

	if (*tail == '/' || *tail == '*')
		return dglob_match(tail, path);
	while (p > path) {
		if ((p == path || p[-1] == '/') && dglob_match(tail, p))
			return true;
		p--;
	}
	return dglob_match(tail, path);
}
