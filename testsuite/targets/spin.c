/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: spin CALLS [THREADS [s]]: each thread, on its CPU, calls work() (s: getppid) CALLS times
/* and prints nanoseconds of CPU time for each call. */
//# cc: gcc
//# opt: O2
//# flags: -g -fno-omit-frame-pointer -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 64 };

static long calls = 1000;
static int system_calls;

/* starts with push %rbp, which the kernel emulates */
__attribute__((noinline, optimize("O0"))) void work(long n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

static void *run(void *index)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((long)index % sysconf(_SC_NPROCESSORS_ONLN), &set);
	pthread_setaffinity_np(pthread_self(), sizeof set, &set);
	for (long i = 0; i < calls && !system_calls; i++)
		work(i);
	for (long i = 0; i < calls && system_calls; i++)
		syscall(SYS_getppid);
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 2 ? atoi(argv[2]) : 1;
	pthread_t id[MAX_THREADS];
	struct timespec a, b;

	if (argc > 1)
		calls = atol(argv[1]);
	system_calls = argc > 3;
	if (threads > MAX_THREADS)
		return 2;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (long i = 0; i < threads; i++)
		pthread_create(&id[i], NULL, run, (void *)i);
	for (int i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	fprintf(stderr, "%.1f\n",
		((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / calls);
	return 0;
}
