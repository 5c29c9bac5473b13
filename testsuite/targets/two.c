/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: two threads that call hit() as often as the argument says
//# cc: gcc
//# opt: O2
//# libs: -lpthread
#include <pthread.h>
#include <stdlib.h>

static long times;

__attribute__((noinline)) void hit(long n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

static void *work(void *unused)
{
	for (long i = 0; i < times; i++)
		hit(i);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	times = argc > 1 ? atol(argv[1]) : 1000;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
