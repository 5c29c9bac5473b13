/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timer.*: in user space from a millisecond up, where the VM runs the handler; shorter ones, and
 * timer.profile, are perf events of the CPU clock and run in the kernel.
 */
#include "translator/probes/kinds.h"

#include <linux/perf_event.h>

#include "translator/elab/debuginfo.h"
#include "translator/elab/elab.h"
#include "translator/session.h"
#include "translator/util/diag.h"

enum { NS_PER_US = 1000, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };
/* tags beside units in nanoseconds */
enum { TAG_JIFFIES = -1, TAG_HZ = -2, TAG_PROFILE = -3, TAG_PROFILE_HZ = -4 };

#define UNIT_FORMS(unit, ns, text)                                                           \
	{ "timer." unit "(num)", ns, "every n " text },                                       \
	{ "timer." unit "(num).randomize(num)", ns, "every n " text ", give or take" }

static const struct probe_form forms[] = {
	UNIT_FORMS("s", NS_PER_S, "seconds"),
	UNIT_FORMS("sec", NS_PER_S, "seconds"),
	UNIT_FORMS("ms", NS_PER_MS, "milliseconds"),
	UNIT_FORMS("msec", NS_PER_MS, "milliseconds"),
	UNIT_FORMS("us", NS_PER_US, "microseconds"),
	UNIT_FORMS("usec", NS_PER_US, "microseconds"),
	UNIT_FORMS("ns", 1, "nanoseconds"),
	UNIT_FORMS("nsec", 1, "nanoseconds"),
	UNIT_FORMS("jiffies", TAG_JIFFIES, "ticks of the kernel's clock"),
	{ "timer.hz(num)", TAG_HZ, "n times a second" },
	{ "timer.profile", TAG_PROFILE, "on every CPU at each tick of its clock" },
	{ "timer.profile.tick", TAG_PROFILE, "on every CPU at each tick of its clock" },
	{ "timer.profile.freq.hz(num)", TAG_PROFILE_HZ, "on every CPU n times a second" },
	{ 0 }
};

static void in_user_space(struct handler *handler, struct site *site, uint64_t interval,
			  uint64_t random)
{
	handler->trigger = TRIGGER_TIMER;
	site->entry = SITE_USER;
	site->attach.mech = MECH_TIMER;
	site->attach.interval_ns = interval;
	site->attach.random_ns = random;
}

static void in_kernel(struct handler *handler, struct site *site, bool is_freq, uint64_t period)
{
	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_PERF;
	site->section = "perf_event";
	site->attach.mech = MECH_PERF;
	site->attach.perf_type = PERF_TYPE_SOFTWARE;
	site->attach.perf_config = PERF_COUNT_SW_CPU_CLOCK;
	site->attach.perf_period = period;
	site->attach.perf_is_freq = is_freq;
}

/* As the script wrote it: what pp() gives. */
static const char *point_text(struct session *session, const struct point *point)
{
	const char *text = "";

	for (size_t i = 0; i < point->parts.count; i++) {
		const struct point_part *part = &point->parts.data[i];
		const char *arg = part->arg ? arena_printf(session->arena, "(%lld)",
							   (long long)part->arg->number) : "";

		text = arena_printf(session->arena, "%s%s%s%s", text, i ? "." : "", part->functor,
				    arg);
	}
	return text;
}

/* As SystemTap's: what is shorter would take the machine, what is longer is a mistake. */
static bool good_interval(int64_t tag, int64_t number)
{
	const int64_t least = 100 * NS_PER_US, most = 24 * 60 * 60 * (int64_t)NS_PER_S;

	if (number <= 0)
		return false;
	if (tag == TAG_JIFFIES)
		return number <= 1000000;
	if (tag < 0)
		return number <= NS_PER_S / least;
	return number <= most / tag && number * tag >= least;
}

static int bad_number(struct session *session, const struct probe_match *match)
{
	diag(session->diags, DIAG_PROBE_ARGUMENT, match->point->span, match->form->pattern,
	     "the interval is from 100 microseconds to a day, the randomization no more than it");
	return -1;
}

/* A period counts for one CPU only: every CPU has its own event, so the first one carries it. */
static void set_timer(struct session *session, struct handler *handler, struct site *site,
		      int64_t tag, int64_t number, int64_t random)
{
	int64_t unit = tag == TAG_JIFFIES ? NS_PER_S / elab_kernel_hz(session) : tag;

	if (tag == TAG_PROFILE || tag == TAG_PROFILE_HZ)
		in_kernel(handler, site, true,
			  tag == TAG_PROFILE ? elab_kernel_hz(session) : number);
	else if (tag == TAG_HZ && number <= 1000)
		in_user_space(handler, site, NS_PER_S / number, 0);
	else if (tag == TAG_HZ)
		in_kernel(handler, site, true, number);
	else if (unit * number >= NS_PER_MS)
		in_user_space(handler, site, unit * number, unit * random);
	else
		in_kernel(handler, site, false, unit * number);
	site->attach.one_cpu = tag != TAG_PROFILE && tag != TAG_PROFILE_HZ;
}

static int timer_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	int64_t tag = match->form->tag;
	int64_t number = match->arg_count ? match->args[0].number : 1;
	int64_t random = match->arg_count > 1 ? match->args[1].number : 0;

	if (!good_interval(tag, number) || random < 0 || random > number)
		return bad_number(session, match);
	struct handler *handler = elab_handler_new(elab, &probe_kind_timer, match->point);
	struct site *site = elab_site_new(elab, handler);

	set_timer(session, handler, site, tag, number, random);
	site->attach.name = site->listing = handler->name = point_text(session, match->point);
	return 1;
}

const struct probe_kind probe_kind_timer = { .name = "timer", .forms = forms,
					     .resolve = timer_resolve };
