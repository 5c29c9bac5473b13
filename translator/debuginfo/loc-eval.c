/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DWARF location operations, run symbolically: the stack holds trees, and what
 * is left at the end is the location. One row an operation.
 */
#include <string.h>

#include "translator/debuginfo/priv.h"

enum { EVAL_MAX_STACK = 64, EVAL_MAX_PIECES = 64 };

struct eval {
	struct dscope *sc;
	struct arena *a;
	Dwarf_Attribute *attr;
	int depth;
	struct dexpr *stack[EVAL_MAX_STACK];
	const char *error;
	struct dloc now;		/* the simple location being described */
	bool has_now;			/* by a register, value or bytes; else by the stack */
	struct { struct dpiece *data; size_t count, capacity; } pieces;
};

static void eval_fail(struct eval *e, const char *why)
{
	if (!e->error)
		e->error = why;
}

static void eval_push(struct eval *e, struct dexpr *x)
{
	if (e->depth >= EVAL_MAX_STACK)
		eval_fail(e, "its location is too complicated");
	else
		e->stack[e->depth++] = x;
}

static struct dexpr *eval_pop(struct eval *e)
{
	if (e->depth > 0)
		return e->stack[--e->depth];
	eval_fail(e, "its location is damaged (stack underflow)");
	return dexpr_const(e->a, 0);
}

static void eval_set(struct eval *e, enum dloc_kind kind, struct dexpr *x, int reg)
{
	if (e->has_now)
		eval_fail(e, "its location is damaged (two locations in one)");
	e->has_now = true;
	e->now.kind = kind;
	e->now.expr = x;
	e->now.reg = reg;
}

static void op_addr(struct eval *e, const Dwarf_Op *op)
{
	eval_push(e, dexpr_addr(e->a, op->number + e->sc->module->priv->delta));
}

/* An index into .debug_addr. */
static void op_addrx(struct eval *e, const Dwarf_Op *op)
{
	Dwarf_Attribute at;
	Dwarf_Addr addr;

	if (!e->attr || dwarf_getlocation_attr(e->attr, op, &at) || dwarf_formaddr(&at, &addr))
		eval_fail(e, "its location refers to a missing address table");
	else if (op->atom == DW_OP_constx || op->atom == DW_OP_GNU_const_index)
		eval_push(e, dexpr_const(e->a, addr));
	else
		eval_push(e, dexpr_addr(e->a, addr + e->sc->module->priv->delta));
}

static void op_const(struct eval *e, const Dwarf_Op *op)
{
	eval_push(e, dexpr_const(e->a, op->number));
}

static void op_dup(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = eval_pop(e);

	(void)op;
	eval_push(e, x);
	eval_push(e, x);
}

static void op_drop(struct eval *e, const Dwarf_Op *op)
{
	(void)op;
	eval_pop(e);
}

static void op_pick(struct eval *e, const Dwarf_Op *op)
{
	Dwarf_Word n = op->atom == DW_OP_over ? 1 : op->number;

	if (n >= (Dwarf_Word)e->depth)
		eval_fail(e, "its location is damaged (stack underflow)");
	else
		eval_push(e, e->stack[e->depth - 1 - n]);
}

static void op_swap(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = eval_pop(e), *y = eval_pop(e);

	(void)op;
	eval_push(e, x);
	eval_push(e, y);
}

static void op_rot(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = eval_pop(e), *y = eval_pop(e), *z = eval_pop(e);

	(void)op;
	eval_push(e, x);
	eval_push(e, z);
	eval_push(e, y);
}

static void op_deref(struct eval *e, const Dwarf_Op *op)
{
	uint64_t size = op->atom == DW_OP_deref ? (uint64_t)e->sc->module->address_size
		: op->number;
	struct dexpr *x;

	if (size < 1 || size > 8)
		eval_fail(e, "its location is damaged (size of a read)");
	x = dexpr_op1(e->a, DEXPR_DEREF, eval_pop(e), size);
	eval_push(e, x);
}

static void op_plus_uconst(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = eval_pop(e);

	eval_push(e, dexpr_add(e->a, x, op->number));
}

static void op_cfa(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = dscope_cfa(e->sc);

	(void)op;
	if (x)
		eval_push(e, x);
	else
		eval_fail(e, e->sc->cfa_error);
}

static void op_fbreg(struct eval *e, const Dwarf_Op *op)
{
	const char *error = NULL;
	struct dexpr *x = dscope_frame_base(e->sc, &error);

	if (x)
		eval_push(e, dexpr_add(e->a, x, (int64_t)op->number));
	else
		eval_fail(e, error);
}

static void op_regx(struct eval *e, const Dwarf_Op *op)
{
	eval_set(e, DLOC_REGISTER, NULL, op->number < 256 ? op->number : 255);
}

