/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user-space timers of a program: which handler is due when, on CLOCK_MONOTONIC. A handler
 * that was late runs once, and goes on in step. timers_new() makes them (NULL: out of memory),
 * timers_free() frees.
 */
#ifndef SONDE_RUNTIME_TIMERS_H
#define SONDE_RUNTIME_TIMERS_H

#include <stdint.h>

struct program;
struct timers;

struct timers *timers_new(const struct program *program);
void timers_start(struct timers *timers, uint64_t now_ns);
/* When the first one is due; UINT64_MAX: there is none. */
uint64_t timers_next(const struct timers *timers);
/* A handler that is due at @now_ns, and sets its next time; UINT32_MAX: no more. */
uint32_t timers_take(struct timers *timers, uint64_t now_ns);
void timers_free(struct timers *timers);

#endif
