/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a body depends on. CONTEXT_SITE: target variables, which differ from site to site;
 * such a handler gets one copy for each site. CONTEXT_TEXTS: only lists of variables, which tables
 * can make (site-text.h). CONTEXT_HANDLER: intrinsics that the lowering
 * answers from the handler's sites; such functions are cloned for each handler. Either holds
 * for callers as well.
 */
#include <string.h>

#include "translator/elab/elab-priv.h"
#include "translator/elab/site-text.h"

struct context_walk {
	struct elab *elab;
	enum context context;
	bool has_target;
};

static void raise_to(struct context_walk *search, enum context context)
{
	if (context > search->context)
		search->context = context;
}

static void call_context(struct context_walk *search, const struct expr *call)
{
	function_vec functions = { 0 };

	names_functions(search->elab, call->call.name, call->tok.source, &functions);
	for (size_t i = 0; i < functions.count; i++) {
		enum context context = CONTEXT_NONE;

		if (functions.data[i]->params.count == call->call.args.count)
			context = context_of_function(search->elab, functions.data[i]);
		/* tables are for the handler's own lists */
		raise_to(search, context == CONTEXT_TEXTS ? CONTEXT_SITE : context);
	}
	if (functions.count || strncmp(call->call.name, "__", 2) != 0)
		return;
	const struct intrinsic *intrinsic = intrinsic_find(call->call.name);

	if (intrinsic && intrinsic->how == HOW_SITE)
		raise_to(search, CONTEXT_HANDLER);
}

static bool context_expr(struct walk *walk, struct expr **slot)
{
	struct context_walk *search = walk->context;
	const struct expr *e = *slot;

	switch (e->kind) {
	case EXPR_CALL:
		call_context(search, e);
		break;
	case EXPR_TARGET:
		raise_to(search, site_text_fits(e) ? CONTEXT_TEXTS : CONTEXT_SITE);
		break;
	case EXPR_ENTRY:
	case EXPR_PERF:
	case EXPR_ENUM:
	case EXPR_PROBEWRITE:
		raise_to(search, CONTEXT_SITE);
		break;
	case EXPR_CAST:
	case EXPR_ATVAR:
		/* without a module the probed one is meant */
		if (!e->cast.module)
			raise_to(search, CONTEXT_SITE);
		break;
	case EXPR_REG_OP:
		if (!e->regop.is_deref)
			raise_to(search, CONTEXT_HANDLER);
		break;
	case EXPR_MACH:
		raise_to(search, e->mach.mach == MACH_READ || e->mach.mach == MACH_WRITE ?
					 CONTEXT_NONE :
					 CONTEXT_HANDLER);
		break;
	default:
		break;
	}
	return true;
}

enum context context_of_body(struct elab *elab, struct stmt *body)
{
	struct context_walk search = { .elab = elab, .context = CONTEXT_NONE };
	struct walk walk = { .expr_before = context_expr, .context = &search };

	walk_stmt(&walk, &body);
	return search.context;
}

static bool calls_expr(struct walk *walk, struct expr **slot)
{
	if ((*slot)->kind == EXPR_CALL)
		call_context(walk->context, *slot);
	return true;
}

bool context_calls_site(struct elab *elab, struct stmt *body)
{
	struct context_walk search = { .elab = elab, .context = CONTEXT_NONE };
	struct walk walk = { .expr_before = calls_expr, .context = &search };

	walk_stmt(&walk, &body);
	return search.context >= CONTEXT_TEXTS;
}

enum context context_of_function(struct elab *elab, struct function *function)
{
	if (function->context == CONTEXT_BUSY) {
		elab->context_cycle = elab->context_depth > 1;
		return CONTEXT_NONE;
	}
	if (function->context != CONTEXT_UNKNOWN)
		return function->context;
	function->context = CONTEXT_BUSY;
	elab->context_depth++;
	enum context context = context_of_body(elab, function->body);

	/* inside a cycle of calls only the outermost function's answer is complete */
	function->context = elab->context_cycle && elab->context_depth > 1 ? CONTEXT_UNKNOWN :
									     context;
	if (--elab->context_depth == 0)
		elab->context_cycle = false;
	return context;
}

static bool target_expr(struct walk *walk, struct expr **slot)
{
	bool *found = walk->context;

	switch ((*slot)->kind) {
	case EXPR_TARGET:
	case EXPR_CAST:
	case EXPR_ATVAR:
	case EXPR_DEREF:
	case EXPR_ENTRY:
	case EXPR_DEFINED:
	case EXPR_PROBEWRITE:
	case EXPR_PERF:
	case EXPR_CONST:
	case EXPR_ENUM:
	case EXPR_ENUMNAME:
	case EXPR_REG_OP:
		*found = true;
		return false;
	default:
		return true;
	}
}

bool context_has_target(struct stmt *body)
{
	bool found = false;
	struct walk walk = { .expr_before = target_expr, .context = &found };

	walk_stmt(&walk, &body);
	return found;
}
