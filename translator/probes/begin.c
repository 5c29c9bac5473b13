/* SPDX-License-Identifier: GPL-2.0-or-later */
/* begin, end, error, never: handlers of the session itself, run in user space. */
#include "translator/probes/kinds.h"

#include "translator/elab/elab.h"
#include "translator/session.h"

static const struct probe_form forms[] = {
	{ "begin", TRIGGER_BEGIN, "when the session starts" },
	{ "begin(num)", TRIGGER_BEGIN, "when the session starts, lower numbers first" },
	{ "end", TRIGGER_END, "when the session ends" },
	{ "end(num)", TRIGGER_END, "when the session ends, lower numbers first" },
	{ "error", TRIGGER_ERROR, "when the session ends because of errors" },
	{ "error(num)", TRIGGER_ERROR, "the same, lower numbers first" },
	{ "never", TRIGGER_NEVER, "not at all: the handler is only checked" },
	{ 0 }
};

static int begin_resolve(struct elab *elab, const struct probe_match *match)
{
	struct handler *handler = elab_handler_new(elab, &probe_kind_begin, match->point);
	struct site *site = elab_site_new(elab, handler);

	handler->trigger = match->form->tag;
	if (match->arg_count)
		handler->priority = match->args[0].number;
	site->entry = SITE_USER;
	site->attach.mech = handler->trigger == TRIGGER_BEGIN ? MECH_BEGIN : MECH_END;
	site->attach.name = site->listing = handler->name = match->arg_count
		? arena_printf(elab_session(elab)->arena, "%s(%lld)", match->args[0].functor,
			       (long long)match->args[0].number)
		: match->form->pattern;
	return 1;
}

const struct probe_kind probe_kind_begin = { .name = "begin", .forms = forms,
					     .resolve = begin_resolve };
