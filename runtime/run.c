/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/run.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/autoprint.h"
#include "runtime/bpf-syscall.h"
#include "runtime/daemon.h"
#include "runtime/inputs.h"
#include "runtime/options.h"
#include "runtime/records.h"
#include "runtime/say.h"
#include "runtime/sink.h"
#include "runtime/stack.h"
#include "runtime/timers.h"
#include "runtime/vm-maps.h"
#include "runtime/vm.h"

#define STACK_TEXT 16384	/* bytes of the longest text of a stack in a handler here */

/* ---- opening ---- */

static int next_output(void *context)
{
	return output_next(context);
}

static int open_sink(struct run *run)
{
	static const enum sink_when colors[] = {
		[SAY_AUTO] = SINK_AUTO, [SAY_ALWAYS] = SINK_ALWAYS, [SAY_NEVER] = SINK_NEVER
	};
	struct sink_config config = {
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.color = colors[run->options->color],
		.escape = SINK_AUTO,
		.quiet_warnings = run->options->no_warnings,
		.limit = (uint64_t)run->options->rotate_bytes,
		.next = next_output,
		.context = &run->output,
	};

	run->output.pattern = run->options->output;
	run->output.limit = config.limit;
	run->output.keep = (uint32_t)run->options->rotate_keep;
	if (run->options->output)
		config.out = output_open(&run->output);
	if (config.out < 0)
		return config.out;
	run->sink = sink_open(&sink_kind_text, &config);
	return run->sink ? 0 : -ENOMEM;
}

/* Data of a program that is not loaded yet can be watched if it is known where it will be. */
static bool needs_fixed_addresses(const struct program *program)
{
	for (uint32_t i = 0; i < program->site_count; i++)
		if (program->sites[i].mech == MECH_WATCH && *program->sites[i].path)
			return true;
	return false;
}

static int open_target(struct run *run)
{
	if (run->options->command)
		return target_start(&run->target, run->options->command,
				    needs_fixed_addresses(run->program));
	if (run->options->pid)
		return target_watch(&run->target, (pid_t)run->options->pid);
	return 0;
}

static void session_begin(const struct run *run, struct abi_session *session)
{
	struct timespec wall;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &wall);
	localtime_r(&wall.tv_sec, &local);
	session->state = STATE_STARTING;
	session->max_errors = run->program->max_errors;
	session->suppress_errors = run->program->suppress_errors || run->options->suppress_errors;
	session->sequence = 1;
	session->target = (uint64_t)run->target.pid;
	session->start_ns = run_now();
	session->wall_offset_ns = (uint64_t)wall.tv_sec * 1000000000 + (uint64_t)wall.tv_nsec -
				  session->start_ns;
	session->pid = (uint64_t)getpid();
	session->gmtoff = local.tm_gmtoff;
	snprintf(session->zone, sizeof(session->zone), "%s", local.tm_zone);
}

static int open_load(struct run *run, const void *image, size_t size)
{
	struct load_config config = {
		.image = image, .size = size, .ring_bytes = run->options->ring_mb << 20
	};
	int rc;

	session_begin(run, &config.session);
	rc = load_open(&run->load, run->program, &config);
	if (!rc && run->load.ring_fd >= 0)
		rc = ring_open(&run->ring, run->load.ring_fd);
	return rc;
}

