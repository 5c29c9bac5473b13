/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perf.*: samples of a perf event, on every CPU. */
#include "translator/probes/kinds.h"

#include <linux/perf_event.h>
#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/elab/elab.h"
#include "translator/probes/process.h"
#include "translator/session.h"
#include "translator/util/diag.h"

enum { DEFAULT_SAMPLE = 1000000 };

/* perf.hw.NAME and perf.sw.NAME, as the kernel's header numbers them. */
#define EVENT(type, config) ((int64_t)(type) << 32 | (config))
#define HW(config) EVENT(PERF_TYPE_HARDWARE, PERF_COUNT_HW_##config)
#define SW(config) EVENT(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##config)
enum { RAW = -1, COUNTER = -2 };

static const struct probe_form forms[] = {
	{ "perf.type(num).config(num)", RAW, "every millionth event of that type and number" },
	{ "perf.type(num).config(num).sample(num)", RAW, "every n-th event" },
	{ "perf.type(num).config(num).hz(num)", RAW, "n samples a second" },
	{ "perf.type(num).config(num)[.sample(num)].process", RAW,
	  "while the target (-c, -x) runs" },
	{ "perf.type(num).config(num)[.sample(num)].process(str)", RAW,
	  "while that program runs" },
	{ "perf.type(num).config(num)[.sample(num)][.process(str)].counter(str)", COUNTER,
	  "a counter for @perf" },
#define NAMED(name, event)                                                                   \
	{ "perf." name, event, "every millionth such event" },                                \
	{ "perf." name ".sample(num)", event, "every n-th such event" },                      \
	{ "perf." name ".hz(num)", event, "n samples a second" },                             \
	{ "perf." name "[.sample(num)].process", event, "while the target (-c, -x) runs" },   \
	{ "perf." name "[.sample(num)].process(str)", event, "while that program runs" },     \
	{ "perf." name "[.sample(num)][.process(str)].counter(str)", COUNTER,                 \
	  "a counter for @perf" }
	NAMED("hw.cpu_cycles", HW(CPU_CYCLES)),
	NAMED("hw.instructions", HW(INSTRUCTIONS)),
	NAMED("hw.cache_references", HW(CACHE_REFERENCES)),
	NAMED("hw.cache_misses", HW(CACHE_MISSES)),
	NAMED("hw.branch_instructions", HW(BRANCH_INSTRUCTIONS)),
	NAMED("hw.branch_misses", HW(BRANCH_MISSES)),
	NAMED("hw.bus_cycles", HW(BUS_CYCLES)),
	NAMED("hw.stalled_cycles_frontend", HW(STALLED_CYCLES_FRONTEND)),
	NAMED("hw.stalled_cycles_backend", HW(STALLED_CYCLES_BACKEND)),
	NAMED("hw.ref_cpu_cycles", HW(REF_CPU_CYCLES)),
	NAMED("sw.cpu_clock", SW(CPU_CLOCK)),
	NAMED("sw.task_clock", SW(TASK_CLOCK)),
	NAMED("sw.page_faults", SW(PAGE_FAULTS)),
	NAMED("sw.context_switches", SW(CONTEXT_SWITCHES)),
	NAMED("sw.cpu_migrations", SW(CPU_MIGRATIONS)),
	NAMED("sw.page_faults_min", SW(PAGE_FAULTS_MIN)),
	NAMED("sw.page_faults_maj", SW(PAGE_FAULTS_MAJ)),
	NAMED("sw.alignment_faults", SW(ALIGNMENT_FAULTS)),
	NAMED("sw.emulation_faults", SW(EMULATION_FAULTS)),
	{ 0 }
};

static void set_event(struct site *site, const struct probe_match *match)
{
	const struct probe_arg *sample = probe_match_arg(match, "sample");
	const struct probe_arg *hz = probe_match_arg(match, "hz");
	int64_t event = match->form->tag;

	site->attach.perf_type = event == RAW ? match->args[0].number : event >> 32;
	site->attach.perf_config = event == RAW ? match->args[1].number : event & UINT32_MAX;
	site->attach.perf_is_freq = hz != NULL;
	site->attach.perf_period = hz ? hz->number : sample ? sample->number : DEFAULT_SAMPLE;
}

static const char *listing_of(struct session *session, const struct probe_match *match)
{
	const char *text = "";

	for (size_t i = 0; i < match->point->parts.count; i++) {
		const struct point_part *part = &match->point->parts.data[i];

		text = arena_printf(session->arena, "%s%s%s", text, i ? "." : "", part->functor);
		if (part->arg && part->arg->kind == EXPR_STRING)
			text = arena_printf(session->arena, "%s(\"%s\")", text,
					    part->arg->string.text);
		else if (part->arg)
			text = arena_printf(session->arena, "%s(%lld)", text,
					    (long long)part->arg->number);
	}
	return text;
}

/* .process: the target's events, or a program's, told by its file. */
static bool only_process(struct elab *elab, const struct probe_match *match,
			 struct handler *handler, struct site *site)
{
	const struct point_part *last = &vec_last(&match->point->parts);
	const struct probe_arg *program = probe_match_arg(match, "process");
	struct process_target target;

	if (strcmp(last->functor, "process") != 0)
		return true;
	if (!program) {
		site->attach.pid = -1;
		return true;
	}
	if (!process_open(elab, match, &target))
		return false;
	return elab_handler_filter(elab, handler, process_file_filter(&target, "__exe_is"));
}

static int perf_resolve(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);

	if (match->form->tag == COUNTER)
		return diag(session->diags, DIAG_PROBE_NOT_YET, match->point->span, "counter",
			    "@perf cannot read counters; without .counter the events are "
			    "sampled") - 1;
	for (size_t i = 0; i < match->arg_count; i++) {
		const char *functor = match->args[i].functor;
		bool counts = strcmp(functor, "sample") == 0 || strcmp(functor, "hz") == 0;

		if (!match->args[i].text && match->args[i].number < counts) {
			diag(session->diags, DIAG_PROBE_ARGUMENT, match->point->span, functor,
			     "it must be positive");
			return -1;
		}
	}
	struct handler *handler = elab_handler_new(elab, &probe_kind_perf, match->point);
	struct site *site = elab_site_new(elab, handler);

	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_PERF;
	site->section = "perf_event";
	site->attach.mech = MECH_PERF;
	set_event(site, match);
	site->attach.name = site->listing = handler->name = listing_of(session, match);
	return only_process(elab, match, handler, site) ? 1 : -1;
}

const struct probe_kind probe_kind_perf = { .name = "perf", .forms = forms,
					    .resolve = perf_resolve };
