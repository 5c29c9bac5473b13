/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USDT arguments → locations (see sdt-arg.h). */
#include <ctype.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/priv.h"
#include "translator/debuginfo/sdt-arg.h"

static struct dloc *arg_value(struct arena *a, struct dexpr *x)
{
	struct dloc *l = arena_alloc(a, sizeof(*l));

	l->kind = DLOC_VALUE;
	l->expr = x;
	return l;
}

/* A sum of numbers and at most one symbol: "8", "-16", "foo+4", "4+foo". */
static bool arg_sum(struct dmodule *m, const char *s, size_t n, int64_t *number,
		    const struct elfsym **sym)
{
	char text[256], *p = text;

	*number = 0;
	*sym = NULL;
	if (n >= sizeof(text))
		return false;
	memcpy(text, s, n);
	text[n] = 0;
	while (*p) {
		int sign = 1;
		char *end;

		while (*p == '+' || *p == '-')
			sign = *p++ == '-' ? -sign : sign;
		if (isdigit((unsigned char)*p)) {
			*number += sign * (int64_t)strtoull(p, &end, 0);
		} else {
			char saved;

			end = p + strcspn(p, "+-");
			saved = *end;
			*end = 0;
			if (*sym || sign < 0 || end == p)
				return false;
			*sym = elfsym_find(m, p);
			*end = saved;
			if (!*sym)
				return false;
		}
		p = end;
	}
	return true;
}

static struct dloc *arg_register(struct dmodule *m, const char *text)
{
	struct arena *a = m->session->arena;
	int size, shift, reg = dreg_by_name(m->machine, text, &size, &shift);
	struct dloc *l;

	if (reg < 0)
		return dloc_none(a, "'%s' is no register that a probe can read", text);
	if (size > 8)
		return dloc_none(a, "it is in the vector register %s, which a probe cannot "
				 "read", text);
	if (shift)
		return arg_value(a, dexpr_op2(a, DEXPR_SHR, dexpr_reg(a, reg),
					      dexpr_const(a, shift)));
	l = arena_alloc(a, sizeof(*l));
	l->kind = DLOC_REGISTER;
	l->reg = reg;
	return l;
}

/* A register inside "(…)": *P is moved behind it and its ','. -1: not one. */
static int arg_base(struct dmodule *m, const char **p)
{
	size_t n = strcspn(*p, ",)");
	char name[16];
	int size, shift, reg;

	if (n >= sizeof(name))
		return -1;
	memcpy(name, *p, n);
	name[n] = 0;
	*p += n;
	reg = dreg_by_name(m->machine, name, &size, &shift);
	return size == 8 || size == 4 ? reg : -1;
}

/* "disp(%base,%index,scale)", "sym(%rip)", "sym". */
static struct dloc *arg_memory(struct dmodule *m, const char *text)
{
	struct arena *a = m->session->arena;
	const char *open = strchr(text, '('), *p;
	const struct elfsym *sym;
	struct dexpr *x = NULL;
	struct dloc *l;
	int64_t disp;
	bool rip;

	if (!arg_sum(m, text, open ? (size_t)(open - text) : strlen(text), &disp, &sym))
		return dloc_none(a, "the operand '%s' is not understood", text);
	rip = open && !strcmp(open, "(%rip)");
	if (rip && !sym)
		return dloc_none(a, "the operand '%s' has no symbol", text);
	x = sym ? dexpr_addr(a, sym->vaddr + disp) : dexpr_const(a, disp);
	for (p = open; p && !rip && *p != ')'; ) {
		int reg, scale = 1;
		bool index = *p++ == ',';

		if (!index && *p == ',')
			continue;		/* "(,%rax,8)" has no base */
		reg = arg_base(m, &p);
		if (reg < 0)
			return dloc_none(a, "the operand '%s' is not understood", text);
		if (index && *p == ',')
			scale = strtol(p + 1, (char **)&p, 10);
		if ((*p != ')' && *p != ',') || (index && *p != ')') || scale < 1 || scale > 8)
			return dloc_none(a, "the operand '%s' is not understood", text);
		x = dexpr_op2(a, DEXPR_ADD, dexpr_op2(a, DEXPR_MUL, dexpr_reg(a, reg),
						      dexpr_const(a, scale)), x);
	}
	l = arena_alloc(a, sizeof(*l));
	l->kind = DLOC_MEMORY;
	l->expr = x;
	return l;
}

/* "-4@", "8@", "8f@": size, sign, and whether it is a floating-point number. */
static const char *arg_size(const char *text, struct dsdt_arg *out)
{
	const char *at = strchr(text, '@');
	char *end;
	long n;

	out->size = 8;
	if (!at || at == text)
		return text;
	n = strtol(text, &end, 10);
	if (end == text)
		return text;
	out->is_signed = n < 0;
	out->size = n < 0 ? -n : n;
	out->is_float = *end == 'f';
	return at + 1;
}

void sdt_arg_parse(struct dmodule *m, const char *text, struct dsdt_arg *out)
{
	struct arena *a = m->session->arena;
	const struct elfsym *sym;
	const char *op;
	int64_t n;

	memset(out, 0, sizeof(*out));
	out->text = text;
	op = arg_size(text, out);
	if (out->size != 1 && out->size != 2 && out->size != 4 && out->size != 8)
		out->loc = dloc_none(a, "its size, %d bytes, is not supported", out->size);
	else if (m->machine != EM_X86_64)
		out->loc = dloc_none(a, "arguments of marks are known for x86-64 only");
	else if (*op == '%')
		out->loc = arg_register(m, op);
	else if (*op == '$' && arg_sum(m, op + 1, strlen(op + 1), &n, &sym))
		out->loc = arg_value(a, sym ? dexpr_addr(a, sym->vaddr + n) : dexpr_const(a, n));
	else
		out->loc = arg_memory(m, op);
}
