/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target variables that cannot be had. The message waits in the node that stands for one
 * (tvar.c), and is given if the node is still there when what nobody reads, and what constants
 * exclude, has been left out.
 */
#include "translator/elab/elab-priv.h"

struct late {
	struct diags *diags;	/* NULL: only whether there is one */
	bool found;
};

static bool late_expr(struct walk *walk, struct expr **slot)
{
	struct late *late = walk->context;

	if ((*slot)->kind != EXPR_NUMBER || !(*slot)->late)
		return true;
	late->found = true;
	if (late->diags)
		diags_put(late->diags, (*slot)->late);
	return true;
}

static void late_body(struct elab *elab, struct handler *handler, struct function *function,
		      struct stmt **body, void *context)
{
	struct walk walk = { .expr_before = late_expr, .context = context };

	(void)elab;
	(void)handler;
	(void)function;
	walk_stmt(&walk, body);
}

bool late_program(struct elab *elab, bool report)
{
	struct late late = { .diags = report ? elab->session->diags : NULL };

	elab_each_body(elab, late_body, &late);
	return late.found;
}
