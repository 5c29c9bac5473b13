/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scopes around a pc, and the variables in them. */
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/priv.h"

enum { SCOPE_MAX_DEPTH = 200 };

struct dies { Dwarf_Die *data; size_t count, capacity; };

static bool scope_is_function(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

/* From the function down to the innermost block that holds PC. */
static void scope_descend(struct arena *a, Dwarf_Die *die, Dwarf_Addr pc, struct dies *out)
{
	Dwarf_Die at = *die, child;
	bool more = true;

	*vec_push(a, out) = at;
	while (more && out->count < SCOPE_MAX_DEPTH && !dwarf_child(&at, &child)) {
		more = false;
		do {
			switch (dwarf_tag(&child)) {
			case DW_TAG_lexical_block: case DW_TAG_inlined_subroutine:
			case DW_TAG_try_block: case DW_TAG_catch_block: case DW_TAG_subprogram:
				more = dwarf_haspc(&child, pc) > 0;
			}
		} while (!more && !dwarf_siblingof(&child, &child));
		if (more) {
			*vec_push(a, out) = child;
			at = child;
		}
	}
}

struct dscope *dscope_at(struct dmodule *m, struct dfunc *f, uint64_t pc)
{
	struct arena *a = m->session->arena;
	struct dies dies = { 0 };
	struct dscope *sc;
	Dwarf_Die die;

	if (!dmodule_dwarf(m))
		return dsession_null(m->session, "%s", m->priv->no_dwarf);
	if (!f || f->entry == D_NO_OFFSET)
		f = dfunc_at(m, pc);
	if (!f || f->source != DFUNC_DWARF || !dfunc_concrete_die(f, &die))
		return dsession_null(m->session, "the debug information of %s describes no "
				     "function at %#llx%s%s", m->path, (unsigned long long)pc,
				     f ? ": " : "", f ? f->name : "");
	sc = arena_alloc(a, sizeof(*sc));
	sc->module = m;
	sc->func = f;
	sc->pc = pc;
	if (!dwarf_diecu(&die, &sc->cu, NULL, NULL))
		return dsession_null(m->session, "damaged debug information for %s in %s",
				     f->name, m->path);
	scope_descend(a, &die, dmodule_dwarf_pc(m, pc), &dies);
	sc->ndies = dies.count;
	sc->dies = arena_alloc(a, dies.count * sizeof(*sc->dies));
	for (size_t i = 0; i < dies.count; i++)
		sc->dies[dies.count - 1 - i] = dies.data[i];
	sc->has_function = true;
	return sc;
}

/* The path from AT, the last of OUT, to the inlined copy at OFFSET. */
static bool scope_path(struct arena *a, uint64_t offset, struct dies *out)
{
	Dwarf_Die at = vec_last(out), child;

	if (dwarf_dieoffset(&at) == offset)
		return true;
	if (out->count >= SCOPE_MAX_DEPTH || dwarf_child(&at, &child))
		return false;
	do {
		switch (dwarf_tag(&child)) {
		case DW_TAG_lexical_block: case DW_TAG_inlined_subroutine:
		case DW_TAG_try_block: case DW_TAG_catch_block: case DW_TAG_subprogram:
			*vec_push(a, out) = child;
			if (scope_path(a, offset, out))
				return true;
			out->count--;
		}
	} while (!dwarf_siblingof(&child, &child));
	return false;
}

/*
 * A query's site belongs to what was asked for: the function itself although
 * a copy of another is inlined at the same pc, or a copy although its ranges
 * do not hold the pc (gcc's views put entries in front of the first range).
 */
static void scope_choose(struct dscope *sc, Dwarf_Die *in)
{
	struct arena *a = sc->module->session->arena;
	Dwarf_Addr pc = dmodule_dwarf_pc(sc->module, sc->pc);
	struct dies path = { 0 };
	int n;

	*vec_push(a, &path) = sc->dies[sc->ndies - 1];
	if (in && !scope_path(a, dwarf_dieoffset(in), &path))
		return;
	/* Blocks of its own that hold the pc, but no copies in them. */
	path.count--;
	n = path.count;
	scope_descend(a, in ? in : &sc->dies[sc->ndies - 1], pc, &path);
	while (++n < (int)path.count)
		if (scope_is_function(&path.data[n]))
			path.count = n;
	sc->ndies = path.count;
	sc->dies = arena_alloc(a, path.count * sizeof(*sc->dies));
	for (size_t i = 0; i < path.count; i++)
		sc->dies[path.count - 1 - i] = path.data[i];
}

struct dscope *dscope_at_site(struct dmodule *m, const struct dsite *site)
{
	struct dscope *sc = dscope_at(m, site->func, site->pc);

	/* A bare address is wherever it is. */
	if (sc && site->func)
		scope_choose(sc, site->in ? &site->in->priv->die : NULL);
	return sc;
}

static bool scope_is_variable(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_variable || tag == DW_TAG_formal_parameter ||
	       tag == DW_TAG_constant;
}

static struct dvar *scope_var(struct dmodule *m, Dwarf_Die *die, bool global)
{
	struct arena *a = m->session->arena;
	struct dvar *v = arena_alloc(a, sizeof(*v));
	const char *name = die_name(die), *file = die_decl_file(die);
	Dwarf_Attribute at;
	Dwarf_Die type;

	v->name = name ? arena_strdup(a, name) : NULL;
	v->type = dtype_of(m, die);
	v->file = file ? arena_strdup(a, file) : NULL;
	v->line = die_decl_line(die);
	v->is_param = dwarf_tag(die) == DW_TAG_formal_parameter;
	v->is_global = global;
	v->priv = arena_alloc(a, sizeof(*v->priv));
	v->priv->module = m;
	v->priv->type_lost = dwarf_attr_integrate(die, DW_AT_type, &at) &&
			     (!dwarf_formref_die(&at, &type) ||
			      !dtype_is_tag(dwarf_tag(&type)));
	v->priv->die = *die;
	return v;
}

/* The child NAME of BLOCK. */
static bool block_find(Dwarf_Die *block, const char *name, Dwarf_Die *out)
{
	const char *s;

	if (dwarf_child(block, out))
		return false;
	do {
		if (scope_is_variable(out) && (s = die_name(out)) && !strcmp(s, name))
			return true;
	} while (!dwarf_siblingof(out, out));
	return false;
}

/* Copies leave out what the optimiser removed; the abstract function has it still. */
static bool scope_find_in(Dwarf_Die *block, const char *name, Dwarf_Die *out)
{
	Dwarf_Die abstract = *block;

	for (int i = 0; i < 4; i++) {
		if (block_find(&abstract, name, out))
			return true;
		if (!die_ref(&abstract, DW_AT_abstract_origin, out))
			return false;
		abstract = *out;
	}
	return false;
}

struct find_global {
	const char *name, *last;
	Dwarf_Die best, die;
	bool has_best;
};

/* A definition with a location is best; a declaration will do. */
static int scope_find_global(struct dmodule *m, Dwarf_Die *die, void *ctx)
{
	struct find_global *g = ctx;
	Dwarf_Die spec;
	const char *name;

	(void)m;
	if (dwarf_tag(die) != DW_TAG_variable)
		return 0;
	name = die_name(die);
	if (!name || strcmp(name, g->last))
		return 0;
	if (g->last != g->name) {
		Dwarf_Attribute at;
		const char *linkage = dwarf_formstring(dwarf_attr_integrate(die,
							DW_AT_linkage_name, &at));
		size_t n = g->last - g->name - 2;
		const char *ns = g->name;

		/* The namespaces are in the symbol: "_ZN2ns3varE". */
		while (n && ns[n - 1] != ':')
			n--;
		if (linkage && !memmem(linkage, strlen(linkage), ns + n, g->last - ns - n - 2))
			return 0;
	}
	if (dwarf_hasattr(die, DW_AT_location) || dwarf_hasattr(die, DW_AT_const_value)) {
		g->die = *die;
		return 1;
	}
	if (!g->has_best && !die_ref(die, DW_AT_specification, &spec)) {
		g->best = *die;
		g->has_best = true;
	}
	return 0;
}

static struct dvar *unit_global(struct dmodule *m, Dwarf_Die *unit, const char *name)
{
	struct find_global g = { .name = name, .last = name };

	for (const char *p = name; (p = strstr(p, "::")); )
		g.last = p += 2;
	if (unit_each(m, unit, scope_find_global, &g))
		return scope_var(m, &g.die, true);
	return g.has_best ? scope_var(m, &g.best, true) : NULL;
}

struct dvar *dscope_lookup(struct dscope *sc, const char *name)
{
	struct dmodule *m = sc->module;
	struct dvar *v;
	Dwarf_Die die;
	int i;

	for (i = 0; i < sc->ndies; i++) {
		if (scope_find_in(&sc->dies[i], name, &die))
			return scope_var(m, &die, false);
		if (scope_is_function(&sc->dies[i]))
			break;
	}
	v = unit_global(m, &sc->cu, name);
	if (v)
		return v;
	/* The line may be the caller's although its pc is in an inlined copy. */
	for (i++; i < sc->ndies; i++)
		if (scope_find_in(&sc->dies[i], name, &die))
			return scope_var(m, &die, false);
	return dsession_null(m->session, "no variable '%s' is visible in %s at %#llx", name,
			     sc->func->name, (unsigned long long)sc->pc);
}

static bool unit_matches(Dwarf_Die *unit, const char *cu)
{
	const char *name = dwarf_diename(unit);

	return name && dglob_path(cu, name);
}

struct dvar *dscope_global(struct dmodule *m, struct dscope *sc, const char *name,
			   const char *cu)
{
	Dwarf *dw = dmodule_dwarf(m);
	struct dvar *v = NULL, *weak = NULL;
	Dwarf_CU *at = NULL;
	Dwarf_Die unit;

	if (!dw)
		return dsession_null(m->session, "%s", m->priv->no_dwarf);
	if (sc && (!cu || unit_matches(&sc->cu, cu)))
		weak = unit_global(m, &sc->cu, name);
	if (weak && !dwarf_hasattr_integrate(&weak->priv->die, DW_AT_declaration))
		return weak;
	while (!v && !dwarf_get_units(dw, at, &at, NULL, NULL, &unit, NULL)) {
		if (cu && !unit_matches(&unit, cu))
			continue;
		v = unit_global(m, &unit, name);
		if (v && die_flag(&v->priv->die, DW_AT_declaration)) {
			weak = weak ? weak : v;
			v = NULL;
		}
	}
	if (v || weak)
		return v ? v : weak;
	return dsession_null(m->session, "no global variable '%s'%s%s in the debug information "
			     "of %s", name, cu ? " of " : "", cu ? cu : "", m->path);
}

static bool var_is_listed(const struct dvar_list *out, size_t from, const char *name)
{
	for (size_t i = from; i < out->count; i++)
		if (!strcmp(out->data[i]->name, name))
			return true;
	return false;
}

static void scope_list_block(struct dscope *sc, Dwarf_Die *block, int which, size_t from,
			     struct dvar_list *out)
{
	Dwarf_Die die;

	if (dwarf_child(block, &die))
		return;
	do {
		int tag = dwarf_tag(&die);
		const char *name;

		if (tag != DW_TAG_formal_parameter && tag != DW_TAG_variable)
			continue;
		if (!(which & (tag == DW_TAG_variable ? DSCOPE_LOCALS : DSCOPE_PARAMS)))
			continue;
		/* __PRETTY_FUNCTION__ and the like; "this" is artificial, too, but wanted. */
		if (tag == DW_TAG_variable && die_flag(&die, DW_AT_artificial))
			continue;
		name = die_name(&die);
		if (!name || var_is_listed(out, from, name) ||
		    die_flag(&die, DW_AT_declaration))
			continue;
		*vec_push(sc->module->session->arena, out) = scope_var(sc->module, &die, false);
	} while (!dwarf_siblingof(&die, &die));
}

/* Declaration order is that of the abstract entries, where there are any. */
static Dwarf_Off var_order(const struct dvar *v)
{
	Dwarf_Die die = v->priv->die, origin;

	for (int i = 0; i < 4 && die_ref(&die, DW_AT_abstract_origin, &origin); i++)
		die = origin;
	return dwarf_dieoffset(&die);
}

static int var_compare(const void *a, const void *b)
{
	const struct dvar *x = *(struct dvar *const *)a, *y = *(struct dvar *const *)b;
	Dwarf_Off p = var_order(x), q = var_order(y);

	if (x->is_param != y->is_param)
		return y->is_param - x->is_param;
	return p < q ? -1 : p > q;
}

int dscope_vars(struct dscope *sc, int which, struct dvar_list *out)
{
	size_t from = out->count;
	Dwarf_Die block, origin;

	for (int i = 0; i < sc->ndies; i++) {
		block = sc->dies[i];
		for (int hop = 0; hop < 4; hop++) {
			scope_list_block(sc, &block, which, from, out);
			if (!die_ref(&block, DW_AT_abstract_origin, &origin))
				break;
			block = origin;
		}
		if (scope_is_function(&sc->dies[i]))
			break;
	}
	if (out->count > from)
		qsort(out->data + from, out->count - from, sizeof(*out->data), var_compare);
	return out->count - from;
}

struct each_name { int (*fn)(const char *name, void *ctx); void *ctx; };

static int scope_name(struct dmodule *m, Dwarf_Die *die, void *ctx)
{
	struct each_name *e = ctx;
	const char *name = scope_is_variable(die) ? die_name(die) : NULL;

	(void)m;
	return name ? e->fn(name, e->ctx) : 0;
}

int dscope_each_name(struct dscope *sc, int (*fn)(const char *name, void *ctx), void *ctx)
{
	struct each_name e = { fn, ctx };
	int stop = 0;

	for (int i = 0; i < sc->ndies && !stop; i++) {
		Dwarf_Die die;

		if (dwarf_child(&sc->dies[i], &die))
			continue;
		do {
			stop = scope_name(sc->module, &die, &e);
		} while (!stop && !dwarf_siblingof(&die, &die));
	}
	return stop ? stop : unit_each(sc->module, &sc->cu, scope_name, &e);
}

struct dtype *dfunc_return_type(struct dfunc *f)
{
	Dwarf_Die die;

	if (!dmodule_dwarf(f->module))
		return dsession_null(f->module->session, "%s", f->module->priv->no_dwarf);
	if (f->source != DFUNC_DWARF || !dfunc_concrete_die(f, &die))
		return dsession_null(f->module->session, "no debug information for function %s "
				     "in %s", f->name, f->module->path);
	return dtype_of(f->module, &die);
}