static void op_bregx(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = dexpr_reg(e->a, op->number < 256 ? op->number : 255);

	eval_push(e, dexpr_add(e->a, x, (int64_t)op->number2));
}

static void op_tls(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = eval_pop(e), *tls;

	(void)op;
	if (x->op != DEXPR_CONST && x->op != DEXPR_ADDR) {
		eval_fail(e, "its thread-local address is computed");
		return;
	}
	tls = dexpr_const(e->a, x->value);
	tls->op = DEXPR_TLS;
	eval_push(e, tls);
}

static void op_stack_value(struct eval *e, const Dwarf_Op *op)
{
	(void)op;
	eval_set(e, DLOC_VALUE, eval_pop(e), 0);
}

static void op_implicit_value(struct eval *e, const Dwarf_Op *op)
{
	Dwarf_Block block;

	if (!e->attr || dwarf_getlocation_implicit_value(e->attr, op, &block)) {
		eval_fail(e, "its constant value is damaged");
		return;
	}
	eval_set(e, DLOC_BYTES, NULL, 0);
	e->now.nbytes = block.length;
	e->now.bytes = memcpy(arena_alloc(e->a, block.length + 1), block.data, block.length);
}

/* What a register held at the function's entry: known only there. */
static void op_entry_value(struct eval *e, const Dwarf_Op *op)
{
	const struct dfunc *f = e->sc->func;
	Dwarf_Attribute at;
	Dwarf_Op *ops;
	size_t n;
	int reg;

	if (!e->attr || dwarf_getlocation_attr(e->attr, op, &at) ||
	    dwarf_getlocation(&at, &ops, &n) || n != 1) {
		eval_fail(e, "only its value at the function's entry is described");
		return;
	}
	reg = ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31 ? ops[0].atom - DW_OP_reg0
		: ops[0].atom == DW_OP_regx && ops[0].number < 256 ? (int)ops[0].number : -1;
	if (reg >= 0 && f && e->sc->pc == f->entry) {
		eval_push(e, dexpr_reg(e->a, reg));
		return;
	}
	eval_fail(e, arena_printf(e->a, "only its value at the entry of %s is known (in %s "
				  "there): probe the entry, or use @entry in a .return probe",
				  f ? f->name : "the function",
				  dreg_name(e->sc->module->machine, reg)));
}

/* The base type that a typed operation names: its size, and whether it is signed. */
static bool eval_type(struct eval *e, const Dwarf_Op *op, Dwarf_Word offset, int *size,
		      bool *is_signed)
{
	Dwarf_Die die;
	struct dtype *t;

	*size = 8;
	if (!offset)
		return true;
	if (!e->attr || dwarf_getlocation_die(e->attr, op, &die)) {
		eval_fail(e, "its location is damaged (type of an operation)");
		return false;
	}
	t = dtype_strip(dtype_of_die(e->sc->module, &die));
	if (!dtype_is_integer(t) || t->size > 8 || !t->size) {
		eval_fail(e, "its value is computed in floating point");
		return false;
	}
	*size = t->size;
	*is_signed = t->is_signed;
	return true;
}

static void op_convert(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = eval_pop(e);
	bool is_signed = false;
	int size;

	if (eval_type(e, op, op->number, &size, &is_signed))
		eval_push(e, dexpr_op1(e->a, is_signed ? DEXPR_SEXT : DEXPR_ZEXT, x, size));
}

static void op_regval_type(struct eval *e, const Dwarf_Op *op)
{
	bool is_signed = false;
	int size;

	if (eval_type(e, op, op->number2, &size, &is_signed))
		eval_push(e, dexpr_op1(e->a, is_signed ? DEXPR_SEXT : DEXPR_ZEXT,
				       dexpr_reg(e->a, op->number), size));
}

static void op_deref_type(struct eval *e, const Dwarf_Op *op)
{
	struct dexpr *x = eval_pop(e);
	bool is_signed = false;
	int size;

	if (!eval_type(e, op, op->number2, &size, &is_signed))
		return;
	x = dexpr_op1(e->a, DEXPR_DEREF, x, size);
	eval_push(e, is_signed ? dexpr_op1(e->a, DEXPR_SEXT, x, size) : x);
}

static void op_const_type(struct eval *e, const Dwarf_Op *op)
{
	Dwarf_Block block;
	uint64_t v = 0;
	bool is_signed = false;
	int size;

	if (!eval_type(e, op, op->number, &size, &is_signed))
		return;
	if (!e->attr || dwarf_getlocation_implicit_value(e->attr, op, &block) ||
	    block.length > 8) {
		eval_fail(e, "its constant value is damaged");
		return;
	}
	memcpy(&v, block.data, block.length);
	eval_push(e, dexpr_op1(e->a, is_signed ? DEXPR_SEXT : DEXPR_ZEXT, dexpr_const(e->a, v),
			       size));
}

