/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The builtins that only tapsets may call (names start with two underscores): one row of
 * intrinsics.def each, with the signature in our own language. Looked up by name while
 * resolving; a kernel back end lowers the row by its `how`, the VM has a row of the same
 * name in runtime/vm-intrinsics.
 */
#ifndef SONDE_INTRINSICS_H
#define SONDE_INTRINSICS_H

#include <stdint.h>

enum intrinsic_how {
	HOW_HELPER,		/* a BPF helper function: arg is its number */
	HOW_KCALL,		/* a function of runtime/kern: text is its symbol */
	HOW_SESSION,		/* a field of struct abi_session: arg is its offset */
	HOW_EMIT,		/* the back end's own code: text is the name of its row */
	HOW_LOWER,		/* the lowering makes plain IR of it: text is the name of its row */
	/* the same, and it depends on the handler's sites: callers are cloned per handler */
	HOW_SITE,
	HOW_USER,		/* in the VM only: a kernel handler may not call it */
};

/* Widths that depend on an argument: that of argument n (0: MAXSTRINGLEN), and where
 * argument m is a literal number, no more bytes than that. Decoded by elab/width.c only. */
#define WIDTH_CUT(n, m) (-(n) - 16 * (m))
#define WIDTH_SOURCE(width) (-(width) & 15)
#define WIDTH_LENGTH(width) (-(width) >> 4)

enum intrinsic_where { IN_BOTH, IN_KERNEL, IN_USER };

struct intrinsic {
	const char *name;
	const char *signature;	/* "long (s:string, n:long)" */
	unsigned int effects;	/* enum ir_effect */
	enum intrinsic_how how;
	int64_t arg;
	const char *text;
	enum intrinsic_where where;
	/* of a string result: greatest bytes with NUL; 0: MAXSTRINGLEN; -N: that of argument N */
	int32_t width;
};

/* The row, or NULL. */
const struct intrinsic *intrinsic_find(const char *name);

#endif
