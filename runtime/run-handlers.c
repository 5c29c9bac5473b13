/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "runtime/options.h"
#include "runtime/run.h"
#include "runtime/sink.h"
#include "runtime/vm.h"

bool run_has_failed(const struct run *run)
{
	const struct abi_session *session = run->load.session;

	return __atomic_load_n(&session->errors, __ATOMIC_RELAXED) > session->max_errors &&
	       !session->suppress_errors;
}

bool run_skipped_out(struct run *run)
{
	const struct abi_session *session = run->load.session;
	uint64_t skipped = 0;

	for (int i = 0; i < SKIP_COUNT; i++)
		skipped += session->skipped[i];
	if (run->skipped_out || session->suppress_errors || run->program->max_skipped < 0 ||
	    skipped <= (uint64_t)run->program->max_skipped)
		return run->skipped_out;
	sink_say(run->sink, SINK_ERROR,
		 "Skipped too many probes, check MAXSKIPPED or try again with -t for more "
		 "details.");
	run->skipped_out = true;
	return true;
}

bool run_is_over(const struct run *run)
{
	const struct abi_session *session = run->load.session;

	return run_interrupts || __atomic_load_n(&session->exit_called, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&session->state, __ATOMIC_RELAXED) == STATE_STOPPING ||
	       run_has_failed(run);
}

void run_cost_add(struct run_cost *cost, uint64_t spent)
{
	double off = (double)spent - cost->mean;

	cost->hits++;
	cost->mean += off / (double)cost->hits;
	cost->squares += off * ((double)spent - cost->mean);
	cost->total += spent;
	if (spent < cost->least || cost->hits == 1)
		cost->least = spent;
	if (spent > cost->most)
		cost->most = spent;
}

void run_handler(struct run *run, uint32_t handler)
{
	uint64_t begin = run->options->timing ? run_now() : 0;

	vm_run_handler(run->vm, handler);
	if (run->options->timing)
		run_cost_add(&run->costs[handler], run_now() - begin);
}

/* Among handlers of @trigger the next one behind (@priority, @index); UINT32_MAX: none. */
static uint32_t trigger_next(const struct program *program, enum program_trigger trigger,
			     int64_t priority, uint32_t index)
{
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < program->handler_count; i++) {
		const struct program_handler *handler = &program->handlers[i];

		if (handler->trigger != trigger || handler->priority < priority ||
		    (handler->priority == priority && i <= index && index != UINT32_MAX))
			continue;
		if (best == UINT32_MAX || handler->priority < program->handlers[best].priority)
			best = i;
	}
	return best;
}

void run_trigger(struct run *run, enum program_trigger trigger, enum abi_state state)
{
	uint32_t i = trigger_next(run->program, trigger, INT64_MIN, UINT32_MAX);

	while (i != UINT32_MAX && run->load.session->state == state) {
		run_handler(run, i);
		/* Begin handlers end with exit() or an error, end handlers do not. */
		if (run_abandon || (state == STATE_STARTING && run_is_over(run)))
			return;
		i = trigger_next(run->program, trigger, run->program->handlers[i].priority, i);
	}
}
