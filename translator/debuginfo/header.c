/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of C headers, for @cast(p, "struct stat", "<sys/stat.h>"): a compiler is asked for a file
 * that has nothing but their debug information.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "translator/debuginfo/priv.h"

/* What the compiler leaves in a directory of its own, as long as it is needed. */
enum { OUT_OBJECT, OUT_DEPENDS, OUT_MESSAGES, OUT_COUNT };
static const char *const out_names[OUT_COUNT] = { "types.so", "types.d", "messages" };

struct compile {
	struct dsession *ds;
	const char *dir;
	const char *out[OUT_COUNT];
	VEC(const char *) args;
};

static void add_arg(struct compile *c, const char *arg)
{
	*vec_push(c->ds->arena, &c->args) = arg;
}

/* "<a.h><b/c.h>": each is included. 0, or -1: it is not of that form. */
static int add_headers(struct compile *c, const char *list)
{
	const char *p = list;

	while (*p == '<') {
		size_t length = strcspn(p + 1, "<>");

		if (!length || p[1 + length] != '>')
			break;
		add_arg(c, "-include");
		add_arg(c, arena_strndup(c->ds->arena, p + 1, length));
		p += length + 2;
	}
	return !*p && p != list ? 0
		: dsession_fail(c->ds, "'%s' is not of the form \"<header.h>\"", list);
}

static int make_args(struct compile *c, const char *compiler, const char *list, int address_size)
{
	static const char *const options[] = {
		"-x", "c", "-g", "-w", "-fno-eliminate-unused-debug-types", "-fPIC", "-shared",
		"-nostdlib", "-MD", "-MF",
	};

	c->args.count = 0;
	add_arg(c, compiler);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		add_arg(c, options[i]);
	add_arg(c, c->out[OUT_DEPENDS]);
	add_arg(c, "-o");
	add_arg(c, c->out[OUT_OBJECT]);
	if (address_size == 4)
		add_arg(c, "-m32");
	if (add_headers(c, list))
		return -1;
	add_arg(c, "/dev/null");
	add_arg(c, NULL);
	return 0;
}

/* The compiler's exit status; 127: there is no such compiler. */
static int run_compiler(struct compile *c)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout) ||
		    !freopen(c->out[OUT_MESSAGES], "w", stderr))
			_exit(126);
		execvp(c->args.data[0], (char **)c->args.data);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The first line that says what is wrong. */
static const char *first_error(struct compile *c)
{
	FILE *file = fopen(c->out[OUT_MESSAGES], "re");
	char line[512];
	const char *found = NULL;

	while (file && !found && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, "error"))
			found = arena_strdup(c->ds->arena, line);
	}
	if (file)
		fclose(file);
	return found ? found : "it gives no reason";
}

/* "x.o: /dev/null /usr/include/a.h \": what a copy of the result has to be checked against. */
static void read_depends(struct compile *c)
{
	FILE *file = fopen(c->out[OUT_DEPENDS], "re");
	char word[4096];
	bool first = true;

	while (file && fscanf(file, "%4095s", word) == 1) {
		if (!first && word[0] != '\\' && strcmp(word, "/dev/null") != 0)
			*vec_push(c->ds->arena, &c->ds->depends) =
				module_realpath(c->ds->arena, word);
		first = false;
	}
	if (file)
		fclose(file);
}

static int compile(struct compile *c, const char *list, int address_size)
{
	static const char *const compilers[] = { "cc", "gcc", "clang" };

	for (size_t i = 0; i < sizeof(compilers) / sizeof(*compilers); i++) {
		if (make_args(c, compilers[i], list, address_size))
			return -1;
		int status = run_compiler(c);

		if (status == 0)
			return 0;
		if (status != 127)
			return dsession_fail(c->ds, "%s cannot compile %s: %s", compilers[i],
					     list, first_error(c));
	}
	return dsession_fail(c->ds, "the types of %s are told by a C compiler, and none is "
			     "installed (cc, gcc, clang)", list);
}

struct dmodule *dmodule_open_header(struct dsession *ds, const char *list, int address_size)
{
	const char *top = getenv("TMPDIR");
	char *dir = arena_printf(ds->arena, "%s/sonde-types-XXXXXX", top && *top ? top : "/tmp");
	struct compile c = { .ds = ds, .dir = dir };
	struct dmodule *m = NULL;

	for (size_t i = 0; i < ds->modules.count; i++)
		if (ds->modules.data[i]->priv->header &&
		    strcmp(ds->modules.data[i]->name, list) == 0)
			return ds->modules.data[i];
	if (!mkdtemp(dir))
		return dsession_null(ds, "cannot make a directory in %s: %s",
				     top && *top ? top : "/tmp", strerror(errno));
	for (int i = 0; i < OUT_COUNT; i++)
		c.out[i] = arena_printf(ds->arena, "%s/%s", dir, out_names[i]);
	if (compile(&c, list, address_size) == 0)
		m = dmodule_open(ds, c.out[OUT_OBJECT]);
	if (m) {
		m->name = arena_strdup(ds->arena, list);
		m->path = m->name;
		m->priv->header = true;
		read_depends(&c);
		dmodule_has_dwarf(m);	/* read while it is there */
	}
	for (int i = 0; i < OUT_COUNT; i++)
		unlink(c.out[i]);
	rmdir(dir);
	return m;
}
