/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process(…).begin, .end, .thread.begin, .thread.end, .syscall, .syscall.return: raw tracepoints of
 * the scheduler and of system calls, behind a filter on the process. By path, a process is told by
 * its executable's inode; a process on its way out has none any more, so those that began are
 * remembered. A process or thread that was forked is first seen where its fork() returns 0, a
 * process that is there already where it next leaves a processor.
 */
#include "translator/probes/kinds.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"
#include "translator/elab/elab.h"
#include "translator/probes/process.h"
#include "translator/session.h"

enum tag { BEGIN, END, THREAD_BEGIN, THREAD_END, SYSCALL, SYSCALL_RETURN, INSN };

#define ROOT_FORMS(suffix, tag, help)                                                        \
	{ "process." suffix, tag, help }, { "process(str|num)." suffix, tag, help }

static const struct probe_form forms[] = {
	ROOT_FORMS("begin", BEGIN, "when a process starts the program"),
	ROOT_FORMS("end", END, "when a process ends"),
	ROOT_FORMS("thread.begin", THREAD_BEGIN, "when a process makes a thread"),
	ROOT_FORMS("thread.end", THREAD_END, "when a thread ends"),
	ROOT_FORMS("syscall", SYSCALL, "when a process enters a system call"),
	ROOT_FORMS("syscall.return", SYSCALL_RETURN, "when a system call returns"),
	ROOT_FORMS("insn", INSN, "refused: BPF cannot step through instructions"),
	ROOT_FORMS("insn.block", INSN, "refused: BPF cannot step through instructions"),
	{ 0 }
};

/* clone, fork, vfork, clone3 of x86-64; of its 32-bit programs */
#define IS_FORK                                                                              \
	"($syscall == 435 || (probing_32bit_app()"                                           \
	" ? $syscall == 120 || $syscall == 2 || $syscall == 190"                             \
	" : $syscall >= 56 && $syscall <= 58))"
static const char fork_condition[] = "$return == 0 && pid() == tid() && " IS_FORK;

/* The tracepoint, and what must hold besides the process filter: a process ends with its last
 * thread's leader. */
static const struct {
	const char *tracepoint, *suffix, *condition;
} events[] = {
	[BEGIN] = { "sched_process_exec", ".begin", NULL },
	[END] = { "sched_process_exit", ".end", "pid() == tid()" },
	[THREAD_BEGIN] = { "sys_exit", ".thread.begin",
			   "$return == 0 && pid() != tid() && " IS_FORK },
	[THREAD_END] = { "sched_process_exit", ".thread.end", "pid() != tid()" },
	[SYSCALL] = { "sys_enter", ".syscall", NULL },
	[SYSCALL_RETURN] = { "sys_exit", ".syscall.return", NULL },
};

/*
 * Before 6.16 a process that ends has given up its memory, and with it the name of its executable,
 * by the time of sched_process_exit: remember those that begin.
 */
static const char *remember_processes(struct elab *elab, const struct probe_match *match,
				      const char *path)
{
	struct session *session = elab_session(elab);

	if (elab_kernel_at_least(session, 6, 16))
		return "__exe_is";
	elab_add_probe_text(elab, match->form->pattern,
			    arena_printf(session->arena,
					 "probe process(\"%s\").begin { __exe_remember() }", path));
	return "__exe_was";
}

/* The condition, in our own language, under which the current process is one that the point names.
 */
static const char *filter_text(struct elab *elab, const struct probe_match *match)
{
	struct session *session = elab_session(elab);
	const struct probe_arg *arg = probe_match_arg(match, "process");
	struct process_target target;

	if (arg && arg->has_number) {
		const char *number = arena_printf(session->arena, "%lld", (long long)arg->number);

		if (kill((pid_t)arg->number, 0) == 0 || errno != ESRCH)
			return arena_printf(session->arena, "pid() == %s", number);
		diag(session->diags, DIAG_PROBE_FILE, match->point->span, number,
		     "there is no such process");
		return NULL;
	}
	if (!arg)
		return session->options.command || session->options.target_pid
			       ? "__in_target()" : "1";
	if (!process_open(elab, match, &target))
		return NULL;
	const char *check = "__exe_is";
	bool ends = match->form->tag == END || match->form->tag == THREAD_END;

	for (int i = 0; ends && i < target.count; i++)
		check = remember_processes(elab, match, target.modules[i]->path);
	return process_file_filter(&target, check);
}

