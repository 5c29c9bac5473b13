/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handlers that were split because their variables differ from site to site, and came out the same:
 * the first of them takes the sites of the others, so that one program serves them all. What they
 * read is compared as -p2 prints it, before names are resolved.
 */
#include <stdio.h>
#include <stdlib.h>

#include "translator/elab/elab-priv.h"

#include "translator/debuginfo/dtype.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"

struct comparison {
	FILE *key;
	bool differs;		/* the text does not say all */
};

static bool compare_expr(struct walk *walk, struct expr **slot)
{
	struct comparison *comparison = walk->context;
	const struct expr *e = *slot;

	comparison->differs |= e->kind == EXPR_DEREF || (e->kind == EXPR_NUMBER && e->late) ||
			       (e->kind == EXPR_MACH && e->mach.mach == MACH_SYMBOL);
	/* what it points to: other handlers may follow it */
	if (e->detail && e->detail->type && dtype_strip(e->detail->type)->kind == DTYPE_POINTER)
		fprintf(comparison->key, "\n%s", dtype_text(e->detail->type));
	return true;
}

static bool can_merge(struct elab *elab, const struct handler *handler)
{
	return handler->is_split && !handler->entry_twin && !elab->listing &&
	       handler->sites.data[0]->entry == SITE_PT_REGS &&
	       elab_kernel_at_least(elab->session, 5, 15) &&
	       !context_calls_site(elab, handler->body);
}

bool merge_handler(struct elab *elab, struct handler *handler)
{
	struct comparison comparison = { 0 };
	struct walk walk = { .expr_before = compare_expr, .context = &comparison };
	struct handler *first;
	char *text = NULL, *key;
	size_t size;

	if (!can_merge(elab, handler))
		return false;
	comparison.key = open_memstream(&text, &size);
	if (!comparison.key)
		return false;
	fprintf(comparison.key, "%p\n", (const void *)handler->point);
	ast_print_stmt(comparison.key, handler->body, 0);
	walk_stmt(&walk, &handler->body);
	fclose(comparison.key);
	key = arena_strdup(elab->session->arena, text);
	free(text);
	first = comparison.differs ? NULL : map_get(&elab->merged, key);
	if (first)
		*vec_push(elab->session->arena, &first->sites) = handler->sites.data[0];
	else if (!comparison.differs)
		map_put(&elab->merged, key, handler);
	return first;
}
