/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the passes of elaboration share. One struct elab lives for one elaboration;
 * everything in it is in the session's arena.
 *
 * The order (elaborate.c): declare what the user's files declare; expand probes to handlers
 * (expand.c); for each handler: one copy a site if its variables differ from site to site,
 * target variables (tvar.c), names (resolve.c), which may bring in tapsets with probes of
 * their own, so again until none is left. Then over the whole program: prune, infer (with
 * autocast), check, width.
 */
#ifndef SONDE_ELAB_PRIV_H
#define SONDE_ELAB_PRIV_H

struct expansion;

#include "translator/elab/elab.h"
#include "translator/elab/library.h"
#include "translator/elab/walk.h"
#include "translator/ir/intrinsics.h"
#include "translator/session.h"
#include "translator/util/diag.h"

typedef VEC(struct function *) function_vec;
typedef VEC(struct global *) global_vec;
typedef VEC(struct file *) file_vec;
typedef VEC(const char *) name_vec;

/* A probe whose points are still to be expanded. */
struct pending_probe {
	struct probe *probe;
	struct file *file;
};

struct elab {
	struct session *session;
	struct elab_program *program;
	file_vec user_files;		/* the script, -E */
	struct map user_functions;	/* name -> function_vec * */
	struct map user_globals;	/* name -> struct global * */
	struct map synthetic;		/* name -> struct function *, of elab_function_new() */
	struct map signatures;		/* intrinsic name -> struct function * */
	struct map merged;		/* of merge_handler() */
	struct map clones;		/* "function handler" -> the handler's own copy */
	VEC(struct pending_probe) pending;
	size_t pending_done;
	size_t resolved_handlers;	/* of program->handlers: the first so many are resolved */
	const struct expansion *expansion;	/* while a kind resolves */
	struct handler *current;	/* while its target variables and names are resolved */
	global_vec synthetic_globals;
	int context_depth;		/* of context_of_function() */
	bool context_cycle;
	bool listing;			/* -l, -L: bodies do not matter */
	bool only_names;		/* -l */
	int unique;			/* for names of elaboration's own */
};

/* ---- names.c: what a name means at a place ---- */

/* Functions that a call of @name written in @source may mean, those of the user first;
 * intrinsics not included. */
void names_functions(struct elab *elab, const char *name, const struct source *source,
		     function_vec *out);
/* A function becomes part of the program: so do the probes of its file. */
void names_use_function(struct elab *elab, const struct function *function);
struct global *names_global(struct elab *elab, const char *name, const struct source *source);
/* Parameters and result of an intrinsic, typed. */
struct function *names_signature(struct elab *elab, const struct intrinsic *intrinsic);
bool names_declare_user_file(struct elab *elab, struct file *file);
void names_suggest_function(struct elab *elab, const char *name);
/* -G NAME=VALUE */
bool names_apply_options(struct elab *elab);

/* ---- context.c: what depends on the handler or its sites ---- */

enum context {
	CONTEXT_UNKNOWN, CONTEXT_BUSY, CONTEXT_NONE, CONTEXT_HANDLER, CONTEXT_TEXTS, CONTEXT_SITE
};

/* Of a body with all the functions that it calls. Names are not resolved yet. */
enum context context_of_body(struct elab *elab, struct stmt *body);
enum context context_of_function(struct elab *elab, struct function *function);
/* Does it call functions that have target variables? */
bool context_calls_site(struct elab *elab, struct stmt *body);
/* Does the body hold nodes that tvar_expand() replaces? */
bool context_has_target(struct stmt *body);

/* ---- expand.c ---- */
bool expand_probe(struct elab *elab, struct probe *probe);

/* ---- merge.c ---- */

/* The target variables of @handler have been expanded. true: an earlier one, split from the same,
 * is as this one and has taken its site; this one goes. */
bool merge_handler(struct elab *elab, struct handler *handler);

/* ---- resolve.c ---- */
/* Names; target variables have been expanded. */
bool resolve_handler(struct elab *elab, struct handler *handler);
bool resolve_function(struct elab *elab, struct handler *handler, struct function *function);
/* New nodes in an already resolved body; @handler or @function may be NULL. */
void resolve_expr(struct elab *elab, struct handler *handler, struct function *function,
		  struct expr **slot);

/* ---- whole-program passes: need resolved names ---- */
bool check_program(struct elab *elab);		/* check.c: rules; needs nothing but names */
bool infer_program(struct elab *elab);		/* infer.c: types of everything; makes autocasts */
/* check-stat.c: histograms, shifts, sorts: needs types */
bool check_types(struct elab *elab);
/* prune.c: removes what does nothing; not with -u. @fold: types have been checked. */
void prune_program(struct elab *elab, bool fold);
/* usage.c: is_read, is_written, is_used; drops unused */
void usage_program(struct elab *elab);
/* late.c: is there a target variable that cannot be had? @report: says why of each */
bool late_program(struct elab *elab, bool report);
void width_program(struct elab *elab);		/* width.c: needs types */
/* Is it in the script itself: not the library's, nor a macro's or an alias's part? */
bool usage_is_users(struct span span);
/* Was it made by elaboration, for its own ends? */
bool usage_is_made(const struct local *local);
/* unused and never-assigned variables of the user */
void usage_warnings(struct elab *elab);
void recursion_program(struct elab *elab);	/* usage.c: is_recursive */

/* Up to handlers (@typed: and types) only, for -l and -L. NULL: reported. */
struct elab_program *elaborate_listing(struct session *session, struct file *script, bool typed);

/* Visits the bodies of all handlers, then of all functions. */
typedef void body_visitor(struct elab *elab, struct handler *handler, struct function *function,
			  struct stmt **body, void *context);
void elab_each_body(struct elab *elab, body_visitor *visit, void *context);

/* Names of types in messages: "a long", "a string", … */
const char *type_name(enum type type);
/* @text for one, "s" for more: plurals in messages. */
const char *plural(size_t count);

#endif