static void op_variable_value(struct eval *e, const Dwarf_Op *op)
{
	Dwarf_Die die;
	struct dvar v = { 0 };
	struct dvar_priv priv;
	struct dloc *l;
	struct dtype *t;

	if (!e->attr || dwarf_getlocation_die(e->attr, op, &die)) {
		eval_fail(e, "its location is damaged (variable it depends on)");
		return;
	}
	priv = (struct dvar_priv){ e->sc->module, die, false };
	v.priv = &priv;
	v.type = t = dtype_strip(dtype_of(e->sc->module, &die));
	if (e->sc->var_depth++ > 8)
		eval_fail(e, "its location is damaged (circular)");
	l = e->error ? dloc_none(e->a, "circular") : dscope_location(e->sc, &v);
	e->sc->var_depth--;
	if (l->kind == DLOC_VALUE)
		eval_push(e, l->expr);
	else if (l->kind == DLOC_REGISTER)
		eval_push(e, dexpr_reg(e->a, l->reg));
	else if (l->kind == DLOC_MEMORY && t->size && t->size <= 8)
		eval_push(e, dexpr_op1(e->a, DEXPR_DEREF, l->expr, t->size));
	else
		eval_fail(e, "it depends on a variable that is not available");
}

static void op_implicit_pointer(struct eval *e, const Dwarf_Op *op)
{
	(void)op;
	eval_fail(e, "it points to something that the optimiser removed");
}

static void op_parameter_ref(struct eval *e, const Dwarf_Op *op)
{
	(void)op;
	eval_fail(e, "it was optimised out: only callers know its value");
}

static void op_branch(struct eval *e, const Dwarf_Op *op)
{
	(void)op;
	eval_fail(e, "its location takes branches, which is not supported");
}

static void op_call(struct eval *e, const Dwarf_Op *op)
{
	(void)op;
	eval_fail(e, "its location calls another description, which is not supported");
}

static void op_nop(struct eval *e, const Dwarf_Op *op)
{
	(void)e, (void)op;
}

static const struct { uint8_t atom; void (*run)(struct eval *e, const Dwarf_Op *op); } rows[] = {
	{ DW_OP_addr, op_addr }, { DW_OP_addrx, op_addrx }, { DW_OP_constx, op_addrx },
	{ DW_OP_GNU_addr_index, op_addrx }, { DW_OP_GNU_const_index, op_addrx },
	{ DW_OP_const1u, op_const }, { DW_OP_const1s, op_const }, { DW_OP_const2u, op_const },
	{ DW_OP_const2s, op_const }, { DW_OP_const4u, op_const }, { DW_OP_const4s, op_const },
	{ DW_OP_const8u, op_const }, { DW_OP_const8s, op_const }, { DW_OP_constu, op_const },
	{ DW_OP_consts, op_const }, { DW_OP_dup, op_dup }, { DW_OP_drop, op_drop },
	{ DW_OP_over, op_pick }, { DW_OP_pick, op_pick }, { DW_OP_swap, op_swap },
	{ DW_OP_rot, op_rot }, { DW_OP_deref, op_deref }, { DW_OP_deref_size, op_deref },
	{ DW_OP_plus_uconst, op_plus_uconst }, { DW_OP_call_frame_cfa, op_cfa },
	{ DW_OP_fbreg, op_fbreg }, { DW_OP_regx, op_regx }, { DW_OP_bregx, op_bregx },
	{ DW_OP_form_tls_address, op_tls }, { DW_OP_GNU_push_tls_address, op_tls },
	{ DW_OP_stack_value, op_stack_value }, { DW_OP_implicit_value, op_implicit_value },
	{ DW_OP_entry_value, op_entry_value }, { DW_OP_GNU_entry_value, op_entry_value },
	{ DW_OP_convert, op_convert }, { DW_OP_GNU_convert, op_convert },
	{ DW_OP_reinterpret, op_convert }, { DW_OP_GNU_reinterpret, op_convert },
	{ DW_OP_regval_type, op_regval_type }, { DW_OP_GNU_regval_type, op_regval_type },
	{ DW_OP_deref_type, op_deref_type }, { DW_OP_GNU_deref_type, op_deref_type },
	{ DW_OP_const_type, op_const_type }, { DW_OP_GNU_const_type, op_const_type },
	{ DW_OP_GNU_variable_value, op_variable_value },
	{ DW_OP_implicit_pointer, op_implicit_pointer },
	{ DW_OP_GNU_implicit_pointer, op_implicit_pointer },
	{ DW_OP_GNU_parameter_ref, op_parameter_ref }, { DW_OP_bra, op_branch },
	{ DW_OP_skip, op_branch }, { DW_OP_call2, op_call }, { DW_OP_call4, op_call },
	{ DW_OP_call_ref, op_call }, { DW_OP_nop, op_nop },
};

