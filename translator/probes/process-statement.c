/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process(…).statement("function@file:line"): at lines of source, inlined copies too; or at an
 * address. */
#include "translator/probes/process.h"

#include "translator/debuginfo/debuginfo.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

enum tag { EXACT, NEAREST };

static const struct probe_form forms[] = {
	PROCESS_FORMS("statement(str|num)", EXACT, "at a line of source, or an address"),
	PROCESS_FORMS("statement(str|num).nearest", NEAREST, "at that line or the next with code"),
	PROCESS_FORMS("statement(num).absolute", EXACT, "at an address"),
	{ 0 }
};

static const char *site_text(struct arena *arena, const struct dsite *site, bool nearest)
{
	const char *suffix = nearest ? ".nearest" : "";
	const char *function = site->in ? site->in->func->name
					: site->func ? site->func->name : "*";

	if (!site->file)
		return arena_printf(arena, ".statement(%#llx)", (unsigned long long)site->vaddr);
	return arena_printf(arena, ".statement(\"%s@%s:%d\")%s", function, site->file, site->line,
			    suffix);
}

static int add_sites(struct elab *elab, const struct process_target *target,
		     struct dmodule *module, const struct dsite_list *found, bool nearest,
		     struct handler **handler)
{
	int added = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (found->data[i].file_offset == D_NO_OFFSET)
			continue;
		if (!*handler)
			*handler = elab_handler_new(elab, target->root->statement,
						    target->match->point);
		process_site(elab, *handler, target, module, &found->data[i],
			     site_text(target->session->arena, &found->data[i], nearest));
		added++;
	}
	return added;
}

static int find_address(struct dmodule *module, int64_t address, struct arena *arena,
			struct dsite_list *found)
{
	struct dsite site;

	dsite_choose(module, address, &site);
	if (site.file_offset == D_NO_OFFSET)
		return 0;
	site.func = dfunc_at(module, address);
	*vec_push(arena, found) = site;
	return 1;
}

static void no_statement(const struct process_target *target, const char *text)
{
	struct session *session = target->session;
	struct dmodule *module = target->modules[0];
	const char *why = dmodule_no_dwarf_reason(module);

	diag(session->diags, DIAG_PROBE_NO_LINE, target->match->point->span, text,
	     module->path ? module->path : module->name,
	     why ? why : dsession_error(elab_debuginfo(session)));
}

int process_statements(struct elab *elab, const struct process_target *target, bool nearest)
{
	struct session *session = target->session;
	const struct probe_arg *arg = probe_match_arg(target->match, "statement");
	struct dsession *ds = elab_debuginfo(session);
	struct handler *handler = NULL;
	struct dquery query;
	int sites = 0;

	if (!arg->has_number && dquery_parse(ds, arg->text, &query) < 0) {
		diag(session->diags, DIAG_PROBE_ARGUMENT, target->match->point->span, "statement",
		     dsession_error(ds));
		return -1;
	}
	for (int i = 0; i < target->count; i++) {
		struct dsite_list found = { 0 };
		struct dmodule *module = target->modules[i];

		if (arg->has_number)
			find_address(module, arg->number, session->arena, &found);
		else if (dline_sites(module, &query, nearest, &found) < 0)
			continue;
		sites += add_sites(elab, target, module, &found, nearest, &handler);
	}
	if (!sites)
		no_statement(target, arg->text ? arg->text : "address");
	return sites;
}

static int statement_resolve(struct elab *elab, const struct probe_match *match)
{
	struct process_target target;

	if (!process_open(elab, match, &target))
		return 0;
	return process_statements(elab, &target, match->form->tag == NEAREST);
}

const struct probe_kind probe_kind_process_statement = {
	.name = "process.statement", .forms = forms, .resolve = statement_resolve,
	.variable = process_variable, .variables = process_variables,
};
