/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a variable is at a pc: location lists, frame base, CFA, constants. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/priv.h"

struct dloc *dloc_none(struct arena *a, const char *fmt, ...)
{
	struct dloc *l = arena_alloc(a, sizeof(*l));
	va_list ap;

	va_start(ap, fmt);
	l->reason = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return l;
}

/* .debug_frame, else .eh_frame; each may be in the debug file or the main one. */
struct dexpr *dscope_cfa(struct dscope *sc)
{
	Dwarf_Frame *frame;
	struct dloc *l;
	Dwarf_Op *ops;
	size_t n;

	if (sc->cfa_done)
		return sc->cfa;
	sc->cfa_done = true;
	sc->cfa_error = "there is no call-frame information for this address";
	frame = dmodule_frame(sc->module, sc->pc);
	if (!frame)
		return NULL;
	if (!dwarf_frame_cfa(frame, &ops, &n) && n) {
		l = dloc_eval(sc, NULL, ops, n);
		if (l->kind == DLOC_MEMORY || l->kind == DLOC_VALUE)
			sc->cfa = l->expr;
		else if (l->kind == DLOC_REGISTER)
			sc->cfa = dexpr_reg(sc->module->session->arena, l->reg);
	}
	free(frame);
	return sc->cfa;
}

struct dexpr *dscope_frame_base(struct dscope *sc, const char **error)
{
	struct arena *a = sc->module->session->arena;
	Dwarf_Attribute at;
	struct dexpr *x = NULL;
	struct dloc *l;
	Dwarf_Op *ops;
	size_t n;

	*error = "its function has no frame base";
	if (!sc->has_function || sc->fb_busy ||
	    !dwarf_attr_integrate(&sc->dies[sc->ndies - 1], DW_AT_frame_base, &at))
		return NULL;
	if (dwarf_getlocation_addr(&at, dmodule_dwarf_pc(sc->module, sc->pc), &ops, &n, 1) != 1) {
		*error = "its function's frame base is not known at this address";
		return NULL;
	}
	/* A frame base that refers to itself is damage. */
	sc->fb_busy = true;
	l = dloc_eval(sc, &at, ops, n);
	sc->fb_busy = false;
	if (l->kind == DLOC_REGISTER)
		x = dexpr_reg(a, l->reg);
	else if (l->kind == DLOC_MEMORY || l->kind == DLOC_VALUE)
		x = l->expr;
	else if (l->kind == DLOC_NONE)
		*error = l->reason;
	return x;
}

enum { LOC_MAX_RANGES = 3 };

static const char *loc_place(struct dmodule *m, uint64_t pc)
{
	struct arena *a = m->session->arena;
	const char *file;
	int line;

	if (dline_at(m, pc, &file, &line))
		return arena_printf(a, "%#llx", (unsigned long long)pc);
	return arena_printf(a, "%#llx (line %d)", (unsigned long long)pc, line);
}

/* Where it would be available, for the message. */
static const char *loc_elsewhere(struct dmodule *m, Dwarf_Attribute *at)
{
	struct arena *a = m->session->arena;
	Dwarf_Addr base, lo, hi;
	const char *text = "";
	ptrdiff_t next = 0;
	Dwarf_Op *ops;
	size_t n;
	int count = 0;

	while ((next = dwarf_getlocations(at, next, &base, &lo, &hi, &ops, &n)) > 0) {
		if (!n || (n == 2 && ops[0].atom == DW_OP_entry_value) || lo >= hi)
			continue;
		if (count++ >= LOC_MAX_RANGES)
			return arena_printf(a, "%s and elsewhere", text);
		text = arena_printf(a, "%s%s%s to %s", text, count > 1 ? ", " : "",
				    loc_place(m, lo + m->priv->delta),
				    loc_place(m, hi + m->priv->delta));
	}
	return text;
}

/*
 * gcc's location views: an entry of no length at the pc holds at some point
 * "between" two lines there. No instruction runs in between, so it holds.
 */
static bool loc_view(Dwarf_Attribute *at, Dwarf_Addr pc, Dwarf_Op **ops, size_t *n)
{
	Dwarf_Addr base, lo, hi;
	ptrdiff_t next = 0;

	while ((next = dwarf_getlocations(at, next, &base, &lo, &hi, ops, n)) > 0)
		if (lo == hi && lo == pc && *n)
			return true;
	return false;
}

static struct dloc *loc_of_attr(struct dscope *sc, Dwarf_Attribute *at)
{
	struct dmodule *m = sc->module;
	const char *where;
	Dwarf_Op *ops;
	size_t n = 0;
	int found = dwarf_getlocation_addr(at, dmodule_dwarf_pc(m, sc->pc), &ops, &n, 1);

	/* A global's location does not depend on the pc. */
	if (found < 0 && !dwarf_getlocation(at, &ops, &n))
		found = 1;
	if (found == 1 && n)
		return dloc_eval(sc, at, ops, n);
	if (found < 0)
		return dloc_none(m->session->arena, "its location is damaged: %s",
				 dwarf_errmsg(-1));
	if (loc_view(at, dmodule_dwarf_pc(m, sc->pc), &ops, &n))
		return dloc_eval(sc, at, ops, n);
	where = loc_elsewhere(m, at);
	if (!*where)
		return dloc_none(m->session->arena, "it was optimised out");
	return dloc_none(m->session->arena, "it is not available at %s, only from %s",
			 loc_place(m, sc->pc), where);
}

