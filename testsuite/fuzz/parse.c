/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: the parser takes any bytes; what it accepts prints to a text that it accepts again
//# link: translate
//# seeds: parse-ok parse-ko run-both
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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
	session->kernel = (struct target_kernel){ .release = "6.1.0-1-amd64", .version = "6.1.0",
						  .arch = "x86_64" };
}

/* The printed form must parse without an error. */
static void parse_again(const char *text, size_t size)
{
	struct session session;

	session_start(&session);
	parse_file(&session, source_new(session.arena, "again", text, size));
	if (diags_errors(session.diags)) {
		diags_print(session.diags, stderr, false);
		abort();
	}
	arena_free(session.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session session;
	struct file *file;
	char *text = NULL;
	size_t text_size = 0;

	session_start(&session);
	file = parse_file(&session, source_new(session.arena, "fuzz", (const char *)data, size));
	if (file && !diags_errors(session.diags)) {
		FILE *out = open_memstream(&text, &text_size);

		ast_print_file(out, file);
		fclose(out);
		parse_again(text, text_size);
		free(text);
	}
	arena_free(session.arena);
	return 0;
}
