/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/say.h"

static int armed = -1;	/* where the old process is told */

static int wait_for(pid_t child, int told)
{
	int status;
	char byte;
	ssize_t n;

	while ((n = read(told, &byte, 1)) < 0 && errno == EINTR)
		;
	if (n == 1) {
		printf("%d\n", (int)child);
		if (!fflush(stdout))
			return 0;
		say_error("cannot write to standard output: %s", strerror(errno));
		return 1;
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

bool daemon_split(int *status)
{
	int ends[2];
	pid_t child;

	*status = 1;
	if (pipe2(ends, O_CLOEXEC)) {
		say_error("no pipe can be made: %s", strerror(errno));
		return false;
	}
	child = fork();
	if (child == 0) {
		close(ends[0]);
		armed = ends[1];
		return true;
	}
	close(ends[1]);
	if (child < 0)
		say_error("no process can be made: %s", strerror(errno));
	else
		*status = wait_for(child, ends[0]);
	close(ends[0]);
	return false;
}

void daemon_armed(void)
{
	int null;

	if (armed < 0)
		return;
	if (write(armed, "", 1) != 1)
		say_warning("the process that was called is gone");
	close(armed);
	armed = -1;
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	if (null >= 0)
		close(null);
}
