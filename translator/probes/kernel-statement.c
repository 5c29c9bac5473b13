/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.statement("function@file:line") and module("…").statement(…), by debug information; and
 * .absolute, at an address that the script answers for.
 */
#include "translator/probes/kernel-code.h"

#include "translator/elab/elab.h"
#include "translator/session.h"

enum tag { EXACT, NEAREST };

static const struct probe_form forms[] = {
	KERNEL_FORMS("statement(str|num)", EXACT, "at a line of source, or an address of vmlinux"),
	KERNEL_FORMS("statement(str|num).nearest", NEAREST,
		     "at that line or the next that has code"),
	{ 0 }
};

static const struct probe_form absolute_forms[] = {
	{ "kernel.statement(num).absolute", 0, "at an address of the running kernel" },
	{ "kprobe.statement(num).absolute", 0, "at an address of the running kernel" },
	{ 0 }
};

static int statement_resolve_one(struct elab *elab, const struct probe_match *match)
{
	struct kernel_target target;

	if (!kernel_open(elab, match, &target))
		return 0;
	if (!kernel_has_dwarf(&target))
		return kernel_needs_dwarf(&target, "statement");
	return process_statements(elab, &target.code, match->form->tag == NEAREST);
}

static int statement_resolve(struct elab *elab, const struct probe_match *match)
{
	return kernel_each_module(elab, match, statement_resolve_one);
}

const struct probe_kind probe_kind_kernel_statement = {
	.name = "kernel.statement", .forms = forms, .resolve = statement_resolve,
};

/* An address says nothing of the kernel it was found in: guru mode. */
static int absolute_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	int64_t address = probe_match_arg(match, "statement")->number;

	if (!session->options.guru)
		return diag(session->diags, DIAG_PROBE_ARGUMENT, match->point->span, "absolute",
			    "an address that nothing checks needs guru mode (-g)") - 1;
	struct handler *handler = elab_handler_new(elab, &probe_kind_kernel_absolute,
						   match->point);
	struct site *site = elab_site_new(elab, handler);

	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_PT_REGS;
	site->section = "kprobe";
	site->attach.mech = MECH_KPROBE;
	site->attach.offset = address;
	site->attach.name = arena_printf(session->arena, "%s.statement(%#llx).absolute",
					 match->point->parts.data[0].functor,
					 (unsigned long long)address);
	site->listing = handler->name = site->attach.name;
	return 1;
}

const struct probe_kind probe_kind_kernel_absolute = {
	.name = "kernel.statement.absolute", .forms = absolute_forms,
	.resolve = absolute_resolve,
};
