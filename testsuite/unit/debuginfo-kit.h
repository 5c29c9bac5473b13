/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAP and a session, for the tests of translator/debuginfo. */
#ifndef DEBUGINFO_KIT_H
#define DEBUGINFO_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/dfunc.h"
#include "translator/debuginfo/dscope.h"
#include "translator/util/arena.h"

static struct arena *arena;
static struct dsession *ds;
static int tests, failures;

static inline void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	if (!good && ds)
		printf("# last error: %s\n", dsession_error(ds));
	failures += !good;
}

static inline void is_text(const char *got, const char *want, const char *what)
{
	bool same = got && want ? !strcmp(got, want) : got == want;

	ok(same, what);
	if (!same)
		printf("# got '%s', want '%s'\n", got ? got : "(null)", want ? want : "(null)");
}

static inline void is_number(long long got, long long want, const char *what)
{
	ok(got == want, what);
	if (got != want)
		printf("# got %lld, want %lld\n", got, want);
}

static inline void kit_begin(const char *index_dir)
{
	struct dsession_options opts = { .index_dir = index_dir, .no_debuginfod = true };

	arena = arena_new();
	ds = dsession_open(arena, &opts);
}

static inline int kit_end(void)
{
	dsession_close(ds);
	arena_free(arena);
	printf("1..%d\n", tests);
	return failures != 0;
}

static inline struct dfunc *kit_func(struct dmodule *m, const char *name)
{
	struct dquery q;
	struct dfunc_list list = { 0 };

	if (!m || dquery_parse(ds, name, &q) || dfunc_match(m, &q, &list) < 1)
		return NULL;
	return list.data[0];
}

static inline int kit_count(struct dmodule *m, const char *query)
{
	struct dquery q;
	struct dfunc_list list = { 0 };

	return dquery_parse(ds, query, &q) ? -2 : dfunc_match(m, &q, &list);
}

#endif
