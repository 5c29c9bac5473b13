/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements: which addresses a source line has, and the prologue's end. */
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

int dline_at(struct dmodule *m, uint64_t pc, const char **file, int *line)
{
	Dwarf_Addr at = dmodule_dwarf(m) ? dmodule_dwarf_pc(m, pc) : 0;
	const char *src;
	Dwarf_Line *row;
	Dwarf_Die cu;

	if (!m->priv->dw || !dmodule_cu_at(m, at, &cu))
		return dsession_fail(m->session, "no line is known for %#llx in %s",
				     (unsigned long long)pc, m->path ? m->path : m->name);
	row = dwarf_getsrc_die(&cu, at);
	src = row ? dwarf_linesrc(row, NULL, NULL) : NULL;
	if (!src || dwarf_lineno(row, line))
		return dsession_fail(m->session, "no line is known for %#llx in %s",
				     (unsigned long long)pc, m->path);
	*file = arena_strdup(m->session->arena, src);
	return 0;
}

/* The first row at or behind ADDR. */
static size_t line_lower_bound(Dwarf_Lines *lines, size_t n, Dwarf_Addr addr)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		Dwarf_Addr at = 0;

		dwarf_lineaddr(dwarf_onesrcline(lines, mid), &at);
		if (at < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * A compiler that marks the end of the prologue is believed; otherwise the
 * second row of the function begins behind it, which is what gcc's -O0 does.
 */
uint64_t dfunc_prologue_end(struct dfunc *f)
{
	struct dmodule *m = f->module;
	Dwarf_Addr entry, second = 0;
	Dwarf_Lines *lines;
	Dwarf_Die die, cu;
	size_t n;

	if (f->source != DFUNC_DWARF || !dfunc_concrete_die(f, &die) ||
	    !dwarf_diecu(&die, &cu, NULL, NULL) || dwarf_getsrclines(&cu, &lines, &n))
		return f->entry;
	entry = dmodule_dwarf_pc(m, f->entry);
	for (size_t i = line_lower_bound(lines, n, entry); i < n; i++) {
		Dwarf_Line *row = dwarf_onesrcline(lines, i);
		bool mark = false, end = false;
		Dwarf_Addr at;
		int line = 0;

		if (dwarf_lineaddr(row, &at) || at >= entry + f->size)
			break;
		dwarf_lineendsequence(row, &end);
		dwarf_lineprologueend(row, &mark);
		dwarf_lineno(row, &line);
		/* The function before may end just where this one begins. */
		if (end && at > entry)
			break;
		if (end)
			continue;
		if (mark)
			return at + m->priv->delta;
		if (!second && at > entry && line)
			second = at;
	}
	return second ? second + m->priv->delta : f->entry;
}

/* gcc writes its options into DW_AT_producer. */
int dproducer_optimized(const char *s)
{
	int optimized = -1;

	if (!s || strncmp(s, "GNU ", 4))
		return -1;
	while ((s = strstr(s, " -"))) {
		s += 2;
		if (*s == 'O')
			optimized = s[1] != '0';
	}
	return optimized > 0;
}

static int line_unit_optimized(Dwarf_Die *cu)
{
	Dwarf_Attribute at;

	return dproducer_optimized(dwarf_formstring(dwarf_attr(cu, DW_AT_producer, &at)));
}

/* Without that: are the variables in lists or registers, or all in the frame? */
static bool line_vars_optimized(Dwarf_Die *die)
{
	bool in_frame = false;
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return true;
	do {
		int tag = dwarf_tag(&child);
		Dwarf_Attribute at;
		Dwarf_Op *ops;
		size_t n;

		if (tag != DW_TAG_formal_parameter && tag != DW_TAG_variable)
			continue;
		if (!dwarf_attr(&child, DW_AT_location, &at))
			continue;
		if (dwarf_whatform(&at) != DW_FORM_exprloc || dwarf_getlocation(&at, &ops, &n))
			return true;
		if (n && ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_regx)
			return true;
		in_frame |= n && ops[0].atom != DW_OP_addr && ops[0].atom != DW_OP_addrx;
	} while (!dwarf_siblingof(&child, &child));
	return !in_frame;
}

/* The index knows it of most compilers: then the DWARF need not be opened. */
static bool line_index_optimized(const struct dfunc *f)
{
	return f->module->priv->index->funcs[f->priv->record].flags & DINDEX_OPTIMIZED;
}

const struct dsite *dfunc_site(struct dfunc *f)
{
	struct dfunc_priv *p = f->priv;
	uint64_t pc = f->entry;
	Dwarf_Die die, cu;
	int optimized;

	if (p->site_done)
		return &f->site;
	p->site_done = true;
	f->is_optimized = true;
	if (f->entry == D_NO_OFFSET) {
		f->site = (struct dsite){ D_NO_OFFSET, D_NO_OFFSET, D_NO_OFFSET, .func = f };
		return &f->site;
	}
	if (f->source == DFUNC_DWARF && !line_index_optimized(f) && dmodule_dwarf(f->module) &&
	    dfunc_concrete_die(f, &die) && dwarf_diecu(&die, &cu, NULL, NULL)) {
		optimized = line_unit_optimized(&cu);
		f->is_optimized = optimized < 0 ? line_vars_optimized(&die) : optimized;
		if (!f->is_optimized)
			pc = dfunc_prologue_end(f);
	}
	dsite_choose(f->module, pc, &f->site);
	if (pc != f->entry && !f->site.note)
		f->site.note = "placed behind the prologue (not optimised)";
	f->site.func = f;
	f->site.file = f->file;
	f->site.line = f->line;
	return &f->site;
}
