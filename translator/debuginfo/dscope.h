/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DSCOPE_H
#define SONDE_DSCOPE_H

/*
 * Variables that a pc sees, and their locations as small expression trees
 * that elab lowers to IR. Everything is owned by the session's arena.
 */
#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/dtype.h"

struct dfunc;
struct dsite;

/* Leaves and operators of an address or value; all arithmetic is 64-bit. */
enum dexpr_op {
	DEXPR_CONST,		/* value */
	DEXPR_ADDR,		/* value is a link address: add the load bias */
	DEXPR_REG,		/* register number reg (DWARF), now */
	DEXPR_ENTRY_REG,	/* the same when the function was entered */
	DEXPR_TLS,		/* value = offset in the module's TLS block */
	DEXPR_DEREF,		/* size bytes at a, zero-extended */
	DEXPR_ADD, DEXPR_SUB, DEXPR_MUL, DEXPR_DIV /* signed */, DEXPR_MOD /* unsigned */,
	DEXPR_AND, DEXPR_OR, DEXPR_XOR, DEXPR_SHL, DEXPR_SHR, DEXPR_SAR,
	DEXPR_NEG, DEXPR_NOT, DEXPR_ABS,
	DEXPR_EQ, DEXPR_NE, DEXPR_LT, DEXPR_LE, DEXPR_GT, DEXPR_GE,	/* signed */
	DEXPR_ZEXT, DEXPR_SEXT,	/* the low size bytes of a */
	DEXPR_SELECT,		/* a ? b : c */
	DEXPR_OPS
};

struct dexpr {
	enum dexpr_op op;
	uint8_t size;
	uint16_t reg;
	uint64_t value;
	struct dexpr *a, *b, *c;
};

enum dloc_kind {
	DLOC_NONE,		/* not available here: reason says why and where it is */
	DLOC_MEMORY,		/* expr is its address */
	DLOC_REGISTER,		/* in register reg; its low bytes */
	DLOC_VALUE,		/* expr is its value; it has no address */
	DLOC_BYTES,		/* a constant: nbytes at bytes */
	DLOC_PIECES,		/* composed of npieces parts, low addresses first */
};

struct dpiece {
	uint32_t bit_size;
	uint32_t bit_offset;	/* into the part's own location */
	struct dloc *loc;	/* DLOC_NONE: this part was optimised out */
};

struct dloc {
	enum dloc_kind kind;
	const char *reason;
	struct dexpr *expr;
	uint16_t reg;
	uint32_t nbytes;
	const uint8_t *bytes;
	int npieces;
	struct dpiece *pieces;
};

struct dvar {
	const char *name;
	struct dtype *type;	/* never NULL; void when the debug info has none */
	const char *file;
	int line;
	bool is_param;
	bool is_global;		/* lives outside the function */
	struct dvar_priv *priv;
};

struct dvar_list { struct dvar **data; size_t count, capacity; };

struct dscope;

/*
 * What is visible at PC. F may be NULL (it is looked up). NULL and the reason
 * when the module has no DWARF for it.
 */
struct dscope *dscope_at(struct dmodule *m, struct dfunc *f, uint64_t pc);
struct dscope *dscope_at_site(struct dmodule *m, const struct dsite *site);

/*
 * Innermost block outward, through inlined instances to the function, then
 * the compilation unit's globals. NULL and the reason if there is none.
 */
struct dvar *dscope_lookup(struct dscope *sc, const char *name);

/*
 * @var("name@file.c"): a global, or static variable, of the unit whose name
 * ends in CU (a glob; NULL: the scope's own unit first, then any). SC may be NULL.
 */
struct dvar *dscope_global(struct dmodule *m, struct dscope *sc, const char *name,
			   const char *cu);

enum dscope_which { DSCOPE_PARAMS = 1, DSCOPE_LOCALS = 2, DSCOPE_VARS = 3 };
/*
 * In the order of declaration, the innermost function's only (that is what
 * $$vars means inside an inlined copy); a shadowed name is left out.
 */
int dscope_vars(struct dscope *sc, int which, struct dvar_list *out);
/* Names for "did you mean". */
int dscope_each_name(struct dscope *sc, int (*fn)(const char *name, void *ctx), void *ctx);

/*
 * Never NULL: DLOC_NONE with a reason when it is not available at the pc. For
 * a variable of dscope_global(), SC may be NULL.
 */
struct dloc *dscope_location(struct dscope *sc, struct dvar *v);
/* The frame's canonical address, DW_OP_call_frame_cfa; NULL if unknown. */
struct dexpr *dscope_cfa(struct dscope *sc);

/* F's return type (void if none); NULL and the reason without debug info. */
struct dtype *dfunc_return_type(struct dfunc *f);
/*
 * Where a value of type T is when a function has just returned it (x86-64
 * psABI): rax[:rdx], memory at rax; DLOC_NONE and the reason for xmm, st(0).
 */
struct dloc *dloc_return_value(struct dmodule *m, struct dtype *t);
/* The same for the Nth (0…) integer argument at a function's entry, by the ABI. */
struct dloc *dloc_abi_argument(struct dmodule *m, int n);

/* For --dump, -L and tests: "[rbp-16]", "rdi", "4 bytes rax, 4 bytes rdx". */
const char *dloc_text(struct arena *a, const struct dloc *l);
const char *dexpr_text(struct arena *a, const struct dexpr *e);

/* DWARF register → its name, and its offset in struct pt_regs; -1 if not there. */
const char *dreg_name(int machine, int reg);
int dreg_pt_regs_offset(int machine, int reg);
/* Name as in assembler ("eax", "%r10d", "al") → number; size in bytes, shift in bits. */
int dreg_by_name(int machine, const char *name, int *size, int *shift);

#endif
