/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run of a program: load, begin handlers, attach, poll, drain, end handlers, report.
 *   run.c           what is made and freed, and in which order
 *   run-handlers.c  handlers of the VM by trigger
 *   run-loop.c      waiting, the ring buffer, timers, signals
 *   report.c        -t, losses, skipped probes
 *
 * run_program() is the entry point; everything is freed when it returns. struct run is for the
 * four files.
 */
#ifndef SONDE_RUNTIME_RUN_H
#define SONDE_RUNTIME_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/attach.h"
#include "runtime/load.h"
#include "runtime/output.h"
#include "runtime/program.h"
#include "runtime/ring.h"
#include "runtime/target.h"

struct inputs;
struct maps;
struct options;
struct records;
struct sink;
struct stacks;
struct timers;
struct vm;

/* Cost of a handler, in nanoseconds, for -t. */
struct run_cost {
	uint64_t hits, total, least, most;
	double mean, squares;		/* Welford: the variance is squares / (hits - 1) */
};
void run_cost_add(struct run_cost *cost, uint64_t spent);

struct run {
	const struct options *options;
	const struct program *program;
	struct load load;
	struct attach attach;
	struct target target;
	struct ring ring;
	struct timers *timers;
	struct inputs *inputs;		/* NULL: no probe is of standard input or of files */
	struct sink *sink;
	struct maps *maps;
	struct stacks *stacks;
	struct vm *vm;
	struct records *records;
	struct run_cost *costs;		/* by handler */
	struct run_cost arming;		/* of the probes */
	struct output output;		/* -o */
	uint64_t deadline_ns;		/* -T; UINT64_MAX: none */
	uint64_t missed;		/* by the mechanisms themselves */
	bool skipped_out;		/* more than MAXSKIPPED */
	bool began;			/* begin handlers have run, so end handlers are due */
};

/* Runs the program of the ELF image. Gives the exit status. */
int run_program(const struct options *options, const struct program *program, const void *image,
		size_t size);

/* ---- between the files ---- */

/* Interrupts so far (SIGINT, SIGTERM, SIGHUP): the first one ends the session, the second one
 * at once. */
extern volatile sig_atomic_t run_interrupts;
/* SIGUSR2: the output is to go on in the next file. */
extern volatile sig_atomic_t run_switch;
/* Non-zero: the handler that runs is to be left. */
extern volatile sig_atomic_t run_abandon;

uint64_t run_now(void);

/* Runs the handlers of @trigger by priority, while @state is the session's. */
void run_trigger(struct run *run, enum program_trigger trigger, enum abi_state state);
void run_handler(struct run *run, uint32_t handler);
/* Is the session over: exit(), too many errors, an interrupt? */
bool run_is_over(const struct run *run);
bool run_has_failed(const struct run *run);
/* More handler runs were left out than the script allows; the first time, it is said. */
bool run_skipped_out(struct run *run);

/* Catches signals from now on. 0 or a negative errno. */
int run_loop_open(void);
/* Returns when the session is over. */
void run_loop(struct run *run);
/* Prints what is in the ring buffer now. */
void run_drain(struct run *run);

/* What was lost or skipped, and the number of errors, as warnings. */
void report_losses(struct run *run);
/* -t */
void report_timing(struct run *run);

#endif
