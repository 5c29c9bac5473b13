/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expanding probe points: what expand.c (aliases), expand-kind.c (forms of probe kinds) and
 * expand-body.c (the body of a handler) share.
 */
#ifndef SONDE_EXPAND_H
#define SONDE_EXPAND_H

#include "translator/elab/elab-priv.h"

/* One step from the script's probe down through aliases to a probe kind. Lives on the stack. */
struct expansion {
	const struct expansion *up;	/* who asked for this alias; NULL: the probe itself */
	struct probe *probe;		/* the script's probe, or the alias of this step */
	/* in `up`, what this alias was found for; NULL at the top */
	const struct point *point;
	const struct origin *origin;	/* for the places of what the alias brings in */
	const char *alias_name;		/* with suffix: how pn() and -l call it; NULL at the top */
	struct expr *condition;		/* of the points so far; NULL: none */
	const struct point *current;	/* the point that is being expanded */
};

/* expand-kind.c: sites found for a point by the probe kinds: as kind->resolve. -2: no form
 * matches. */
#define EXPAND_NO_FORM (-2)
int expand_kinds(struct elab *elab, const struct expansion *x, const struct point *point);
/* Reports a point that nothing knows, with what is near or the reason; -1. */
int expand_unknown(struct elab *elab, const struct point *point);
/* @pattern with * ? […] within a component, ** across. */
bool glob_match(const char *pattern, const char *text);
bool has_wildcard(const char *text);

/* point.c: text as written, functors joined by dots, and a condition that is not allowed. */
const char *point_text(struct session *session, const struct point *point);
const char *point_functors(struct session *session, const struct point *point, size_t from,
			   size_t count);
bool check_condition(struct elab *elab, struct expr *condition);

#endif