static struct dloc *loc_constant(struct dmodule *m, Dwarf_Attribute *at)
{
	struct arena *a = m->session->arena;
	struct dloc *l = arena_alloc(a, sizeof(*l));
	Dwarf_Block block;
	const char *s;
	Dwarf_Word u;

	if (!dwarf_formudata(at, &u)) {
		l->kind = DLOC_VALUE;
		l->expr = dexpr_const(a, u);
	} else if (!dwarf_formblock(at, &block)) {
		l->kind = DLOC_BYTES;
		l->nbytes = block.length;
		l->bytes = memcpy(arena_alloc(a, block.length + 1), block.data, block.length);
	} else if ((s = dwarf_formstring(at))) {
		l->kind = DLOC_BYTES;
		l->nbytes = strlen(s) + 1;
		l->bytes = (const uint8_t *)arena_strdup(a, s);
	} else {
		l->reason = "its constant value is damaged";
	}
	return l;
}

/* Declared here, defined in another unit: the symbol table knows where. */
static struct dloc *loc_symbol(struct dmodule *m, Dwarf_Die *die)
{
	struct arena *a = m->session->arena;
	struct dloc *l = arena_alloc(a, sizeof(*l));
	const struct elfsym *s = NULL;
	Dwarf_Attribute at;
	const char *name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &at));

	if (!name)
		name = die_name(die);
	if (name)
		s = elfsym_find(m, name);
	if (!s || s->kind == ELFSYM_FUNC || s->kind == ELFSYM_IFUNC)
		return dloc_none(a, "it is defined in another file than %s", m->path);
	l->kind = DLOC_MEMORY;
	l->expr = dexpr_addr(a, s->vaddr);
	if (s->kind == ELFSYM_TLS)
		l->expr->op = DEXPR_TLS;
	return l;
}

/*
 * Link-time optimisation leaves a unit's variables without location, some with a new name. The
 * symbol is taken if it is the only one of that name and size.
 */
static struct dloc *loc_static_symbol(struct dmodule *m, struct dvar *v)
{
	struct arena *a = m->session->arena;
	const struct elfsym *syms, *found = NULL;
	size_t length = strlen(v->name), size = dtype_strip(v->type)->size;
	int n = elfsym_list(m, &syms), count = 0;
	struct dloc *l;

	for (int i = 0; i < n; i++) {
		const char *end = syms[i].name + length;

		if (strncmp(syms[i].name, v->name, length) ||
		    (*end && strncmp(end, ".lto_priv.", strlen(".lto_priv."))) ||
		    syms[i].size != size || syms[i].kind != ELFSYM_OBJECT)
			continue;
		found = &syms[i];
		count++;
	}
	if (count != 1)
		return dloc_none(a, "it was optimised out");
	l = arena_alloc(a, sizeof(*l));
	l->kind = DLOC_MEMORY;
	l->expr = dexpr_addr(a, found->vaddr);
	return l;
}

struct dloc *dscope_location(struct dscope *sc, struct dvar *v)
{
	struct dmodule *m = v->priv->module;
	struct dscope alone = { .module = m, .pc = D_NO_OFFSET };
	Dwarf_Die *die = &v->priv->die;
	Dwarf_Attribute at;

	/* A variable of another module than the scope's has no use for its pc. */
	if (!sc || sc->module != m)
		sc = &alone;
	if (v->priv->type_lost)
		return dloc_none(m->session->arena, "its type cannot be read: the supplementary "
				 "debug file that dwz made was not found, or %s is damaged",
				 m->priv->debug_file);
	if (dwarf_attr_integrate(die, DW_AT_location, &at))
		return loc_of_attr(sc, &at);
	if (dwarf_attr_integrate(die, DW_AT_const_value, &at))
		return loc_constant(m, &at);
	if (die_flag(die, DW_AT_declaration) || die_flag(die, DW_AT_external))
		return loc_symbol(m, die);
	if (v->is_global && v->name)
		return loc_static_symbol(m, v);
	return dloc_none(m->session->arena, "it was optimised out");
}

struct dloc *dloc_abi_argument(struct dmodule *m, int n)
{
	static const uint8_t regs[] = { 5, 4, 1, 2, 8, 9 };	/* rdi rsi rdx rcx r8 r9 */
	struct arena *a = m->session->arena;
	struct dloc *l;

	if (m->machine != EM_X86_64)
		return dloc_none(a, "arguments by number are known for x86-64 only");
	if (n < 0 || n > 63)
		return dloc_none(a, "there is no argument number %d", n + 1);
	l = arena_alloc(a, sizeof(*l));
	if (n < 6) {
		l->kind = DLOC_REGISTER;
		l->reg = regs[n];
	} else {
		l->kind = DLOC_MEMORY;
		l->expr = dexpr_add(a, dexpr_reg(a, 7), 8 * (n - 6) + 8);
	}
	return l;
}
