/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: the parser takes any bytes; what it accepts prints to a text that gives the same tree
//# link: translate
//# seeds: parse-ok parse-ko run-both
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/parse/parse.h"
#include "translator/session.h"
#include "translator/util/arena.h"
#include "translator/util/diag.h"
#include "translator/util/intern.h"
#include "translator/util/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void session_start(struct session *session)
{
	*session = (struct session){ .max_string = 512 };
	session->arena = arena_new();
	session->names = intern_new(session->arena);
	session->diags = diags_new(session->arena);
	session->options.guru = true;
	*vec_push(session->arena, &session->options.args) = "1 + x";
	session->kernel = (struct target_kernel){ .release = "6.1.0-1-amd64", .version = "6.1.0",
						  .arch = "x86_64" };
}

struct text {
	char *data;
	size_t size;
};

static struct text print(const struct file *file)
{
	struct text text = { NULL, 0 };
	FILE *out = open_memstream(&text.data, &text.size);

	ast_print_file(out, file);
	fclose(out);
	return text;
}

/* The printed form must parse without an error, and print the same. */
static void parse_again(const struct text *first)
{
	struct session session;
	struct file *file;
	struct text second;

	session_start(&session);
	file = parse_file(&session, source_new(session.arena, "fuzz", first->data, first->size));
	if (diags_errors(session.diags)) {
		diags_print(session.diags, stderr, false);
		abort();
	}
	second = print(file);
	if (second.size != first->size || memcmp(second.data, first->data, first->size)) {
		fprintf(stderr, "--- first\n%s--- second\n%s", first->data, second.data);
		abort();
	}
	free(second.data);
	arena_free(session.arena);
}

/* The names of the index need no tree. */
static void scan_names(const char *data, size_t size)
{
	struct session session;
	defined_name_vec names = { 0 };

	session_start(&session);
	parse_names(&session, source_new(session.arena, "fuzz", data, size), &names);
	arena_free(session.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session session;
	struct file *file;

	session_start(&session);
	file = parse_file(&session, source_new(session.arena, "fuzz", (const char *)data, size));
	if (!diags_errors(session.diags)) {
		struct text text = print(file);

		parse_again(&text);
		free(text.data);
	} else {
		FILE *nowhere = fopen("/dev/null", "w");

		diags_print(session.diags, nowhere, true);
		fclose(nowhere);
	}
	arena_free(session.arena);
	scan_names((const char *)data, size);
	return 0;
}
