/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts that tokens of kernel handlers stand for (runtime/kern/stack.h): the strings of records
 * and of kernel maps go through stacks_expand() before anybody looks at them, so that handlers in
 * user space and the output see plain text only.
 *   stack.c         tokens, kernel stacks
 *   stack-space.c   address spaces: which files a process has mapped where
 *   stack-track.c   the same of processes that are gone
 *   stack-user.c    user stacks: what was sent of them, rows for the kernel
 *
 * Life: stacks_new(); stacks_bind() when the program is loaded; stacks_free() when the last text
 * has been made.
 */
#ifndef SONDE_STACK_H
#define SONDE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct abi_session;
struct buf;
struct stacks;

/* Descriptors of the program's maps, -1: it has none. They are duplicated. */
struct stacks_maps {
	int stacks, rows, spaces;
};

/* Never NULL. */
struct stacks *stacks_new(void);
void stacks_bind(struct stacks *stacks, const struct stacks_maps *maps);
/* The process that is looked into where nothing says which one; 0: none. */
void stacks_set_target(struct stacks *stacks, pid_t pid);
/* Now and then while the session runs. */
void stacks_poll(struct stacks *stacks);
void stacks_free(struct stacks *stacks);

/* Does it hold tokens? */
bool stacks_marked(const char *text, size_t length);
/* Appends @text with what its tokens stand for. */
void stacks_expand(struct stacks *stacks, const char *text, size_t length, struct buf *out);

/* A record RECORD_STACK or RECORD_SPACE; false: it is damaged. */
bool stacks_take_sample(struct stacks *stacks, const void *bytes, size_t size);
bool stacks_take_space(struct stacks *stacks, const void *bytes, size_t size);

/* ---- what user-space handlers ask ---- */

/* @form: enum stack_form, of an address. */
void stacks_symbol(struct stacks *stacks, uint32_t form, uint64_t address, struct buf *out);
/* The lines of print_syms() or, with @user, print_usyms(). */
void stacks_syms(struct stacks *stacks, const char *text, size_t length, bool user,
		 struct buf *out);

#endif
