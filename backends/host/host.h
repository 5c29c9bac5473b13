/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host back end: the tables of a program, and the functions that the runtime's VM runs. */
#ifndef SONDE_HOST_H
#define SONDE_HOST_H

#include <stdbool.h>
#include <stddef.h>

struct ir_program;
struct session;

/* Writes the whole program: @object (the BPF object, size 0: none) and the tables. false: reported.
 * */
bool host_write(struct session *session, struct ir_program *program, const void *object,
		size_t size, int fd);

#endif
