/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop: records are printed as they come, timers run when they are due. Kernel handlers do not
 * wake us for each record, that would cost them more than the record; so while they may print we
 * look by ourselves, often after a record and more and more seldom while it is quiet. exit() and
 * errors do wake us.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/inputs.h"
#include "runtime/records.h"
#include "runtime/run.h"
#include "runtime/sink.h"
#include "runtime/stack.h"
#include "runtime/timers.h"
#include "runtime/vm.h"

#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull
#define LOOK_OFTEN (1 * NS_PER_MS)
#define LOOK_SELDOM (10 * NS_PER_MS)
#define PIECE (1u << 20)	/* bytes of records between looks at timers and signals */

volatile sig_atomic_t run_interrupts, run_abandon, run_switch;
static int loop_event = -1;	/* written by the signal handler */

static void on_interrupt(int number)
{
	const uint64_t one = 1;
	int error = errno;

	(void)number;
	run_interrupts = run_interrupts + 1;
	if (run_interrupts > 1)
		run_abandon = 1;
	if (write(loop_event, &one, sizeof(one)) < 0)
		errno = error;
	errno = error;
}

static void on_switch(int number)
{
	const uint64_t one = 1;
	int error = errno;

	(void)number;
	run_switch = 1;
	if (write(loop_event, &one, sizeof(one)) < 0)
		errno = error;
	errno = error;
}

int run_loop_open(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;

	loop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop_event < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_switch;
	sigaction(SIGUSR2, &action, NULL);
	action.sa_handler = on_interrupt;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		/* nohup stays in force. SIGINT does not: shells ignore it for each background
		 * job. */
		if (signals[i] == SIGHUP && sigaction(SIGHUP, NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
	}
	return 0;
}

uint64_t run_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void take_record(void *context, const void *record, size_t size)
{
	records_decode(context, record, size);
}

static size_t drain_piece(struct run *run, size_t limit)
{
	return run->ring.data ? ring_consume(&run->ring, limit, take_record, run->records) : 0;
}

void run_drain(struct run *run)
{
	drain_piece(run, SIZE_MAX);
}

/* Handlers see what time it is by an offset; the clock may have been set meanwhile. */
static void refresh_clock(struct run *run, uint64_t now)
{
	static uint64_t last;
	struct timespec wall;

	if (now - last < NS_PER_S)
		return;
	last = now;
	stacks_poll(run->stacks);
	clock_gettime(CLOCK_REALTIME, &wall);
	run->load.session->wall_offset_ns =
		(uint64_t)wall.tv_sec * NS_PER_S + (uint64_t)wall.tv_nsec - run_now();
}

/* Timers that are due. What the kernel handlers printed before stands before what a timer
 * prints. */
static void run_timers(struct run *run)
{
	uint64_t now = run_now();
	uint32_t handler;

	while (!run_is_over(run) && (handler = timers_take(run->timers, now)) != UINT32_MAX) {
		run_drain(run);
		run_handler(run, handler);
	}
}

/* What was typed or written to a file, and who reads one. */
static void run_inputs(struct run *run)
{
	struct inputs_event event;

	while (!run_is_over(run) && inputs_take(run->inputs, &event)) {
		const char *answer;
		uint32_t length;

		run_drain(run);
		vm_set_value(run->vm, event.text, (uint32_t)event.length);
		run_handler(run, event.handler);
		answer = vm_get_value(run->vm, &length);
		if (event.wants_answer)
			inputs_answer(run->inputs, answer, length);
		sink_flush(run->sink);
	}
}

static void switch_output(struct run *run)
{
	int fd;

	if (!run_switch || !run->output.pattern)
		return;
	run_switch = 0;
	sink_flush(run->sink);
	fd = output_next(&run->output);
	if (fd >= 0)
		sink_redirect(run->sink, fd);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When we have to go on whatever happens. */
static uint64_t wake_time(const struct run *run, uint64_t now, uint64_t look_ns)
{
	uint64_t until = earlier(timers_next(run->timers), run->deadline_ns);

	until = earlier(until, inputs_next(run->inputs, now));
	if (run->load.object)	/* clock and counters */
		until = earlier(until, now + NS_PER_S);
	if (run->ring.data && !run->program->kernel_silent)
		until = earlier(until, now + look_ns);
	if (run->target.pid && run->target.pidfd < 0)
		until = earlier(until, now + LOOK_SELDOM);
	return until < now ? now : until;
}

/* A ring buffer that is not empty makes its descriptor ready: it is watched while it is quiet
 * only. */
static bool ring_is_watched(const struct run *run, uint64_t look_ns)
{
	return run->ring.data && (run->program->kernel_silent || look_ns > LOOK_OFTEN) &&
	       ring_is_empty(&run->ring);
}

static void wait_for_something(struct run *run, uint64_t look_ns)
{
	struct pollfd fds[] = {
		{ .fd = loop_event, .events = POLLIN },
		{ .fd = run->target.pid && !run->target.ended ? run->target.pidfd : -1,
		  .events = POLLIN },
		{ .fd = ring_is_watched(run, look_ns) ? run->load.ring_fd : -1, .events = POLLIN },
		{ .fd = inputs_descriptor(run->inputs), .events = POLLIN },
	};
	uint64_t now = run_now(), until = wake_time(run, now, look_ns), count;
	struct timespec timeout = {
		.tv_sec = (time_t)((until - now) / NS_PER_S),
		.tv_nsec = (long)((until - now) % NS_PER_S),
	};

	if (ppoll(fds, 4, until == UINT64_MAX ? NULL : &timeout, NULL) > 0 && fds[0].revents &&
	    read(loop_event, &count, sizeof(count)) < 0)
		return;
}

void run_loop(struct run *run)
{
	uint64_t look = LOOK_OFTEN;

	timers_start(run->timers, run_now());
	while (!run_is_over(run)) {
		size_t taken = drain_piece(run, PIECE);

		switch_output(run);
		refresh_clock(run, run_now());
		run_timers(run);
		run_inputs(run);
		if (run_now() >= run->deadline_ns || target_poll(&run->target) ||
		    sink_failed(run->sink) || run_skipped_out(run))
			break;
		if (taken >= PIECE)
			continue;
		look = taken ? LOOK_OFTEN : earlier(look + look / 2, LOOK_SELDOM);
		sink_flush(run->sink);
		if (!run_is_over(run))
			wait_for_something(run, look);
	}
}
