/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -F: the session goes on in the background. daemon_split() is called before anything is opened:
 * the session belongs to the new process from the start, and the one that the user called waits
 * until the probes are armed.
 */
#ifndef SONDE_RUNTIME_DAEMON_H
#define SONDE_RUNTIME_DAEMON_H

#include <stdbool.h>

/* true: this is the new process, which goes on. false: this is the old one, *status is its exit
 * status; the number of the new process has been printed, or there is none any more. */
bool daemon_split(int *status);
/* In the new process: lets the old one end, and leaves the terminal. */
void daemon_armed(void);

#endif
