/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/bpf-syscall.h"
#include "runtime/options.h"
#include "runtime/records.h"
#include "runtime/run.h"
#include "runtime/say.h"
#include "runtime/sink.h"

/* Runs that the kernel left out because a program was running on that CPU already. */
static uint64_t recursion_missed(const struct run *run)
{
	struct bpf_program *program;
	uint64_t missed = 0;

	if (!run->load.object)
		return 0;
	bpf_object__for_each_program(program, run->load.object) {
		struct bpfsys_counts counts;
		int fd = bpf_program__fd(program);

		if (fd >= 0 && bpfsys_prog_counts(fd, &counts) == 0)
			missed += counts.missed;
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
static const char *cost_text(const struct run_cost *cost, char *buf, size_t size)
{
	snprintf(buf, size, "hits: %llu, nsecs: %llumin/%lluavg/%llumax, variance: %llu",
		 (unsigned long long)cost->hits, (unsigned long long)cost->least,
		 (unsigned long long)(cost->total / cost->hits), (unsigned long long)cost->most,
		 cost->hits > 1 ? (unsigned long long)(cost->squares / (double)(cost->hits - 1))
				: 0);
	return buf;
}

static void timing_user(struct run *run, uint32_t index)
{
	const struct program_handler *handler = &run->program->handlers[index];
	const struct run_cost *cost = &run->costs[index];
	char place[512], text[256];

	if (!cost->hits)
		return;
	handler_place(run, handler->place, place, sizeof(place));
	timing_line(run, "%s, (%s), %s, from: %s, index: %u\n", handler->name, place,
		    cost_text(cost, text, sizeof(text)), handler->origin, index);
}

/* A program of the kernel: it counts all its sites together, and no extremes. */
static void timing_kernel(struct run *run, uint32_t site_index)
{
	const struct program_site *site = &run->program->sites[site_index];
	const struct program_handler *handler = &run->program->handlers[site->handler];
	struct bpfsys_counts counts;
	char place[512];

	for (uint32_t i = 0; i < site_index; i++)
		if (run->load.programs[i] == run->load.programs[site_index])
			return;
	if (bpfsys_prog_counts(bpf_program__fd(run->load.programs[site_index]), &counts) ||
	    !counts.runs)
		return;
	handler_place(run, handler->place, place, sizeof(place));
	timing_line(run, "%s, (%s), hits: %llu, nsecs: %lluavg, from: %s, index: %u\n", site->name,
		    place, (unsigned long long)counts.runs,
		    (unsigned long long)(counts.time_ns / counts.runs), handler->origin,
		    site->handler);
}

void report_timing(struct run *run)
{
	char text[256];

	/* The space is SystemTap's. */
	timing_line(run, "----- probe hit report: \n");
	for (uint32_t i = 0; run->load.programs && i < run->program->site_count; i++)
		if (run->load.programs[i])
			timing_kernel(run, i);
	for (uint32_t i = 0; i < run->program->handler_count; i++)
		timing_user(run, i);
	timing_line(run, "----- refresh report:\n----- module init report:\n");
	if (run->arming.hits)
		timing_line(run, "%s\n", cost_text(&run->arming, text, sizeof(text)));
}
