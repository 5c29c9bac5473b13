/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: 4 threads of a CPU in slow(page), whose page comes when slow("quick") has run three times
//# cc: gcc
//# opt: O2
//# libs: -lpthread
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 64, PAGE = 4096 };

__attribute__((noinline)) void slow(const char *text)
{
	__asm__ volatile("" : : "r"(text) : "memory");
}

static void *thread_run(void *page)
{
	slow(page);
	return NULL;
}

/* One CPU for all threads. */
static void cpu_pin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(2);
}

/* Whoever touches these pages waits. */
static int pages_guard(char *pages, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register region = { .range = { (unsigned long)pages, size },
					  .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &region))
		exit(2);
	return fd;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 4, fd;
	char *pages = mmap(NULL, MOST * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	struct uffdio_zeropage zero = { .range = { (unsigned long)pages, MOST * PAGE } };
	pthread_t threads[MOST];
	struct uffd_msg message;

	alarm(15);
	cpu_pin();
	fd = pages_guard(pages, MOST * PAGE);
	for (int i = 0; i < count; i++) {
		pthread_create(&threads[i], NULL, thread_run, pages + i * PAGE);
		if (read(fd, &message, sizeof(message)) != sizeof(message))
			return 2;
	}
	for (int i = 0; i < 3; i++)
		slow("quick");
	if (ioctl(fd, UFFDIO_ZEROPAGE, &zero))
		return 2;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
