/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The passes in their order. */
#include <string.h>

#include "translator/elab/expand.h"
#include "translator/elab/site-text.h"
#include "translator/elab/tvar.h"
#include "translator/parse/parse.h"

static struct elab *elab_new(struct session *session)
{
	struct elab *elab = arena_new_of(session->arena, struct elab);
	struct map *const maps[] = { &elab->user_functions, &elab->user_globals, &elab->synthetic,
				     &elab->signatures, &elab->clones, &elab->merged };

	elab->session = session;
	elab->program = arena_new_of(session->arena, struct elab_program);
	elab->program->session = session;
	elab->program->elab = elab;
	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		map_init(maps[i], session->arena);
	if (!session->library)
		library_open(session);
	return elab;
}

void elab_each_body(struct elab *elab, body_visitor *visit, void *context)
{
	struct elab_program *program = elab->program;

	for (size_t i = 0; i < program->handlers.count; i++) {
		struct handler *handler = program->handlers.data[i];

		visit(elab, handler, NULL, &handler->body, context);
	}
	for (size_t i = 0; i < program->functions.count; i++) {
		struct function *function = program->functions.data[i];

		visit(elab, function->owner, function, &function->body, context);
	}
}

static bool declare_files(struct elab *elab, struct file *script)
{
	struct session *session = elab->session;
	bool ok = names_declare_user_file(elab, script);

	for (size_t i = 0; i < session->options.extra_scripts.count; i++) {
		struct file *extra = parse_text(session, "<-E>",
						session->options.extra_scripts.data[i], false);

		ok = extra && names_declare_user_file(elab, extra) && ok;
	}
	for (size_t i = 0; i < elab->user_files.count; i++) {
		struct file *file = elab->user_files.data[i];
		struct span start = { .source = file->source };

		if (file->embedded.count)
			diag(session->diags, DIAG_SEM_EMBEDDED_TOP, start);
	}
	return names_apply_options(elab) && ok;
}

/* The handler's copy for a site of its own. */
static struct handler *copy_for_site(struct elab *elab, const struct handler *handler,
				     struct site *site)
{
	struct arena *arena = elab->session->arena;
	struct handler *copy = arena_new_of(arena, struct handler);

	*copy = *handler;
	memset(&copy->sites, 0, sizeof(copy->sites));
	*vec_push(arena, &copy->sites) = site;
	copy->text_count = 0;
	copy->body = stmt_copy(arena, handler->body);
	if (site->attach.name)
		copy->name = site->attach.name;
	return copy;
}

/* Copies for @sites go behind the handler at @index: what a place runs is in the order of the
 * script. */
static void insert_copies(struct elab *elab, size_t index, const site_vec *sites)
{
	struct elab_program *program = elab->program;
	size_t behind = program->handlers.count - index - 1;
	struct handler **at;

	for (size_t i = 0; i < sites->count; i++)
		*vec_push(elab->session->arena, &program->handlers) = NULL;
	at = &program->handlers.data[index];
	memmove(at + 1 + sites->count, at + 1, behind * sizeof(*at));
	for (size_t i = 0; i < sites->count; i++)
		at[i + 1] = copy_for_site(elab, *at, sites->data[i]);
}

/* Its variables differ from site to site: each site gets a handler of its own, but for those that
 * tables can serve. */
static void split_handler(struct elab *elab, size_t index)
{
	struct handler *handler = elab->program->handlers.data[index];
	enum context context = CONTEXT_NONE;
	site_vec rest = { 0 };

	if (handler->sites.count > 1)
		context = context_of_body(elab, handler->body);
	if (context < CONTEXT_TEXTS)
		return;
	if (context == CONTEXT_SITE || !site_text_make(elab, handler, &rest)) {
		rest.count = 0;
		for (size_t i = 1; i < handler->sites.count; i++)
			*vec_push(elab->session->arena, &rest) = handler->sites.data[i];
		handler->sites.count = 1;
	}
	handler->is_split = true;
	insert_copies(elab, index, &rest);
}

/* The handler at @index of the program's, and the next index. */
static bool take_handler(struct elab *elab, size_t index)
{
	struct handler *handler = elab->program->handlers.data[index], **at;
	bool ok;

	split_handler(elab, index);
	elab->current = handler;
	ok = tvar_expand(elab, handler);
	at = &elab->program->handlers.data[index];
	if (ok && merge_handler(elab, handler)) {
		elab->program->handlers.count--;
		memmove(at, at + 1, (elab->program->handlers.count - index) * sizeof(*at));
	} else {
		ok = ok && resolve_handler(elab, handler);
		elab->resolved_handlers++;
	}
	elab->current = NULL;
	return ok;
}

/* Handlers, their target variables and names; these may need tapsets whose probes come in, too. */
static bool make_handlers(struct elab *elab)
{
	struct elab_program *program = elab->program;
	bool ok = true;

	while (elab->pending_done < elab->pending.count ||
	       elab->resolved_handlers < program->handlers.count) {
		while (elab->pending_done < elab->pending.count)
			ok &= expand_probe(elab, elab->pending.data[elab->pending_done++].probe);
		while (elab->resolved_handlers < program->handlers.count) {
			ok &= take_handler(elab, elab->resolved_handlers);
		}
	}
	return ok && !diags_errors(elab->session->diags);
}

/* Twins come after their makers, and all as the script has them: numbered as they run. */
static void number_handlers(struct elab_program *program)
{
	for (size_t i = 0; i < program->handlers.count; i++)
		program->handlers.data[i]->order = i;
	for (size_t i = 0; i < program->functions.count; i++)
		program->functions.data[i]->index = i;
	for (size_t i = 0; i < program->globals.count; i++)
		program->globals.data[i]->index = i;
}

static struct span script_start(const struct elab *elab)
{
	return (struct span){ .source = elab->user_files.data[0]->source };
}

static bool has_probes(const struct elab *elab)
{
	if (elab->program->handlers.count || elab->listing)
		return true;
	return diag(elab->session->diags, DIAG_SEM_NO_PROBES, script_start(elab));
}

static struct elab_program *run_passes(struct elab *elab)
{
	struct session *session = elab->session;

	if (!check_program(elab))
		return NULL;
	usage_program(elab);
	if (!session->options.unoptimized)
		prune_program(elab, false);
	if (!has_probes(elab) || !infer_program(elab) || !check_types(elab)) {
		late_program(elab, true);
		return NULL;
	}
	usage_program(elab);
	if (!session->options.unoptimized)
		prune_program(elab, true);
	if (late_program(elab, true) || !has_probes(elab))
		return NULL;
	recursion_program(elab);
	width_program(elab);
	number_handlers(elab->program);
	return diags_errors(session->diags) ? NULL : elab->program;
}

struct elab_program *elaborate(struct session *session, struct file *script)
{
	struct elab *elab = elab_new(session);

	if (!declare_files(elab, script) || !make_handlers(elab))
		return NULL;
	usage_warnings(elab);
	return run_passes(elab);
}

struct elab_program *elaborate_listing(struct session *session, struct file *script, bool typed)
{
	struct elab *elab = elab_new(session);

	elab->listing = true;
	elab->only_names = !typed;
	if (!declare_files(elab, script))
		return NULL;
	while (elab->pending_done < elab->pending.count)
		if (!expand_probe(elab, elab->pending.data[elab->pending_done++].probe))
			return NULL;
	if (!typed)
		return elab->program;
	if (!make_handlers(elab))
		return NULL;
	usage_program(elab);
	infer_program(elab);
	return elab->program;
}
