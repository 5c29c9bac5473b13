/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/timers.h"

#include <stdlib.h>
#include <sys/random.h>

#include "runtime/program.h"

struct timer {
	const struct program_site *site;
	uint64_t due_ns;
};

struct timers {
	struct timer *all;
	uint32_t count;
	uint64_t seed;
};

struct timers *timers_new(const struct program *program)
{
	struct timers *timers = calloc(1, sizeof(*timers));

	if (!timers)
		return NULL;
	timers->all = calloc(program->site_count + 1, sizeof(struct timer));
	if (!timers->all) {
		free(timers);
		return NULL;
	}
	for (uint32_t i = 0; i < program->site_count; i++)
		if (program->sites[i].mech == MECH_TIMER && program->sites[i].interval_ns)
			timers->all[timers->count++].site = &program->sites[i];
	return timers;
}

/* xorshift64*: enough to keep timers from marching in step with what they watch. */
static uint64_t timers_random(struct timers *timers)
{
	while (!timers->seed)
		if (getrandom(&timers->seed, sizeof(timers->seed), GRND_INSECURE) < 0)
			timers->seed = (uint64_t)(uintptr_t)timers;
	timers->seed ^= timers->seed >> 12;
	timers->seed ^= timers->seed << 25;
	timers->seed ^= timers->seed >> 27;
	return timers->seed * 0x2545f4914f6cdd1dull;
}

/* .randomize(m): each interval is longer or shorter by up to m. */
static uint64_t timer_interval(struct timers *timers, const struct program_site *site)
{
	uint64_t interval = site->interval_ns, random = site->random_ns;

	if (!random)
		return interval;
	if (random > interval)
		random = interval;
	interval = interval - random + timers_random(timers) % (2 * random + 1);
	return interval ? interval : 1;
}

void timers_start(struct timers *timers, uint64_t now_ns)
{
	for (uint32_t i = 0; i < timers->count; i++)
		timers->all[i].due_ns = now_ns + timer_interval(timers, timers->all[i].site);
}

uint64_t timers_next(const struct timers *timers)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < timers->count; i++)
		if (timers->all[i].due_ns < next)
			next = timers->all[i].due_ns;
	return next;
}

uint32_t timers_take(struct timers *timers, uint64_t now_ns)
{
	struct timer *first = NULL;
	uint64_t interval;

	for (uint32_t i = 0; i < timers->count; i++)
		if (timers->all[i].due_ns <= now_ns &&
		    (!first || timers->all[i].due_ns < first->due_ns))
			first = &timers->all[i];
	if (!first)
		return UINT32_MAX;
	interval = timer_interval(timers, first->site);
	first->due_ns += interval;
	if (first->due_ns <= now_ns)
		first->due_ns += (now_ns - first->due_ns) / interval * interval + interval;
	return first->site->handler;
}

void timers_free(struct timers *timers)
{
	if (!timers)
		return;
	free(timers->all);
	free(timers);
}
