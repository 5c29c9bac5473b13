/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "translator/timing.h"

static long long of_timeval(struct timeval tv)
{
	return tv.tv_sec * 1000000000LL + tv.tv_usec * 1000LL;
}

struct timing timing_start(void)
{
	struct timing now;
	struct timespec clock;
	struct rusage usage;

	clock_gettime(CLOCK_MONOTONIC, &clock);
	getrusage(RUSAGE_SELF, &usage);
	now.real = clock.tv_sec * 1000000000LL + clock.tv_nsec;
	now.user = of_timeval(usage.ru_utime);
	now.system = of_timeval(usage.ru_stime);
	return now;
}

static double milliseconds(long long from, long long to)
{
	return (double)(to - from) / 1e6;
}

void timing_report(const struct timing *start, int pass, const char *what)
{
	struct timing now = timing_start();
	long pages[6] = { 0 };	/* size resident shared text lib data */
	long page = sysconf(_SC_PAGESIZE) / 1024;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file) {
		if (fscanf(file, "%ld %ld %ld %ld %ld %ld", &pages[0], &pages[1], &pages[2],
			   &pages[3], &pages[4], &pages[5]) != 6)
			pages[0] = 0;
		fclose(file);
	}
	fprintf(stderr,
		"Pass %d: %s using %ldvirt/%ldres/%ldshr/%lddata kb, "
		"in %.1fusr/%.1fsys/%.1freal ms.\n",
		pass, what, pages[0] * page, pages[1] * page, pages[2] * page, pages[5] * page,
		milliseconds(start->user, now.user), milliseconds(start->system, now.system),
		milliseconds(start->real, now.real));
}