/* Does the script make texts of stacks or addresses? */
static bool uses_stacks(const struct program *program)
{
	static const char *const names[] = { "__stack", "__ustack", "__symbol", "__usymbol",
					     "__syms" };

	for (uint32_t i = 0; i < program->text_count; i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			if (!strcmp(program->texts[i], names[k]))
				return true;
	return false;
}

static int map_descriptor(const struct run *run, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(run->load.object, name);

	return map ? bpf_map__fd(map) : -1;
}

static void open_stacks(struct run *run)
{
	run->stacks = stacks_new();
	stacks_set_target(run->stacks, run->target.pid);
	if (run->load.object && uses_stacks(run->program)) {
		struct stacks_maps maps = { .stacks = map_descriptor(run, "sonde_stacks"),
					    .rows = map_descriptor(run, "sonde_rows"),
					    .spaces = map_descriptor(run, "sonde_spaces") };

		stacks_bind(run->stacks, &maps);
	}
}

static int open_globals(struct run *run)
{
	struct maps_config config = { .program = run->program, .session = run->load.session,
				     .stacks = run->stacks };
	int rc;

	run->maps = maps_new(&config);
	if (!run->maps)
		return -ENOMEM;
	rc = run->load.object ? load_bind(&run->load, run->maps) : 0;
	if (!rc)
		rc = maps_init(run->maps);
	if (rc)
		say_error("the script's globals cannot be set up: %s", strerror(-rc));
	return rc;
}

static int open_handlers(struct run *run)
{
	struct vm_config config = {
		.program = run->program,
		.maps = run->maps,
		.sink = run->sink,
		.session = run->load.session,
		.stacks = run->stacks,
		.least_width = uses_stacks(run->program) ? STACK_TEXT : 0,
		.abandon = &run_abandon,
	};
	char *error = NULL;

	run->vm = vm_new(&config, &error);
	if (!run->vm) {
		say_error("%s", error ? error : strerror(ENOMEM));
		free(error);
		return -EINVAL;
	}
	run->records = records_new(run->program, run->sink, run->load.session, run->stacks);
	run->timers = timers_new(run->program);
	run->costs = calloc(run->program->handler_count + 1, sizeof(struct run_cost));
	return run->records && run->timers && run->costs ? 0 : -ENOMEM;
}

/* The files of procfs probes are below the session's name, or its process. */
static int open_inputs(struct run *run)
{
	char name[32];

	snprintf(name, sizeof(name), "sonde_%d", (int)getpid());
	return inputs_open(&run->inputs, run->program,
			   run->options->name ? run->options->name : name);
}

static int run_open(struct run *run, const void *image, size_t size)
{
	int rc = run_loop_open();

	if (!rc)
		rc = open_sink(run);
	if (!rc)
		rc = open_target(run);
	if (!rc)
		rc = open_load(run, image, size);
	if (!rc) {
		open_stacks(run);
		rc = open_globals(run);
	}
	if (!rc)
		rc = open_handlers(run);
	if (!rc)
		rc = open_inputs(run);
	if (rc == -ENOMEM)
		say_error("out of memory");
	return rc;
}

/* ---- the session ---- */

static int run_attach(struct run *run)
{
	int rc;

	run->attach = (struct attach){ .program = run->program,
				       .load = &run->load,
				       .target = run->target.pid };
	if (!run->load.object)
		return 0;
	rc = attach_all(&run->attach);
	say_verbose(1, "Attached %u probes.", run->attach.attached);
	return rc;
}

/* Kernel handlers that have seen the session running may still be at work: waits until they are
 * done. */
static void run_quiesce(struct run *run)
{
	if (!run->load.object)
		return;
	run->missed = attach_missed(&run->attach);
	attach_close_begin(&run->attach);
	/* This waits for every CPU that executes BPF handlers now. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		attach_close(&run->attach);
}

static int run_session(struct run *run)
{
	struct abi_session *session = run->load.session;
	struct say_pass pass;
	uint64_t start;
	int rc = 0;

	run_trigger(run, TRIGGER_BEGIN, STATE_STARTING);
	run->began = true;
	sink_flush(run->sink);
	if (run_is_over(run))
		return 0;
	say_pass_begin(&pass);
	start = run_now();
	rc = run_attach(run);
	if (rc)
		return rc;
	run_cost_add(&run->arming, run_now() - start);
	say_pass_end(&pass, "attached");
	__atomic_store_n(&session->state, STATE_RUNNING, __ATOMIC_SEQ_CST);
	if (run->options->background) {
		sink_detach(run->sink);
		daemon_armed();
	}
	if (run->options->time_limit_ns)
		run->deadline_ns = run_now() + (uint64_t)run->options->time_limit_ns;
	rc = target_go(&run->target);
	if (!rc)
		run_loop(run);
	return rc;
}

/* @failed: the probes could not be armed. */
static void run_end(struct run *run, bool failed)
{
	struct abi_session *session = run->load.session;
	int rc;

	__atomic_store_n(&session->state, STATE_STOPPING, __ATOMIC_SEQ_CST);
	run_quiesce(run);
	/* A handler may have called exit() meanwhile. */
	__atomic_store_n(&session->state, STATE_STOPPING, __ATOMIC_SEQ_CST);
	run_drain(run);
	rc = maps_settle(run->maps);
	if (rc)
		sink_say(run->sink, SINK_ERROR, "arrays cannot be read: %s", strerror(-rc));
	failed = failed || run_has_failed(run) || run_skipped_out(run);
	run_trigger(run, failed ? TRIGGER_ERROR : TRIGGER_END, STATE_STOPPING);
	if (!failed && !run_has_failed(run) && run->program->autoprint &&
	    !run->options->no_autoprint && !run_abandon)
		autoprint(run->program, run->maps, run->sink);
	report_losses(run);
	if (run->options->timing)
		report_timing(run);
	sink_flush(run->sink);
}

static void run_close(struct run *run)
{
	timers_free(run->timers);
	inputs_close(run->inputs);
	records_free(run->records);
	vm_free(run->vm);
	maps_free(run->maps);
	stacks_free(run->stacks);
	attach_close(&run->attach);
	ring_close(&run->ring);
	load_close(&run->load);
	target_close(&run->target);
	free(run->costs);
	if (run->sink)
		sink_close(run->sink);
	output_close(&run->output);
}

/* The exit status. */
static int run_status(const struct run *run, int rc)
{
	const struct abi_session *session = run->load.session;

	if (target_status(&run->target))
		rc = rc ? rc : -ECHILD;
	if (!session || rc || run->skipped_out)
		return 1;
	return (session->errors && !session->suppress_errors) || sink_failed(run->sink) ? 1 : 0;
}

int run_program(const struct options *options, const struct program *program, const void *image,
		size_t size)
{
	struct run run = { .options = options, .program = program,
			   .output = { .fd = -1 }, .deadline_ns = UINT64_MAX };
	struct say_pass pass;
	int rc, status;

	say_pass_begin(&pass);
	rc = run_open(&run, image, size);
	if (!rc) {
		say_pass_end(&pass, "loaded");
		say_pass_begin(&pass);
		rc = run_session(&run);
		if (run.began)
			run_end(&run, rc != 0);
		say_pass_end(&pass, "run completed");
	}
	status = run_status(&run, rc);
	run_close(&run);
	return status;
}
