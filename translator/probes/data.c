/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.data(…) and process(…).data(…): a few bytes of memory are watched by the processor's
 * breakpoint registers, of which there are four on x86.
 */
#include "translator/probes/process.h"

#include <linux/hw_breakpoint.h>
#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/debuginfo/kallsyms.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

enum { DEFAULT_LENGTH = 1, MAX_LENGTH = 8 };

#define DATA_FORMS(root)                                                                     \
	{ root ".data(str|num).write", HW_BREAKPOINT_W, "when the memory there is written" }, \
	{ root ".data(str|num).rw", HW_BREAKPOINT_RW, "when it is read or written" },         \
	{ root ".data(str|num).length(num).write", HW_BREAKPOINT_W, "n bytes, when written" },\
	{ root ".data(str|num).length(num).rw", HW_BREAKPOINT_RW, "when read or written" }

static const struct probe_form kernel_forms[] = { DATA_FORMS("kernel"), { 0 } };
static const struct probe_form process_forms[] = {
	DATA_FORMS("process"), DATA_FORMS("process(str|num)"), { 0 }
};

static int no_symbol(const struct probe_match *match, struct session *session, const char *name,
		     const char *why)
{
	return diag(session->diags, DIAG_PROBE_PLACE, match->point->span, name, why);
}

/* The registers take 1, 2, 4 or 8 bytes, at a multiple of that. */
static bool length_is_right(const struct probe_match *match, struct session *session,
			    int64_t *length)
{
	const struct probe_arg *arg = probe_match_arg(match, "length");

	*length = arg ? arg->number : DEFAULT_LENGTH;
	if (*length >= 1 && *length <= MAX_LENGTH && !(*length & (*length - 1)))
		return true;
	return diag(session->diags, DIAG_PROBE_ARGUMENT, match->point->span, "length",
		    "the processor watches 1, 2, 4 or 8 bytes");
}

static struct site *add_site(struct elab *elab, const struct probe_match *match,
			     const struct probe_kind *kind, const char *root)
{
	struct session *session = elab_session(elab);
	const struct probe_arg *data = probe_match_arg(match, "data");
	const struct probe_arg *length = probe_match_arg(match, "length");
	struct handler *handler = elab_handler_new(elab, kind, match->point);
	struct site *site = elab_site_new(elab, handler);
	const char *what = data->text
		? arena_printf(session->arena, "\"%s\"", data->text)
		: arena_printf(session->arena, "%#llx", (unsigned long long)data->number);

	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_PERF;
	site->section = "perf_event";
	site->attach.mech = MECH_WATCH;
	site->attach.perf_config = match->form->tag;
	site->attach.offset = data->number;
	site->attach.name = arena_printf(
		session->arena, "%s.data(%s)%s%s", root, what,
		length ? arena_printf(session->arena, ".length(%lld)", (long long)length->number)
		       : "",
		match->form->tag == HW_BREAKPOINT_W ? ".write" : ".rw");
	site->listing = handler->name = site->attach.name;
	return site;
}

/* The symbol's address is known when the program is loaded; that of vmlinux serves where the kernel
 * does not list its data. */
static int kernel_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	const char *name = probe_match_arg(match, "data")->text;
	struct dsession *ds = elab_debuginfo(session);
	const struct elfsym *symbol = NULL;
	int64_t length;

	if (!length_is_right(match, session, &length))
		return -1;
	struct kallsyms *listed = name ? kallsyms_open(ds, session->kernel.symbols_path) : NULL;

	if (name && (!listed || !kallsyms_find(listed, name, NULL))) {
		struct dmodule *kernel = elab_kernel(session);

		symbol = kernel->path ? elfsym_find(kernel, name) : NULL;
		if (!symbol)
			return no_symbol(match, session, name, "the kernel lists no symbol of that "
					 "name (CONFIG_KALLSYMS_ALL), and there is no vmlinux that "
					 "does");
	}
	struct site *site = add_site(elab, match, &probe_kind_kernel_data, "kernel");

	site->attach.perf_period = length;
	if (symbol)
		site->attach.offset = symbol->vaddr - elab_kernel_text(session);
	site->attach.symbol = symbol ? "_stext" : name ? name : "";
	return 1;
}

static int process_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	const char *name = probe_match_arg(match, "data")->text;
	struct process_target target;
	int64_t length;

	if (!length_is_right(match, session, &length))
		return -1;
	if (!process_open(elab, match, &target))
		return 0;
	struct dmodule *module = target.modules[0];
	const struct elfsym *symbol = name ? elfsym_find(module, name) : NULL;

	if (name && (!symbol || symbol->kind != ELFSYM_OBJECT))
		return no_symbol(match, session, name,
				 arena_printf(session->arena, "'%s' has no data of that name",
					      module->path));
	struct site *site = add_site(elab, match, &probe_kind_process_data,
				     process_text(&target, module));

	site->user_space = true;
	site->attach.perf_period = length;
	site->attach.pid = target.pid ? target.pid : -1;
	if (!symbol)
		return 1;
	site->attach.offset = symbol->vaddr - (module->is_pie ? dmodule_link_base(module) : 0);
	site->attach.path = module->is_pie ? module->path : "";
	return 1;
}

const struct probe_kind probe_kind_kernel_data = {
	.name = "kernel.data", .forms = kernel_forms, .resolve = kernel_resolve,
};

const struct probe_kind probe_kind_process_data = {
	.name = "process.data", .forms = process_forms, .resolve = process_resolve,
};
