/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: signatures of builtins, macro libraries, the names a file defines, one-liners
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/parse/parse.h"
#include "translator/session.h"
#include "translator/util/diag.h"
#include "translator/util/intern.h"

static int points;

static void ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, what);
}

static struct session session_new(void)
{
	struct session session = { .max_string = 512 };

	session.arena = arena_new();
	session.names = intern_new(session.arena);
	session.diags = diags_new(session.arena);
	session.kernel = (struct target_kernel){ .release = "6.1.0-1", .version = "6.1.0",
						 .arch = "x86_64" };
	return session;
}

static struct source *text_source(struct session *session, const char *text)
{
	struct source *source = source_new(session->arena, "<input>", text, strlen(text));

	source->tapset = false;
	return source;
}

static void test_signatures(void)
{
	struct session session = session_new();
	struct function *f = parse_signature(&session, "long (s:string, n)");

	ok(f && f->type == TYPE_LONG && f->params.count == 2 &&
	   f->params.data[0]->type == TYPE_STRING && f->params.data[1]->type == TYPE_UNKNOWN &&
	   !strcmp(f->params.data[1]->name, "n"), "a signature");
	f = parse_signature(&session, "()");
	ok(f && f->type == TYPE_UNKNOWN && !f->params.count, "nothing in, nothing out");
	ok(!parse_signature(&session, "long (s:float)") && diags_errors(session.diags),
	   "a bad signature");
	arena_free(session.arena);
}

static int asked;

static void find_macro(struct session *session, const char *name)
{
	struct source *library = text_source(session,
		"%( 1 == 1 %? @define twice(x) %( (2 * @x) %) %)\n@define other %( 3 %)");

	asked++;
	library->tapset = library->privileged = true;
	if (!strcmp(name, "twice"))
		parse_macros(session, library);
}

static void test_library(void)
{
	struct session session = session_new();
	struct file *file;

	parse_set_macro_finder(&session, find_macro);
	file = parse_text(&session, "<input>", "probe begin { x = @twice(4) + @other + @other }",
			  false);
	ok(!diags_errors(session.diags) && file->probes.count == 1 && asked == 1,
	   "a library is read when one of its macros is wanted");
	parse_text(&session, "<input>", "probe begin { x = @none + @none + @count(s) }", false);
	ok(diags_errors(session.diags) == 2 && asked == 2, "an unknown name is asked for once");
	parse_macros(&session, text_source(&session, "@define a %( 1 %) probe begin { }"));
	ok(diags_errors(session.diags) > 2, "a library holds macros only");
	arena_free(session.arena);
}

static void test_names(void)
{
	static const char text[] =
		"global a, b[3], c = -1 private global d private e\n"
		"function f:long (x) { return x { } } private function g() %{ } %}\n"
		"probe p.q = begin { global } probe r = s.* += end { }, { }\n"
		"%( arch == \"no\" %? probe t.return = end { } %: probe u(1) = end { } %)\n"
		"@define m(x) %( probe hidden = begin { %( 1 == 1 %? } %) %) @define n %( %)\n"
		"probe begin { x = 1 } # function comment\n";
	static const char want[] = "2a 2b 2c 2d- 2e- 1f 1g- 3p.q 3r 3s.* 3t.return 3u 4m 4n ";
	struct session session = session_new();
	defined_name_vec names = { 0 };
	char got[256] = "";
	bool placed = true;

	parse_names(&session, text_source(&session, text), &names);
	for (size_t i = 0; i < names.count; i++) {
		const struct defined_name *name = &names.data[i];
		size_t length = strlen(got);

		snprintf(got + length, sizeof got - length, "%d%s%s ", name->kind + 1,
			 name->name, name->is_private ? "-" : "");
		placed &= !strncmp(text + name->offset, name->name, 1);
	}
	ok(!strcmp(got, want), "the names of a file");
	if (strcmp(got, want))
		printf("# %s\n# %s\n", got, want);
	ok(placed, "and where they are");
	arena_free(session.arena);
}

static char *tree(struct session *session, const char *text)
{
	struct file *file = parse_file(session, text_source(session, text));
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	ast_print_file(out, file);
	fclose(out);
	return printed;
}

static void test_one_liners(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "begin { x = 1 }", "probe begin {\n  (x) = (1);\n}\n" },
		{ "a.b(1), c?", "probe a.b(1), c?\n" },
		{ "a; b*.c", "probe a\nprobe b*.c\n" },
		{ "a /x / 2 > 1/ { y }", "probe a {\n  if (!(((x) / (2)) > (1)))\n    next;\n"
					 "  {\n    y;\n  }\n}\n" },
		{ "a /x/ ; probe b { }", "probe a /x/\nprobe b {\n}\n" },
		{ "global g, h[2] a { } function f() { } b { }",
		  "global g\nglobal h[2]\nprobe a {\n}\nprobe b {\n}\nfunction f () {\n}\n" },
		{ "probe a", "probe a\n" },
	};
	struct session session = session_new();

	session.options.one_liner = true;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *got = tree(&session, cases[i].text);
		const char *body = strchr(got, '\n') + 1;
		size_t length = strlen(cases[i].want);

		ok(!strncmp(body, cases[i].want, length) && !strcmp(body + length, "\n"),
		   cases[i].text);
		free(got);
	}
	ok(!diags_errors(session.diags), "no errors in them");
	free(tree(&session, "a b"));
	ok(diags_errors(session.diags), "two points want a comma or ;");
	arena_free(session.arena);
}

static void test_arguments(void)
{
	struct session session = session_new();
	char *got = NULL;
	size_t size;
	FILE *out;

	*vec_push(session.arena, &session.options.args) = "1";
	*vec_push(session.arena, &session.options.args) = "two";
	free(tree(&session, "probe begin { x = $1 }"));
	parse_check_arguments(&session);
	out = open_memstream(&got, &size);
	diags_print(session.diags, out, false);
	fclose(out);
	ok(!strcmp(got, "warning: script argument $2 ('two') is not used [pre-argument-unused]\n"),
	   "an argument that is not used");
	free(got);
	arena_free(session.arena);
}

int main(void)
{
	test_signatures();
	test_library();
	test_names();
	test_one_liners();
	test_arguments();
	printf("1..%d\n", points);
	return 0;
}
