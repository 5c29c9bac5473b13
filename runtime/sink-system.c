/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the script does outside of the output: system() and printk().
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/buf.h"
#include "runtime/sink.h"

#define SYSTEM_WAIT_MS 100

extern char **environ;

/* Commands of system() that have not been seen to end. */
static pid_t *children;
static size_t child_count, child_room;

static void child_keep(pid_t pid)
{
	if (child_count == child_room) {
		size_t room = child_room ? 2 * child_room : 16;
		pid_t *more = realloc(children, room * sizeof(*more));

		if (!more)
			return;	/* the child is reaped by nobody, and that is all */
		children = more;
		child_room = room;
	}
	children[child_count++] = pid;
}

static void children_reap(int flags)
{
	size_t kept = 0;

	for (size_t i = 0; i < child_count; i++) {
		pid_t got;

		do
			got = waitpid(children[i], NULL, flags);
		while (got < 0 && errno == EINTR && flags);
		/* Without WNOHANG a signal ends the waiting: the user is impatient. */
		if (got == 0)
			children[kept++] = children[i];
	}
	child_count = kept;
}

static void child_wait(pid_t pid, int timeout_ms)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		poll(&wait, 1, timeout_ms);
		close(fd);
	}
	children_reap(WNOHANG);
}

static int child_spawn(pid_t *pid, char *command, int out)
{
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, command, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	int error;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	if (out != STDOUT_FILENO)
		posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	error = posix_spawn(pid, "/bin/sh", &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return error;
}

void sink_system(struct sink *sink, const char *command, size_t size)
{
	struct buf text = { 0 };
	pid_t pid;
	int error;

	sink_flush(sink);
	buf_add(&text, command, size);
	error = child_spawn(&pid, text.data, sink->config.out);
	buf_free(&text);
	if (error) {
		sink_say(sink, SINK_WARNING, "system(): /bin/sh cannot be started: %s",
			 strerror(error));
		return;
	}
	child_keep(pid);
	child_wait(pid, SYSTEM_WAIT_MS);
}

void sink_printk(struct sink *sink, const char *text, size_t size)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, size) < 0)
		sink_say(sink, SINK_WARNING, "printk(): /dev/kmsg cannot be written: %s",
			 strerror(errno));
	if (fd >= 0)
		close(fd);
}

void sink_close(struct sink *sink)
{
	sink_flush(sink);
	children_reap(0);
	free(children);
	children = NULL;
	child_count = child_room = 0;
	sink->kind->close(sink);
}
