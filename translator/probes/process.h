/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process(…) kinds share: which files a point names, uprobe sites, variables from DWARF or
 * the ABI. Kernel code that debug information describes is probed by the same functions, with a
 * root of its own (kernel-code.h).
 */
#ifndef SONDE_PROCESS_H
#define SONDE_PROCESS_H

#include "translator/probes/kinds.h"

#include "translator/debuginfo/dfunc.h"
#include "translator/elab/elab.h"
#include "translator/util/diag.h"

struct dmodule;

/* The roots that every process(…) form comes with. */
#define PROCESS_FORMS(suffix, tag, help)                                                     \
	{ "process." suffix, tag, help },                                                     \
	{ "process(str|num)." suffix, tag, help },                                            \
	{ "process(str|num).library(str)." suffix, tag, help },                               \
	{ "process.library(str)." suffix, tag, help }

struct process_target;

/* What differs between code in processes and in the kernel. */
struct code_root {
	const struct probe_kind *kind, *statement;
	/* "process(\"/usr/bin/x\")", "kernel" */
	const char *(*text)(const struct process_target *target, const struct dmodule *module);
	/* How the site is attached at @where. */
	void (*place)(const struct process_target *target, struct site *site,
		      struct dmodule *module, const struct dsite *where);
	/* Makes a site of @func's entry or return in a better way than at its address. false: it
	 * has none. May be NULL. */
	bool (*entry)(struct elab *elab, const struct process_target *target, struct dfunc *func,
		      const char *text, bool is_return);
};

extern const struct code_root process_root;

struct process_target {
	const struct code_root *root;
	struct session *session;
	const struct probe_match *match;
	struct dmodule **modules;
	int count;
	int pid;		/* process(PID), or -x: the filter; 0: every process */
};

/* Opens the files that the point's process(…) and library(…) name. false: reported. */
bool process_open(struct elab *elab, const struct probe_match *match,
		  struct process_target *target);
/* "process(\"/usr/bin/x\")". */
const char *process_text(const struct process_target *target, const struct dmodule *module);

/* A site at @where; @text is what follows process_text() in its name:
 * ".function(\"f@f.c:1\")". */
struct site *process_site(struct elab *elab, struct handler *handler,
			  const struct process_target *target, struct dmodule *module,
			  const struct dsite *where, const char *text);

/* probe_kind members for sites with code addresses. */
bool process_variable(struct elab *elab, struct site *site, const char *name, struct span span,
		      struct access *out, const char **why);
size_t process_variables(struct elab *elab, struct site *site, const struct site_var **vars);

/* Where functions are probed: tags of forms. */
enum function_tag { FUNCTION_ANY, FUNCTION_CALL, FUNCTION_RETURN, FUNCTION_INLINE,
	FUNCTION_EXPORTED, FUNCTION_LABEL, FUNCTION_CALLEE, FUNCTION_CALLEES,
	FUNCTION_CALLEE_CALL, FUNCTION_CALLEE_RETURN };

/* The condition, in our own language, under which the process runs one of the opened files, as
 * function @check tells. */
const char *process_file_filter(const struct process_target *target, const char *check);

/* The functions of function(…) in the opened files: how many sites; as probe_kind.resolve. */
int process_functions(struct elab *elab, const struct process_target *target,
		      enum function_tag tag);
/* The statements of statement(…), likewise. */
int process_statements(struct elab *elab, const struct process_target *target, bool nearest);

/* A return site's twin at the entry. */
struct site *process_entry(struct elab *elab, struct site *site);

/* The n-th (from 0) integer argument by the ABI; at the entry those on the stack can be had too.
 * NULL: it cannot. */
struct expr *process_abi_argument(struct session *session, struct span span,
				  const struct site *site, int n);

#endif
