/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $$vars, $$parms, $$locals, $$return and the kind's own $$name, $$provider … : strings. */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/debuginfo/dtype.h"
#include "translator/probes/probe-kind.h"
#include "translator/session.h"
#include "translator/util/diag.h"

enum { PARAMETERS = 1, LOCALS = 2 };

static const struct {
	const char *name;
	int which;
} lists[] = {
	{ "$$vars", PARAMETERS | LOCALS }, { "$$parms", PARAMETERS }, { "$$locals", LOCALS },
};

/* The text of a sprintf that grows piece by piece. */
struct listing {
	const char *format;
	expr_vec args;
};

/* Can $name be had where the function is entered? Asking must not make the probe that saves it. */
static bool entry_has(struct tvar *t, const struct build *b, const char *name)
{
	struct tvar at_entry = *t;
	struct access access;
	struct expr *value;
	const char *why;

	at_entry.site = t->handler->kind->entry(t->elab, t->site);
	return at_entry.site && tvar_root(&at_entry, b, name, &access, &why) &&
	       access_value(b, t->session, &access, &value, &why);
}

/* A number as 0x…, a struct as {...}, pretty-printed when asked; what cannot be had as "?". */
static void add_variable(struct tvar *t, const struct build *b, const char *name,
			 unsigned int pretty, struct listing *list)
{
	struct arena *arena = t->session->arena;
	const char *space = *list->format ? " " : "", *text = "?", *why;
	size_t mark = diags_mark(t->session->diags);
	struct expr *value = NULL;
	struct access access;

	if (tvar_is_entry_value(t, name) && entry_has(t, b, name)) {
		struct expr *target = build_symbol(b, name);

		target->kind = EXPR_TARGET;
		target->target.name = arena_printf(arena, "$%s", name);
		target->target.components = (component_vec){ 0 };
		target->target.pretty = pretty;
		target->target.address_of = false;
		value = tvar_entry(t, b, target, &why);
		text = value && pretty ? "%s" : value ? "%#x" : "?";
	} else if (!tvar_is_entry_value(t, name) && tvar_root(t, b, name, &access, &why)) {
		if (pretty) {
			value = tvar_pretty(t, b, &access, pretty);
			text = "%s";
		} else if (access.type && dtype_is_compound(access.type)) {
			text = "{...}";
		} else if (access.type && dtype_strip(access.type)->kind == DTYPE_ARRAY) {
			text = "[...]";
		} else if (access_value(b, t->session, &access, &value, &why)) {
			text = "%#x";
		} else {
			value = NULL;
		}
	}
	diags_rewind(t->session->diags, mark);
	if (value)
		*vec_push(arena, &list->args) = value;
	list->format = arena_printf(arena, "%s%s%s=%s", list->format, space, name, text);
}

static void list_variables(struct tvar *t, struct expr **slot, const struct build *b, int which,
			   unsigned int pretty)
{
	struct listing list = { .format = "" };
	const struct site_var *vars;
	size_t count = 0;

	if (t->site && t->handler->kind->variables)
		count = t->handler->kind->variables(t->elab, t->site, &vars);
	for (size_t i = 0; i < count && list.args.count < 31; i++)
		if (which & (vars[i].is_param ? PARAMETERS : LOCALS))
			add_variable(t, b, vars[i].name, pretty, &list);
	*slot = list.args.count ? build_sprintf(b, list.format, list.args.data, list.args.count)
				: build_string(b, list.format);
}

static void list_return(struct tvar *t, struct expr **slot, const struct build *b,
			unsigned int pretty)
{
	struct listing list = { .format = "" };
	struct access access;
	const char *why;

	if (t->site && t->site->is_return && tvar_root(t, b, "return", &access, &why))
		add_variable(t, b, "return", pretty, &list);
	*slot = list.args.count ? build_sprintf(b, list.format, list.args.data, list.args.count)
				: build_string(b, list.format);
}

bool tvar_context(struct tvar *t, struct expr **slot, const struct build *b, const char *name,
		  unsigned int pretty)
{
	for (size_t i = 0; t->handler->kind->variables && i < sizeof lists / sizeof *lists; i++) {
		if (strcmp(lists[i].name, name) == 0) {
			list_variables(t, slot, b, lists[i].which, pretty);
			return true;
		}
	}
	if (strcmp(name, "$$return") == 0 && t->site && t->site->is_return) {
		list_return(t, slot, b, pretty);
		return true;
	}
	for (const struct site_text *text = t->site ? t->site->texts : NULL; text && text->name;
	     text++) {
		if (strcmp(text->name, name) == 0) {
			*slot = build_string(b, text->text);
			return true;
		}
	}
	return false;
}
