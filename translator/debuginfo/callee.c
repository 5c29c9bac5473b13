/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside a function: its labels, and what it calls. */
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/priv.h"

enum { CALLEE_MAX_DEPTH = 200 };

struct labels { struct dlabel *data; size_t count, capacity; };
struct callees { struct dcallee *data; size_t count, capacity; };

static bool callee_is_block(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_lexical_block: case DW_TAG_try_block: case DW_TAG_catch_block:
		return true;
	default:
		return false;
	}
}

static void label_walk(struct dfunc *f, Dwarf_Die *parent, const char *glob,
		       struct labels *out, int depth)
{
	struct arena *a = f->module->session->arena;
	Dwarf_Die die;

	if (depth > CALLEE_MAX_DEPTH || dwarf_child(parent, &die))
		return;
	do {
		const char *name;
		struct dlabel l;
		Dwarf_Addr pc;

		if (callee_is_block(&die))
			label_walk(f, &die, glob, out, depth + 1);
		if (dwarf_tag(&die) != DW_TAG_label || !(name = die_name(&die)) ||
		    !dglob_match(glob, name) || dwarf_lowpc(&die, &pc))
			continue;
		l.name = arena_strdup(a, name);
		l.line = die_decl_line(&die);
		dsite_choose(f->module, pc + f->module->priv->delta, &l.site);
		l.site.func = f;
		l.site.file = f->file;
		l.site.line = l.line;
		*vec_push(a, out) = l;
	} while (!dwarf_siblingof(&die, &die));
}

int dfunc_labels(struct dfunc *f, const char *glob, struct dlabel **out)
{
	struct dinline_list copies = { 0 };
	struct labels v = { 0 };
	Dwarf_Die die;
	size_t from;

	*out = NULL;
	if (!dmodule_dwarf(f->module))
		return dsession_fail(f->module->session, "%s", f->module->priv->no_dwarf);
	if (dfunc_concrete_die(f, &die))
		label_walk(f, &die, glob, &v, 0);
	dfunc_inlines(f, &copies);
	for (size_t i = 0; i < copies.count; i++) {
		from = v.count;
		label_walk(f, &copies.data[i]->priv->die, glob, &v, 0);
		for (; from < v.count; from++) {
			v.data[from].site.in = copies.data[i];
			v.data[from].site.func = copies.data[i]->site.func;
		}
	}
	*out = v.data;
	return v.count;
}

/* The function that a call site or an inlined copy names. */
static struct dfunc *callee_func(struct dmodule *m, Dwarf_Die *die, const char **name)
{
	Dwarf_Die origin;
	Dwarf_Attribute at;
	struct dfunc *f;
	const char *linkage;

	if (!die_ref(die, DW_AT_call_origin, &origin) &&
	    !die_ref(die, DW_AT_abstract_origin, &origin))
		return NULL;
	*name = die_name(&origin);
	f = dfunc_of_die(m, &origin);
	if (f && f->entry != D_NO_OFFSET)
		return f;
	/* A declaration in this unit; defined in another one, perhaps. */
	linkage = dwarf_formstring(dwarf_attr_integrate(&origin, DW_AT_linkage_name, &at));
	if (!linkage)
		linkage = *name;
	if (linkage && die_flag(&origin, DW_AT_external) && dfunc_find(m, linkage))
		return dfunc_find(m, linkage);
	return f;
}

static struct dinline *callee_copy(struct dfunc *f, Dwarf_Die *die)
{
	struct dinline_list copies = { 0 };

	dfunc_inlines(f, &copies);
	for (size_t i = 0; i < copies.count; i++)
		if (dwarf_dieoffset(&copies.data[i]->priv->die) == dwarf_dieoffset(die))
			return copies.data[i];
	return NULL;
}

static bool callee_return_pc(Dwarf_Die *die, Dwarf_Addr *pc)
{
	Dwarf_Attribute at;

	if (dwarf_attr(die, DW_AT_call_return_pc, &at))
		return !dwarf_formaddr(&at, pc);
	/* GNU's extension before DWARF 5: the low pc is where it returns to. */
	return dwarf_tag(die) == DW_TAG_GNU_call_site && !dwarf_lowpc(die, pc);
}

static void callee_add(struct dfunc *f, Dwarf_Die *die, const char *glob, struct callees *out)
{
	struct dmodule *m = f->module;
	struct dcallee c = { 0 };
	const char *name = NULL;
	Dwarf_Addr pc;

	c.func = callee_func(m, die, &name);
	if (!name || !dglob_match(glob, name))
		return;
	c.name = arena_strdup(m->session->arena, name);
	if (dwarf_tag(die) == DW_TAG_inlined_subroutine) {
		c.in = c.func ? callee_copy(c.func, die) : NULL;
		if (!c.in)
			return;
		c.site = c.in->site;
	} else {
		if (callee_return_pc(die, &pc))
			c.return_pc = pc + m->priv->delta;
		if (c.func)
			c.site = *dfunc_site(c.func);
	}
	*vec_push(m->session->arena, out) = c;
}

/* Calls made by inlined copies are theirs, not F's. */
static void callee_walk(struct dfunc *f, Dwarf_Die *parent, const char *glob,
			struct callees *out, int depth)
{
	Dwarf_Die die;

	if (depth > CALLEE_MAX_DEPTH || dwarf_child(parent, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_inlined_subroutine: case DW_TAG_call_site: case DW_TAG_GNU_call_site:
			callee_add(f, &die, glob, out);
			break;
		default:
			if (callee_is_block(&die))
				callee_walk(f, &die, glob, out, depth + 1);
		}
	} while (!dwarf_siblingof(&die, &die));
}

int dfunc_callees(struct dfunc *f, const char *glob, struct dcallee **out)
{
	struct dinline_list copies = { 0 };
	struct callees v = { 0 };
	Dwarf_Die die;

	*out = NULL;
	if (!dmodule_dwarf(f->module))
		return dsession_fail(f->module->session, "%s", f->module->priv->no_dwarf);
	if (dfunc_concrete_die(f, &die))
		callee_walk(f, &die, glob, &v, 0);
	dfunc_inlines(f, &copies);
	for (size_t i = 0; i < copies.count; i++)
		callee_walk(f, &copies.data[i]->priv->die, glob, &v, 0);
	*out = v.data;
	return v.count;
}
