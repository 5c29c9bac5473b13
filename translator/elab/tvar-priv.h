/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the target-variable engine share. */
#ifndef SONDE_TVAR_PRIV_H
#define SONDE_TVAR_PRIV_H

#include "translator/elab/access.h"
#include "translator/elab/elab.h"
#include "translator/elab/tvar.h"
#include "translator/elab/walk.h"
#include "translator/util/diag.h"

typedef VEC(const char *) name_vec;

struct dmodule;

struct tvar {
	struct elab *elab;
	struct session *session;
	struct handler *handler;
	struct site *site;		/* NULL: user-space handlers */
	bool failed;
	bool is_trial;			/* only whether it fails matters */
	bool written;			/* the node is the left side of an assignment */
};

/* Reports at @span; poisons *@slot, so that one mistake gives one message. */
void tvar_fail(struct tvar *t, struct expr **slot, enum diag_id id, struct span span, ...);

/* The variable $name at the handler's site. */
bool tvar_variable(struct tvar *t, const struct build *b, const char *name, struct access *out,
		   const char **why);
/* What $name is there: a variable, or the constant of an enum. false: *why. Parameters of return
 * probes are entry values. */
bool tvar_root(struct tvar *t, const struct build *b, const char *name, struct access *out,
	       const char **why);
/* The value of an access with its components, pretty-printed or addressed as the node asks. false:
 * reported. */
bool tvar_finish(struct tvar *t, struct expr **slot, struct access *access,
		 const component_vec *components, unsigned int pretty, bool address_of);

/* Expands the target nodes in one expression. */
void tvar_node(struct tvar *t, struct expr **slot);
/* Is it the text that an event of user space came with? */
bool tvar_is_value(const struct tvar *t, const struct expr *e);

/* tvar-write.c: `$x = v` and `$x++`. */
void tvar_write(struct tvar *t, struct expr **slot);
void tvar_step(struct tvar *t, struct expr **slot);

/* tvar-context.c: $$vars and the other strings. false: @name is none of them. */
bool tvar_context(struct tvar *t, struct expr **slot, const struct build *b, const char *name,
		  unsigned int pretty);

/* Is $$name at the site a list of variables, as "a=0x1 b={...}"? */
bool tvar_is_list(const struct handler *handler, const struct site *site, const char *name);
/* What $$name is at the site, where the kind has a text of that name; or NULL. */
const char *tvar_site_text(const struct site *site, const char *name);
/* The names of a list's variables. */
void tvar_listed(struct tvar *t, const struct build *b, const char *list, name_vec *names);
/* A variable in a list: its conversion and *value; or, *value NULL, the text that stands for it.
 * A number is 0x…, a struct {...}, pretty-printed when asked; what cannot be had is "?". */
const char *tvar_conversion(struct tvar *t, const struct build *b, const char *name,
			    unsigned int pretty, struct expr **value);

/* tvar-pretty.c: the string of $x$ (depth 1) or $x$$ (depth 2). */
struct expr *tvar_pretty(struct tvar *t, const struct build *b, const struct access *access,
			 unsigned int depth);

/* tvar-entry.c: the local that holds the value @expr had at the function's entry. NULL: *why. */
struct expr *tvar_entry(struct tvar *t, const struct build *b, struct expr *expr, const char **why);
/* Is $name one of the variables that a return probe sees at entry only? */
bool tvar_is_entry_value(const struct tvar *t, const char *name);

/* tvar-type.c */
struct dtype *tvar_type(struct tvar *t, const char *type_name, const char *module,
			enum mem_space *space, const char **why);
bool tvar_enumerator(struct tvar *t, const char *name, int64_t *value);
/* The root of @var("name@unit", "module"). */
bool tvar_global(struct tvar *t, const struct build *b, const char *name, const char *module,
		 struct access *out, const char **why);
#endif
