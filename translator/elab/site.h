/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A site: one concrete place where a handler runs, plain data. What the runtime needs of it is in
 * `attach`; the rest is for variables ($x at this site) and for listing.
 */
#ifndef SONDE_SITE_H
#define SONDE_SITE_H

#include <stdint.h>

#include "runtime/program.h"
#include "translator/util/vec.h"

struct dmodule;
struct dfunc;
struct dusdt;
struct btf_func;

/* How the handler is entered: what registers and argument slots mean. As enum ir_entry. */
enum site_entry { SITE_USER, SITE_PT_REGS, SITE_ARGS, SITE_PERF };

struct site {
	struct program_site attach;	/* handler index is set by the lowering */
	enum site_entry entry;
	const char *section; /* ELF section name of the program: "uprobe", "raw_tp/sched_switch",
				"fentry/…" */
	bool user_space;		/* the probed context is a process: $x are user addresses */
	bool is_return;
	/* of a system call: arguments 0 to 5 are at these offsets behind the program's argument 0;
	 * NULL: they are the program's own */
	const uint16_t *arguments;
	/* where variables come from; NULL where they do not */
	struct dmodule *module;
	struct dfunc *func;
	uint64_t pc; /* address in the module's own numbering: scope and location look-up */
	const void *detail;		/* the kind's own: USDT mark, BTF function, tracepoint */
	/* $$name, $$provider, $$system; ends with a NULL name */
	const struct site_text { const char *name, *text; } *texts;
	/* $VALUE is the text that came with the event, and that goes back: VALUE's name; or NULL */
	const char *value;
	const char *listing; /* as -l prints it, e.g. process("/bin/x").function("f@x.c:3") */
};
typedef VEC(struct site *) site_vec;

#endif
