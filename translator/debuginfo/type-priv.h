/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DTYPE_PRIV_H
#define SONDE_DTYPE_PRIV_H

/* The private half of types: type*.c and btf.c share it. */
#include "translator/debuginfo/priv.h"

struct dmember_list { struct dmember *data; size_t count, capacity; };
struct denumerator_list { struct denumerator *data; size_t count, capacity; };
struct dparam_list { struct dparam *data; size_t count, capacity; };

/* How a type fills in what was not asked for yet: from DWARF, BTF, or made up. */
struct dtype_ops {
	struct dtype *(*target)(struct dtype *t);
	void (*members)(struct dtype *t, struct dmember_list *out);
	void (*enumerators)(struct dtype *t, struct denumerator_list *out);
	void (*params)(struct dtype *t, struct dparam_list *out, bool *varargs);
	struct dtype *(*definition)(struct dtype *t);
};

struct dtype_priv {
	const struct dtype_ops *ops;	/* NULL: nothing to ask for */
	struct dsession *session;
	struct dmodule *module;		/* DWARF */
	Dwarf_Die die;
	int dimension;			/* arrays: which subrange, from 0 */
	struct dbtf *btf;		/* BTF */
	uint32_t id;
	bool target_done, members_done, enumerators_done, params_done, definition_done;
	bool varargs;
	struct dtype *target, *definition;
	struct dmember_list members;
	struct denumerator_list enumerators;
	struct dparam_list params;
};

/* type.c */
struct dtype *dtype_new(struct dsession *ds, enum dtype_kind kind, const struct dtype_ops *ops);

/* "const struct foo **" → "struct foo" and 2 stars. */
const char *dtype_bare_name(struct arena *a, const char *name, int *stars);

#endif