static const struct { uint8_t atom; enum dexpr_op op; bool unary; } arithmetic[] = {
	{ DW_OP_plus, DEXPR_ADD, 0 }, { DW_OP_minus, DEXPR_SUB, 0 }, { DW_OP_mul, DEXPR_MUL, 0 },
	{ DW_OP_div, DEXPR_DIV, 0 }, { DW_OP_mod, DEXPR_MOD, 0 }, { DW_OP_and, DEXPR_AND, 0 },
	{ DW_OP_or, DEXPR_OR, 0 }, { DW_OP_xor, DEXPR_XOR, 0 }, { DW_OP_shl, DEXPR_SHL, 0 },
	{ DW_OP_shr, DEXPR_SHR, 0 }, { DW_OP_shra, DEXPR_SAR, 0 }, { DW_OP_eq, DEXPR_EQ, 0 },
	{ DW_OP_ne, DEXPR_NE, 0 }, { DW_OP_lt, DEXPR_LT, 0 }, { DW_OP_le, DEXPR_LE, 0 },
	{ DW_OP_gt, DEXPR_GT, 0 }, { DW_OP_ge, DEXPR_GE, 0 }, { DW_OP_neg, DEXPR_NEG, 1 },
	{ DW_OP_not, DEXPR_NOT, 1 }, { DW_OP_abs, DEXPR_ABS, 1 },
};

static bool eval_arithmetic(struct eval *e, const Dwarf_Op *op)
{
	for (size_t i = 0; i < sizeof(arithmetic) / sizeof(*arithmetic); i++) {
		struct dexpr *x, *y;

		if (arithmetic[i].atom != op->atom)
			continue;
		y = eval_pop(e);
		x = arithmetic[i].unary ? NULL : eval_pop(e);
		eval_push(e, x ? dexpr_op2(e->a, arithmetic[i].op, x, y)
			  : dexpr_op1(e->a, arithmetic[i].op, y, 8));
		return true;
	}
	return false;
}

static void eval_op(struct eval *e, const Dwarf_Op *op)
{
	uint8_t atom = op->atom;

	if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31) {
		eval_push(e, dexpr_const(e->a, atom - DW_OP_lit0));
	} else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31) {
		eval_push(e, dexpr_add(e->a, dexpr_reg(e->a, atom - DW_OP_breg0),
				       (int64_t)op->number));
	} else if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31) {
		eval_set(e, DLOC_REGISTER, NULL, atom - DW_OP_reg0);
	} else if (!eval_arithmetic(e, op)) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			if (rows[i].atom == atom) {
				rows[i].run(e, op);
				return;
			}
		}
		eval_fail(e, arena_printf(e->a, "its location uses operation %#x, which is not "
					  "supported", atom));
	}
}

/* Ends the simple location: by what was set, by the stack's top, or it is nowhere. */
static struct dloc *eval_finish(struct eval *e)
{
	struct dloc *l = arena_alloc(e->a, sizeof(*l));

	if (e->has_now) {
		*l = e->now;
	} else if (e->depth) {
		l->kind = DLOC_MEMORY;
		l->expr = eval_pop(e);
	} else {
		l->reason = "it was optimised out";
	}
	e->has_now = false;
	e->depth = 0;
	memset(&e->now, 0, sizeof(e->now));
	return l;
}

static void eval_piece(struct eval *e, const Dwarf_Op *op)
{
	bool bits = op->atom == DW_OP_bit_piece;

	if (e->pieces.count >= EVAL_MAX_PIECES || op->number > 1 << 24) {
		eval_fail(e, "its location is too complicated");
		return;
	}
	*vec_push(e->a, &e->pieces) = (struct dpiece){
		.bit_size = bits ? op->number : 8 * op->number,
		.bit_offset = bits ? op->number2 : 0,
		.loc = eval_finish(e),
	};
}

struct dloc *dloc_eval(struct dscope *sc, Dwarf_Attribute *attr, const Dwarf_Op *ops, size_t n)
{
	struct arena *a = sc->module->session->arena;
	struct eval e = { .sc = sc, .a = a, .attr = attr };
	struct dloc *l;

	for (size_t i = 0; i < n && !e.error; i++) {
		if (ops[i].atom == DW_OP_piece || ops[i].atom == DW_OP_bit_piece)
			eval_piece(&e, &ops[i]);
		else
			eval_op(&e, &ops[i]);
	}
	if (e.error)
		return dloc_none(a, "%s", e.error);
	if (!e.pieces.count)
		return eval_finish(&e);
	l = arena_alloc(a, sizeof(*l));
	l->kind = DLOC_PIECES;
	l->npieces = e.pieces.count;
	l->pieces = e.pieces.data;
	return l;
}
