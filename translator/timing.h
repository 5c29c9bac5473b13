/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each pass cost, for -v: one line each on stderr. */
#ifndef SONDE_TRANSLATOR_TIMING_H
#define SONDE_TRANSLATOR_TIMING_H

struct timing {
	long long real, user, system;	/* in nanoseconds, at the start of the pass */
};

struct timing timing_start(void);
/* "Pass 1: parsed user script using …virt/…res/…shr/…data kb, in …usr/…sys/…real ms." */
void timing_report(const struct timing *start, int pass, const char *what);

#endif
