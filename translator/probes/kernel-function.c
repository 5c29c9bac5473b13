/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.function("…"), module("…").function("…"), kprobe.function("…"): by fentry or kprobe,
 * whichever the kernel has; parameters and the return value typed by BTF. A function that BTF does
 * not know has no parameters and is reached by kprobe only. Where the kernel's debug information is
 * there it says which functions are meant, and adds files, inlined copies, labels and callees.
 */
#include "translator/probes/kernel-code.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/dscope.h"
#include "translator/debuginfo/dtype.h"
#include "translator/debuginfo/kallsyms.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

enum { ABI_REGISTERS = 6 };

static const struct probe_form forms[] = {
	KERNEL_FORMS("function(str|num)", FUNCTION_ANY,
		     "at the function's entry and in its inlined copies"),
	KERNEL_FORMS("function(str|num).call", FUNCTION_CALL, "at the function's entry"),
	KERNEL_FORMS("function(str|num).exported", FUNCTION_EXPORTED,
		     "at the entry of a function that other files may call"),
	KERNEL_FORMS("function(str|num).return", FUNCTION_RETURN, "when the function returns"),
	KERNEL_FORMS("function(str|num).return.maxactive(num)", FUNCTION_RETURN,
		     "when the function returns"),
	KERNEL_FORMS("function(str|num).inline", FUNCTION_INLINE, "in its inlined copies"),
	KERNEL_FORMS("function(str).label(str)", FUNCTION_LABEL, "at a label in the function"),
	KERNEL_FORMS("function(str).callee(str)", FUNCTION_CALLEE,
		     "where a function begins that it calls"),
	KERNEL_FORMS("function(str).callee(str).call", FUNCTION_CALLEE_CALL,
		     "not where it was inlined"),
	KERNEL_FORMS("function(str).callee(str).return", FUNCTION_CALLEE_RETURN,
		     "when such a call returns"),
	KERNEL_FORMS("function(str).callees", FUNCTION_CALLEES, "in every function that it calls"),
	KERNEL_FORMS("function(str).callees(num)", FUNCTION_CALLEES,
		     "and in those that they call, n levels deep"),
	{ 0 }
};

#define KPROBE_FORMS(root)                                                                   \
	{ root ".function(str)", FUNCTION_CALL, "at the function's entry, without debug "     \
						"information" },                              \
	{ root ".function(str).call", FUNCTION_CALL, "at the function's entry" },             \
	{ root ".function(str).return", FUNCTION_RETURN, "when the function returns" },       \
	{ root ".function(str).return.maxactive(num)", FUNCTION_RETURN, "when it returns" }

static const struct probe_form kprobe_forms[] = {
	KPROBE_FORMS("kprobe"), KPROBE_FORMS("kprobe.module(str)"), { 0 }
};

/* What the functions of one point share. */
struct functions {
	const struct kernel_target *target;
	struct handler *handler;
	bool single;		/* a name, no pattern: ways that want a program each are tried */
	bool by_kprobe;
};

/* What a site knows of its function. */
struct kernel_function {
	struct dtype *proto;		/* NULL: BTF does not know it */
	int param_count;
	const struct dparam *params;
	struct dfunc *func;		/* for its locals; NULL: no debug information */
};

static struct site *add_site(struct functions *r, struct elab *elab, const char *symbol,
			     const char *text, enum program_mech mech, const char *section,
			     bool is_return)
{
	const struct kernel_target *target = r->target;
	struct arena *arena = target->code.session->arena;
	struct kernel_function *f = arena_new_of(arena, struct kernel_function);
	bool varargs;

	if (!r->handler)
		r->handler = elab_handler_new(elab, &probe_kind_kernel_function,
					      target->code.match->point);
	struct site *site = elab_site_new(elab, r->handler);

	r->handler->trigger = TRIGGER_KERNEL;
	f->proto = target->btf ? dbtf_func(target->btf, symbol, NULL) : NULL;
	if (f->proto)
		f->param_count = dtype_params(f->proto, &f->params, &varargs);
	site->detail = f;
	site->is_return = site->attach.is_return = is_return;
	site->entry = mech == MECH_KPROBE ? SITE_PT_REGS : SITE_ARGS;
	site->section = section;
	site->attach.mech = mech;
	site->attach.symbol = site->attach.function = symbol;
	site->attach.name = arena_printf(arena, "%s%s", target->text, text);
	site->listing = site->attach.name;
	if (!r->handler->name)
		r->handler->name = site->attach.name;
	return site;
}

