/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/aggr.h"
#include "runtime/bpf-syscall.h"
#include "runtime/options.h"
#include "runtime/records.h"
#include "runtime/run.h"
#include "runtime/say.h"
#include "runtime/sink.h"
#include "runtime/vm-maps.h"

/* Runs that the kernel left out because a program was running on that CPU already. */
static uint64_t recursion_missed(const struct run *run)
{
	struct bpf_program *program;
	uint64_t missed = 0;

	if (!run->load.object)
		return 0;
	bpf_object__for_each_program(program, run->load.object) {
		int fd = bpf_program__fd(program);

		missed += fd >= 0 ? bpfsys_prog_missed(fd) : 0;
	}
	return missed;
}

static const char *const skip_texts[SKIP_COUNT] = {
	[SKIP_SCRATCH] = "too little scratch memory",
	[SKIP_TORN] = "a string that changed all the time",
	[SKIP_OTHER] = "other reasons",
};

/* "Number of errors: 1, skipped probes: 2"; with -t or -v, why. */
static void report_skipped(struct run *run)
{
	const struct abi_session *session = run->load.session;
	uint64_t missed = recursion_missed(run) + run->missed, skipped = missed;
	bool why = run->options->timing || say_is_verbose(1);

	for (int i = 0; i < SKIP_COUNT; i++)
		skipped += session->skipped[i];
	if (session->errors || skipped)
		sink_say(run->sink, SINK_WARNING, "Number of errors: %lld, skipped probes: %llu",
			 (long long)session->errors, (unsigned long long)skipped);
	if (why && missed)
		sink_say(run->sink, SINK_WARNING, "Skipped due to reentrancy: %llu",
			 (unsigned long long)missed);
	for (int i = 0; i < SKIP_COUNT; i++)
		if (why && session->skipped[i])
			sink_say(run->sink, SINK_WARNING, "Skipped due to %s: %llu", skip_texts[i],
				 (unsigned long long)session->skipped[i]);
}

void report_losses(struct run *run)
{
	const struct abi_session *session = run->load.session;
	unsigned long damaged = run->records ? records_damaged(run->records) : 0;

	if (session->wrapped)
		say_verbose(1, "%llu elements of wrapping arrays were dropped.",
			    (unsigned long long)session->wrapped);
	if (session->lost)
		sink_say(run->sink, SINK_WARNING,
			 "%llu records of output were lost: the ring buffer was full "
			 "(-s makes it larger)",
			 (unsigned long long)session->lost);
	if (session->stacks_lost)
		sink_say(run->sink, SINK_WARNING,
			 "%llu stacks were lost: the ring buffer (-s makes it larger) or the "
			 "table of stacks was full",
			 (unsigned long long)session->stacks_lost);
	if (damaged)
		sink_say(run->sink, SINK_WARNING, "%lu records of output were damaged", damaged);
	report_skipped(run);
}

/* ---- -t ---- */

__attribute__((format(printf, 2, 3))) static void timing_line(struct run *run, const char *format,
							      ...)
{
	char line[2048];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > 0)
		sink_text(run->sink, line, strlen(line));
}

static void handler_place(const struct run *run, uint32_t place, char *buf, size_t size)
{
	const struct program_place *at;

	snprintf(buf, size, "<unknown>");
	if (place >= run->program->place_count)
		return;
	at = &run->program->places[place];
	snprintf(buf, size, "%s:%u:%u", at->file, at->line, at->column);
}

/* "hits: 5, nsecs: 1min/2avg/3max, variance: 4" */
struct cost_line {
	uint64_t hits, least, total, most, variance;
};

static const char *cost_text(const struct cost_line *cost, char *buf, size_t size)
{
	snprintf(buf, size, "hits: %llu, nsecs: %llumin/%lluavg/%llumax, variance: %llu",
		 (unsigned long long)cost->hits, (unsigned long long)cost->least,
		 (unsigned long long)(cost->total / cost->hits), (unsigned long long)cost->most,
		 (unsigned long long)cost->variance);
	return buf;
}

static struct cost_line cost_user(const struct run_cost *cost)
{
	return (struct cost_line){ cost->hits, cost->least, cost->total, cost->most,
		cost->hits > 1 ? (uint64_t)(cost->squares / (double)(cost->hits - 1)) : 0 };
}

/* What the kernel's handlers counted; @index: of the array that they did it in. */
static struct cost_line cost_kernel(const struct run *run, uint32_t index, uint32_t handler)
{
	const struct abi_agg *agg = &run->program->globals[index].agg;
	struct maps_value key = { .number = handler };
	const uint64_t *words = maps_stat(run->maps, index, &key);
	struct cost_line cost = { 0 };

	if (!words || aggr_is_empty(agg, words))
		return cost;
	cost.hits = aggr_count(agg, words);
	cost.least = (uint64_t)aggr_stat(agg, words, IR_STAT_MIN);
	cost.total = (uint64_t)aggr_stat(agg, words, IR_STAT_SUM);
	cost.most = (uint64_t)aggr_stat(agg, words, IR_STAT_MAX);
	cost.variance = (uint64_t)aggr_stat(agg, words, IR_STAT_VARIANCE);
	return cost;
}

static uint32_t timing_global(const struct program *program)
{
	uint32_t i = 0;

	while (i < program->global_count &&
	       (program->globals[i].home != HOME_MAP ||
		strcmp(program->globals[i].map_name, PROGRAM_TIMING)))
		i++;
	return i;
}

/* The point of a handler: what it became where that is one. */
static const char *handler_point(const struct program *program, uint32_t handler)
{
	const char *point = NULL;

	for (uint32_t i = 0; i < program->site_count; i++) {
		if (program->sites[i].handler != handler)
			continue;
		if (point)
			return program->handlers[handler].name;
		point = program->sites[i].name;
	}
	return point ? point : program->handlers[handler].name;
}

static void timing_handler(struct run *run, uint32_t index, const struct cost_line *cost)
{
	const struct program_handler *handler = &run->program->handlers[index];
	char place[512], text[256];

	if (!cost->hits)
		return;
	handler_place(run, handler->place, place, sizeof(place));
	timing_line(run, "%s, (%s), %s, from: %s, index: %u\n",
		    handler_point(run->program, index), place,
		    cost_text(cost, text, sizeof(text)), handler->origin, index);
}

void report_timing(struct run *run)
{
	uint32_t kernel = timing_global(run->program);
	struct cost_line cost;
	char text[256];

	/* The space is SystemTap's. */
	timing_line(run, "----- probe hit report: \n");
	for (uint32_t i = 0; i < run->program->handler_count; i++) {
		cost = cost_user(&run->costs[i]);
		if (!cost.hits && kernel < run->program->global_count)
			cost = cost_kernel(run, kernel, i);
		timing_handler(run, i, &cost);
	}
	timing_line(run, "----- refresh report:\n----- module init report:\n");
	cost = cost_user(&run->arming);
	if (cost.hits)
		timing_line(run, "%s\n", cost_text(&cost, text, sizeof(text)));
	if (run->load.object && kernel == run->program->global_count)
		sink_say(run->sink, SINK_WARNING,
			 "-t: the program was translated without it, its kernel handlers are not "
			 "timed");
}
