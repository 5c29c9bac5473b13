/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making trees by hand: what elaboration puts in place of a target variable. All nodes are in the
 * session's arena and carry the place of what they replace, so that an error at run time names it.
 */
#ifndef SONDE_BUILD_H
#define SONDE_BUILD_H

#include "translator/parse/ast.h"

struct session;

struct build {
	struct session *session;
	struct span span, tok;
	enum tok_kind tok_kind;
};

struct build build_at(struct session *session, const struct expr *replaced);

struct expr *build_number(const struct build *b, int64_t value);
struct expr *build_string(const struct build *b, const char *text);
struct expr *build_symbol(const struct build *b, const char *name);
struct expr *build_unary(const struct build *b, enum op op, struct expr *operand);
/* BINARY, COMPARE or LOGICAL by the operator. Constants are folded. */
struct expr *build_binary(const struct build *b, enum op op, struct expr *left, struct expr *right);
struct expr *build_select(const struct build *b, struct expr *cond, struct expr *yes,
			  struct expr *no);
struct expr *build_call(const struct build *b, const char *name, struct expr *const *args,
			size_t count);
struct expr *build_assign(const struct build *b, struct expr *left, struct expr *right);
struct expr *build_index(const struct build *b, struct global *array, struct expr *const *keys,
			 size_t count);
struct expr *build_in(const struct build *b, struct global *array, struct expr *const *keys,
		      size_t count);
/* sprintf with a format in our own language. */
struct expr *build_sprintf(const struct build *b, const char *format, struct expr *const *args,
			   size_t count);

struct expr *build_register(const struct build *b, int number);
struct expr *build_argument(const struct build *b, int number);
struct expr *build_mach(const struct build *b, enum mach_kind mach, int64_t number);
struct expr *build_read(const struct build *b, enum mem_space space, unsigned int size,
			bool is_signed, struct expr *address);

struct stmt *build_expr_stmt(const struct build *b, struct expr *expr);
struct stmt *build_block(const struct build *b, struct stmt *const *stmts, size_t count);
/* The handler ends here if @cond does not hold. */
struct stmt *build_next_unless(const struct build *b, struct expr *cond);

#endif
