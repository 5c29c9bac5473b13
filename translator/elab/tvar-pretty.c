/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $x$ and $x$$: a value as C would write it, one level or all of them deep. One member
 * that is gone must not cost the whole handler: reads that fault give 0, and "ERROR" stands before
 * a struct that cannot be read.
 */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/debuginfo/dtype.h"
#include "translator/session.h"

enum { MAX_ARGS = 30, MAX_ELEMENTS = 16 };

struct pretty {
	struct tvar *t;
	const struct build *b;
	const char *format;
	expr_vec args;
};

static void show(struct pretty *p, const struct access *access, unsigned int depth);

static void put(struct pretty *p, const char *text)
{
	p->format = arena_printf(p->t->session->arena, "%s%s", p->format, text);
}

static void put_value(struct pretty *p, const char *conversion, struct expr *value)
{
	put(p, conversion);
	*vec_push(p->t->session->arena, &p->args) = value;
}

/* "text" of a char pointer or array, as far as it can be read. An array of one is the old way to
 * say that the rest of the structure is text. */
static void show_string(struct pretty *p, const struct access *access, struct expr *address)
{
	const char *name = access->space == SPACE_USER ? "user_string2" : "kernel_string2";
	struct expr *unreadable = build_string(p->b, "<unreadable>");
	struct dtype *type = dtype_strip(access->type);

	if (type->kind == DTYPE_ARRAY && type->count > 1) {
		struct expr *args[] = { address, build_number(p->b, type->count), unreadable };

		name = access->space == SPACE_USER ? "user_string_n2" : "__kernel_string_n2";
		put_value(p, "\"%s\"", build_call(p->b, name, args, 3));
		return;
	}
	struct expr *args[] = { address, unreadable };

	put_value(p, "\"%s\"", build_call(p->b, name, args, 2));
}

static void show_members(struct pretty *p, const struct access *access, unsigned int depth)
{
	const struct dmember *members;
	int count = dtype_members(access->type, &members);
	const char *separator = "";

	put(p, "{");
	for (int i = 0; i < count; i++) {
		struct access member = *access;
		const char *why;

		if (members[i].is_static)
			continue;
		put(p, separator);
		separator = ", ";
		if (p->args.count >= MAX_ARGS) {
			put(p, "...");
			break;
		}
		if (!members[i].name) {
			put(p, dtype_strip(members[i].type)->kind == DTYPE_UNION ? "<union>={...}"
										: "<class>={...}");
			continue;
		}
		put(p, members[i].is_base ? "<base " : ".");
		put(p, members[i].name);
		put(p, members[i].is_base ? ">=" : "=");
		if (members[i].is_base || !access_member(p->b, &member, members[i].name, &why))
			put(p, members[i].is_base ? "{...}" : "?");
		else
			show(p, &member, depth);
	}
	put(p, "}");
}

static void show_elements(struct pretty *p, const struct access *access, unsigned int depth)
{
	struct dtype *type = dtype_strip(access->type);
	int64_t count = type->count;

	put(p, "[");
	for (int64_t i = 0; i < count; i++) {
		struct access element = *access;
		const char *why;

		put(p, i ? ", " : "");
		if (i == MAX_ELEMENTS || p->args.count >= MAX_ARGS) {
			put(p, "...");
			break;
		}
		if (access_index(p->b, &element, build_number(p->b, i), &why))
			show(p, &element, depth);
		else
			put(p, "?");
	}
	put(p, "]");
}

static bool is_char(struct dtype *type)
{
	type = dtype_strip(type);
	return type->kind == DTYPE_BASE && type->encoding == DENC_CHAR && type->size == 1;
}

/* Text is made of what is called "char"; unsigned ones hold data. */
static bool is_text(struct dtype *type)
{
	return is_char(type) && strcmp(dtype_text(dtype_strip(type)), "char") == 0;
}

static bool is_function(struct dtype *type)
{
	return dtype_strip(type)->kind == DTYPE_FUNC;
}

