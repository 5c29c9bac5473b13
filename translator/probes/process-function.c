/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process(…).function(…) with .call .return .inline .exported .label .callee, and .plt. */
#include "translator/probes/process.h"

#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

enum tag { ANY, CALL, RETURN, INLINE, EXPORTED, LABEL, CALLEE, PLT, PLT_RETURN };

static const struct probe_form forms[] = {
	PROCESS_FORMS("function(str|num)", ANY,
		      "at the function's entry and in its inlined copies"),
	PROCESS_FORMS("function(str|num).call", CALL, "at the function's entry"),
	PROCESS_FORMS("function(str|num).return", RETURN, "when the function returns"),
	PROCESS_FORMS("function(str|num).return.maxactive(num)", RETURN, "when it returns"),
	PROCESS_FORMS("function(str|num).inline", INLINE, "in its inlined copies"),
	PROCESS_FORMS("function(str).exported", EXPORTED, "at the entry of an exported function"),
	PROCESS_FORMS("function(str).label(str)", LABEL, "at a label in the function"),
	PROCESS_FORMS("function(str).callee(str)", CALLEE, "where it calls that function"),
	PROCESS_FORMS("plt", PLT, "at every entry of the procedure linkage table"),
	PROCESS_FORMS("plt(str)", PLT, "at the linkage table's entry for that function"),
	PROCESS_FORMS("plt.return", PLT_RETURN, "when a call through the linkage table returns"),
	PROCESS_FORMS("plt(str).return", PLT_RETURN, "when that call returns"),
	{ 0 }
};

static const char *const suffixes[] = { [ANY] = "", [CALL] = ".call", [RETURN] = ".return",
	[INLINE] = ".inline", [EXPORTED] = ".exported" };

struct resolve {
	struct elab *elab;
	struct process_target target;
	struct handler *handler;
	struct dmodule *module;
	enum tag tag;
	const char *asked;		/* the name asked for, when it is one: "malloc" */
	int sites;
};

static struct site *add_site(struct resolve *r, const struct dsite *where, const char *text)
{
	if (!r->handler)
		r->handler = elab_handler_new(r->elab, &probe_kind_process_function,
					      r->target.match->point);
	r->sites++;
	return process_site(r->elab, r->handler, &r->target, r->module, where, text);
}

/* A function may have several names at one address; the script's is the one to show. C++ and Rust
 * names come with what they are in. */
static const char *function_name(const struct resolve *r, const struct dfunc *f)
{
	for (int i = 0; r->asked && i < f->naliases; i++)
		if (strcmp(f->aliases[i], r->asked) == 0)
			return r->asked;
	return f->qualified ? f->qualified : f->name;
}

/* .function("name@file:line") as far as it is known. */
static const char *function_text(struct resolve *r, const struct dfunc *f)
{
	struct arena *arena = r->target.session->arena;
	const char *name = function_name(r, f);

	if (!f->file)
		return arena_printf(arena, ".function(\"%s\")", name);
	return arena_printf(arena, ".function(\"%s@%s:%d\")", name, f->file, f->line);
}

static void add_inlines(struct resolve *r, struct dfunc *f, const char *text)
{
	struct dinline_list copies = { 0 };

	if (dfunc_inlines(f, &copies) < 0)
		return;
	for (size_t i = 0; i < copies.count; i++) {
		if (copies.data[i]->site.file_offset == D_NO_OFFSET)
			continue;
		struct site *site = add_site(r, &copies.data[i]->site, text);

		site->attach.function = f->name;
	}
}

static void add_labels(struct resolve *r, struct dfunc *f, const char *text)
{
	const char *glob = probe_match_arg(r->target.match, "label")->text;
	struct dlabel *labels;
	int count = dfunc_labels(f, glob, &labels);

	for (int i = 0; i < count; i++)
		add_site(r, &labels[i].site,
			 arena_printf(r->target.session->arena, "%s.label(\"%s\")", text,
				      labels[i].name));
}

static void add_callees(struct resolve *r, struct dfunc *f, const char *text)
{
	const char *glob = probe_match_arg(r->target.match, "callee")->text;
	struct dcallee *callees;
	int count = dfunc_callees(f, glob, &callees);

	for (int i = 0; i < count; i++)
		if (callees[i].site.file_offset != D_NO_OFFSET)
			add_site(r, &callees[i].site,
				 arena_printf(r->target.session->arena, "%s.callee(\"%s\")", text,
					      callees[i].name));
}

static void add_function(struct resolve *r, struct dfunc *f)
{
	const char *text = function_text(r, f);

	if (r->tag == LABEL) {
		add_labels(r, f, text);
		return;
	}
	if (r->tag == CALLEE) {
		add_callees(r, f, text);
		return;
	}
	if (r->tag == EXPORTED && !f->is_exported)
		return;
	text = arena_printf(r->target.session->arena, "%s%s", text, suffixes[r->tag]);
	int before = r->sites;

	if (r->tag != INLINE && f->entry != D_NO_OFFSET) {
		/* a return probe hijacks the return address where it still is on top */
		struct dsite entry;

		dsite_choose(r->module, f->entry, &entry);
		entry.func = f;
		const struct dsite *where = r->tag == RETURN ? &entry : dfunc_site(f);

		if (where->file_offset != D_NO_OFFSET) {
			struct site *site = add_site(r, where, text);

			site->is_return = site->attach.is_return = r->tag == RETURN;
			site->attach.function = site->attach.symbol = function_name(r, f);
		}
	}
	if (r->tag != ANY && r->tag != INLINE)
		return;
	if (!elab_only_names(r->elab))
		add_inlines(r, f, text);
	else if (f->is_inlined && r->sites == before)
		add_site(r, dfunc_site(f), text);	/* finding the copies takes long */
}

