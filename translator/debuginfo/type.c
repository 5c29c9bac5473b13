/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types, wherever they come from: stripping, members, enumerators, parameters. */
#include <string.h>

#include "translator/debuginfo/type-priv.h"

enum { TYPE_MAX_DEPTH = 64 };		/* longer chains are damaged */

struct dtype *dtype_new(struct dsession *ds, enum dtype_kind kind, const struct dtype_ops *ops)
{
	struct dtype *t = arena_alloc(ds->arena, sizeof(*t));

	t->kind = kind;
	t->priv = arena_alloc(ds->arena, sizeof(*t->priv));
	t->priv->session = ds;
	t->priv->ops = ops;
	return t;
}

struct dtype *dtype_void(struct dsession *ds)
{
	if (!ds->void_type)
		ds->void_type = dtype_new(ds, DTYPE_VOID, NULL);
	return ds->void_type;
}

struct dtype *dtype_pointer_to(struct dsession *ds, struct dtype *t, int address_size)
{
	struct dtype *p = dtype_new(ds, DTYPE_POINTER, NULL);

	p->size = address_size;
	p->priv->target = t;
	p->priv->target_done = true;
	return p;
}

struct dtype *dtype_target(struct dtype *t)
{
	struct dtype_priv *p = t->priv;

	if (!p->target_done) {
		p->target_done = true;
		p->target = p->ops && p->ops->target ? p->ops->target(t) : NULL;
	}
	return p->target ? p->target : dtype_void(p->session);
}

static struct dtype *type_definition(struct dtype *t)
{
	struct dtype_priv *p = t->priv;

	if (!t->is_incomplete)
		return t;
	if (!p->definition_done) {
		p->definition_done = true;
		p->definition = p->ops && p->ops->definition ? p->ops->definition(t) : NULL;
	}
	return p->definition ? p->definition : t;
}

struct dtype *dtype_strip(struct dtype *t)
{
	for (int depth = 0; depth < TYPE_MAX_DEPTH; depth++) {
		switch (t->kind) {
		case DTYPE_TYPEDEF: case DTYPE_CONST: case DTYPE_VOLATILE: case DTYPE_RESTRICT:
		case DTYPE_ATOMIC:
			t = dtype_target(t);
			break;
		default:
			return type_definition(t);
		}
	}
	return dtype_void(t->priv->session);
}

bool dtype_is_integer(struct dtype *t)
{
	t = dtype_strip(t);
	return t->kind == DTYPE_ENUM || (t->kind == DTYPE_BASE && t->encoding <= DENC_BOOL);
}

bool dtype_is_pointer(struct dtype *t)
{
	t = dtype_strip(t);
	return t->kind == DTYPE_POINTER || t->kind == DTYPE_REFERENCE;
}

bool dtype_is_compound(struct dtype *t)
{
	t = dtype_strip(t);
	return t->kind == DTYPE_STRUCT || t->kind == DTYPE_CLASS || t->kind == DTYPE_UNION;
}

bool dtype_is_string(struct dtype *t)
{
	t = dtype_strip(t);
	if (t->kind != DTYPE_POINTER && t->kind != DTYPE_ARRAY)
		return false;
	t = dtype_strip(dtype_target(t));
	return t->kind == DTYPE_BASE && t->size == 1 && t->encoding == DENC_CHAR;
}

int dtype_members(struct dtype *t, const struct dmember **out)
{
	struct dtype_priv *p;

	t = dtype_strip(t);
	p = t->priv;
	*out = NULL;
	if (!dtype_is_compound(t))
		return dsession_fail(p->session, "'%s' is not a struct, class or union",
				     dtype_text(t));
	if (t->is_incomplete)
		return dsession_fail(p->session, "'%s' is only declared in the debug "
				     "information, not defined", dtype_text(t));
	if (!p->members_done && p->ops && p->ops->members)
		p->ops->members(t, &p->members);
	p->members_done = true;
	*out = p->members.data;
	return p->members.count;
}

int dtype_enumerators(struct dtype *t, const struct denumerator **out)
{
	struct dtype_priv *p;

	t = dtype_strip(t);
	p = t->priv;
	*out = NULL;
	if (t->kind != DTYPE_ENUM)
		return dsession_fail(p->session, "'%s' is not an enum", dtype_text(t));
	if (!p->enumerators_done && p->ops && p->ops->enumerators)
		p->ops->enumerators(t, &p->enumerators);
	p->enumerators_done = true;
	*out = p->enumerators.data;
	return p->enumerators.count;
}

int dtype_params(struct dtype *t, const struct dparam **out, bool *varargs)
{
	struct dtype_priv *p;

	t = dtype_strip(t);
	p = t->priv;
	*out = NULL;
	if (t->kind != DTYPE_FUNC)
		return dsession_fail(p->session, "'%s' is not a function", dtype_text(t));
	if (!p->params_done && p->ops && p->ops->params)
		p->ops->params(t, &p->params, &p->varargs);
	p->params_done = true;
	*out = p->params.data;
	if (varargs)
		*varargs = p->varargs;
	return p->params.count;
}

/* Own members first, so that a derived class hides its bases'. */
static bool type_member(struct dtype *t, const char *name, struct dmember *out, int depth)
{
	const struct dmember *v;
	int n = dtype_members(t, &v);

	if (depth > TYPE_MAX_DEPTH)
		return false;
	for (int i = 0; i < n; i++) {
		if (v[i].name && !v[i].is_base && !strcmp(v[i].name, name)) {
			*out = v[i];
			return true;
		}
	}
	for (int i = 0; i < n; i++) {
		if ((v[i].name && !v[i].is_base) || !dtype_is_compound(v[i].type) ||
		    !type_member(v[i].type, name, out, depth + 1))
			continue;
		out->bit_offset += v[i].bit_offset;
		out->is_virtual |= v[i].is_virtual;
		return true;
	}
	return false;
}

bool dtype_member(struct dtype *t, const char *name, struct dmember *out)
{
	struct dsession *ds = t->priv->session;
	const struct dmember *v;

	if (dtype_members(t, &v) < 0)
		return false;
	if (type_member(t, name, out, 0))
		return true;
	dsession_fail(ds, "'%s' has no member '%s'", dtype_text(dtype_strip(t)), name);
	return false;
}

const char *dtype_enum_name(struct dtype *t, int64_t value)
{
	const struct denumerator *v;
	int n = dtype_enumerators(t, &v);

	for (int i = 0; i < n; i++)
		if (v[i].value == value)
			return v[i].name;
	return NULL;
}