/* Before 5.19 a typed program may have no argument that points to a number (other than char) or
 * to a pointer. */
static bool arguments_taken(const struct functions *r, struct dtype *proto)
{
	const struct dparam *params;
	bool varargs;
	int count = dtype_params(proto, &params, &varargs);

	if (strverscmp(r->target->code.session->kernel.version, "5.19") >= 0)
		return true;
	for (int i = 0; i < count; i++) {
		struct dtype *type = dtype_strip(params[i].type), *target;

		if (type->kind != DTYPE_POINTER)
			continue;
		target = dtype_strip(dtype_target(type));
		if (target->kind != DTYPE_VOID && !dtype_is_compound(target) &&
		    !(target->kind == DTYPE_BASE && target->size == 1))
			return false;
	}
	return true;
}

/* fentry wants a program a function; with many functions one program by kprobe is the cheaper way.
 */
static void add_function(struct functions *r, struct elab *elab, const char *symbol,
			 const char *text, bool is_return, struct dfunc *func)
{
	struct arena *arena = r->target->code.session->arena;
	struct dtype *proto = r->target->btf ? dbtf_func(r->target->btf, symbol, NULL) : NULL;
	struct site *sites[2] = { NULL, NULL };
	uint32_t group = 0;

	if (proto && r->single && !r->by_kprobe && arguments_taken(r, proto)) {
		group = elab_group_new(elab);
		sites[0] = add_site(r, elab, symbol, text, is_return ? MECH_FEXIT : MECH_FENTRY,
				    arena_printf(arena, "%s/%s", is_return ? "fexit" : "fentry",
						 symbol), is_return);
	}
	sites[1] = add_site(r, elab, symbol, text, MECH_KPROBE, is_return ? "kretprobe" : "kprobe",
			    is_return);
	for (int i = 0; i < 2; i++) {
		if (!sites[i])
			continue;
		sites[i]->attach.group = group;
		((struct kernel_function *)sites[i]->detail)->func = func;
	}
}

/* ---- by BTF or symbols ---- */

/* Functions that the kernel itself cannot be probed in without harm are left to the kernel's own
 * black list. */
static int find_names(const struct kernel_target *target, const char *pattern, const char ***names)
{
	struct session *session = target->code.session;
	int count = target->btf ? dbtf_match_funcs(target->btf, pattern, names) : 0;

	if (count > 0)
		return count;
	struct kallsyms *symbols = kallsyms_open(elab_debuginfo(session),
						 session->kernel.symbols_path);
	const struct ksym **found;

	count = symbols ? kallsyms_match(symbols, pattern, target->module, &found) : 0;
	*names = arena_alloc(session->arena, (count > 0 ? count : 1) * sizeof **names);
	for (int i = 0; i < count; i++)
		(*names)[i] = found[i]->name;
	return count;
}

static int no_match(const struct kernel_target *target, const char *pattern)
{
	struct session *session = target->code.session;
	const char **names, *near = NULL;

	diag(session->diags, DIAG_PROBE_NO_MATCH, target->code.match->point->span, pattern,
	     target->module ? target->module : "the kernel");
	if (target->btf && !strpbrk(pattern, "*?[")) {
		int count = dbtf_match_funcs(target->btf, "*", &names);

		near = count > 0 ? diag_nearest(pattern, names, count) : NULL;
	}
	if (near)
		diag_hint(session->diags, "did you mean \"%s\"?", near);
	else if (target->dwarf && !strpbrk(pattern, "*?["))
		diag_hint(session->diags, "if the compiler inlined it everywhere: %s",
			  dmodule_no_dwarf_reason(target->dwarf));
	return 0;
}

static int functions_by_name(struct functions *r, struct elab *elab, const char *pattern,
			     enum function_tag tag)
{
	static const char *const suffixes[] = {
		[FUNCTION_ANY] = "", [FUNCTION_CALL] = "", [FUNCTION_EXPORTED] = "",
		[FUNCTION_RETURN] = ".return",
	};
	struct arena *arena = r->target->code.session->arena;
	const char **names;
	int count = find_names(r->target, pattern, &names);

