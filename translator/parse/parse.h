/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parser: from text to tree. What it makes lives in the session's arena.
 *
 * Errors go to session->diags, several a run: the parser starts again at the next declaration. A
 * file with errors still comes back, holding what could be read; look at diags_errors().
 *
 * Files: token.h says how text passes through; gram.y is the grammar; build.h makes the nodes;
 * ast-print.c prints them for -p1.
 */
#ifndef SONDE_PARSE_PARSE_H
#define SONDE_PARSE_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "translator/parse/ast.h"

struct session;
struct source;

/* A whole file: the user's script, or a tapset (source->tapset, source->privileged). With
 * options.one_liner a source named "<input>" may leave out the word "probe" and handlers. */
struct file *parse_file(struct session *session, struct source *source);
/* The same of a text that is copied; @name is what messages call it. */
struct file *parse_text(struct session *session, const char *name, const char *text, bool tapset);
/* An intrinsic's signature: "long (s:string, n)"; the function has no name and no body. NULL and a
 * diagnostic if it is malformed. */
struct function *parse_signature(struct session *session, const char *text);

/* Registers every @define of a macro library (.stpm). */
void parse_macros(struct session *session, struct source *source);
/* Called once for each @name that no macro known so far has: @find may parse_macros() the file that
 * defines it. Lets the tapset index read .stpm files only when they are wanted. */
void parse_set_macro_finder(struct session *session,
			    void (*find)(struct session *session, const char *name));

/* Warns of script arguments that no $N or @N has used. After the last of the user's scripts. */
void parse_check_arguments(struct session *session);

/* What a file defines, found without parsing bodies: for the index of the tapsets. Both arms of a
 * conditional count. */
enum name_kind { NAME_FUNCTION, NAME_GLOBAL, NAME_ALIAS, NAME_MACRO };

struct defined_name {
	enum name_kind kind;
	const char *name;	/* interned; an alias with its dots: "syscall.read.return" */
	uint32_t offset;	/* of the name in the source */
	bool is_private;
};
typedef VEC(struct defined_name) defined_name_vec;

void parse_names(struct session *session, struct source *source, defined_name_vec *out);

#endif
