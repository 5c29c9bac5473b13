/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $$parms, $$name and their like at many sites: a table for all of them, so that one program
 * serves all, rather than one for each. A table (elab/format-table.h) has the rows of each site by
 * its place among the handler's; runtime/kern walks them when a site is hit.
 */
#ifndef SONDE_SITE_TEXT_H
#define SONDE_SITE_TEXT_H

#include <stdbool.h>

#include "translator/elab/build.h"
#include "translator/elab/elab.h"

struct site_text_table {
	const char *name;		/* "$$parms" */
	uint32_t table;			/* in session.tables */
	uint32_t most;			/* the longest text, bytes without the NUL */
};

/* Could a table make what this node is? */
bool site_text_fits(const struct expr *e);
/* Makes the tables of @handler and leaves it those of its sites whose texts they can make; the
 * others are @rest. false, and nothing is changed: it is not worth it, or the kernel cannot. */
bool site_text_make(struct elab *elab, struct handler *handler, site_vec *rest);
/* The call that makes the text of $$name. NULL: there is no table. */
struct expr *site_text_call(const struct handler *handler, const struct build *b,
			    const char *name);

#endif
