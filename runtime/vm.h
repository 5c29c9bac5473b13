/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine: runs the handlers that belong to no kernel event, over the same globals as
 * the kernel handlers. Functions are decoded once by vm_new() into an array of struct vm_op, one C
 * function each.
 *
 *   vm.c              creating, running a handler, faults and how they unwind
 *   vm-decode.c       serialised IR -> struct vm_op; checked there, nothing while running
 *   vm-ops.c          moves, arithmetic, control
 *   vm-ops-string.c   strings, formats, builtins
 *   vm-ops-map.c      globals, foreach
 *   vm-intrinsics.def the builtins by name; vm-intrinsics*.c
 *   vm-maps*.c        the globals (vm-maps.h)
 *
 * One thread only. vm_free() frees; what vm_config points to stays the caller's and must outlive
 * it.
 */
#ifndef SONDE_VM_H
#define SONDE_VM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct abi_session;
struct maps;
struct program;
struct sink;
struct stacks;
struct vm;

struct vm_config {
	const struct program *program;
	struct maps *maps;
	struct sink *sink;
	struct abi_session *session;
	struct stacks *stacks;
	/* Strings have room for as much at least: texts of stacks are longer than the
	 * kernel's tokens for them. */
	uint32_t least_width;
	/* When it becomes non-zero, the handler that runs is abandoned (second SIGINT). May be
	 * NULL. */
	const volatile sig_atomic_t *abandon;
};

/* Decodes the functions of all handlers. NULL: *error says why (malloc'ed text). */
struct vm *vm_new(const struct vm_config *config, char **error);
void vm_free(struct vm *vm);

enum vm_result {
	VM_DONE,
	VM_FAULT, /* reported, counted in session->errors; past max_errors the state is STOPPING */
	VM_ABANDONED,
};

/* Runs program->handlers[@handler], whose trigger is a USER one. exit() sets
 * session->exit_called. */
enum vm_result vm_run_handler(struct vm *vm, uint32_t handler);

/* What input and procfs handlers see as $value, and what they leave in it (size bytes, no NUL). */
void vm_set_value(struct vm *vm, const char *text, uint32_t length);
const char *vm_get_value(const struct vm *vm, uint32_t *length);

#endif
