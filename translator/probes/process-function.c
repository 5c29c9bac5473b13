/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process(…).function(…) with .call .return .inline .exported .label .callee, and .plt. */
#include "translator/probes/process.h"

#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

enum { PLT = FUNCTION_CALLEE_RETURN + 1, PLT_RETURN };
enum { MAX_CALLEES = 10000 };

static const struct probe_form forms[] = {
	PROCESS_FORMS("function(str|num)", FUNCTION_ANY,
		      "at the function's entry and in its inlined copies"),
	PROCESS_FORMS("function(str|num).call", FUNCTION_CALL, "at the function's entry"),
	PROCESS_FORMS("function(str|num).return", FUNCTION_RETURN, "when the function returns"),
	PROCESS_FORMS("function(str|num).return.maxactive(num)", FUNCTION_RETURN,
		      "when it returns"),
	PROCESS_FORMS("function(str|num).inline", FUNCTION_INLINE, "in its inlined copies"),
	PROCESS_FORMS("function(str|num).exported", FUNCTION_EXPORTED,
		      "at the entry of an exported function"),
	PROCESS_FORMS("function(str).label(str)", FUNCTION_LABEL, "at a label in the function"),
	PROCESS_FORMS("function(str).callee(str)", FUNCTION_CALLEE,
		      "where a function begins that it calls"),
	PROCESS_FORMS("function(str).callee(str).call", FUNCTION_CALLEE_CALL,
		      "not where it was inlined"),
	PROCESS_FORMS("function(str).callee(str).return", FUNCTION_CALLEE_RETURN,
		      "when such a call returns"),
	PROCESS_FORMS("function(str).callees", FUNCTION_CALLEES, "in every function that it calls"),
	PROCESS_FORMS("function(str).callees(num)", FUNCTION_CALLEES,
		      "and in those that they call, n levels deep"),
	PROCESS_FORMS("plt", PLT, "at every entry of the procedure linkage table"),
	PROCESS_FORMS("plt(str)", PLT, "at the linkage table's entry for that function"),
	PROCESS_FORMS("plt.return", PLT_RETURN, "when a call through the linkage table returns"),
	PROCESS_FORMS("plt(str).return", PLT_RETURN, "when that call returns"),
	{ 0 }
};

static const char *const suffixes[] = {
	[FUNCTION_ANY] = "", [FUNCTION_CALL] = ".call", [FUNCTION_RETURN] = ".return",
	[FUNCTION_INLINE] = ".inline", [FUNCTION_EXPORTED] = ".exported",
};

struct resolve {
	struct elab *elab;
	const struct process_target *target;
	struct handler *handler;
	struct dmodule *module;
	int tag;
	const char *asked;		/* the name asked for, when it is one: "malloc" */
	int sites;
	const char *no_return;		/* why .return had to leave a function out */
	bool found;			/* functions, be it that they have no such place */
};

