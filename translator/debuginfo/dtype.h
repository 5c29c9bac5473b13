/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DTYPE_H
#define SONDE_DTYPE_H

/*
 * C, C++ and Rust types, filled lazily from DWARF or BTF; the reader cannot
 * tell which. A type that refers to another (pointer, typedef …) resolves it
 * when dtype_target() asks. Owned by the session's arena; equal pointers mean
 * the same type, different pointers may still mean equal types.
 */
#include "translator/debuginfo/debuginfo.h"

enum dtype_kind {
	DTYPE_VOID,
	DTYPE_BASE,
	DTYPE_POINTER,
	DTYPE_REFERENCE,	/* C++ & and && */
	DTYPE_ARRAY,		/* one dimension; dtype_target() is the element */
	DTYPE_STRUCT,
	DTYPE_CLASS,
	DTYPE_UNION,
	DTYPE_ENUM,
	DTYPE_TYPEDEF,
	DTYPE_CONST,
	DTYPE_VOLATILE,
	DTYPE_RESTRICT,
	DTYPE_ATOMIC,
	DTYPE_FUNC,		/* dtype_target() is what it returns */
	DTYPE_MEMBER_POINTER,	/* C++ */
	DTYPE_KINDS
};

enum dtype_encoding { DENC_INT, DENC_CHAR, DENC_BOOL, DENC_FLOAT, DENC_COMPLEX, DENC_OTHER };

struct dtype {
	enum dtype_kind kind;
	enum dtype_encoding encoding;	/* base types and enums */
	bool is_signed;			/* base types and enums */
	bool is_incomplete;		/* declared only, no definition anywhere */
	const char *name;		/* without "struct"; NULL if anonymous */
	uint64_t size;			/* bytes; 0: void, functions, incomplete */
	int64_t count;			/* arrays: elements; -1 when not known ("[]") */
	struct dtype_priv *priv;
};

struct dmember {
	const char *name;		/* NULL: anonymous struct or union, padding */
	struct dtype *type;
	uint64_t bit_offset;		/* from the start of the outermost struct */
	uint32_t bit_size;		/* 0: not a bit-field */
	bool is_static;			/* C++: no offset; look linkage up as a global */
	bool is_base;			/* an inherited class */
	bool is_virtual;		/* a virtual base: its offset is not known */
	const char *linkage;		/* statics */
	int line;
};

struct dparam { const char *name; struct dtype *type; };
struct denumerator { const char *name; int64_t value; };

/* What it points to, is an array of, renames or returns; void type if nothing. */
struct dtype *dtype_target(struct dtype *t);
/* Without typedefs and qualifiers; declarations are replaced by definitions. */
struct dtype *dtype_strip(struct dtype *t);
bool dtype_is_integer(struct dtype *t);		/* int, char, bool, enum; stripped first */
bool dtype_is_pointer(struct dtype *t);		/* or reference */
bool dtype_is_compound(struct dtype *t);	/* struct, class, union */
bool dtype_is_string(struct dtype *t);		/* char * or char [] */

/* T is stripped first; each returns how many, or -1 and the reason. */
int dtype_members(struct dtype *t, const struct dmember **out);
int dtype_enumerators(struct dtype *t, const struct denumerator **out);
int dtype_params(struct dtype *t, const struct dparam **out, bool *varargs);

/*
 * The member NAME, looked for inside anonymous members and base classes too;
 * bit_offset is from T's start. false and the reason if there is none.
 */
bool dtype_member(struct dtype *t, const char *name, struct dmember *out);
/* The enumerator's name for VALUE, or NULL. */
const char *dtype_enum_name(struct dtype *t, int64_t value);

/*
 * "struct foo", "union u", "enum e", "foo" (a typedef, class or base type; if
 * there is no such typedef, the struct); trailing '*'s allowed. Definitions
 * are preferred to declarations. NULL and the reason.
 */
struct dtype *dtype_find(struct dmodule *m, const char *name);
struct dtype *dtype_find_btf(struct dbtf *b, const char *name);
/* The value of an enumerator, of whatever enum, by name: @const's fallback. */
bool dtype_find_enumerator(struct dmodule *m, const char *name, int64_t *value);
/* Calls FN with each named type until it returns non-zero ("did you mean"). */
int dtype_each_name(struct dmodule *m, int (*fn)(const char *name, void *ctx), void *ctx);

/* Derived types, for @cast and literals. */
struct dtype *dtype_pointer_to(struct dsession *ds, struct dtype *t, int address_size);
struct dtype *dtype_void(struct dsession *ds);

/* "struct file*", "char[16]", "int (*)(void*)"; with NAME, a declaration. */
const char *dtype_text(struct dtype *t);
const char *dtype_decl(struct dtype *t, const char *name);

#endif