static int collect(const char *name, void *context)
{
	struct { struct arena *arena; VEC(const char *) names; } *c = context;

	*vec_push(c->arena, &c->names) = name;
	return 0;
}

static int no_match(struct resolve *r, const char *pattern)
{
	struct session *session = r->target.session;
	struct { struct arena *arena; VEC(const char *) names; } all = { session->arena, { 0 } };
	struct dquery query;

	diag(session->diags, DIAG_PROBE_NO_MATCH, r->target.match->point->span, pattern,
	     r->target.modules[0]->path);
	if (dquery_parse(elab_debuginfo(session), pattern, &query) == 0 && !query.name_is_glob) {
		dfunc_each_name(r->target.modules[0], collect, &all);
		const char *near = all.names.count ? diag_nearest(query.name, all.names.data,
								  all.names.count) : NULL;

		if (near)
			diag_hint(session->diags, "did you mean \"%s\"?", near);
		else if (!dmodule_has_dwarf(r->target.modules[0]))
			diag_hint(session->diags, "%s",
				  dmodule_no_dwarf_reason(r->target.modules[0]));
	}
	return 0;
}

static void resolve_address(struct resolve *r, int64_t address)
{
	struct dsite where;

	dsite_choose(r->module, address, &where);
	where.func = dfunc_at(r->module, address);
	if (where.file_offset == D_NO_OFFSET)
		return;
	struct site *site = add_site(r, &where, arena_printf(r->target.session->arena,
							     ".function(%#llx)%s",
							     (unsigned long long)address,
							     suffixes[r->tag]));

	site->is_return = site->attach.is_return = r->tag == RETURN;
}

static int resolve_functions(struct resolve *r)
{
	const struct probe_arg *arg = probe_match_arg(r->target.match, "function");
	struct session *session = r->target.session;
	const char *pattern = arg->text;
	struct dquery query;

	if (arg->has_number)
		pattern = arena_printf(session->arena, "%#llx", (unsigned long long)arg->number);
	else if (dquery_parse(elab_debuginfo(session), pattern, &query) < 0)
		return diag(session->diags, DIAG_PROBE_ARGUMENT, r->target.match->point->span,
			    "function", dsession_error(elab_debuginfo(session))) - 1;
	if (!arg->has_number && !query.name_is_glob)
		r->asked = query.name;
	for (int i = 0; i < r->target.count; i++) {
		struct dfunc_list found = { 0 };

		r->module = r->target.modules[i];
		if (arg->has_number)
			resolve_address(r, arg->number);
		else if (dfunc_match(r->module, &query, &found) < 0)
			return diag(session->diags, DIAG_PROBE_FILE, r->target.match->point->span,
				    r->module->path,
				    dsession_error(elab_debuginfo(session))) - 1;
		for (size_t j = 0; j < found.count; j++)
			if (!found.data[j]->is_ifunc || !query.name_is_glob)
				add_function(r, found.data[j]);
	}
	return r->sites ? r->sites : no_match(r, pattern);
}

static int resolve_plt(struct resolve *r)
{
	const struct probe_arg *arg = probe_match_arg(r->target.match, "plt");
	const char *pattern = arg && arg->text ? arg->text : "*";

	for (int i = 0; i < r->target.count; i++) {
		const struct dplt *entries;
		int count = dplt_list(r->target.modules[i], &entries);

		r->module = r->target.modules[i];
		for (int j = 0; j < count; j++) {
			struct dsite where;

			if (!dglob_match(pattern, entries[j].name))
				continue;
			dsite_choose(r->module, entries[j].vaddr, &where);
			struct site *site =
				add_site(r, &where,
					 arena_printf(r->target.session->arena, ".plt(\"%s\")%s",
						      entries[j].name,
						      r->tag == PLT_RETURN ? ".return" : ""));

			site->attach.function = entries[j].name;
			site->is_return = site->attach.is_return = r->tag == PLT_RETURN;
			site->texts = (struct site_text *)arena_alloc(
				r->target.session->arena, 2 * sizeof *site->texts);
			((struct site_text *)site->texts)[0] =
				(struct site_text){ "$$name", entries[j].name };
		}
	}
	return r->sites ? r->sites : no_match(r, pattern);
}

static int function_resolve(struct elab *elab, const struct probe_match *match)
{
	struct resolve r = { .elab = elab, .tag = match->form->tag };

	if (!process_open(elab, match, &r.target))
		return 0;
	return r.tag >= PLT ? resolve_plt(&r) : resolve_functions(&r);
}

const struct probe_kind probe_kind_process_function = {
	.name = "process.function", .forms = forms, .resolve = function_resolve,
	.variable = process_variable, .variables = process_variables, .entry = process_entry,
};
