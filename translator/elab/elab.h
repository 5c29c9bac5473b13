/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elaboration: from parsed files to a closed, typed program of handlers and the functions
 * and globals they use.
 *
 *   elab.h         what the passes share, and the entry point
 *   library.c      index of the tapsets: which file defines a name; a file is parsed only
 * when wanted
 *   expand.c       aliases, wildcards, ? and !; matches probe forms, calls kind->resolve ->
 * handlers
 *   site.h         one concrete place, plain data
 *   copy.c         deep copies of trees: each handler owns its body
 *   site-text.c    $$parms and its like at many sites: tables
 *   merge.c        handlers of several sites that came out the same
 *   tvar.c …       $x->y[3], $$vars, pretty-printing, @cast @var @entry @defined -> EXPR_MACH trees
 *   resolve.c      names to globals, locals, functions, intrinsics
 *   infer.c        types, to a fixed point; width.c: each string's greatest width
 *   check.c        rules that types do not say
 *   prune.c        dead code, unread locals (not with -u)
 *   elab-print.c   -p2;  list.c: -l, -L
 *
 * Order: library+resolve of the script's references; expand; per handler tvar, then resolve
 * again for what tvar made; infer; check; prune; width. A pass says above its entry what it
 * needs, gives and breaks.
 */
#ifndef SONDE_ELAB_H
#define SONDE_ELAB_H

#include <stdbool.h>
#include <stdio.h>

#include "translator/elab/site.h"
#include "translator/parse/ast.h"
#include "translator/util/map.h"

struct session;
struct probe_kind;

/* One handler body and the sites it runs at. Sites share a handler when nothing in the body
 * depends on the site (then one BPF program serves them all). */
struct handler {
	const char *name;		/* the first site's probe point, resolved: pp() */
	const char *origin;		/* as written: "probe malloc* … <- alias chain" */
	const struct point *point;	/* after alias expansion */
	const struct probe *probe;	/* the script's (or tapset's) probe it comes from */
	const struct probe_kind *kind;
	/* its own copy: alias prologues, the body, epilogues; condition first */
	struct stmt *body;
	local_vec locals;
	site_vec sites;
	int order;			/* of appearance */
	/* pn(): the probe point as the script names it, wildcards expanded */
	const char *alias;
	bool is_alias;			/* `alias` is the name of a probe alias */
	bool is_split;			/* one of several for the sites of one point */
	bool is_twin;			/* made by elaboration beside another one: not listed */
	/* set by the kind; KERNEL when an event of the kernel starts it */
	enum program_trigger trigger;
	int priority;			/* begin, end, error */
	stmt_vec prologue;		/* what tvar_expand() puts before the body */
	struct stmt *guard;		/* goes before that; NULL: none */
	/* of a return probe: saves at entry what @entry wants; may be NULL */
	struct handler *entry_twin;
	/* lists of variables that differ from site to site: site-text.h */
	const struct site_text_table *texts;
	size_t text_count;
};

struct elab;

struct elab_program {
	struct session *session;
	struct elab *elab;		/* for the kinds' variables() */
	VEC(struct handler *) handlers;
	VEC(struct function *) functions;	/* used ones, callees included */
	/* used ones, in order of declaration, then synthetic */
	VEC(struct global *) globals;
};

struct elab;

/* Runs all passes on @script (with its tapsets). NULL when diagnostics were reported. */
struct elab_program *elaborate(struct session *session, struct file *script);
/* -p2. With verbose also locals and bodies. */
void elab_print(FILE *out, const struct elab_program *program, bool verbose);
/* "f:long (x:string)", without a newline. */
void elab_print_signature(FILE *out, const struct function *function);
/* -l and -L: prints the points that match, sorted, once each. Returns how many. */
int elab_list(FILE *out, struct session *session, struct file *script, bool with_variables);

/* ---- what kinds (translator/probes/) call while resolving ---- */

/* A new handler for @point of @probe with a copy of the probe's whole body. The kind then
 * adds sites. */
/* -l: points are only named, so one of several places with the same name will do. */
bool elab_only_names(const struct elab *elab);
/* -l and -L: bodies do not matter. */
bool elab_is_listing(const struct elab *elab);
struct handler *elab_handler_new(struct elab *elab, const struct probe_kind *kind,
				 const struct point *point);
/* One more site; the kind fills it. */
struct site *elab_site_new(struct elab *elab, struct handler *handler);
struct session *elab_session(struct elab *elab);
/* A number for sites that are alternatives of one another: program_site.group. */
uint32_t elab_group_new(struct elab *elab);
/* The handler runs only when @condition, an expression in our own language, holds. */
bool elab_handler_filter(struct elab *elab, struct handler *handler, const char *condition);
/* A global of elaboration's own, never auto-printed; an array when @is_array. Its name
 * cannot clash. Trees refer to it with symbol.global already set. */
struct global *elab_global_new(struct elab *elab, const char *stem, bool is_array,
			       struct span span);
/* A function of elaboration's own: its parameters are longs, its body is @body. Calls refer
 * to it by name. */
struct function *elab_function_new(struct elab *elab, const char *stem, const char *const *params,
				   size_t count, struct stmt *body, enum type type);
/* Parses @text (our own language) as a probe and elaborates it as if the script had it:
 * helper probes. */
bool elab_add_probe_text(struct elab *elab, const char *name, const char *text);

#endif
