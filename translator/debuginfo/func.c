/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions: made from index records; their DIEs, inlined copies, ranges. */
#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

enum { FUNC_MAX_DEPTH = 200 };

static const char *func_demangle(struct arena *a, const char *linkage, int options)
{
	char *text = cplus_demangle(linkage, options | DMGL_ANSI | DMGL_AUTO);
	const char *copy = text ? arena_strdup(a, text) : NULL;

	free(text);
	return copy;
}

static void func_names(struct arena *a, struct dfunc *f)
{
	const char *cut;

	f->pretty = f->qualified = f->name;
	if (f->linkage[0] != '_' || !strchr("ZR", f->linkage[1]) || !f->linkage[1])
		return;
	f->pretty = func_demangle(a, f->linkage, DMGL_PARAMS);
	f->qualified = func_demangle(a, f->linkage, DMGL_NO_OPTS);
	if (!f->pretty || !f->qualified) {
		f->pretty = f->qualified = f->name;
		return;
	}
	if (strcmp(f->name, f->linkage))
		return;
	/* A symbol only: what follows the last "::" is its name. */
	for (cut = f->qualified; (cut = strstr(cut, "::")); cut += 2)
		if (!strpbrk(cut, "<>("))
			f->name = cut + 2;
	if (f->name == f->linkage)
		f->name = f->qualified;
}

static const char *func_string(struct dmodule *m, uint32_t offset)
{
	return offset ? arena_strdup(m->session->arena, dindex_string(m->priv->index, offset))
		: NULL;
}

/* Lambdas and units with line tables alone do not say where a function is declared. */
static void func_line_of_entry(struct dfunc *f)
{
	if (f->source == DFUNC_DWARF && !f->file && f->entry != D_NO_OFFSET &&
	    dline_at(f->module, f->entry, &f->file, &f->line))
		f->file = NULL;
}

struct dfunc *dfunc_of_record(struct dmodule *m, int record)
{
	struct dindex *x = dmodule_index(m);
	struct arena *a = m->session->arena;
	const struct dindex_func *r;
	struct dfunc *f;

	if (!x || record < 0 || (uint32_t)record >= x->head->nfuncs)
		return NULL;
	if (m->priv->funcs[record])
		return m->priv->funcs[record];
	r = &x->funcs[record];
	f = m->priv->funcs[record] = arena_alloc(a, sizeof(*f));
	f->module = m;
	f->source = r->flags & DINDEX_SYMTAB ? DFUNC_SYMTAB : DFUNC_DWARF;
	f->name = func_string(m, r->name);
	if (!f->name)
		f->name = "?";
	f->linkage = r->linkage ? func_string(m, r->linkage) : f->name;
	f->file = func_string(m, r->file);
	f->cu_name = func_string(m, r->cu);
	f->line = r->line;
	f->entry = r->entry;
	f->size = r->size;
	f->is_exported = r->flags & DINDEX_EXPORTED;
	f->is_inlined = r->flags & DINDEX_INLINED;
	f->is_ifunc = r->flags & DINDEX_IFUNC;
	f->priv = arena_alloc(a, sizeof(*f->priv));
	f->priv->record = record;
	func_names(a, f);
	if (r->naliases && r->first_alias + r->naliases <= x->head->naliases) {
		f->aliases = arena_alloc(a, r->naliases * sizeof(*f->aliases));
		for (int i = 0; i < r->naliases; i++)
			f->aliases[f->naliases++] = func_string(m, x->aliases[r->first_alias + i]);
	}
	func_line_of_entry(f);
	return f;
}

int dfunc_dies(struct dfunc *f, Dwarf_Die **out)
{
	struct dmodule *m = f->module;
	const struct dindex *x = m->priv->index;
	const struct dindex_func *r = &x->funcs[f->priv->record];
	int n = 0;

	*out = NULL;
	if (f->source != DFUNC_DWARF || r->first_die > x->head->ndies ||
	    r->ndies > x->head->ndies - r->first_die)
		return 0;
	*out = arena_alloc(m->session->arena, r->ndies * sizeof(**out));
	for (uint32_t i = 0; i < r->ndies; i++)
		n += dmodule_die(m, x->dies[r->first_die + i], r->flags & DINDEX_ALT, *out + n);
	return n;
}

bool dfunc_concrete_die(struct dfunc *f, Dwarf_Die *out)
{
	const struct dindex *x = f->module->priv->index;
	const struct dindex_func *r = &x->funcs[f->priv->record];

	return r->flags & DINDEX_CONCRETE && r->ndies && r->first_die < x->head->ndies &&
	       dmodule_die(f->module, x->dies[r->first_die], false, out) &&
	       dwarf_tag(out) == DW_TAG_subprogram;
}