/* The reads of the value itself; those that find its address stay as they are. */
static void make_soft(struct expr *value)
{
	if (value->kind == EXPR_BINARY) {
		make_soft(value->binary.left);
		make_soft(value->binary.right);
	}
	if (value->kind == EXPR_MACH && value->mach.mach == MACH_READ)
		value->mach.is_soft = true;
}

static void show_scalar(struct pretty *p, const struct access *access)
{
	struct dtype *type = dtype_strip(access->type);
	struct expr *value;
	const char *why;

	if (!access_value(p->b, p->t->session, access, &value, &why)) {
		put(p, "?");
		return;
	}
	make_soft(value);
	if (dtype_is_pointer(type) && is_text(dtype_target(type)))
		show_string(p, access, value);
	else if (dtype_is_pointer(type))
		put_value(p, is_function(dtype_target(type)) ? "<function>:%p" : "%p", value);
	else if (type->kind == DTYPE_BASE && type->encoding == DENC_FLOAT)
		put_value(p, "<float bits %#x>", value);	/* see fp_to_string() */
	else if (is_char(type))
		put_value(p, "'%#c'", value);
	else
		put_value(p, type->is_signed ? "%i" : "%u", value);
}

/* @depth: how many levels of braces may still be opened. */
static void show(struct pretty *p, const struct access *access, unsigned int depth)
{
	struct dtype *type = dtype_strip(access->type);

	if (dtype_is_compound(type) && !depth)
		put(p, "{...}");
	else if (dtype_is_compound(type))
		show_members(p, access, depth - 1);
	else if (type->kind == DTYPE_ARRAY && is_text(dtype_target(type)) &&
		 access->kind == ACCESS_MEMORY)
		show_string(p, access, access->expr);
	else if (type->kind == DTYPE_ARRAY && !depth)
		put(p, "[...]");
	else if (type->kind == DTYPE_ARRAY)
		show_elements(p, access, depth - 1);
	else
		show_scalar(p, access);
}

/* "" if there is memory at @address, else "ERROR". */
static struct expr *check_readable(struct pretty *p, const struct access *access)
{
	const struct build *b = p->b;
	const char *const params[] = { "address" };
	struct expr *byte = build_read(b, access->space, 1, false, build_symbol(b, "address"));
	struct expr *text = build_select(b, build_binary(b, OP_LT, byte, build_number(b, 256)),
					 build_string(b, ""), build_string(b, "?"));
	struct stmt *attempt = build_expr_stmt(b, NULL), *error;

	attempt->kind = STMT_TRY;
	attempt->attempt.body = build_expr_stmt(b, text);
	attempt->attempt.body->kind = STMT_RETURN;
	error = build_expr_stmt(b, build_string(b, "ERROR"));
	error->kind = STMT_RETURN;
	attempt->attempt.handler = error;
	attempt->attempt.name = NULL;
	attempt->attempt.local = NULL;
	struct function *function = elab_function_new(p->t->elab, "__readable", params, 1,
						      build_block(b, &attempt, 1), TYPE_STRING);
	struct expr *address = access->expr;

	return build_call(b, function->name, &address, 1);
}

/* Is what a pointer to @type points at shown, not the pointer? */
static bool is_followed(struct dtype *type)
{
	struct dtype *target = dtype_strip(dtype_target(dtype_strip(type)));

	return target->kind != DTYPE_VOID && !is_function(target) && !is_text(target);
}

struct expr *tvar_pretty(struct tvar *t, const struct build *b, const struct access *access,
			 unsigned int depth)
{
	struct pretty p = { .t = t, .b = b, .format = "" };
	struct access start = *access;
	bool is_followed_up = false;
	const char *why;

	if (!start.type)
		return build_sprintf(b, "%#x", &start.expr, 1);
	while (dtype_is_pointer(start.type) && is_followed(start.type) &&
	       access_deref(b, &start, &why))
		is_followed_up = true;
	if (start.kind == ACCESS_MEMORY && (is_followed_up || dtype_is_compound(start.type)))
		put_value(&p, "%s", check_readable(&p, &start));
	show(&p, &start, depth == 1 ? 1 : 8);
	return p.args.count ? build_sprintf(b, p.format, p.args.data, p.args.count)
			    : build_string(b, p.format);
}
