/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kinds of kernel code share: which part of the kernel a point names (the kernel proper or
 * a module), places in it by debug information, and the error when that is not there.
 */
#ifndef SONDE_KERNEL_CODE_H
#define SONDE_KERNEL_CODE_H

#include "translator/probes/process.h"

struct dbtf;

/* The roots that every form of kernel code comes with. */
#define KERNEL_FORMS(suffix, tag, help)                                                      \
	{ "kernel." suffix, tag, help }, { "module(str)." suffix, tag, help }

struct kernel_target {
	struct process_target code;	/* first: what process_functions() takes */
	const char *module;		/* NULL: the kernel proper */
	const char *text;		/* "kernel", "module(\"x\")" */
	struct dbtf *btf;		/* NULL: there is none */
	struct dmodule *dwarf;		/* the kernel or module; it may have no debug information */
	struct functions *functions;	/* kernel-function.c's own */
};

/* Fills *target. false: reported. */
bool kernel_open(struct elab *elab, const struct probe_match *match, struct kernel_target *target);
/* Calls @resolve for each loaded module that a pattern in module("…") names, or as it is. Returns
 * as a kind's resolve() does. */
int kernel_each_module(struct elab *elab, const struct probe_match *match,
		       int (*resolve)(struct elab *elab, const struct probe_match *match));
bool kernel_has_dwarf(const struct kernel_target *target);
/* Reports that @text needs debug information; 0. */
int kernel_needs_dwarf(const struct kernel_target *target, const char *text);

/* Members of a code_root: the point's root as text; where a site, at @where in @module (debug
 * information's addresses), is attached. */
const char *kernel_text(const struct process_target *target, const struct dmodule *module);
void kernel_place(const struct process_target *target, struct site *site, struct dmodule *module,
		  const struct dsite *where);

extern const struct code_root kernel_code_root;
/* Places whose variables are described by debug information; it has no forms of its own. */
extern const struct probe_kind probe_kind_kernel_code;

#endif
