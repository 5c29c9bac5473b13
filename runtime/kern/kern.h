/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The in-kernel library: small functions that generated code calls, compiled to bitcode at build
 * time and put in place at translation. One topic a file; kern.def says which function is in which.
 * All of it has to satisfy the verifiers of 5.10 and later: loops have constant bounds, offsets are
 * limited where they are used.
 */
#ifndef SONDE_KERN_H
#define SONDE_KERN_H

#include <linux/bpf.h>
#include <stddef.h>

#include "runtime/abi.h"
#include "runtime/kern/fault.h"

#include <bpf/bpf_helpers.h>

/* Put in place of the call. */
#define KERN __attribute__((always_inline))
/* The same, without side effects: goes away when the result is not used. */
#define KERN_PURE __attribute__((always_inline, pure))
/* A function of its own. */
#define KERN_CALL __attribute__((noinline))

/* The optimiser may not see through: a bound checked before stays checked after. */
#define barrier_of(x) asm volatile("" : "+r"(x))

extern struct abi_session sonde_session;

#endif
