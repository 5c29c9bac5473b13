/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.function("…") and .return, kprobe.function: by fentry or kprobe, whichever the kernel has;
 * parameters and the return value typed by BTF. A function that BTF does not know has no parameters
 * and is reached by kprobe only.
 */
#include "translator/probes/kinds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/dtype.h"
#include "translator/debuginfo/kallsyms.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"
#include "translator/elab/elab.h"
#include "translator/session.h"
#include "translator/util/diag.h"

enum tag { CALL, RETURN };
enum { MAX_FENTRY_SITES = 1, ABI_REGISTERS = 6 };

#define FUNCTION_FORMS(root)                                                                 \
	{ root ".function(str)", CALL, "at the function's entry" },                           \
	{ root ".function(str).call", CALL, "at the function's entry" },                      \
	{ root ".function(str).exported", CALL, "at the function's entry" },                  \
	{ root ".function(str).return", RETURN, "when the function returns" },                \
	{ root ".function(str).return.maxactive(num)", RETURN, "when the function returns" }

static const struct probe_form forms[] = {
	FUNCTION_FORMS("kernel"),
	FUNCTION_FORMS("module(str)"),
	FUNCTION_FORMS("kprobe"),
	{ 0 }
};

struct resolve {
	struct elab *elab;
	struct session *session;
	const struct probe_match *match;
	struct dbtf *btf;
	const char *module;		/* NULL: the kernel proper */
	bool is_return, single;
	uint32_t group;
};

/* What a site knows of its function. */
struct kernel_function {
	struct dtype *proto;		/* NULL: BTF does not know it */
	int param_count;
	const struct dparam *params;
};

static struct site *add_site(struct resolve *r, struct handler *handler, const char *name,
			     enum program_mech mech, const char *section)
{
	struct arena *arena = r->session->arena;
	struct kernel_function *f = arena_new_of(arena, struct kernel_function);
	struct site *site = elab_site_new(r->elab, handler);
	bool varargs;

	f->proto = r->btf ? dbtf_func(r->btf, name, NULL) : NULL;
	if (f->proto)
		f->param_count = dtype_params(f->proto, &f->params, &varargs);
	site->detail = f;
	site->is_return = site->attach.is_return = r->is_return;
	site->entry = mech == MECH_KPROBE ? SITE_PT_REGS : SITE_ARGS;
	site->section = section;
	site->attach.mech = mech;
	site->attach.group = r->group;
	site->attach.symbol = site->attach.function = name;
	site->attach.name = arena_printf(
		arena, "%s.function(\"%s\")%s",
		r->module ? arena_printf(arena, "module(\"%s\")", r->module) : "kernel", name,
		r->is_return ? ".return" : "");
	site->listing = site->attach.name;
	if (!handler->name)
		handler->name = site->attach.name;
	return site;
}

/* fentry wants a program a function; with many functions one program by kprobe is the cheaper way.
 */
static void add_function(struct resolve *r, struct handler *handler, const char *name)
{
	bool typed = r->btf && dbtf_func(r->btf, name, NULL);

	r->group = typed && r->single ? elab_group_new(r->elab) : 0;
	if (typed && r->single)
		add_site(r, handler, name, r->is_return ? MECH_FEXIT : MECH_FENTRY,
			 arena_printf(r->session->arena, "%s/%s",
				      r->is_return ? "fexit" : "fentry", name));
	add_site(r, handler, name, MECH_KPROBE, r->is_return ? "kretprobe" : "kprobe");
}

/* Functions that the kernel itself cannot be probed in without harm are left to the kernel's own
 * black list. */
static int find_names(struct resolve *r, const char *pattern, const char ***names)
{
	struct dsession *ds = elab_debuginfo(r->session);
	int count = r->btf ? dbtf_match_funcs(r->btf, pattern, names) : 0;

	if (count > 0)
		return count;
	struct kallsyms *symbols = kallsyms_open(ds, r->session->kernel.symbols_path);
	const struct ksym **found;

	count = symbols ? kallsyms_match(symbols, pattern, r->module, &found) : 0;
	*names = arena_alloc(r->session->arena, (count > 0 ? count : 1) * sizeof **names);
	for (int i = 0; i < count; i++)
		(*names)[i] = found[i]->name;
	return count;
}

/* module("x"): its own BTF and symbols; the kernel's do not stand in for them. */
static bool open_module(struct resolve *r)
{
	const struct probe_arg *module = probe_match_arg(r->match, "module");
	struct dsession *ds = elab_debuginfo(r->session);

	if (!module)
		return true;
	r->module = module->text;
	r->btf = r->btf ? dbtf_open_module(ds, module->text, r->btf) : NULL;
	if (r->btf)
		return true;
	return diag(r->session->diags, DIAG_PROBE_PLACE, r->match->point->span,
		    arena_printf(r->session->arena, "module(\"%s\")", module->text),
		    "no module of that name is loaded, or the kernel has no BTF of it");
}

