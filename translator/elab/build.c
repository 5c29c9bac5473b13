/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "translator/elab/build.h"

#include "translator/session.h"
#include "translator/util/intern.h"

struct build build_at(struct session *session, const struct expr *replaced)
{
	return (struct build){ .session = session, .span = replaced->span, .tok = replaced->tok,
			       .tok_kind = replaced->tok_kind };
}

static struct expr *expr_new(const struct build *b, enum expr_kind kind, enum type type)
{
	struct expr *e = arena_new_of(b->session->arena, struct expr);

	e->kind = kind;
	e->type = type;
	e->span = b->span;
	e->tok = b->tok;
	e->tok_kind = b->tok_kind;
	return e;
}

struct expr *build_number(const struct build *b, int64_t value)
{
	struct expr *e = expr_new(b, EXPR_NUMBER, TYPE_LONG);

	e->number = value;
	return e;
}

struct expr *build_string(const struct build *b, const char *text)
{
	struct expr *e = expr_new(b, EXPR_STRING, TYPE_STRING);

	e->string.text = intern_str(b->session->names, text);
	e->string.length = strlen(text);
	return e;
}

struct expr *build_symbol(const struct build *b, const char *name)
{
	struct expr *e = expr_new(b, EXPR_SYMBOL, TYPE_UNKNOWN);

	e->symbol.name = intern_str(b->session->names, name);
	return e;
}

struct expr *build_unary(const struct build *b, enum op op, struct expr *operand)
{
	struct expr *e = expr_new(b, EXPR_UNARY, TYPE_LONG);

	e->unary.op = op;
	e->unary.operand = operand;
	return e;
}

/* The value of @left @op @right for the operators that address arithmetic uses. */
static bool fold(enum op op, uint64_t left, uint64_t right, int64_t *value)
{
	switch (op) {
	case OP_ADD:
		*value = left + right;
		return true;
	case OP_SUB:
		*value = left - right;
		return true;
	case OP_MUL:
		*value = left * right;
		return true;
	case OP_AND:
		*value = left & right;
		return true;
	case OP_SHL:
		*value = left << (right & 63);
		return true;
	default:
		return false;
	}
}

static enum expr_kind binary_kind(enum op op)
{
	if (op == OP_LOGICAL_AND || op == OP_LOGICAL_OR)
		return EXPR_LOGICAL;
	if (op == OP_CAT)
		return EXPR_CONCAT;
	return op >= OP_LT && op <= OP_NE ? EXPR_COMPARE : EXPR_BINARY;
}

struct expr *build_binary(const struct build *b, enum op op, struct expr *left, struct expr *right)
{
	bool numbers = left->kind == EXPR_NUMBER && right->kind == EXPR_NUMBER;
	int64_t value;

	if (numbers && fold(op, left->number, right->number, &value))
		return build_number(b, value);
	if (op == OP_ADD && left->kind == EXPR_NUMBER && left->number == 0)
		return right;
	if ((op == OP_ADD || op == OP_SUB) && right->kind == EXPR_NUMBER && right->number == 0)
		return left;
	struct expr *e = expr_new(b, binary_kind(op), op == OP_CAT ? TYPE_STRING : TYPE_LONG);

	e->binary.op = op;
	e->binary.left = left;
	e->binary.right = right;
	return e;
}

struct expr *build_select(const struct build *b, struct expr *cond, struct expr *yes,
			  struct expr *no)
{
	struct expr *e = expr_new(b, EXPR_TERNARY, TYPE_UNKNOWN);

	e->ternary.cond = cond;
	e->ternary.yes = yes;
	e->ternary.no = no;
	return e;
}

struct expr *build_call(const struct build *b, const char *name, struct expr *const *args,
			size_t count)
{
	struct expr *e = expr_new(b, EXPR_CALL, TYPE_UNKNOWN);

	e->call.name = intern_str(b->session->names, name);
	e->call.is_made = true;
	for (size_t i = 0; i < count; i++)
		*vec_push(b->session->arena, &e->call.args) = args[i];
	return e;
}

struct expr *build_assign(const struct build *b, struct expr *left, struct expr *right)
{
	struct expr *e = expr_new(b, EXPR_ASSIGN, TYPE_UNKNOWN);

	e->binary.op = OP_ASSIGN;
	e->binary.left = left;
	e->binary.right = right;
	return e;
}