static struct site *add_site(struct resolve *r, const struct dsite *where, const char *text)
{
	if (!r->handler)
		r->handler = elab_handler_new(r->elab, r->target->root->kind,
					      r->target->match->point);
	r->sites++;
	return process_site(r->elab, r->handler, r->target, r->module, where, text);
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

static const char *function_text_at(struct resolve *r, const struct dfunc *f, int line)
{
	struct arena *arena = r->target->session->arena;
	const char *name = function_name(r, f);

	if (!f->file)
		return arena_printf(arena, ".function(\"%s\")", name);
	return arena_printf(arena, ".function(\"%s@%s:%d\")", name, f->file, line);
}

/* .function("name@file:line") as far as it is known. */
static const char *function_text(struct resolve *r, const struct dfunc *f)
{
	return function_text_at(r, f, f->line);
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

/* A label is shown with its own line. */
static void add_labels(struct resolve *r, struct dfunc *f)
{
	const char *glob = probe_match_arg(r->target->match, "label")->text;
	struct dlabel *labels;
	int count = dfunc_labels(f, glob, &labels);

	for (int i = 0; i < count; i++)
		add_site(r, &labels[i].site,
			 arena_printf(r->target->session->arena, "%s.label(\"%s\")",
				      function_text_at(r, f, labels[i].line ? labels[i].line
									  : f->line),
				      labels[i].name));
}

/* Only calls from @caller count: its return address tells, counted from the instruction probed. A
 * kernel probe sees the instruction pointer behind its breakpoint. */
static const char *caller_filter(struct resolve *r, const struct dcallee *callee)
{
	bool kernel = r->module->is_kernel, moved = callee->site.pc != callee->func->entry;
	char space = kernel ? 'k' : 'u';
	int64_t distance = callee->return_pc - callee->site.vaddr - kernel;

	/* behind the prologue the frame pointer is what the return address is next to */
	return arena_printf(r->target->session->arena,
			    "@%cderef(8, @%cregister(%d) + %d) - @%cregister(16) == %lld", space,
			    space, moved ? 6 : 7, moved ? 8 : 0, space, (long long)distance);
}

static void add_callee(struct resolve *r, const struct dcallee *callee, const char *text)
{
	bool is_return = r->tag == FUNCTION_CALLEE_RETURN;
	struct arena *arena = r->target->session->arena;
	const char *filter;
	struct site *site;

	/* what is called in another file has no place in this one */
	if (!callee->func || callee->site.file_offset == D_NO_OFFSET ||
	    (!callee->in && !callee->return_pc) ||
	    (callee->in && (is_return || r->tag == FUNCTION_CALLEE_CALL)))
		return;
	r->handler = NULL;
	site = add_site(r, &callee->site,
			arena_printf(arena, "%s.callee(\"%s\")%s", text, callee->name,
				     is_return ? ".return"
				     : r->tag == FUNCTION_CALLEE_CALL ? ".call" : ""));
	site->is_return = site->attach.is_return = is_return;
	if (callee->in)
		return;
	filter = caller_filter(r, callee);
	if (is_return)
		filter = arena_printf(arena, "@entry(%s)", filter);
	elab_handler_filter(r->elab, r->handler, filter);
}

static void add_callees(struct resolve *r, struct dfunc *f, const char *text, int64_t depth)
{
	const struct probe_arg *name = probe_match_arg(r->target->match, "callee");
	struct dcallee *callees;
	int count = dfunc_callees(f, name ? name->text : "*", &callees);

	for (int i = 0; i < count && r->sites < MAX_CALLEES; i++) {
		add_callee(r, &callees[i], text);
		if (depth > 1 && callees[i].func)
			add_callees(r, callees[i].func, function_text(r, callees[i].func),
				    depth - 1);
	}
}

/* Says once for each file what the kernel's return probes do to exceptions. */
static bool can_return(struct resolve *r, struct dfunc *f)
{
	struct session *session = r->target->session;
	const char *why = dfunc_no_return(f);

	if (why) {
		r->no_return = arena_printf(session->arena, "'%s': %s", f->name, why);
		return false;
	}
	if (!elab_is_listing(r->elab) && !r->module->is_kernel && !r->module->unwind_told &&
	    dmodule_throws(r->module)) {
		r->module->unwind_told = true;
		diag(session->diags, DIAG_PROBE_UNWIND, r->target->match->point->span,
		     r->module->path);
	}
	return true;
}

/* The function itself, at its entry or return. */
static void add_entry(struct resolve *r, struct dfunc *f, const char *text)
{
	bool is_return = r->tag == FUNCTION_RETURN;
	const struct dsite *where = dfunc_site(f);
	struct dsite entry;

	if (r->target->root->entry &&
	    r->target->root->entry(r->elab, r->target, f, text, is_return)) {
		r->sites++;
		return;
	}
	if (is_return && !can_return(r, f))
		return;
	if (is_return) {
		/* it hijacks the return address where it still is on top */
		dsite_choose(r->module, f->entry, &entry);
		entry.func = f;
		where = &entry;
	}
	if (where->file_offset == D_NO_OFFSET)
		return;
	struct site *site = add_site(r, where, text);

	site->is_return = site->attach.is_return = is_return;
	site->attach.function = function_name(r, f);
	if (!r->module->is_kernel)
		site->attach.symbol = site->attach.function;
}

static void add_function(struct resolve *r, struct dfunc *f)
{
	const struct probe_arg *depth = probe_match_arg(r->target->match, "callees");
	const char *text = function_text(r, f);

	r->found = true;
	if (r->tag == FUNCTION_LABEL) {
		add_labels(r, f);
		return;
	}
	if (r->tag >= FUNCTION_CALLEE) {
		add_callees(r, f, text, depth ? depth->number : 1);
		return;
	}
	if (r->tag == FUNCTION_EXPORTED && !f->is_exported)
		return;
	text = arena_printf(r->target->session->arena, "%s%s", text, suffixes[r->tag]);
	int before = r->sites;

	if (r->tag != FUNCTION_INLINE && f->entry != D_NO_OFFSET)
		add_entry(r, f, text);
	if (r->tag != FUNCTION_ANY && r->tag != FUNCTION_INLINE)
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

/* Functions there are, but not what is asked for of them. */
static const char *const lacks[FUNCTION_CALLEE_RETURN + 1] = {
	[FUNCTION_CALL] = "what matches is inlined wherever it is called",
	[FUNCTION_RETURN] = "what matches is inlined wherever it is called",
	[FUNCTION_INLINE] = "what matches is nowhere inlined",
	[FUNCTION_EXPORTED] = "what matches is not exported",
	[FUNCTION_LABEL] = "what matches has no such label",
	[FUNCTION_CALLEE] = "what matches calls nothing of that name",
	[FUNCTION_CALLEE_CALL] = "what matches calls nothing of that name",
	[FUNCTION_CALLEE_RETURN] = "what matches calls nothing of that name",
	[FUNCTION_CALLEES] = "what matches calls nothing, as far as debug information says",
};

static int no_match(struct resolve *r, const char *pattern)
{
	struct session *session = r->target->session;
	struct { struct arena *arena; VEC(const char *) names; } all = { session->arena, { 0 } };
	struct dquery query;

	if (r->found && !r->no_return && lacks[r->tag])
		return diag(session->diags, DIAG_PROBE_PLACE, r->target->match->point->span,
			    pattern, lacks[r->tag]);
	diag(session->diags, DIAG_PROBE_NO_MATCH, r->target->match->point->span, pattern,
	     r->module->is_kernel ? r->target->root->text(r->target, r->module)
				  : r->target->modules[0]->path);
	if (r->no_return) {
		diag_hint(session->diags, "%s", r->no_return);
	} else if (dquery_parse(elab_debuginfo(session), pattern, &query) == 0 &&
		   !query.name_is_glob) {
		dfunc_each_name(r->target->modules[0], collect, &all);
		const char *near = all.names.count ? diag_nearest(query.name, all.names.data,
								  all.names.count) : NULL;

		if (near)
			diag_hint(session->diags, "did you mean \"%s\"?", near);
		else if (!dmodule_has_dwarf(r->target->modules[0]))
			diag_hint(session->diags, "%s",
				  dmodule_no_dwarf_reason(r->target->modules[0]));
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
	struct site *site = add_site(r, &where, arena_printf(r->target->session->arena,
							     ".function(%#llx)%s",
							     (unsigned long long)address,
							     suffixes[r->tag]));

	site->is_return = site->attach.is_return = r->tag == FUNCTION_RETURN;
}

static int resolve_functions(struct resolve *r)
{
	const struct probe_arg *arg = probe_match_arg(r->target->match, "function");
	struct session *session = r->target->session;
	const char *pattern = arg->text;
	struct dquery query;

	if (arg->has_number)
		pattern = arena_printf(session->arena, "%#llx", (unsigned long long)arg->number);
	else if (dquery_parse(elab_debuginfo(session), pattern, &query) < 0)
		return diag(session->diags, DIAG_PROBE_ARGUMENT, r->target->match->point->span,
			    "function", dsession_error(elab_debuginfo(session))) - 1;
	if (!arg->has_number && !query.name_is_glob)
		r->asked = query.name;
	for (int i = 0; i < r->target->count; i++) {
		struct dfunc_list found = { 0 };

		r->module = r->target->modules[i];
		if (arg->has_number)
			resolve_address(r, arg->number);
		else if (dfunc_match(r->module, &query, &found) < 0)
			return diag(session->diags, DIAG_PROBE_FILE, r->target->match->point->span,
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
	const struct probe_arg *arg = probe_match_arg(r->target->match, "plt");
	const char *pattern = arg && arg->text ? arg->text : "*";

	for (int i = 0; i < r->target->count; i++) {
		const struct dplt *entries;
		int count = dplt_list(r->target->modules[i], &entries);

		r->module = r->target->modules[i];
		for (int j = 0; j < count; j++) {
			struct dsite where;

			if (!dglob_match(pattern, entries[j].name))
				continue;
			dsite_choose(r->module, entries[j].vaddr, &where);
			struct site *site =
				add_site(r, &where,
					 arena_printf(r->target->session->arena, ".plt(\"%s\")%s",
						      entries[j].name,
						      r->tag == PLT_RETURN ? ".return" : ""));

			site->attach.function = entries[j].name;
			site->is_return = site->attach.is_return = r->tag == PLT_RETURN;
			site->texts = (struct site_text *)arena_alloc(
				r->target->session->arena, 2 * sizeof *site->texts);
			((struct site_text *)site->texts)[0] =
				(struct site_text){ "$$name", entries[j].name };
		}
	}
	return r->sites ? r->sites : no_match(r, pattern);
}

int process_functions(struct elab *elab, const struct process_target *target,
		      enum function_tag tag)
{
	struct resolve r = { .elab = elab, .target = target, .tag = tag,
			     .module = target->modules[0] };

	return resolve_functions(&r);
}

static int function_resolve(struct elab *elab, const struct probe_match *match)
{
	struct process_target target;
	struct resolve r = { .elab = elab, .target = &target, .tag = match->form->tag };

	if (!process_open(elab, match, &target))
		return 0;
	r.module = target.modules[0];
	return r.tag >= PLT ? resolve_plt(&r) : resolve_functions(&r);
}

const struct probe_kind probe_kind_process_function = {
	.name = "process.function", .forms = forms, .resolve = function_resolve,
	.variable = process_variable, .variables = process_variables, .entry = process_entry,
};