static int no_match(struct resolve *r, const char *pattern)
{
	const char **names, *near = NULL;

	diag(r->session->diags, DIAG_PROBE_NO_MATCH, r->match->point->span, pattern,
	     r->module ? r->module : "the kernel");
	if (r->btf && !strpbrk(pattern, "*?[")) {
		int count = dbtf_match_funcs(r->btf, "*", &names);

		near = count > 0 ? diag_nearest(pattern, names, count) : NULL;
	}
	if (near)
		diag_hint(r->session->diags, "did you mean \"%s\"?", near);
	return 0;
}

/* Which functions of a file are meant only debug information can tell: all of them is not it. */
static int needs_files(struct resolve *r, const char *pattern)
{
	diag(r->session->diags, DIAG_PROBE_NO_MATCH, r->match->point->span, pattern, "the kernel");
	diag_hint(r->session->diags, "BTF does not say which file a function is in; "
		  "choose functions by name");
	return 0;
}

static int function_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	struct resolve r = { .elab = elab, .session = session, .match = match,
			     .btf = elab_btf(session), .is_return = match->form->tag == RETURN };
	const char *pattern = probe_match_arg(match, "function")->text, **names;
	size_t length = strcspn(pattern, "@");

	if (!open_module(&r))
		return 0;
	if (pattern[length] && strcspn(pattern, "*?[") < length)
		return needs_files(&r, pattern);
	/* "name@file:line": BTF knows no files, the name decides */
	pattern = arena_strndup(session->arena, pattern, length);
	int count = find_names(&r, pattern, &names);

	if (count <= 0)
		return no_match(&r, pattern);
	r.single = count <= MAX_FENTRY_SITES;
	struct handler *handler = elab_handler_new(elab, &probe_kind_kernel_function,
						   match->point);

	handler->trigger = TRIGGER_KERNEL;
	for (int i = 0; i < count; i++)
		add_function(&r, handler, names[i]);
	return count;
}

static bool return_value(struct site *site, const struct build *b, struct access *out,
			 const char **why)
{
	const struct kernel_function *f = site->detail;
	struct dtype *type = f->proto ? dtype_target(f->proto) : NULL;

	*why = "only .return probes have a return value";
	if (!site->is_return)
		return false;
	*why = "the function returns nothing";
	if (type && dtype_strip(type)->kind == DTYPE_VOID)
		return false;
	*out = access_of_value(build_mach(b, MACH_RETVAL, f->param_count), type, SPACE_KERNEL);
	return true;
}

static int parameter_number(const struct kernel_function *f, const char *name)
{
	for (int i = 0; i < f->param_count; i++)
		if (f->params[i].name && strcmp(f->params[i].name, name) == 0)
			return i;
	if (strncmp(name, "arg", 3) == 0 && isdigit((unsigned char)name[3]))
		return atoi(name + 3) - 1;
	return -1;
}

static bool function_variable(struct elab *elab, struct site *site, const char *name,
			      struct span span, struct access *out, const char **why)
{
	struct session *session = elab_session(elab);
	struct build b = { .session = session, .span = span, .tok = span };
	const struct kernel_function *f = site->detail;

	if (strcmp(name, "return") == 0)
		return return_value(site, &b, out, why);
	int n = parameter_number(f, name);

	if (n < 0 || n >= (f->proto ? f->param_count : ABI_REGISTERS)) {
		*why = f->proto ? "the function has no such parameter (locals need the kernel's "
				  "debug information)"
				: "BTF does not describe this function; $arg1 … $arg6 give its "
				  "arguments by the ABI";
		return false;
	}
	if (n >= ABI_REGISTERS) {
		*why = "parameters that are passed on the stack cannot be had";
		return false;
	}
	*out = access_of_value(build_argument(&b, n), f->proto ? f->params[n].type : NULL,
			       SPACE_KERNEL);
	return true;
}

static size_t function_variables(struct elab *elab, struct site *site,
				 const struct site_var **vars)
{
	const struct kernel_function *f = site->detail;
	VEC(struct site_var) out = { 0 };

	for (int i = 0; i < f->param_count && i < ABI_REGISTERS; i++)
		if (f->params[i].name)
			*vec_push(elab_session(elab)->arena, &out) = (struct site_var){
				f->params[i].name, f->params[i].type, true };
	*vars = out.data;
	return out.count;
}

static struct site *function_entry(struct elab *elab, struct site *site)
{
	struct arena *arena = elab_session(elab)->arena;
	struct site *entry = arena_new_of(arena, struct site);

	*entry = *site;
	entry->is_return = entry->attach.is_return = false;
	if (site->attach.mech == MECH_FEXIT) {
		entry->attach.mech = MECH_FENTRY;
		entry->section = arena_printf(arena, "fentry/%s", site->attach.symbol);
	} else {
		entry->section = "kprobe";
	}
	if (site->attach.group)
		entry->attach.group = elab_group_new(elab);
	return entry;
}

const struct probe_kind probe_kind_kernel_function = {
	.name = "kernel.function", .forms = forms, .resolve = function_resolve,
	.variable = function_variable, .variables = function_variables, .entry = function_entry,
};
