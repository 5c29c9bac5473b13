/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/say.h"

#define SHELL_CHARS "|&;<>()$`\\\"'*?[]#~=%!{}\n"

static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* What only a shell can do, though it looks like a command. */
static bool is_builtin(const char *command)
{
	static const char *const names[] = {
		".", ":", "alias", "cd", "command", "eval", "exec", "exit", "export", "read",
		"readonly", "return", "set", "shift", "source", "times", "trap", "type", "ulimit",
		"umask", "unset", "wait",
	};
	size_t skip = strspn(command, " \t"), length = strcspn(command + skip, " \t");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == length && !memcmp(names[i], command + skip, length))
			return true;
	return false;
}

/* A plain command is started without a shell, so that target() is the command itself. */
static void child_exec(char *command)
{
	char *argv[256], *word, *rest;
	int argc = 0;

	if (!strpbrk(command, SHELL_CHARS) && !is_builtin(command)) {
		for (word = strtok_r(command, " \t", &rest); word && argc < 255;
		     word = strtok_r(NULL, " \t", &rest))
			argv[argc++] = word;
		argv[argc] = NULL;
		if (argc)
			execvp(argv[0], argv);
		return;
	}
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
}

static void child_run(const char *command, int go, int report, pid_t parent)
{
	sigset_t none;
	char *copy = strdup(command), byte;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || write(report, "", 1) != 1 || read(go, &byte, 1) != 1 || !copy)
		_exit(127);
	prctl(PR_SET_PDEATHSIG, 0);
	child_exec(copy);
	if (write(report, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

int target_start(struct target *target, const char *command, bool fixed)
{
	int go[2], report[2], rc;
	pid_t parent = getpid();
	char there;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(report, O_CLOEXEC)) {
		rc = -errno;
		goto close_go;
	}
	target->pid = fork();
	if (target->pid == 0) {
		close(go[1]);
		if (fixed)
			personality(ADDR_NO_RANDOMIZE);
		child_run(command, go[0], report[1], parent);
	}
	if (target->pid < 0) {
		rc = -errno;
		say_error("the command cannot be started: %s", strerror(errno));
		close(report[0]);
		close(report[1]);
		goto close_go;
	}
	close(go[0]);
	close(report[1]);
	target->go = go[1];
	target->report = report[0];
	/* Its fork() has returned before anything is probed. */
	while (read(target->report, &there, 1) < 0 && errno == EINTR)
		;
	target->is_child = true;
	target->pidfd = pidfd_of(target->pid);
	return 0;
close_go:
	close(go[0]);
	close(go[1]);
	return rc;
}

int target_watch(struct target *target, pid_t pid)
{
	target->go = target->report = -1;
	target->pid = pid;
	target->pidfd = pidfd_of(pid);
	if (kill(pid, 0) && errno == ESRCH) {
		say_error("there is no process %d", (int)pid);
		return -ESRCH;
	}
	return 0;
}

int target_go(struct target *target)
{
	ssize_t n;
	int error;

	if (!target->is_child || target->go < 0)
		return 0;
	n = write(target->go, "", 1);
	close(target->go);
	target->go = -1;
	if (n != 1)
		return -errno;
	/* Closed by exec; otherwise it says why there was none. */
	n = read(target->report, &error, sizeof(error));
	close(target->report);
	target->report = -1;
	if (n != sizeof(error))
		return 0;
	say_error("the command of -c cannot be run: %s", strerror(error));
	return -error;
}

bool target_poll(struct target *target)
{
	if (!target->pid || target->ended)
		return target->ended;
	if (target->is_child)
		target->ended = waitpid(target->pid, &target->status, WNOHANG) == target->pid;
	else
		target->ended = kill(target->pid, 0) && errno == ESRCH;
	return target->ended;
}

int target_status(const struct target *target)
{
	if (!target->is_child || !target->ended || !target->status)
		return 0;
	if (WIFSIGNALED(target->status)) {
		say_warning("Child process exited with signal %d (%s)", WTERMSIG(target->status),
			    strsignal(WTERMSIG(target->status)));
		return 128 + WTERMSIG(target->status);
	}
	say_warning("Child process exited with status %d", WEXITSTATUS(target->status));
	return WEXITSTATUS(target->status);
}

/* Asks the command to end, and gives it a second; after that it goes on without us. */
static void target_end(struct target *target)
{
	struct pollfd ended = { .fd = target->pidfd, .events = POLLIN };

	kill(target->pid, SIGTERM);
	poll(&ended, 1, 1000);
	target_poll(target);
}

void target_close(struct target *target)
{
	if (target->pid && target->go >= 0)
		close(target->go);	/* it was never started: it leaves by itself */
	if (target->pid && target->report >= 0)
		close(target->report);
	if (target->is_child && !target->ended)
		target_end(target);
	if (target->pid && target->pidfd >= 0)
		close(target->pidfd);
	memset(target, 0, sizeof(*target));
}