	if (count <= 0)
		return no_match(r->target, pattern);
	r->single = count == 1;
	for (int i = 0; i < count; i++)
		add_function(r, elab, names[i],
			     arena_printf(arena, ".function(\"%s\")%s", names[i], suffixes[tag]),
			     tag == FUNCTION_RETURN, NULL);
	return count;
}

/* ---- by debug information ---- */

/* The one function that goes by its name, described by BTF: a trampoline can have it. */
static bool better_entry(struct elab *elab, const struct process_target *code, struct dfunc *func,
			 const char *text, bool is_return)
{
	const struct kernel_target *target = (const struct kernel_target *)code;

	if (!target->btf || !dbtf_func(target->btf, func->name, NULL) || !dfunc_owns_name(func))
		return false;
	add_function(target->functions, elab, func->name, text, is_return, func);
	return true;
}

static const struct code_root function_root = {
	.kind = &probe_kind_kernel_code, .statement = &probe_kind_kernel_code,
	.text = kernel_text, .place = kernel_place, .entry = better_entry,
};

static int functions_by_dwarf(struct functions *r, struct elab *elab, struct kernel_target *target,
			      enum function_tag tag)
{
	const struct probe_arg *arg = probe_match_arg(target->code.match, "function");

	target->code.root = &function_root;
	target->functions = r;
	r->single = !arg->text || !strpbrk(arg->text, "*?[");
	return process_functions(elab, &target->code, tag);
}

static int function_resolve_one(struct elab *elab, const struct probe_match *match)
{
	const struct probe_arg *arg = probe_match_arg(match, "function");
	enum function_tag tag = match->form->tag;
	struct kernel_target target;
	struct functions r = { .target = &target };

	if (!kernel_open(elab, match, &target))
		return 0;
	if (kernel_has_dwarf(&target))
		return functions_by_dwarf(&r, elab, &target, tag);
	/* "name@file:line": BTF knows no files, the name decides */
	size_t length = arg->text ? strcspn(arg->text, "@") : 0;

	if (!arg->text || (arg->text[length] && strcspn(arg->text, "*?[") < length) ||
	    tag == FUNCTION_INLINE || tag >= FUNCTION_LABEL)
		return kernel_needs_dwarf(&target, arg->text ? arg->text : "function");
	return functions_by_name(&r, elab, arena_strndup(target.code.session->arena, arg->text,
							 length), tag);
}

static int kprobe_resolve_one(struct elab *elab, const struct probe_match *match)
{
	struct kernel_target target;
	struct functions r = { .target = &target, .by_kprobe = true };

	if (!kernel_open(elab, match, &target))
		return 0;
	target.text = target.module ? arena_printf(target.code.session->arena, "kprobe.%s",
						   target.text) : "kprobe";
	return functions_by_name(&r, elab, probe_match_arg(match, "function")->text,
				 match->form->tag);
}

static int function_resolve(struct elab *elab, const struct probe_match *match)
{
	return kernel_each_module(elab, match, function_resolve_one);
}

static int kprobe_resolve(struct elab *elab, const struct probe_match *match)
{
	return kernel_each_module(elab, match, kprobe_resolve_one);
}

/* ---- variables ---- */

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

static struct dscope *locals_of(const struct kernel_function *f)
{
	return f->func ? dscope_at(f->func->module, f->func, f->func->entry) : NULL;
}

static bool local_named(const struct kernel_function *f, const char *name)
{
	struct dscope *scope = locals_of(f);
	struct dvar *var = scope ? dscope_lookup(scope, name) : NULL;

	return var && !var->is_global;
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

	if (n < 0 && local_named(f, name)) {
		*why = "a local variable has no value yet where the function begins: probe a "
		       "statement of it";
		return false;
	}
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
	struct dscope *scope = site->is_return ? NULL : locals_of(f);
	struct dvar_list locals = { 0 };

	if (scope && dscope_vars(scope, DSCOPE_LOCALS, &locals) > 0)
		for (size_t i = 0; i < locals.count; i++)
			*vec_push(elab_session(elab)->arena, &out) = (struct site_var){
				locals.data[i]->name, locals.data[i]->type, false };
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

const struct probe_kind probe_kind_kprobe = {
	.name = "kprobe.function", .forms = kprobe_forms, .resolve = kprobe_resolve,
};