static bool add_handler(struct elab *elab, const struct probe_match *match,
			const char *tracepoint, const char *condition, const char *filter)
{
	struct session *session = elab_session(elab);
	const struct probe_arg *arg = probe_match_arg(match, "process");
	struct handler *handler = elab_handler_new(elab, &probe_kind_lifecycle, match->point);
	struct site *site = elab_site_new(elab, handler);
	const char *root = !arg ? "process" : arg->has_number
		? arena_printf(session->arena, "process(%lld)", (long long)arg->number)
		: arena_printf(session->arena, "process(\"%s\")", arg->text);

	if (condition)
		filter = arena_printf(session->arena, "(%s) && (%s)", condition, filter);
	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_ARGS;
	site->section = "raw_tp";
	site->attach.mech = MECH_RAWTP;
	site->attach.symbol = site->attach.function = tracepoint;
	site->attach.name = arena_printf(session->arena, "%s%s", root,
					 events[match->form->tag].suffix);
	site->listing = handler->name = site->attach.name;
	return elab_handler_filter(elab, handler, filter);
}

/* When a process starts the program, is forked from one that runs it, or is found to run it. */
static bool add_begin(struct elab *elab, const struct probe_match *match, const char *filter)
{
	struct session *session = elab_session(elab);
	uint32_t number = elab_group_new(elab);
	const char *once;

	if (elab_is_listing(elab) ||
	    (!probe_match_arg(match, "process") && session->options.command))
		return add_handler(elab, match, events[BEGIN].tracepoint, NULL, filter) &&
		       (elab_is_listing(elab) ||
			add_handler(elab, match, "sys_exit", fork_condition, filter));
	once = arena_printf(session->arena, "(%s) && __life_first(%u)", filter, number);
	filter = arena_printf(session->arena, "(%s) && __life_mark(%u)", filter, number);
	return elab_add_probe_text(elab, match->form->pattern,
				   "probe begin(-9223372036854775807) { __life_begin() }") &&
	       add_handler(elab, match, events[BEGIN].tracepoint, NULL, filter) &&
	       add_handler(elab, match, "sys_exit", fork_condition, filter) &&
	       add_handler(elab, match, "sched_switch", "__life_there()", once);
}

static int lifecycle_resolve(struct elab *elab, const struct probe_match *match)
{
	enum tag tag = match->form->tag;
	const char *filter;

	if (tag == INSN)
		return diag(elab_session(elab)->diags, DIAG_PROBE_NOT_YET, match->point->span,
			    "insn", "BPF cannot step through instructions; probe statements, "
			    "process(\"FILE\").statement(\"FUNCTION@FILE:*\")") - 1;
	filter = filter_text(elab, match);
	if (!filter)
		return 0;
	bool added = tag == BEGIN ? add_begin(elab, match, filter)
				  : add_handler(elab, match, events[tag].tracepoint,
						events[tag].condition, filter);

	return added ? 1 : -1;
}

/* struct pt_regs of the system call: where the registers of arguments 1 to 6 are saved (x86-64). */
static const int argument_offsets[] = { 112, 104, 96, 56, 72, 64 };

static bool syscall_variable(const struct build *b, const char *name, bool at_return,
			     struct access *out)
{
	struct expr *regs = build_argument(b, 0);
	int n = strncmp(name, "arg", 3) == 0 ? atoi(name + 3) : 0;

	if (strcmp(name, "syscall") == 0 && !at_return)
		*out = access_of_value(build_argument(b, 1), NULL, SPACE_KERNEL);
	else if (strcmp(name, "syscall") == 0)
		*out = access_of_value(build_read(b, SPACE_KERNEL, 8, true,
						  build_binary(b, OP_ADD, regs,
							       build_number(b, 120))),
				       NULL, SPACE_KERNEL);
	else if (strcmp(name, "return") == 0 && at_return)
		*out = access_of_value(build_argument(b, 1), NULL, SPACE_KERNEL);
	else if (n >= 1 && n <= 6)
		*out = access_of_value(
			build_read(b, SPACE_KERNEL, 8, true,
				   build_binary(b, OP_ADD, regs,
						build_number(b, argument_offsets[n - 1]))),
			NULL, SPACE_KERNEL);
	else
		return false;
	return true;
}

static bool lifecycle_variable(struct elab *elab, struct site *site, const char *name,
			       struct span span, struct access *out, const char **why)
{
	struct build b = { .session = elab_session(elab), .span = span, .tok = span };
	bool enter = strcmp(site->attach.symbol, events[SYSCALL].tracepoint) == 0;
	bool leave = strcmp(site->attach.symbol, events[SYSCALL_RETURN].tracepoint) == 0;

	if ((enter || leave) && syscall_variable(&b, name, leave, out))
		return true;
	*why = enter ? "it has $syscall and $arg1 to $arg6"
	     : leave ? "it has $syscall, $return and $arg1 to $arg6"
		     : "this probe has no variables";
	return false;
}

const struct probe_kind probe_kind_lifecycle = {
	.name = "process", .forms = forms, .resolve = lifecycle_resolve,
	.variable = lifecycle_variable,
};
