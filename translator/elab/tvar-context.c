/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $$vars, $$parms, $$locals, $$return and the kind's own $$name, $$provider … : strings. */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/debuginfo/dtype.h"
#include "translator/elab/site-text.h"
#include "translator/probes/probe-kind.h"
#include "translator/session.h"
#include "translator/util/diag.h"

enum { PARAMETERS = 1, LOCALS = 2 };

#define VALUES_MOST 31			/* arguments of a sprintf, less one */

static const struct {
	const char *name;
	int which;
} lists[] = {
	{ "$$vars", PARAMETERS | LOCALS }, { "$$parms", PARAMETERS }, { "$$locals", LOCALS },
};

/* Can $name be had where the function is entered? Asking must not make the probe that saves it. */
static bool entry_has(struct tvar *t, const struct build *b, const char *name)
{
	struct tvar at_entry = *t;
	struct access access;
	struct expr *value;
	const char *why;

	at_entry.site = t->handler->kind->entry(t->elab, t->site);
	return at_entry.site && tvar_variable(&at_entry, b, name, &access, &why) &&
	       access_value(b, t->session, &access, &value, &why);
}

static struct expr *entry_value(struct tvar *t, const struct build *b, const char *name,
				unsigned int pretty)
{
	struct expr *target = build_symbol(b, name);
	const char *why;

	target->kind = EXPR_TARGET;
	target->target.name = arena_printf(t->session->arena, "$%s", name);
	target->target.components = (component_vec){ 0 };
	target->target.pretty = pretty;
	target->target.address_of = false;
	return tvar_entry(t, b, target, &why);
}

const char *tvar_conversion(struct tvar *t, const struct build *b, const char *name,
			    unsigned int pretty, struct expr **value)
{
	size_t mark = diags_mark(t->session->diags);
	const char *text = "?", *why;
	struct access access;

	*value = NULL;
	if (tvar_is_entry_value(t, name)) {
		if (entry_has(t, b, name))
			*value = entry_value(t, b, name, pretty);
	} else if (tvar_variable(t, b, name, &access, &why)) {
		if (pretty)
			*value = tvar_pretty(t, b, &access, pretty);
		else if (access.type && dtype_is_compound(access.type))
			text = "{...}";
		else if (access.type && dtype_strip(access.type)->kind == DTYPE_ARRAY)
			text = "[...]";
		else if (!access_value(b, t->session, &access, value, &why))
			*value = NULL;
	}
	diags_rewind(t->session->diags, mark);
	return !*value ? text : pretty ? "%s" : "%#x";
}

void tvar_listed(struct tvar *t, const struct build *b, const char *list, name_vec *names)
{
	const struct site_var *vars;
	struct access access;
	size_t count = 0;
	const char *why;
	int which = 0;

	if (strcmp(list, "$$return") == 0) {
		if (tvar_variable(t, b, "return", &access, &why))
			*vec_push(t->session->arena, names) = "return";
		return;
	}
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (strcmp(lists[i].name, list) == 0)
			which = lists[i].which;
	if (t->site && t->handler->kind->variables)
		count = t->handler->kind->variables(t->elab, t->site, &vars);
	for (size_t i = 0; i < count; i++)
		if (which & (vars[i].is_param ? PARAMETERS : LOCALS))
			*vec_push(t->session->arena, names) = vars[i].name;
}

bool tvar_is_list(const struct handler *handler, const struct site *site, const char *name)
{
	if (strcmp(name, "$$return") == 0)
		return site && site->is_return;
	for (size_t i = 0; handler->kind->variables && i < sizeof lists / sizeof *lists; i++)
		if (strcmp(lists[i].name, name) == 0)
			return true;
	return false;
}

/* A number as 0x…, a struct as {...}, pretty-printed when asked; what cannot be had as "?". */
static struct expr *list_text(struct tvar *t, const struct build *b, const char *list,
			      unsigned int pretty)
{
	struct arena *arena = t->session->arena;
	const char *format = "";
	name_vec names = { 0 };
	expr_vec args = { 0 };

	tvar_listed(t, b, list, &names);
	for (size_t i = 0; i < names.count && args.count < VALUES_MOST; i++) {
		struct expr *value;
		const char *name = names.data[i];
		const char *conversion = tvar_conversion(t, b, name, pretty, &value);

		if (value)
			*vec_push(arena, &args) = value;
		format = arena_printf(arena, "%s%s%s=%s", format, i ? " " : "", name, conversion);
	}
	return args.count ? build_sprintf(b, format, args.data, args.count)
			  : build_string(b, format);
}

const char *tvar_site_text(const struct site *site, const char *name)
{
	for (const struct site_text *text = site ? site->texts : NULL; text && text->name; text++)
		if (strcmp(text->name, name) == 0)
			return text->text;
	return NULL;
}

bool tvar_context(struct tvar *t, struct expr **slot, const struct build *b, const char *name,
		  unsigned int pretty)
{
	struct expr *by_table = pretty ? NULL : site_text_call(t->handler, b, name);
	const char *text = tvar_site_text(t->site, name);

	if (by_table)
		*slot = by_table;
	else if (tvar_is_list(t->handler, t->site, name))
		*slot = list_text(t, b, name, pretty);
	else if (text)
		*slot = build_string(b, text);
	else
		return false;
	return true;
}