static void func_hash_dies(struct dmodule *m)
{
	const struct dindex *x = m->priv->index;

	for (uint32_t i = 0; i < x->head->nfuncs; i++) {
		const struct dindex_func *r = &x->funcs[i];
		uint64_t alt = r->flags & DINDEX_ALT ? 1ull << 63 : 0;

		for (uint32_t j = 0; j < r->ndies && r->first_die + j < x->head->ndies; j++)
			dhash_put(m->session->arena, &m->priv->func_by_die,
				  x->dies[r->first_die + j] | alt, (void *)(uintptr_t)(i + 1));
	}
}

struct dfunc *dfunc_of_die(struct dmodule *m, Dwarf_Die *die)
{
	Dwarf_Die at = *die, next;

	if (!dmodule_index(m))
		return NULL;
	if (!m->priv->func_by_die.size)
		func_hash_dies(m);
	for (int depth = 0; depth < 8; depth++) {
		uint64_t key = dwarf_dieoffset(&at) | (die_is_alt(m, &at) ? 1ull << 63 : 0);
		uintptr_t hit = (uintptr_t)dhash_get(&m->priv->func_by_die, key);

		if (hit)
			return dfunc_of_record(m, hit - 1);
		if (!die_ref(&at, DW_AT_abstract_origin, &next) &&
		    !die_ref(&at, DW_AT_specification, &next))
			return NULL;
		at = next;
	}
	return NULL;
}

static int func_record_at(struct dindex *x, uint64_t pc)
{
	uint32_t lo = 0, hi = x->head->nfuncs;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (x->funcs[mid].entry <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (int)lo - 1;
}

struct dfunc *dfunc_at(struct dmodule *m, uint64_t pc)
{
	struct dindex *x = dmodule_index(m);
	struct dfunc *f = NULL;
	Dwarf_Die cu, *scopes = NULL;
	int i, n;

	if (!x || pc == D_NO_OFFSET)
		return NULL;
	i = func_record_at(x, pc);
	if (i >= 0 && (pc - x->funcs[i].entry < x->funcs[i].size || pc == x->funcs[i].entry))
		return dfunc_of_record(m, i);
	/* In a cold part, maybe. */
	if (dmodule_dwarf(m) && dmodule_cu_at(m, dmodule_dwarf_pc(m, pc), &cu)) {
		n = dwarf_getscopes(&cu, dmodule_dwarf_pc(m, pc), &scopes);
		for (int j = 0; j < n && !f; j++)
			if (dwarf_tag(&scopes[j]) == DW_TAG_subprogram)
				f = dfunc_of_die(m, &scopes[j]);
		if (n > 0)
			free(scopes);
	}
	if (!f && i >= 0 && !x->funcs[i].size)
		f = dfunc_of_record(m, i);
	return f;
}

int dfunc_ranges(struct dfunc *f, struct drange **out)
{
	struct { struct drange *data; size_t count, capacity; } v = { 0 };
	Dwarf_Addr base, lo, hi;
	ptrdiff_t next = 0;
	Dwarf_Die die;

	if (f->entry != D_NO_OFFSET && f->source == DFUNC_DWARF && dfunc_concrete_die(f, &die))
		while ((next = dwarf_ranges(&die, next, &base, &lo, &hi)) > 0 && v.count < 4096)
			*vec_push(f->module->session->arena, &v) = (struct drange){
				lo + f->module->priv->delta, hi + f->module->priv->delta };
	if (!v.count && f->entry != D_NO_OFFSET)
		*vec_push(f->module->session->arena, &v) = (struct drange){
			f->entry, f->entry + f->size };
	*out = v.data;
	return v.count;
}

/* Where an inlined copy is entered (DWARF's address). */
static bool inline_entry(Dwarf_Die *die, Dwarf_Addr *pc)
{
	Dwarf_Addr base = 0, lo = 0, hi;
	Dwarf_Attribute at;
	Dwarf_Word n;

	if (dwarf_attr(die, DW_AT_entry_pc, &at)) {
		if (!dwarf_formaddr(&at, pc))
			return true;
		if (!dwarf_formudata(&at, &n) &&
		    (!dwarf_lowpc(die, &base) || dwarf_ranges(die, 0, &base, &lo, &hi) > 0)) {
			*pc = (lo ? lo : base) + n;
			return true;
		}
	}
	if (!dwarf_lowpc(die, pc))
		return true;
	if (dwarf_ranges(die, 0, &base, &lo, &hi) <= 0)
		return false;
	*pc = lo;
	return true;
}

static const char *inline_call_file(Dwarf_Die *die)
{
	Dwarf_Attribute at;
	Dwarf_Files *files;
	Dwarf_Word file;
	Dwarf_Die cu;
	size_t n;

	if (!dwarf_attr(die, DW_AT_call_file, &at) || dwarf_formudata(&at, &file) ||
	    !dwarf_diecu(die, &cu, NULL, NULL) || dwarf_getsrcfiles(&cu, &files, &n) || file >= n)
		return NULL;
	return dwarf_filesrc(files, file, NULL, NULL);
}

static struct dinline *inline_new(struct dfunc *f, Dwarf_Die *die, const char *caller)
{
	struct arena *a = f->module->session->arena;
	struct dinline *in;
	Dwarf_Addr pc;
	uint64_t line = 0;

	if (!inline_entry(die, &pc))
		return NULL;
	in = arena_alloc(a, sizeof(*in));
	in->func = f;
	in->caller = caller ? arena_strdup(a, caller) : NULL;
	in->call_file = inline_call_file(die);
	die_number(die, DW_AT_call_line, &line);
	in->call_line = line;
	in->priv = arena_alloc(a, sizeof(*in->priv));
	in->priv->die = *die;
	dsite_choose(f->module, pc + f->module->priv->delta, &in->site);
	in->site.in = in;
	in->site.file = f->file;
	in->site.line = f->line;
	return in;
}

/* One walk through a unit, for the copies of the functions at some offsets. */
struct inline_walk {
	struct dfunc *func;
	const uint64_t *dies;
	int ndies;
	bool alt;
	struct dinline_list *out;
};

static bool inline_is_wanted(struct inline_walk *w, Dwarf_Die *die)
{
	Dwarf_Die origin;
	uint64_t offset;

	if (dwarf_tag(die) != DW_TAG_inlined_subroutine ||
	    !die_ref(die, DW_AT_abstract_origin, &origin) ||
	    die_is_alt(w->func->module, &origin) != w->alt)
		return false;
	offset = dwarf_dieoffset(&origin);
	for (int i = 0; i < w->ndies; i++)
		if (w->dies[i] == offset)
			return true;
	return false;
}

static void inline_walk(struct inline_walk *w, Dwarf_Die *parent, const char *caller, int depth)
{
	Dwarf_Die die;

	if (depth > FUNC_MAX_DEPTH || dwarf_child(parent, &die))
		return;
	do {
		const char *name = caller;

		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			name = die_name(&die);
			break;
		case DW_TAG_lexical_block: case DW_TAG_inlined_subroutine: case DW_TAG_namespace:
		case DW_TAG_try_block: case DW_TAG_catch_block: case DW_TAG_class_type:
		case DW_TAG_structure_type: case DW_TAG_module:
			break;
		default:
			continue;
		}
		if (inline_is_wanted(w, &die)) {
			struct dinline *in = inline_new(w->func, &die, caller);

			if (in)
				*vec_push(w->func->module->session->arena, w->out) = in;
		}
		inline_walk(w, &die, name, depth + 1);
	} while (!dwarf_siblingof(&die, &die));
}

