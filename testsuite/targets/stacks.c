/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: comes to leaf() by known ways: chain, deep N, array (frames of variable size), sort (from
//# about: inside libc), thread, signal; "many N" the chain N times
//# cc: gcc clang
//# opt: O0 O2
//# flags: -g -fomit-frame-pointer -Wno-stack-usage
//# libs: -lpthread
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Nothing is a tail call. */
#define STAY __asm__ volatile("" : : : "memory")
#define OWN __attribute__((noinline, noclone))
#ifdef __clang__
#undef OWN
#define OWN __attribute__((noinline))
#endif

volatile int sink;

OWN void leaf(int n)
{
	sink += n;
	STAY;
}

OWN void inner(int n)
{
	leaf(n + 1);
	STAY;
}

OWN void middle(int n)
{
	inner(n + 1);
	STAY;
}

OWN void outer(int n)
{
	middle(n + 1);
	STAY;
}

OWN void deep(int n)
{
	if (n > 0)
		deep(n - 1);
	else
		leaf(n);
	STAY;
}

OWN void array(int n)
{
	char *bytes = __builtin_alloca((size_t)n * 100 + 16);

	memset(bytes, n, (size_t)n * 100 + 16);
	sink += bytes[n];
	middle(n);
	STAY;
}

OWN int compare(const void *a, const void *b)
{
	leaf(1);
	STAY;
	return *(const int *)a - *(const int *)b;
}

static void *thread(void *unused)
{
	outer(1);
	STAY;
	return unused;
}

static void handler(int number)
{
	inner(number);
	STAY;
}

static int run(const char *what, int n)
{
	int pair[2] = { 2, 1 };
	pthread_t made;

	if (!strcmp(what, "deep")) {
		deep(n);
	} else if (!strcmp(what, "array")) {
		array(n);
	} else if (!strcmp(what, "sort")) {
		qsort(pair, 2, sizeof(*pair), compare);
	} else if (!strcmp(what, "thread")) {
		if (pthread_create(&made, NULL, thread, NULL) || pthread_join(made, NULL))
			return 1;
	} else if (!strcmp(what, "signal")) {
		signal(SIGUSR1, handler);
		raise(SIGUSR1);
	} else {
		for (int i = 0; i < n; i++)
			outer(i);
	}
	return 0;
}

int main(int argc, char **argv)
{
	return run(argc > 1 ? argv[1] : "chain", argc > 2 ? atoi(argv[2]) : 1);
}
