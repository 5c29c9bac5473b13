/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: pinned N: two threads on one CPU, each calls text(who, n, "wWHO-N-...") N times
//# cc: gcc
//# opt: O2
//# libs: -lpthread
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static long times;

__attribute__((noinline)) void text(long who, long n, const char *s)
{
	__asm__ volatile("" : : "r"(who), "r"(n), "r"(s) : "memory");
}

static void *work(void *who)
{
	char s[128];

	for (long n = 0; n < times; n++) {
		snprintf(s, sizeof(s), "w%ld-%ld-the text of a thread, longer than a few words",
			 (long)who, n);
		text((long)who, n, s);
	}
	return NULL;
}

/* Threads inherit it. */
static void pin(void)
{
	cpu_set_t allowed, one;
	int cpu = 0;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	times = argc > 1 ? atol(argv[1]) : 1000;
	pin();
	for (long i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
