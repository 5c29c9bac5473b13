/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel memory, read for handlers that run in user space: a small BPF program of its own does it,
 * which is loaded at the first use and stays until the process ends. Where the kernel does not let
 * us, nothing can be read. A bad address is an error, not a crash.
 */
#ifndef SONDE_RUNTIME_KERNEL_MEMORY_H
#define SONDE_RUNTIME_KERNEL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes are in @into; 0, or a negative errno. */
int kernel_memory_read(uint64_t address, void *into, size_t size);

/* Up to a NUL or @size - 1 bytes; the length without the NUL, which is put behind, or a negative
 * errno. */
int kernel_memory_string(uint64_t address, char *into, size_t size);

/* Address of our own struct task_struct; 0 if it cannot be had. */
uint64_t kernel_memory_task(void);

#endif
