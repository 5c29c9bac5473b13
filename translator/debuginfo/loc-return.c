/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the x86-64 psABI puts a return value of a type: its classes by eightbyte. */
#include <string.h>

#include "translator/debuginfo/type-priv.h"

enum abi_class { ABI_NONE, ABI_INTEGER, ABI_SSE, ABI_X87, ABI_MEMORY };

enum { RAX = 0, RDX = 1, ABI_MAX_DEPTH = 16 };

static enum abi_class abi_merge(enum abi_class x, enum abi_class y)
{
	if (x == y || y == ABI_NONE)
		return x;
	if (x == ABI_NONE)
		return y;
	if (x == ABI_MEMORY || y == ABI_MEMORY)
		return ABI_MEMORY;
	if (x == ABI_INTEGER || y == ABI_INTEGER)
		return ABI_INTEGER;
	if (x == ABI_X87 || y == ABI_X87)
		return ABI_MEMORY;
	return ABI_SSE;
}

/* Classifies T, that begins at byte AT of a value of at most 16 bytes. */
static void abi_classify(struct dtype *t, uint64_t at, enum abi_class out[2], int depth)
{
	enum abi_class class = ABI_INTEGER;
	const struct dmember *v;
	int n;

	t = dtype_strip(t);
	if (depth > ABI_MAX_DEPTH || at > 15 || t->size > 16) {
		out[0] = ABI_MEMORY;
		return;
	}
	if (t->kind == DTYPE_ARRAY) {
		struct dtype *element = dtype_strip(dtype_target(t));

		for (int64_t i = 0; i < t->count && i < 16; i++)
			abi_classify(element, at + i * element->size, out, depth + 1);
		return;
	}
	if (dtype_is_compound(t)) {
		n = dtype_members(t, &v);
		for (int i = 0; i < n; i++) {
			if (v[i].is_static)
				continue;
			if (v[i].is_virtual)
				out[0] = ABI_MEMORY;
			abi_classify(v[i].type, at + v[i].bit_offset / 8, out, depth + 1);
		}
		return;
	}
	if (t->encoding == DENC_FLOAT || t->encoding == DENC_COMPLEX)
		class = t->size == 16 && t->encoding == DENC_FLOAT ? ABI_X87 : ABI_SSE;
	if (t->kind != DTYPE_BASE)
		class = ABI_INTEGER;
	for (uint64_t b = at; b < at + t->size; b += 8)
		if (b / 8 < 2)
			out[b / 8] = abi_merge(out[b / 8], class);
	if (t->size && (at + t->size - 1) / 8 < 2)
		out[(at + t->size - 1) / 8] = abi_merge(out[(at + t->size - 1) / 8], class);
}

/* C++: what cannot be copied by its bytes is returned in memory. */
static bool abi_is_trivial(struct dtype *t)
{
	Dwarf_Die die, child;
	uint64_t how;

	if (!dtype_is_compound(t) || !t->priv->module)
		return true;
	die = t->priv->die;
	/* clang says it outright. */
	if (die_number(&die, DW_AT_calling_convention, &how))
		return how != DW_CC_pass_by_reference;
	if (dwarf_child(&die, &child))
		return true;
	do {
		const char *name = dwarf_diename(&child);
		Dwarf_Attribute at;
		Dwarf_Die param, type;

		if (dwarf_hasattr(&child, DW_AT_virtuality))
			return false;
		if (dwarf_tag(&child) != DW_TAG_subprogram || !name || !t->name ||
		    dwarf_hasattr(&child, DW_AT_defaulted))
			continue;
		if (name[0] == '~' && !dwarf_hasattr(&child, DW_AT_artificial))
			return false;
		/* A copy constructor: T(this, const T &). */
		if (strcmp(name, t->name) || dwarf_hasattr(&child, DW_AT_artificial) ||
		    dwarf_child(&child, &param) || dwarf_siblingof(&param, &param) ||
		    !dwarf_attr(&param, DW_AT_type, &at) || !dwarf_formref_die(&at, &type) ||
		    (dwarf_tag(&type) != DW_TAG_reference_type &&
		     dwarf_tag(&type) != DW_TAG_rvalue_reference_type))
			continue;
		if (dtype_strip(dtype_target(dtype_of_die(t->priv->module, &type))) == t)
			return false;
	} while (!dwarf_siblingof(&child, &child));
	return true;
}

static struct dloc *abi_register(struct arena *a, int reg)
{
	struct dloc *l = arena_alloc(a, sizeof(*l));

	l->kind = DLOC_REGISTER;
	l->reg = reg;
	return l;
}

struct dloc *dloc_return_value(struct dmodule *m, struct dtype *t)
{
	struct arena *a = m->session->arena;
	enum abi_class class[2] = { ABI_NONE, ABI_NONE };
	struct dloc *l;

	t = dtype_strip(t);
	if (t->kind == DTYPE_VOID)
		return dloc_none(a, "the function returns nothing");
	if (m->machine != EM_X86_64)
		return dloc_none(a, "return values are known for x86-64 only");
	if (t->is_incomplete || (!t->size && t->kind != DTYPE_STRUCT))
		return dloc_none(a, "the size of '%s' is not known", dtype_text(t));
	if (t->size > 16 || !abi_is_trivial(t))
		class[0] = ABI_MEMORY;
	else
		abi_classify(t, 0, class, 0);
	if (class[0] == ABI_MEMORY || class[1] == ABI_MEMORY) {
		l = arena_alloc(a, sizeof(*l));
		l->kind = DLOC_MEMORY;
		l->expr = dexpr_reg(a, RAX);
		return l;
	}
	if (class[0] == ABI_X87 || class[1] == ABI_X87)
		return dloc_none(a, "it is returned in the x87 register st(0), which a probe "
				 "cannot read");
	if (class[0] == ABI_SSE || class[1] == ABI_SSE)
		return dloc_none(a, "it is returned in the vector register xmm0, which a probe "
				 "cannot read");
	if (t->size <= 8)
		return abi_register(a, RAX);
	l = arena_alloc(a, sizeof(*l));
	l->kind = DLOC_PIECES;
	l->npieces = 2;
	l->pieces = arena_alloc(a, 2 * sizeof(*l->pieces));
	l->pieces[0] = (struct dpiece){ 64, 0, abi_register(a, RAX) };
	l->pieces[1] = (struct dpiece){ 8 * (t->size - 8), 0, abi_register(a, RDX) };
	return l;
}
