/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expression trees: building them, with constants folded, and printing them. */
#include <elf.h>
#include <string.h>

#include "translator/debuginfo/priv.h"

struct dexpr *dexpr_const(struct arena *a, uint64_t value)
{
	struct dexpr *e = arena_alloc(a, sizeof(*e));

	e->op = DEXPR_CONST;
	e->value = value;
	return e;
}

struct dexpr *dexpr_reg(struct arena *a, int reg)
{
	struct dexpr *e = arena_alloc(a, sizeof(*e));

	e->op = DEXPR_REG;
	e->reg = reg;
	return e;
}

struct dexpr *dexpr_addr(struct arena *a, uint64_t vaddr)
{
	struct dexpr *e = dexpr_const(a, vaddr);

	e->op = DEXPR_ADDR;
	return e;
}

static bool expr_is_const(const struct dexpr *e)
{
	return e->op == DEXPR_CONST;
}

static bool expr_fold2(enum dexpr_op op, uint64_t x, uint64_t y, uint64_t *out)
{
	int64_t sx = x, sy = y;

	switch (op) {
	case DEXPR_ADD: *out = x + y; return true;
	case DEXPR_SUB: *out = x - y; return true;
	case DEXPR_MUL: *out = x * y; return true;
	case DEXPR_AND: *out = x & y; return true;
	case DEXPR_OR: *out = x | y; return true;
	case DEXPR_XOR: *out = x ^ y; return true;
	case DEXPR_SHL: *out = y < 64 ? x << y : 0; return true;
	case DEXPR_SHR: *out = y < 64 ? x >> y : 0; return true;
	case DEXPR_SAR: *out = sx >> (y < 64 ? y : 63); return true;
	case DEXPR_EQ: *out = x == y; return true;
	case DEXPR_NE: *out = x != y; return true;
	case DEXPR_LT: *out = sx < sy; return true;
	case DEXPR_LE: *out = sx <= sy; return true;
	case DEXPR_GT: *out = sx > sy; return true;
	case DEXPR_GE: *out = sx >= sy; return true;
	default: return false;		/* division: by zero, at run time */
	}
}

static uint64_t expr_extend(uint64_t v, int size, bool sign)
{
	int shift = size > 0 && size < 8 ? 64 - 8 * size : 0;

	return sign ? (uint64_t)((int64_t)(v << shift) >> shift) : v << shift >> shift;
}

struct dexpr *dexpr_op1(struct arena *a, enum dexpr_op op, struct dexpr *x, int size)
{
	struct dexpr *e;

	if (expr_is_const(x)) {
		switch (op) {
		case DEXPR_NEG: return dexpr_const(a, -x->value);
		case DEXPR_NOT: return dexpr_const(a, ~x->value);
		case DEXPR_ZEXT: return dexpr_const(a, expr_extend(x->value, size, false));
		case DEXPR_SEXT: return dexpr_const(a, expr_extend(x->value, size, true));
		default: break;
		}
	}
	if ((op == DEXPR_ZEXT || op == DEXPR_SEXT) && size >= 8)
		return x;
	e = arena_alloc(a, sizeof(*e));
	e->op = op;
	e->size = size;
	e->a = x;
	return e;
}

struct dexpr *dexpr_add(struct arena *a, struct dexpr *x, int64_t n)
{
	return dexpr_op2(a, DEXPR_ADD, x, dexpr_const(a, n));
}

struct dexpr *dexpr_op2(struct arena *a, enum dexpr_op op, struct dexpr *x, struct dexpr *y)
{
	struct dexpr *e;
	uint64_t v;

	if (expr_is_const(x) && expr_is_const(y) && expr_fold2(op, x->value, y->value, &v))
		return dexpr_const(a, v);
	if (op == DEXPR_SUB && expr_is_const(y))
		return dexpr_add(a, x, -y->value);
	if (op == DEXPR_MUL && expr_is_const(y) && y->value == 1)
		return x;
	if (op == DEXPR_ADD && expr_is_const(x)) {
		e = x;
		x = y;
		y = e;
	}
	if (op == DEXPR_ADD && expr_is_const(y)) {
		if (!y->value)
			return x;
		if (x->op == DEXPR_ADDR)
			return dexpr_addr(a, x->value + y->value);
		if (x->op == DEXPR_ADD && expr_is_const(x->b))
			return dexpr_add(a, x->a, x->b->value + y->value);
	}
	e = arena_alloc(a, sizeof(*e));
	e->op = op;
	e->a = x;
	e->b = y;
	return e;
}