/* @e uses @array at @keys; where it keeps those two is given. */
static struct expr *array_use(const struct build *b, struct expr *e, struct expr **symbol,
			      expr_vec *into, struct global *array, struct expr *const *keys,
			      size_t count)
{
	*symbol = build_symbol(b, array->name);
	(*symbol)->symbol.global = array;
	for (size_t i = 0; i < count; i++)
		*vec_push(b->session->arena, into) = keys[i];
	return e;
}

struct expr *build_in(const struct build *b, struct global *array, struct expr *const *keys,
		      size_t count)
{
	struct expr *e = expr_new(b, EXPR_IN, TYPE_LONG);

	return array_use(b, e, &e->in.array, &e->in.keys, array, keys, count);
}

struct expr *build_index(const struct build *b, struct global *array, struct expr *const *keys,
			 size_t count)
{
	struct expr *e = expr_new(b, EXPR_INDEX, TYPE_UNKNOWN);

	return array_use(b, e, &e->index.base, &e->index.keys, array, keys, count);
}

static void add_literal(const struct build *b, format_vec *pieces, const char *text, size_t length)
{
	if (!length)
		return;
	struct format_piece *piece = vec_push(b->session->arena, pieces);

	piece->literal = arena_strndup(b->session->arena, text, length);
	piece->literal_length = length;
}

/* Only the conversions that this directory writes: %d %u %x %p %s %c with '#', and %%. */
static void parse_format(const struct build *b, const char *format, format_vec *pieces)
{
	const char *start = format;

	for (const char *p = format; *p; p++) {
		if (*p != '%')
			continue;
		add_literal(b, pieces, start, p - start);
		start = p + 1;
		if (*++p == '%')
			continue;
		struct format_piece *piece = vec_push(b->session->arena, pieces);

		if (*p == '#')
			piece->flag = *p++;
		piece->conv = *p;
		start = p + 1;
	}
	add_literal(b, pieces, start, strlen(start));
}

struct expr *build_sprintf(const struct build *b, const char *format, struct expr *const *args,
			   size_t count)
{
	struct expr *e = expr_new(b, EXPR_PRINT, TYPE_STRING);

	e->print.print = PRINT_F;
	e->print.to_string = true;
	e->print.format_text = intern_str(b->session->names, format);
	parse_format(b, format, &e->print.format);
	for (size_t i = 0; i < count; i++)
		*vec_push(b->session->arena, &e->print.args) = args[i];
	return e;
}

struct expr *build_mach(const struct build *b, enum mach_kind mach, int64_t number)
{
	struct expr *e = expr_new(b, EXPR_MACH, TYPE_LONG);

	e->mach.mach = mach;
	e->mach.number = number;
	return e;
}

struct expr *build_register(const struct build *b, int number)
{
	return build_mach(b, MACH_REG, number);
}

struct expr *build_argument(const struct build *b, int number)
{
	return build_mach(b, MACH_ARG, number);
}

struct expr *build_read(const struct build *b, enum mem_space space, unsigned int size,
			bool is_signed, struct expr *address)
{
	struct expr *e = build_mach(b, MACH_READ, 0);

	e->mach.space = space;
	e->mach.size = size;
	e->mach.is_signed = is_signed;
	e->mach.base = address;
	return e;
}

struct stmt *build_expr_stmt(const struct build *b, struct expr *expr)
{
	struct stmt *s = arena_new_of(b->session->arena, struct stmt);

	s->kind = STMT_EXPR;
	s->span = b->span;
	s->tok = b->tok;
	s->tok_kind = b->tok_kind;
	s->expr = expr;
	return s;
}

struct stmt *build_block(const struct build *b, struct stmt *const *stmts, size_t count)
{
	struct stmt *s = build_expr_stmt(b, NULL);

	s->kind = STMT_BLOCK;
	s->block = (stmt_vec){ 0 };
	for (size_t i = 0; i < count; i++)
		*vec_push(b->session->arena, &s->block) = stmts[i];
	return s;
}

struct stmt *build_next_unless(const struct build *b, struct expr *cond)
{
	struct stmt *branch = build_expr_stmt(b, NULL), *leave = build_expr_stmt(b, NULL);

	leave->kind = STMT_NEXT;
	branch->kind = STMT_IF;
	leave->tok_kind = branch->tok_kind = TOK_KEYWORD;
	branch->branch.cond = build_unary(b, OP_NOT, cond);
	branch->branch.yes = leave;
	branch->branch.no = NULL;
	return branch;
}
