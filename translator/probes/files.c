/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procfs("…").read and .write, input.line and input.char: the session's own files and its standard
 * input. Without a module there are no files in /proc: they are named pipes, runtime/inputs.h says
 * where. The text is $value.
 */
#include "translator/probes/kinds.h"

#include <string.h>

#include "translator/elab/elab.h"
#include "translator/session.h"
#include "translator/util/diag.h"

enum { FILE_READ, FILE_WRITE };
enum { LINE, CHARACTER };

#define FILE_FORMS(root)                                                                     \
	{ root "[.umask(num)].read", FILE_READ, "when the session's file is read" },               \
	{ root "[.umask(num)].read.maxsize(num)", FILE_READ, "with at most n bytes" },             \
	{ root "[.umask(num)].maxsize(num).read", FILE_READ, "with at most n bytes" },             \
	{ root "[.umask(num)].write", FILE_WRITE, "when it is written" }

static const struct probe_form file_forms[] = {
	FILE_FORMS("procfs"), FILE_FORMS("procfs(str)"), { 0 }
};

static const struct probe_form input_forms[] = {
	{ "__input.line", LINE, "a line of standard input" },
	{ "__input.char", CHARACTER, "a character of standard input" },
	{ 0 }
};

static struct site *add_site(struct elab *elab, const struct probe_match *match,
			     const struct probe_kind *kind, enum program_trigger trigger,
			     const char *name)
{
	struct handler *handler = elab_handler_new(elab, kind, match->point);
	struct site *site = elab_site_new(elab, handler);

	handler->trigger = trigger;
	site->entry = SITE_USER;
	site->attach.mech = trigger == TRIGGER_INPUT ? MECH_INPUT : MECH_FILE;
	site->attach.name = site->listing = handler->name = name;
	site->value = "value";
	return site;
}

static int file_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	const struct probe_arg *name = probe_match_arg(match, "procfs");
	const struct probe_arg *umask = probe_match_arg(match, "umask");
	const struct probe_arg *most = probe_match_arg(match, "maxsize");
	const char *file = name ? name->text : "command";
	bool reads = match->form->tag == FILE_READ;

	if (!*file || *file == '.' || strchr(file, '/'))
		return diag(session->diags, DIAG_PROBE_ARGUMENT, match->point->span, "procfs",
			    "the file's name has no '/' and does not begin with '.'") - 1;
	struct site *site = add_site(elab, match, &probe_kind_procfs, TRIGGER_PROCFS,
				     arena_printf(session->arena, "procfs(\"%s\")%s", file,
						  reads ? ".read" : ".write"));

	/* who reads a file needs permission to read it, 0400; and 0200 to write; the session
	 * itself does the other */
	site->attach.perf_config = (umask ? 0666 & ~umask->number : 0600) & (reads ? 0444 : 0222);
	site->attach.perf_config |= reads ? 0200 : 0400;
	site->attach.perf_period = most ? most->number : 0;
	site->attach.path = file;
	site->is_return = site->attach.is_return = reads;
	return 1;
}

const struct probe_kind probe_kind_procfs = {
	.name = "procfs", .forms = file_forms, .resolve = file_resolve,
};

/* The aliases input.line and input.char of the tapset give $value its name. */
static int input_resolve(struct elab *elab, const struct probe_match *match)
{
	bool line = match->form->tag == LINE;
	struct site *site = add_site(elab, match, &probe_kind_input, TRIGGER_INPUT,
				     line ? "input.line" : "input.char");

	site->attach.perf_period = line ? 0 : 1;
	return 1;
}

const struct probe_kind probe_kind_input = {
	.name = "input", .forms = input_forms, .resolve = input_resolve,
};
