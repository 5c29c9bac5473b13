/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Type inference: what infer.c and infer-expr.c share. */
#ifndef SONDE_INFER_H
#define SONDE_INFER_H

#include "translator/elab/elab-priv.h"

struct infer {
	struct elab *elab;
	struct session *session;
	struct handler *handler;	/* the body's */
	struct function *function;
	struct walk walk;		/* over statements */
	const struct expr *statement;	/* an expression whose value is not used */
	bool changed, failed;
	bool has_late;			/* what is unknown may be so for that: another's error */
	bool final;			/* nothing changes any more: what is unknown is an error */
};

/* Types *@slot (it may be replaced), told that @want is expected (TYPE_UNKNOWN: anything). */
void infer_expr(struct infer *in, struct expr **slot, enum type want);
void infer_print(struct infer *in, struct expr **slot, enum type want);
void infer_key(struct infer *in, struct global *global, size_t index, struct expr **slot);

/* @type for what can learn its type from its use; TYPE_UNKNOWN for what has one, so that the
 * caller reports a conflict with both places. */
enum type infer_hint(const struct expr *e, enum type type);
/* @use says that the variable or function @name, whose type is *@type since *@first, is @want. */
void infer_bind(struct infer *in, enum type *type, struct span *first, struct expr *use,
		enum type want, const char *name);
/* @e has a type of its own; reports if it is not @want. */
void infer_want(struct infer *in, struct expr *e, enum type want);
/* A variable keeps what its values mean while they all mean the same. */
void infer_detail(struct infer *in, const struct detail **detail, bool *dropped,
		  const struct expr *value);

#endif