static const char *const op_text[DEXPR_OPS] = {
	[DEXPR_ADD] = "+", [DEXPR_SUB] = "-", [DEXPR_MUL] = "*", [DEXPR_DIV] = "/",
	[DEXPR_MOD] = "%", [DEXPR_AND] = "&", [DEXPR_OR] = "|", [DEXPR_XOR] = "^",
	[DEXPR_SHL] = "<<", [DEXPR_SHR] = ">>", [DEXPR_SAR] = ">>>", [DEXPR_NEG] = "-",
	[DEXPR_NOT] = "~", [DEXPR_ABS] = "abs ", [DEXPR_EQ] = "==", [DEXPR_NE] = "!=",
	[DEXPR_LT] = "<", [DEXPR_LE] = "<=", [DEXPR_GT] = ">", [DEXPR_GE] = ">=",
	[DEXPR_ZEXT] = "u", [DEXPR_SEXT] = "s",
};

static const char *expr_binary(struct arena *a, const struct dexpr *e)
{
	if (e->op == DEXPR_ADD && expr_is_const(e->b) && (int64_t)e->b->value < 0)
		return arena_printf(a, "%s-%llu", dexpr_text(a, e->a),
				    -(unsigned long long)e->b->value);
	if (e->op == DEXPR_ADD)
		return arena_printf(a, "%s+%s", dexpr_text(a, e->a), dexpr_text(a, e->b));
	return arena_printf(a, "(%s %s %s)", dexpr_text(a, e->a), op_text[e->op],
			    dexpr_text(a, e->b));
}

const char *dexpr_text(struct arena *a, const struct dexpr *e)
{
	switch (e->op) {
	case DEXPR_CONST:
		return arena_printf(a, "%lld", (long long)e->value);
	case DEXPR_ADDR:
		return arena_printf(a, "%#llx", (unsigned long long)e->value);
	case DEXPR_REG:
		return dreg_name(EM_X86_64, e->reg);
	case DEXPR_ENTRY_REG:
		return arena_printf(a, "entry(%s)", dreg_name(EM_X86_64, e->reg));
	case DEXPR_TLS:
		return arena_printf(a, "tls+%lld", (long long)e->value);
	case DEXPR_DEREF:
		return arena_printf(a, "[%s]%s", dexpr_text(a, e->a),
				    e->size == 8 ? "" : arena_printf(a, ":%d", e->size));
	case DEXPR_ZEXT: case DEXPR_SEXT:
		return arena_printf(a, "%s%d(%s)", op_text[e->op], 8 * e->size,
				    dexpr_text(a, e->a));
	case DEXPR_NEG: case DEXPR_NOT: case DEXPR_ABS:
		return arena_printf(a, "%s%s", op_text[e->op], dexpr_text(a, e->a));
	case DEXPR_SELECT:
		return arena_printf(a, "(%s ? %s : %s)", dexpr_text(a, e->a),
				    dexpr_text(a, e->b), dexpr_text(a, e->c));
	default:
		return expr_binary(a, e);
	}
}

static const char *loc_bytes_text(struct arena *a, const struct dloc *l)
{
	const char *text = "bytes";

	for (uint32_t i = 0; i < l->nbytes && i < 16; i++)
		text = arena_printf(a, "%s %02x", text, l->bytes[i]);
	return text;
}

const char *dloc_text(struct arena *a, const struct dloc *l)
{
	const char *text = "";

	switch (l->kind) {
	case DLOC_NONE:
		return arena_printf(a, "none: %s", l->reason);
	case DLOC_MEMORY:
		return arena_printf(a, "[%s]", dexpr_text(a, l->expr));
	case DLOC_REGISTER:
		return dreg_name(EM_X86_64, l->reg);
	case DLOC_VALUE:
		return arena_printf(a, "=%s", dexpr_text(a, l->expr));
	case DLOC_BYTES:
		return loc_bytes_text(a, l);
	case DLOC_PIECES:
		for (int i = 0; i < l->npieces; i++)
			text = arena_printf(a, "%s%s%u bits %s", text, i ? ", " : "",
					    l->pieces[i].bit_size,
					    dloc_text(a, l->pieces[i].loc));
		return text;
	}
	return "?";
}
