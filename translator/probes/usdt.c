/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process(…).mark("name"): marks that a program was built with (USDT), with their arguments. */
#include "translator/probes/process.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/sdt.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

static const struct probe_form forms[] = {
	PROCESS_FORMS("mark(str)", 0, "at a mark"),
	PROCESS_FORMS("provider(str).mark(str)", 0, "at a mark of that provider"),
	{ 0 }
};

/* What site->detail of other process kinds is, and the mark. */
struct mark_site {
	struct dsite where;		/* first: process_variables() and scopes read it */
	const struct dsdt *mark;
};

static void add_mark(struct elab *elab, struct handler **handler,
		     const struct process_target *target, struct dmodule *module,
		     const struct dsdt *mark)
{
	struct arena *arena = target->session->arena;
	struct mark_site *detail = arena_new_of(arena, struct mark_site);
	struct site_text *texts = arena_alloc(arena, 3 * sizeof *texts);
	const char *text = arena_printf(arena, ".mark(\"%s\")", mark->name);

	if (probe_match_arg(target->match, "provider"))
		text = arena_printf(arena, ".provider(\"%s\")%s", mark->provider, text);

	if (!*handler)
		*handler = elab_handler_new(elab, &probe_kind_usdt, target->match->point);
	struct site *site = process_site(elab, *handler, target, module, mark->site, text);

	detail->where = *mark->site;
	detail->mark = mark;
	texts[0] = (struct site_text){ "$$name", mark->name };
	texts[1] = (struct site_text){ "$$provider", mark->provider };
	site->detail = detail;
	site->texts = texts;
	site->attach.ref_ctr_offset = mark->semaphore_offset;
}

static int no_mark(const struct process_target *target, const char *pattern,
		   const struct dsdt *marks, int count)
{
	struct session *session = target->session;
	VEC(const char *) names = { 0 };

	diag(session->diags, DIAG_PROBE_NO_MARK, target->match->point->span, pattern,
	     target->modules[0]->path);
	for (int i = 0; i < count; i++)
		*vec_push(session->arena, &names) = marks[i].name;
	const char *near = names.count ? diag_nearest(pattern, names.data, names.count) : NULL;

	if (near)
		diag_hint(session->diags, "did you mean \"%s\"?", near);
	else if (!count)
		diag_hint(session->diags, "the file has no marks at all");
	return 0;
}

/* "a-b" is what dtrace(1) calls the mark a__b. */
static bool mark_matches(struct session *session, const char *pattern, const char *name)
{
	const char *dash = strchr(pattern, '-');

	if (dglob_match(pattern, name))
		return true;
	return dash && !strchr(pattern, '[') &&
	       mark_matches(session, arena_printf(session->arena, "%.*s__%s",
						  (int)(dash - pattern), pattern, dash + 1), name);
}

static int usdt_resolve(struct elab *elab, const struct probe_match *match)
{
	const struct probe_arg *provider = probe_match_arg(match, "provider");
	const char *pattern = probe_match_arg(match, "mark")->text;
	struct handler *handler = NULL;
	struct process_target target;
	const struct dsdt *marks = NULL;
	struct session *session = elab_session(elab);
	int sites = 0, count = 0;

	if (!process_open(elab, match, &target))
		return 0;
	for (int i = 0; i < target.count; i++) {
		count = dsdt_list(target.modules[i], &marks);
		for (int j = 0; j < count; j++) {
			if (!mark_matches(session, pattern, marks[j].name) ||
			    (provider && !dglob_match(provider->text, marks[j].provider)))
				continue;
			add_mark(elab, &handler, &target, target.modules[i], &marks[j]);
			sites++;
		}
	}
	return sites ? sites : no_mark(&target, pattern, marks, count);
}

static const struct dsdt *mark_of(const struct site *site)
{
	return ((const struct mark_site *)site->detail)->mark;
}

static struct expr *sized(const struct build *b, struct expr *value, const struct dsdt_arg *arg)
{
	int64_t shift = 64 - 8 * arg->size;

	if (!shift)
		return value;
	value = build_binary(b, OP_SHL, value, build_number(b, shift));
	return build_binary(b, arg->is_signed ? OP_SAR : OP_SHR, value, build_number(b, shift));
}

static bool usdt_variable(struct elab *elab, struct site *site, const char *name,
			  struct span span, struct access *out, const char **why)
{
	struct session *session = elab_session(elab);
	struct build b = { .session = session, .span = span, .tok = span };
	const struct dsdt *mark = mark_of(site);
	int n = -1;

	if (strncmp(name, "arg", 3) == 0 && isdigit((unsigned char)name[3]))
		n = atoi(name + 3) - 1;
	if (n < 0)
		return process_variable(elab, site, name, span, out, why);
	if (n >= mark->nargs) {
		*why = arena_printf(session->arena, "mark '%s' has %d argument%s", mark->name,
				    mark->nargs, mark->nargs == 1 ? "" : "s");
		return false;
	}
	const struct dsdt_arg *arg = &mark->args[n];

	if (!access_from_loc(&b, access_base_at(&b, site), arg->loc, NULL, out, why))
		return false;
	if (out->kind == ACCESS_MEMORY)
		out->expr = build_read(&b, SPACE_USER, arg->size, arg->is_signed, out->expr);
	else
		out->expr = sized(&b, out->expr, arg);
	out->kind = ACCESS_VALUE;
	return true;
}

static size_t usdt_variables(struct elab *elab, struct site *site, const struct site_var **vars)
{
	struct arena *arena = elab_session(elab)->arena;
	const struct dsdt *mark = mark_of(site);
	VEC(struct site_var) out = { 0 };

	for (int i = 0; i < mark->nargs; i++)
		*vec_push(arena, &out) = (struct site_var){
			.name = arena_printf(arena, "arg%d", i + 1), .is_param = true };
	*vars = out.data;
	return out.count;
}

const struct probe_kind probe_kind_usdt = {
	.name = "process.mark", .forms = forms, .resolve = usdt_resolve,
	.variable = usdt_variable, .variables = usdt_variables,
};
