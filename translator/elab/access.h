/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An access path: where a typed value is, and what ->member, [index] and & make of it. The one
 * engine behind $x, @cast, @var and autocast, for DWARF and BTF, kernel and user alike: a probe
 * kind or an operator supplies the root, this walks on, and access_value() gives the tree of
 * machine accesses to put in the script.
 */
#ifndef SONDE_ACCESS_H
#define SONDE_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/elab/build.h"

struct dloc;
struct dtype;
struct session;
struct site;

/* What a long in the script means, for autocast. One object per (type, space): compared by address.
 */
struct detail {
	struct dtype *type;
	enum mem_space space;
};

enum access_kind {
	ACCESS_MEMORY,		/* expr is its address */
	ACCESS_VALUE,		/* expr is its value, of at most 8 bytes */
	ACCESS_PIECES,		/* a struct spread over registers: pieces */
};

struct access {
	enum access_kind kind;
	enum mem_space space;
	struct expr *expr;
	struct dtype *type;		/* NULL: a plain long */
	uint64_t bit_offset;		/* of a bit-field from expr; otherwise 0 */
	uint32_t bit_size;		/* 0: not a bit-field */
	bool is_first;			/* of several: a first index counts what it is */
	const struct dloc *pieces;
	const struct access_base *base;	/* how pieces and addresses are evaluated */
};

/* How link addresses become run-time addresses at a site. */
struct access_base {
	struct expr *load_bias;		/* added to DEXPR_ADDR; NULL: they cannot be known */
	const char *no_bias;		/* why */
	enum mem_space space;
	int64_t tls_offset;
};

/* How addresses of the module of @site (which may be NULL) become run-time addresses there. */
struct access_base *access_base_at(const struct build *b, const struct site *site);
/* The canonical frame address at a site of a function: the stack pointer that its return will
 * leave. */
struct expr *access_cfa(const struct build *b, const struct site *site);
/* The root from a location. false: *why. */
bool access_from_loc(const struct build *b, const struct access_base *base, const struct dloc *loc,
		     struct dtype *type, struct access *out, const char **why);
/* A plain value of a type (a BTF argument, a register, a script's long). */
struct access access_of_value(struct expr *value, struct dtype *type, enum mem_space space);

/* Each step changes *access; false: *why is a sentence. */
bool access_member(const struct build *b, struct access *access, const char *name,
		   const char **why);
bool access_index(const struct build *b, struct access *access, struct expr *index,
		  const char **why);
/* All components; on failure *span is the one at fault. Index expressions are used as they are. */
bool access_walk(const struct build *b, struct access *access, const component_vec *components,
		 struct span *span, const char **why);
/* Pointer to what it points to, in memory. */
bool access_deref(const struct build *b, struct access *access, const char **why);

/* The value as a long; arrays give their address. false: a struct, a float that cannot be had, … */
bool access_value(const struct build *b, struct session *session, const struct access *access,
		  struct expr **out, const char **why);
/* &x; its detail is a pointer to the type. */
bool access_address(const struct build *b, struct session *session, const struct access *access,
		    struct expr **out, const char **why);

const struct detail *detail_of(struct session *session, struct dtype *type, enum mem_space space);

#endif
