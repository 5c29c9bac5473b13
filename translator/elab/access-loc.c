/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a location of the debug information to the root of an access path. */
#include <string.h>

#include "translator/elab/access.h"

#include "translator/debuginfo/dscope.h"
#include "translator/debuginfo/dtype.h"
#include "translator/elab/site.h"
#include "translator/session.h"

enum { REG_SP = 7 };		/* x86-64, DWARF numbering */

struct loc_walk {
	const struct build *b;
	const struct access_base *base;
	const char *why;		/* set when something cannot be had */
};

static struct expr *expr_from(struct loc_walk *w, const struct dexpr *e);

/* Operators that are one of the script's; the others have functions below. */
static const int plain_op[DEXPR_OPS] = {
	[DEXPR_ADD] = OP_ADD, [DEXPR_SUB] = OP_SUB, [DEXPR_MUL] = OP_MUL, [DEXPR_DIV] = OP_DIV,
	[DEXPR_MOD] = OP_MOD, [DEXPR_AND] = OP_AND, [DEXPR_OR] = OP_OR, [DEXPR_XOR] = OP_XOR,
	[DEXPR_SHL] = OP_SHL, [DEXPR_SHR] = OP_SHR, [DEXPR_SAR] = OP_SAR, [DEXPR_EQ] = OP_EQ,
	[DEXPR_NE] = OP_NE, [DEXPR_LT] = OP_LT, [DEXPR_LE] = OP_LE, [DEXPR_GT] = OP_GT,
	[DEXPR_GE] = OP_GE,
};

static struct expr *unavailable(struct loc_walk *w, const char *why)
{
	w->why = why;
	return build_number(w->b, 0);
}

static struct expr *from_address(struct loc_walk *w, const struct dexpr *e)
{
	if (!w->base->load_bias)
		return unavailable(w, w->base->no_bias);
	return build_binary(w->b, OP_ADD, w->base->load_bias, build_number(w->b, e->value));
}

/* x86-64: the thread pointer is task_struct.thread.fsbase. */
static struct expr *from_tls(struct loc_walk *w, const struct dexpr *e)
{
	if (!w->base->tls_offset)
		return unavailable(w, "thread-local data of a shared library cannot be found");
	struct expr *pointer = build_call(w->b, "__thread_pointer", NULL, 0);

	return build_binary(w->b, OP_ADD, pointer,
			    build_number(w->b, w->base->tls_offset + (int64_t)e->value));
}

static struct expr *extend(struct loc_walk *w, struct expr *value, unsigned int size,
			   bool is_signed)
{
	if (size >= 8)
		return value;
	value = build_binary(w->b, OP_SHL, value, build_number(w->b, 64 - 8 * size));
	return build_binary(w->b, is_signed ? OP_SAR : OP_SHR, value,
			    build_number(w->b, 64 - 8 * size));
}

static struct expr *absolute(struct loc_walk *w, const struct dexpr *e)
{
	struct expr *negative = build_unary(w->b, OP_NEG, expr_from(w, e));

	return build_select(w->b, build_binary(w->b, OP_LT, expr_from(w, e), build_number(w->b, 0)),
			    negative, expr_from(w, e));
}

static struct expr *expr_from(struct loc_walk *w, const struct dexpr *e)
{
	switch (e->op) {
	case DEXPR_CONST:
		return build_number(w->b, e->value);
	case DEXPR_ADDR:
		return from_address(w, e);
	case DEXPR_REG:
		return build_register(w->b, e->reg);
	case DEXPR_ENTRY_REG:
		return unavailable(w, "it is known only by what a register held at entry");
	case DEXPR_TLS:
		return from_tls(w, e);
	case DEXPR_DEREF:
		return build_read(w->b, w->base->space, e->size, false, expr_from(w, e->a));
	case DEXPR_NEG:
		return build_unary(w->b, OP_NEG, expr_from(w, e->a));
	case DEXPR_NOT:
		return build_unary(w->b, OP_COMPL, expr_from(w, e->a));
	case DEXPR_ABS:
		return absolute(w, e->a);
	case DEXPR_ZEXT:
	case DEXPR_SEXT:
		return extend(w, expr_from(w, e->a), e->size, e->op == DEXPR_SEXT);
	case DEXPR_SELECT:
		return build_select(w->b, expr_from(w, e->a), expr_from(w, e->b),
				    expr_from(w, e->c));
	default:
		return build_binary(w->b, plain_op[e->op], expr_from(w, e->a), expr_from(w, e->b));
	}
}

static bool from_bytes(struct loc_walk *w, const struct dloc *loc, struct access *out)
{
	uint64_t value = 0;

	if (loc->nbytes > 8) {
		w->why = "it is a constant that the compiler kept nowhere";
		return false;
	}
	memcpy(&value, loc->bytes, loc->nbytes);
	out->kind = ACCESS_VALUE;
	out->expr = build_number(w->b, value);
	return true;
}

struct expr *access_cfa(const struct build *b, const struct site *site)
{
	struct access_base base = { .no_bias = "", .space = SPACE_USER };
	struct loc_walk w = { .b = b, .base = &base };
	struct dscope *scope = NULL;

	if (site->module && dmodule_has_dwarf(site->module))
		scope = site->detail ? dscope_at_site(site->module, site->detail)
				     : dscope_at(site->module, site->func, site->pc);
	struct dexpr *cfa = scope ? dscope_cfa(scope) : NULL;

	if (cfa)
		return expr_from(&w, cfa);
	/* at the first instruction only the return address is above the stack pointer */
	return build_binary(b, OP_ADD, build_register(b, REG_SP), build_number(b, 8));
}

bool access_from_loc(const struct build *b, const struct access_base *base, const struct dloc *loc,
		     struct dtype *type, struct access *out, const char **why)
{
	struct loc_walk w = { .b = b, .base = base };

	*out = (struct access){ .kind = ACCESS_VALUE, .space = base->space, .type = type,
				.base = base };
	switch (loc->kind) {
	case DLOC_NONE:
		w.why = loc->reason;
		break;
	case DLOC_MEMORY:
		out->kind = ACCESS_MEMORY;
		out->expr = expr_from(&w, loc->expr);
		break;
	case DLOC_REGISTER:
		if (loc->reg >= 17)
			w.why = "it is in a floating-point or vector register, which BPF cannot "
				"read";
		out->expr = build_register(b, loc->reg);
		break;
	case DLOC_VALUE:
		out->expr = expr_from(&w, loc->expr);
		break;
	case DLOC_BYTES:
		from_bytes(&w, loc, out);
		break;
	case DLOC_PIECES:
		out->kind = ACCESS_PIECES;
		out->pieces = loc;
		break;
	}
	*why = w.why;
	return !w.why;
}
