/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netfilter.hook("…").pf("…"): packets where the kernel asks its netfilter hooks. A hook of our own
 * would be one more judge of each packet; so it is the function that asks them which is probed, and
 * the packet is only looked at.
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

static const struct probe_form forms[] = {
	{ "netfilter.hook(str).pf(str)", 0, "where packets pass that hook" },
	{ "netfilter.pf(str).hook(str)", 0, "where packets of that family pass that hook" },
	{ "netfilter.hook(str).pf(str).priority(str)", 0, "the same: nothing is changed here" },
	{ "netfilter.pf(str).hook(str).priority(str)", 0, "the same: nothing is changed here" },
	{ 0 }
};

/* Who asks the hook; the packet is its parameter `skb`, its device is where it came from (in) or
 * goes to. */
static const struct hook {
	const char *family, *name, *also, *function;
	int number, family_number;
	bool in, out;
} hooks[] = {
#define HOOK(family, prefix, name, function, number, family_number, in, out)                 \
	{ family, "NF_INET_" name, prefix name, function, number, family_number, in, out }
	HOOK("NFPROTO_IPV4", "NF_IP_", "PRE_ROUTING", "ip_rcv", 0, 2, true, false),
	HOOK("NFPROTO_IPV4", "NF_IP_", "LOCAL_IN", "ip_local_deliver", 1, 2, true, false),
	HOOK("NFPROTO_IPV4", "NF_IP_", "FORWARD", "ip_forward", 2, 2, true, false),
	HOOK("NFPROTO_IPV4", "NF_IP_", "LOCAL_OUT", "__ip_local_out", 3, 2, false, false),
	HOOK("NFPROTO_IPV4", "NF_IP_", "POST_ROUTING", "ip_output", 4, 2, false, true),
	HOOK("NFPROTO_IPV6", "NF_IP6_", "PRE_ROUTING", "ipv6_rcv", 0, 10, true, false),
	HOOK("NFPROTO_IPV6", "NF_IP6_", "LOCAL_IN", "ip6_input", 1, 10, true, false),
	HOOK("NFPROTO_IPV6", "NF_IP6_", "FORWARD", "ip6_forward", 2, 10, true, false),
	HOOK("NFPROTO_IPV6", "NF_IP6_", "LOCAL_OUT", "__ip6_local_out", 3, 10, false, false),
	HOOK("NFPROTO_IPV6", "NF_IP6_", "POST_ROUTING", "ip6_output", 4, 10, false, true),
};

static const struct hook *hook_find(const struct probe_match *match)
{
	const char *family = probe_match_arg(match, "pf")->text;
	const char *name = probe_match_arg(match, "hook")->text;

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (strcmp(hooks[i].family, family) == 0 && (strcmp(hooks[i].name, name) == 0 ||
							     strcmp(hooks[i].also, name) == 0))
			return &hooks[i];
	return NULL;
}

static void add_site(struct elab *elab, struct handler *handler, const struct hook *hook,
		     uint32_t group, enum program_mech mech)
{
	struct arena *arena = elab_session(elab)->arena;
	struct site *site = elab_site_new(elab, handler);

	site->detail = hook;
	site->entry = mech == MECH_KPROBE ? SITE_PT_REGS : SITE_ARGS;
	site->section = mech == MECH_KPROBE ? "kprobe"
					    : arena_printf(arena, "fentry/%s", hook->function);
	site->attach.mech = mech;
	site->attach.group = group;
	site->attach.symbol = site->attach.function = hook->function;
	site->attach.name = arena_printf(arena, "netfilter.hook(\"%s\").pf(\"%s\")", hook->name,
					 hook->family);
	site->listing = handler->name = site->attach.name;
}

static int netfilter_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	const struct hook *hook = hook_find(match);

	if (!hook)
		return diag(session->diags, DIAG_PROBE_PLACE, match->point->span, "netfilter",
			    "the hooks NF_INET_PRE_ROUTING, _LOCAL_IN, _FORWARD, _LOCAL_OUT and "
			    "_POST_ROUTING of NFPROTO_IPV4 and NFPROTO_IPV6 are there");
	struct handler *handler = elab_handler_new(elab, &probe_kind_netfilter, match->point);
	uint32_t group = elab_group_new(elab);

	handler->trigger = TRIGGER_KERNEL;
	if (elab_btf(session) && dbtf_func(elab_btf(session), hook->function, NULL))
		add_site(elab, handler, hook, group, MECH_FENTRY);
	add_site(elab, handler, hook, group, MECH_KPROBE);
	return 1;
}

/* The packet, typed. */
static bool packet(struct session *session, const struct build *b, const struct hook *hook,
		   struct access *out, const char **why)
{
	struct dbtf *btf = elab_btf(session);
	struct dtype *proto = btf ? dbtf_func(btf, hook->function, NULL) : NULL;
	const struct dparam *params;
	bool varargs;
	int count = proto ? dtype_params(proto, &params, &varargs) : 0;

	*why = arena_printf(session->arena, "the kernel's %s() is not as it is known",
			    hook->function);
	for (int i = 0; i < count; i++) {
		if (!params[i].name || strcmp(params[i].name, "skb") != 0)
			continue;
		*out = access_of_value(build_argument(b, i), params[i].type, SPACE_KERNEL);
		return true;
	}
	return false;
}

static bool netfilter_variable(struct elab *elab, struct site *site, const char *name,
			       struct span span, struct access *out, const char **why)
{
	struct session *session = elab_session(elab);
	struct build b = { .session = session, .span = span, .tok = span };
	const struct hook *hook = site->detail;
	bool in = strcmp(name, "in") == 0, device = in || strcmp(name, "out") == 0;
	int64_t number = 0;

	if (strcmp(name, "skb") == 0)
		return packet(session, &b, hook, out, why);
	if (device && (in ? hook->in : hook->out))
		return packet(session, &b, hook, out, why) && access_member(&b, out, "dev", why);
	if (strcmp(name, "hooknum") == 0)
		number = hook->number;
	else if (strcmp(name, "pf") == 0)
		number = hook->family_number;
	else if (!device) {
		*why = strcmp(name, "verdict") == 0
			? "a packet's fate cannot be changed: it is only looked at"
			: "it has $skb, $in, $out, $hooknum and $pf";
		return false;
	}
	*out = access_of_value(build_number(&b, number), NULL, SPACE_KERNEL);
	return true;
}

const struct probe_kind probe_kind_netfilter = {
	.name = "netfilter", .forms = forms, .resolve = netfilter_resolve,
	.variable = netfilter_variable,
};
