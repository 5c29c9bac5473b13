/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A probe kind: one family of probe points, one file, one row in kinds.c.
 */
#ifndef SONDE_PROBE_KIND_H
#define SONDE_PROBE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "translator/util/source.h"

struct elab;
struct expr;
struct handler;
struct point;
struct site;
struct access;
struct dtype;

/*
 * A spelling: parts separated by dots; "name" a plain part, "name(num)", "name(str)" with an
 * argument, "name(str|num)" either, "<name>" any word (which is the argument), "[part]" optional.
 * Matching binds arguments by position. `tag` is the kind's own (an enum, a unit in nanoseconds).
 */
struct probe_form {
	const char *pattern;
	int64_t tag;
	const char *help;
};

/* A form that matched. */
struct probe_match {
	const struct probe_form *form;
	const struct point *point;
	struct probe_arg {
		const char *functor;		/* part name */
		const char *text;		/* str, or NULL */
		int64_t number;
		bool has_number;
	} args[8];				/* of the parts that have arguments, in order */
	size_t arg_count;
};

/* The text (or NULL) or number of the argument of part @functor. */
const struct probe_arg *probe_match_arg(const struct probe_match *match, const char *functor);

/* A variable of a site, for $$vars and listing. */
struct site_var {
	const char *name;			/* without '$' */
	struct dtype *type;			/* NULL: plain long */
	bool is_param;
};

struct probe_kind {
	const char *name;
	const struct probe_form *forms;		/* ends with a NULL pattern */
	/* Finds the places and makes handlers and sites; wildcards included. Returns how many
	 * sites; 0: no match (it reported why, with suggestions; the caller drops reports for `?`
	 * and `!`); -1: an error. */
	int (*resolve)(struct elab *elab, const struct probe_match *match);
	/* What $name ("x", "return", "arg1") is at @site. false: no such variable, or it cannot be
	 * had: *why says the reason (optimised out, no debuginfo: which). May be NULL: no
	 * variables. */
	bool (*variable)(struct elab *elab, struct site *site, const char *name, struct span span,
			 struct access *out, const char **why);
	/* All variables, for $$vars $$parms $$locals, -L and "did you mean". May be NULL. */
	size_t (*variables)(struct elab *elab, struct site *site, const struct site_var **vars);
	/* For a return site: the site of the same function's entry, for @entry and parameters. May
	 * be NULL. */
	struct site *(*entry)(struct elab *elab, struct site *site);
	/* Completes the handler at such a site, which keeps what @entry wants. May be NULL. */
	bool (*twin)(struct elab *elab, struct handler *twin);
	/* Can a return site still tell its arguments? NULL: no, they are entry values. */
	bool (*keeps_arguments)(const struct site *site);
};

extern const struct probe_kind *const probe_kinds[];	/* in match order; ends with NULL */

#endif
