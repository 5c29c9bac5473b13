/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target process: -x PID, or the command of -c, which is made before the probes are armed and
 * started after. target_start() and target_watch() return 0 or a negative errno after saying what
 * is wrong; target_close() closes the descriptor and, when the session ends before a command of
 * ours, ends the command.
 */
#ifndef SONDE_RUNTIME_TARGET_H
#define SONDE_RUNTIME_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

struct target {
	pid_t pid;		/* 0: none */
	int pidfd;		/* readable when the process has ended; -1: not known */
	int go;			/* -c: writing here starts the command; -1 afterwards */
	int report;		/* -c: an errno arrives here when it could not be started */
	bool is_child, ended;
	int status;		/* -c: as waitpid() gives it */
};

/* Where a position-independent program is loaded when nothing is randomized; 0: not known. */
#ifdef __x86_64__
#define TARGET_FIXED_BASE 0x555555554000ull
#else
#define TARGET_FIXED_BASE 0
#endif

/* Makes the process of @command; it waits. @fixed: its addresses are not randomized. */
int target_start(struct target *target, const char *command, bool fixed);
/* Takes the running process @pid. */
int target_watch(struct target *target, pid_t pid);
/* Lets the command begin. */
int target_go(struct target *target);
/* Has it ended? Collects its status. */
bool target_poll(struct target *target);
/* The exit status of a command as a shell would give it, 0 when it is none of ours. Says so
 * when it is not 0. */
int target_status(const struct target *target);
void target_close(struct target *target);

#endif
