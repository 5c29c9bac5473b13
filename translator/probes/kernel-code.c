/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places in kernel code by debug information: kprobes at an offset from _stext, so that it does not
 * matter where the kernel was loaded nor how often a function's name is used; in a module, from the
 * symbol before.
 */
#include "translator/probes/kernel-code.h"

#include <stdio.h>
#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

const char *kernel_text(const struct process_target *target, const struct dmodule *module)
{
	(void)module;
	return ((const struct kernel_target *)target)->text;
}

void kernel_place(const struct process_target *target, struct site *site, struct dmodule *module,
		  const struct dsite *where)
{
	const struct elfsym *symbol = module->is_vmlinux ? NULL : elfsym_at(module, where->vaddr);

	site->section = "kprobe";
	site->attach.mech = MECH_KPROBE;
	if (symbol) {
		site->attach.symbol = symbol->name;
		site->attach.offset = where->vaddr - symbol->vaddr;
		return;
	}
	site->attach.symbol = "_stext";
	site->attach.offset = where->vaddr - elab_kernel_text(target->session);
	site->attach.build_id = module->build_id ? module->build_id : "";
}

const struct code_root kernel_code_root = {
	.kind = &probe_kind_kernel_code, .statement = &probe_kind_kernel_code,
	.text = kernel_text, .place = kernel_place,
};

static const struct probe_form no_forms[] = { { 0 } };

const struct probe_kind probe_kind_kernel_code = {
	.name = "kernel code", .forms = no_forms, .variable = process_variable,
	.variables = process_variables, .entry = process_entry,
};

/* module("x"): its own BTF, symbols and file; the kernel's do not stand in for them. */
static bool open_module(struct kernel_target *target, const char *name)
{
	struct session *session = target->code.session;
	struct dsession *ds = elab_debuginfo(session);

	target->module = name;
	target->text = arena_printf(session->arena, "module(\"%s\")", name);
	target->btf = target->btf ? dbtf_open_module(ds, name, target->btf) : NULL;
	target->dwarf = dmodule_open_kmod(ds, name, session->kernel.release);
	if (target->btf || target->dwarf || elab_module_loaded(session, name))
		return true;
	return diag(session->diags, DIAG_PROBE_PLACE, target->code.match->point->span, target->text,
		    "no module of that name is loaded");
}

bool kernel_open(struct elab *elab, const struct probe_match *match, struct kernel_target *target)
{
	struct session *session = elab_session(elab);
	const struct probe_arg *module = probe_match_arg(match, "module");

	*target = (struct kernel_target){
		.code = { .root = &kernel_code_root, .session = session, .match = match,
			  .modules = &target->dwarf, .count = 1 },
		.text = "kernel", .btf = elab_btf(session),
	};
	if (module)
		return open_module(target, module->text);
	target->dwarf = elab_kernel(session);
	return true;
}

/* The same match with another module's name. */
static struct probe_match match_of_module(const struct probe_match *match, const char *name)
{
	struct probe_match one = *match;

	for (size_t i = 0; i < one.arg_count; i++)
		if (strcmp(one.args[i].functor, "module") == 0)
			one.args[i].text = name;
	return one;
}

int kernel_each_module(struct elab *elab, const struct probe_match *match,
		       int (*resolve)(struct elab *elab, const struct probe_match *match))
{
	struct session *session = elab_session(elab);
	const struct probe_arg *module = probe_match_arg(match, "module");
	int total = 0;
	char name[128];
	FILE *file;

	if (!module || !strpbrk(module->text, "*?["))
		return resolve(elab, match);
	file = fopen("/proc/modules", "re");
	while (file && total >= 0 && fscanf(file, "%127s%*[^\n]", name) == 1) {
		size_t mark = diags_mark(session->diags);

		if (!dglob_match(module->text, name))
			continue;
		struct probe_match one =
			match_of_module(match, arena_strdup(session->arena, name));
		int count = resolve(elab, &one);

		/* some have it, others do not */
		if (count == 0)
			diags_rewind(session->diags, mark);
		total = count < 0 ? count : total + count;
	}
	if (file)
		fclose(file);
	if (total == 0)
		diag(session->diags, DIAG_PROBE_PLACE, match->point->span,
		     arena_printf(session->arena, "module(\"%s\")", module->text),
		     "no module that is loaded fits and has it");
	return total;
}

bool kernel_has_dwarf(const struct kernel_target *target)
{
	return target->dwarf && target->dwarf->path && dmodule_has_dwarf(target->dwarf);
}

int kernel_needs_dwarf(const struct kernel_target *target, const char *text)
{
	struct session *session = target->code.session;
	const char *why = target->dwarf ? dmodule_no_dwarf_reason(target->dwarf)
					: "the module's file is not there";

	return diag(session->diags, DIAG_PROBE_DEBUGINFO, target->code.match->point->span, text,
		    why);
}
