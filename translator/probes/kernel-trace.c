/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.trace("group:name"): raw tracepoints, with the arguments of the tracepoint's prototype as
 * BTF has them.
 */
#include "translator/probes/kinds.h"

#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/dtype.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"
#include "translator/elab/elab.h"
#include "translator/session.h"
#include "translator/util/diag.h"

static const struct probe_form forms[] = {
	{ "kernel.trace(str)", 0, "at a tracepoint of the kernel" },
	{ "kernel.tracepoint(str)", 0, "at a tracepoint of the kernel" },
	{ 0 }
};

/*
 * BTF has the prototype twice: without names as the tracepoint's typedef, and with them as the
 * function that calls the probes. Both have the data pointer first.
 */
static struct dtype *prototype_of(struct dbtf *btf, struct arena *arena, const char *name,
				  int *first)
{
	struct dtype *proto = dbtf_func(btf, arena_printf(arena, "__traceiter_%s", name), NULL);

	*first = 1;
	if (proto)
		return proto;
	*first = 0;
	return dbtf_tracepoint(btf, name, NULL);
}

static void add_site(struct elab *elab, const struct probe_match *match, const char *group,
		     const char *name)
{
	struct arena *arena = elab_session(elab)->arena;
	struct handler *handler = elab_handler_new(elab, &probe_kind_kernel_trace, match->point);
	struct site *site = elab_site_new(elab, handler);
	struct site_text *texts = arena_alloc(arena, 3 * sizeof *texts);

	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_ARGS;
	site->section = "raw_tp";
	site->attach.mech = MECH_RAWTP;
	site->attach.symbol = site->attach.function = name;
	site->attach.name = arena_printf(arena, "kernel.trace(\"%s%s%s\")", group,
					 *group ? ":" : "", name);
	site->listing = handler->name = site->attach.name;
	texts[0] = (struct site_text){ "$$name", name };
	texts[1] = (struct site_text){ "$$system", group };
	site->texts = texts;
}

/* The group is not in BTF; where it is given it can only be checked against tracefs, which need not
 * be there. */
static int trace_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	const char *text = match->args[0].text, *colon = strchr(text, ':');
	const char *pattern = colon ? colon + 1 : text, **names;
	struct dbtf *btf = elab_btf(session);

	if (!btf) {
		diag(session->diags, DIAG_PROBE_PLACE, match->point->span, text,
		     dsession_error(elab_debuginfo(session)));
		return -1;
	}
	int count = dbtf_match_tracepoints(btf, pattern, &names);

	for (int i = 0; i < count; i++)
		add_site(elab, match,
			 colon ? arena_strndup(session->arena, text, colon - text) : "", names[i]);
	if (count > 0)
		return count;
	diag(session->diags, DIAG_PROBE_NO_TRACE, match->point->span, text);
	count = dbtf_match_tracepoints(btf, "*", &names);
	const char *near = count > 0 ? diag_nearest(pattern, names, count) : NULL;

	if (near)
		diag_hint(session->diags, "did you mean \"%s\"?", near);
	return 0;
}

static int arguments_of(struct elab *elab, const struct site *site, const struct dparam **params,
			int *first)
{
	struct session *session = elab_session(elab);
	struct dtype *proto = prototype_of(elab_btf(session), session->arena, site->attach.symbol,
					   first);
	bool varargs;

	return proto ? dtype_params(proto, params, &varargs) : 0;
}

static const char *argument_name(struct arena *arena, const struct dparam *param, int n)
{
	return param->name && *param->name ? param->name : arena_printf(arena, "arg%d", n + 1);
}

static bool trace_variable(struct elab *elab, struct site *site, const char *name,
			   struct span span, struct access *out, const char **why)
{
	struct session *session = elab_session(elab);
	struct build b = { .session = session, .span = span, .tok = span };
	const struct dparam *params;
	int first, count = arguments_of(elab, site, &params, &first);

	for (int i = first; i < count; i++) {
		const char *numbered = arena_printf(session->arena, "arg%d", i - first + 1);

		if (strcmp(argument_name(session->arena, &params[i], i - first), name) != 0 &&
		    strcmp(numbered, name) != 0)
			continue;
		*out = access_of_value(build_argument(&b, i - first), params[i].type, SPACE_KERNEL);
		return true;
	}
	*why = arena_printf(session->arena, "tracepoint '%s' has no such argument",
			    site->attach.symbol);
	return false;
}

static size_t trace_variables(struct elab *elab, struct site *site, const struct site_var **vars)
{
	struct arena *arena = elab_session(elab)->arena;
	const struct dparam *params;
	int first, count = arguments_of(elab, site, &params, &first);
	VEC(struct site_var) out = { 0 };

	for (int i = first; i < count; i++)
		*vec_push(arena, &out) = (struct site_var){
			argument_name(arena, &params[i], i - first), params[i].type, true };
	*vars = out.data;
	return out.count;
}

const struct probe_kind probe_kind_kernel_trace = {
	.name = "kernel.trace", .forms = forms, .resolve = trace_resolve,
	.variable = trace_variable, .variables = trace_variables,
};