static int inline_compare(const void *a, const void *b)
{
	const struct dinline *x = *(struct dinline *const *)a, *y = *(struct dinline *const *)b;

	return x->site.pc < y->site.pc ? -1 : x->site.pc > y->site.pc;
}

/* Abstract entries in shared (partial, alternate) units are inlined anywhere. */
static void inline_walk_units(struct dfunc *f, struct inline_walk *w, Dwarf_Die *dies, int n)
{
	Dwarf_CU *cu = NULL;
	uint64_t last = 0;
	Dwarf_Die unit;
	bool shared = w->alt;

	for (int i = 0; i < n && !shared; i++)
		shared = dwarf_diecu(&dies[i], &unit, NULL, NULL) &&
			 dwarf_tag(&unit) != DW_TAG_compile_unit;
	for (int i = 0; i < n && !shared; i++) {
		uint64_t offset;

		if (!dwarf_diecu(&dies[i], &unit, NULL, NULL))
			continue;
		offset = dwarf_dieoffset(&unit);
		if (offset != last)
			inline_walk(w, &unit, NULL, 0);
		last = offset;
	}
	/* Link-time optimisation refers across units, too. */
	if (w->out->count)
		return;
	while (!dwarf_get_units(f->module->priv->dw, cu, &cu, NULL, NULL, &unit, NULL))
		if (dwarf_tag(&unit) == DW_TAG_compile_unit)
			inline_walk(w, &unit, NULL, 0);
}

int dfunc_inlines(struct dfunc *f, struct dinline_list *out)
{
	struct arena *a = f->module->session->arena;
	struct dfunc_priv *p = f->priv;
	struct inline_walk w = { .func = f, .out = &p->inlines };
	Dwarf_Die *dies;
	uint64_t *offsets;
	int n;

	if (!p->inlines_done && f->is_inlined) {
		n = dfunc_dies(f, &dies);
		w.dies = offsets = arena_alloc(a, (n + 1) * sizeof(*offsets));
		for (int i = 0; i < n; i++)
			offsets[i] = dwarf_dieoffset(&dies[i]);
		w.ndies = n;
		w.alt = n && die_is_alt(f->module, &dies[0]);
		if (n)
			inline_walk_units(f, &w, dies, n);
		if (p->inlines.count)
			qsort(p->inlines.data, p->inlines.count, sizeof(*p->inlines.data),
			      inline_compare);
	}
	p->inlines_done = true;
	for (size_t i = 0; i < p->inlines.count; i++) {
		struct dinline *in = p->inlines.data[i];

		in->site.func = dfunc_at(f->module, in->site.pc);
		*vec_push(a, out) = in;
	}
	return p->inlines.count;
}
