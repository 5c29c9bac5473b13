/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.lsm("hook"): where the kernel asks its security modules, as one that never objects.
 * Arguments are those of the hook, typed by BTF; $return is what modules before it said.
 */
#include "translator/probes/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/dtype.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"
#include "translator/elab/elab.h"
#include "translator/session.h"
#include "translator/util/diag.h"

#define STUB "bpf_lsm_"		/* the function that the kernel has for each hook */

static const struct probe_form forms[] = {
	{ "kernel.lsm(str)", 0, "where the kernel asks its security modules" },
	{ 0 }
};

static void add_hook(struct elab *elab, const struct probe_match *match, const char *stub)
{
	struct arena *arena = elab_session(elab)->arena;
	struct handler *handler = elab_handler_new(elab, &probe_kind_lsm, match->point);
	struct site *site = elab_site_new(elab, handler);

	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_ARGS;
	site->section = arena_printf(arena, "lsm/%s", stub + strlen(STUB));
	site->attach.mech = MECH_LSM;
	site->attach.symbol = stub;
	site->attach.function = stub + strlen(STUB);
	site->attach.name = arena_printf(arena, "kernel.lsm(\"%s\")", stub + strlen(STUB));
	site->listing = handler->name = site->attach.name;
}

static int no_hook(struct session *session, const struct probe_match *match, struct dbtf *btf)
{
	const char *name = match->args[0].text, **stubs;
	int count = btf ? dbtf_match_funcs(btf, STUB "*", &stubs) : 0;

	diag(session->diags, DIAG_PROBE_PLACE, match->point->span, name,
	     count > 0 ? "the kernel has no such hook"
		       : "the kernel has no hooks for BPF (CONFIG_BPF_LSM)");
	for (int i = 0; i < count; i++)
		stubs[i] += strlen(STUB);
	const char *near = count > 0 ? diag_nearest(name, stubs, count) : NULL;

	if (near)
		diag_hint(session->diags, "did you mean \"%s\"?", near);
	return 0;
}

static int lsm_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	struct dbtf *btf = elab_btf(session);
	const char **stubs;
	int count = !btf ? 0 : dbtf_match_funcs(btf, arena_printf(session->arena, STUB "%s",
								 match->args[0].text), &stubs);

	for (int i = 0; i < count; i++)
		add_hook(elab, match, stubs[i]);
	return count > 0 ? count : no_hook(session, match, btf);
}

static int parameters(struct elab *elab, const struct site *site, const struct dparam **params,
		      struct dtype **result)
{
	struct dtype *proto = dbtf_func(elab_btf(elab_session(elab)), site->attach.symbol, NULL);
	bool varargs;

	*result = proto ? dtype_target(proto) : NULL;
	return proto ? dtype_params(proto, params, &varargs) : 0;
}

static bool lsm_variable(struct elab *elab, struct site *site, const char *name,
			 struct span span, struct access *out, const char **why)
{
	struct build b = { .session = elab_session(elab), .span = span, .tok = span };
	const struct dparam *params;
	struct dtype *result;
	int count = parameters(elab, site, &params, &result);

	if (strcmp(name, "return") == 0 && result && dtype_strip(result)->kind != DTYPE_VOID) {
		*out = access_of_value(build_argument(&b, count), result, SPACE_KERNEL);
		return true;
	}
	for (int i = 0; i < count; i++) {
		if (!params[i].name || strcmp(params[i].name, name) != 0)
			continue;
		*out = access_of_value(build_argument(&b, i), params[i].type, SPACE_KERNEL);
		return true;
	}
	*why = "the hook has no such argument";
	return false;
}

static size_t lsm_variables(struct elab *elab, struct site *site, const struct site_var **vars)
{
	VEC(struct site_var) out = { 0 };
	const struct dparam *params;
	struct dtype *result;
	int count = parameters(elab, site, &params, &result);

	for (int i = 0; i < count; i++)
		if (params[i].name)
			*vec_push(elab_session(elab)->arena, &out) = (struct site_var){
				params[i].name, params[i].type, true };
	*vars = out.data;
	return out.count;
}

const struct probe_kind probe_kind_lsm = {
	.name = "kernel.lsm", .forms = forms, .resolve = lsm_resolve,
	.variable = lsm_variable, .variables = lsm_variables,
};
