/* SPDX-License-Identifier: GPL-2.0-or-later */
//# opt: O1
//# libs: -lpthread
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) int work(int n)
{
	__asm__ volatile("" : "+r"(n));
	return n;
}

static void *thread(void *unused)
{
	(void)unused;
	work(3);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;

	if (argc > 1) {
		work(2);
		return 0;
	}
	if (!fork()) {
		work(1);
		execl(argv[0], argv[0], "again", (char *)NULL);
	}
	wait(NULL);
	pthread_create(&t, NULL, thread, NULL);
	pthread_join(t, NULL);
	return 0;
}
