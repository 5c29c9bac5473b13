/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types as C writes them: "struct file*", "char[16]", "int (*)(void*)". */
#include <string.h>

#include "translator/debuginfo/type-priv.h"

enum { PRINT_MAX_DEPTH = 32 };

static const char *const type_keyword[DTYPE_KINDS] = {
	[DTYPE_VOID] = "void", [DTYPE_STRUCT] = "struct ", [DTYPE_CLASS] = "class ",
	[DTYPE_UNION] = "union ", [DTYPE_ENUM] = "enum ", [DTYPE_CONST] = "const",
	[DTYPE_VOLATILE] = "volatile", [DTYPE_RESTRICT] = "restrict", [DTYPE_ATOMIC] = "_Atomic",
};

static const char *print_type(struct dtype *t, const char *inner, bool named, int depth);

/* "NAME INNER"; a star sticks to the type when no name follows. */
static const char *print_leaf(struct arena *a, const char *name, const char *inner, bool named)
{
	return arena_printf(a, "%s%s%s", name, named && *inner ? " " : "", inner);
}

static const char *print_params(struct dtype *t, int depth)
{
	struct arena *a = t->priv->session->arena;
	const struct dparam *v;
	const char *text = "";
	bool varargs = false;
	int n = dtype_params(t, &v, &varargs);

	for (int i = 0; i < n; i++)
		text = arena_printf(a, "%s%s%s", text, i ? ", " : "",
				    print_type(v[i].type, "", false, depth + 1));
	if (varargs)
		text = arena_printf(a, "%s%s...", text, n ? ", " : "");
	return *text ? text : "void";
}

static const char *print_pointer(struct dtype *t, const char *inner, bool named, int depth)
{
	struct arena *a = t->priv->session->arena;
	const char *star = t->kind == DTYPE_REFERENCE ? "&" : "*";
	struct dtype *to = dtype_target(t);

	if (to->kind == DTYPE_ARRAY || to->kind == DTYPE_FUNC)
		return print_type(to, arena_printf(a, "%s(%s%s)", named ? "" : " ", star, inner),
				  named, depth + 1);
	return print_type(to, arena_printf(a, "%s%s", star, inner), named, depth + 1);
}

/* A qualifier of a pointer goes behind the star, of all else in front. */
static const char *print_qualified(struct dtype *t, const char *inner, bool named, int depth)
{
	struct arena *a = t->priv->session->arena;
	struct dtype *to = dtype_target(t);
	const char *word = type_keyword[t->kind];

	if (to->kind == DTYPE_POINTER)
		return print_type(to, arena_printf(a, " %s%s%s", word, *inner ? " " : "", inner),
				  named, depth + 1);
	/* A const array of const characters is written once. */
	if (to->kind == DTYPE_ARRAY && dtype_target(to)->kind == t->kind)
		return print_type(to, inner, named, depth + 1);
	return arena_printf(a, "%s %s", word, print_type(to, inner, named, depth + 1));
}

static const char *print_array(struct dtype *t, const char *inner, bool named, int depth)
{
	struct arena *a = t->priv->session->arena;

	if (t->count < 0)
		inner = arena_printf(a, "%s[]", inner);
	else
		inner = arena_printf(a, "%s[%lld]", inner, (long long)t->count);
	return print_type(dtype_target(t), inner, named, depth + 1);
}

static const char *print_type(struct dtype *t, const char *inner, bool named, int depth)
{
	struct arena *a = t->priv->session->arena;

	if (depth > PRINT_MAX_DEPTH)
		return print_leaf(a, "...", inner, named);
	switch (t->kind) {
	case DTYPE_POINTER: case DTYPE_REFERENCE:
		return print_pointer(t, inner, named, depth);
	case DTYPE_ARRAY:
		return print_array(t, inner, named, depth);
	case DTYPE_FUNC:
		return print_type(dtype_target(t),
				  arena_printf(a, "%s(%s)", *inner ? inner : " ",
					       print_params(t, depth)), named, depth + 1);
	case DTYPE_CONST: case DTYPE_VOLATILE: case DTYPE_RESTRICT: case DTYPE_ATOMIC:
		return print_qualified(t, inner, named, depth);
	case DTYPE_MEMBER_POINTER:
		return print_leaf(a, "void", arena_printf(a, "::*%s", inner), named);
	case DTYPE_STRUCT: case DTYPE_CLASS: case DTYPE_UNION: case DTYPE_ENUM:
		return print_leaf(a, arena_printf(a, "%s%s", type_keyword[t->kind],
						  t->name ? t->name : "{...}"), inner, named);
	default:
		return print_leaf(a, t->name ? t->name : "void", inner, named);
	}
}

const char *dtype_text(struct dtype *t)
{
	return print_type(t, "", false, 0);
}

const char *dtype_decl(struct dtype *t, const char *name)
{
	return print_type(t, name, true, 0);
}
