/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target variables: $x->y[3], $$vars, @cast, @var, @entry, @defined and the rest become trees of
 * machine accesses.
 *
 *   tvar.c          the walk over a handler, one function a node kind
 *   tvar-context.c  the $$ strings and $name
 *   tvar-pretty.c   $x$ and $x$$
 *   tvar-entry.c    @entry, and parameters in return probes
 *   tvar-write.c    assignments
 *   access.c …      the paths
 */
#ifndef SONDE_TVAR_H
#define SONDE_TVAR_H

#include <stdbool.h>

struct elab;
struct expr;
struct handler;
struct stmt;

/*
 * Replaces the target nodes of @handler's body in place. Needs: names not yet resolved, one site
 * (or several for which no variable differs). What it makes still has to be resolved and typed.
 * DEREF of a script value stays where its operand has no detail yet: tvar_autocast(). false:
 * reported.
 */
bool tvar_expand(struct elab *elab, struct handler *handler);
/* The same for a body that belongs to @handler but is not in it: a function's, cloned for it. */
bool tvar_expand_body(struct elab *elab, struct handler *handler, struct stmt **body);
/* Does the body, functions not included, name anything that differs from site to site? */
bool tvar_depends_on_site(const struct handler *handler);
/* Replaces the DEREF node *@slot whose operand has got a detail. false: reported. */
bool tvar_autocast(struct elab *elab, struct handler *handler, struct expr **slot);
/* The same for an assignment to one. */
bool tvar_autocast_write(struct elab *elab, struct handler *handler, struct expr **slot);

#endif
