/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of process("…"), process(PID), process and .library("…"), and uprobe sites in them. */
#include "translator/probes/process.h"

#include <errno.h>
#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

static bool cannot(const struct process_target *target, const char *name)
{
	struct session *session = target->session;

	return diag(session->diags, DIAG_PROBE_FILE, target->match->point->span, name,
		    dsession_error(elab_debuginfo(session)));
}

static bool one_module(struct process_target *target, struct dmodule *module, const char *name)
{
	if (!module)
		return cannot(target, name);
	target->modules = arena_alloc(target->session->arena, sizeof *target->modules);
	target->modules[0] = module;
	target->count = 1;
	return true;
}

/* The first word of -c's command is the program; quotes and backslashes as the shell's. */
static const char *command_program(struct session *session)
{
	const char *command = session->options.command;
	char *program = arena_strdup(session->arena, command + strspn(command, " \t"));
	char *to = program, quote = 0;

	for (const char *c = program; *c && (quote || !strchr(" \t;|&<>", *c)); c++) {
		if (*c == quote)
			quote = 0;
		else if (!quote && (*c == '"' || *c == '\''))
			quote = *c;
		else if (*c == '\\' && quote != '\'' && c[1])
			*to++ = *++c;
		else
			*to++ = *c;
	}
	*to = 0;
	return program;
}

static bool open_default(struct process_target *target)
{
	struct session *session = target->session;
	struct dsession *ds = elab_debuginfo(session);
	int64_t pid = session->options.target_pid;

	if (session->options.command) {
		const char *program = command_program(session);

		return one_module(target, dmodule_open(ds, program), program);
	}
	if (!pid)
		return diag(session->diags, DIAG_PROBE_ARGUMENT, target->match->point->span,
			    "process", "without a path it needs -c COMMAND or -x PID");
	target->pid = pid;
	return one_module(target, dmodule_open_pid(ds, pid), arena_printf(session->arena, "%lld",
									 (long long)pid));
}

static bool open_process(struct process_target *target)
{
	struct session *session = target->session;
	struct dsession *ds = elab_debuginfo(session);
	const struct probe_arg *arg = probe_match_arg(target->match, "process");

	if (!arg)
		return open_default(target);
	if (arg->has_number) {
		target->pid = arg->number;
		return one_module(target, dmodule_open_pid(ds, arg->number),
				  arena_printf(session->arena, "%lld", (long long)arg->number));
	}
	if (strpbrk(arg->text, "*?[")) {
		target->count = dmodule_open_glob(ds, arg->text, &target->modules);
		return target->count > 0 || cannot(target, arg->text);
	}
	struct dmodule *module = dmodule_open(ds, arg->text);

	return one_module(target, module ? module : dmodule_open_library(ds, arg->text, NULL),
			  arg->text);
}

bool process_open(struct elab *elab, const struct probe_match *match, struct process_target *target)
{
	const struct probe_arg *library = probe_match_arg(match, "library");

	*target = (struct process_target){ .root = &process_root, .session = elab_session(elab),
					   .match = match };
	if (!open_process(target))
		return false;
	if (!library)
		return true;
	return one_module(target, dmodule_open_library(elab_debuginfo(target->session),
						       library->text, target->modules[0]),
			  library->text);
}

const char *process_file_filter(const struct process_target *target, const char *check)
{
	const char *text = "";

	for (int i = 0; i < target->count; i++) {
		const char *path = target->modules[i]->path;

		text = arena_printf(target->session->arena,
				    "%s%s%s(__file_inode(\"%s\"), __file_device(\"%s\"))", text,
				    i ? " || " : "", check, path, path);
	}
	return text;
}

const char *process_text(const struct process_target *target, const struct dmodule *module)
{
	const struct probe_arg *arg = probe_match_arg(target->match, "process");
	struct arena *arena = target->session->arena;

	if (arg && arg->has_number)
		return arena_printf(arena, "process(%lld)", (long long)arg->number);
	return arena_printf(arena, "process(\"%s\")", module->path);
}

static void process_place(const struct process_target *target, struct site *site,
			  struct dmodule *module, const struct dsite *where)
{
	site->section = "uprobe";
	site->user_space = true;
	site->attach.mech = MECH_UPROBE;
	site->attach.path = module->path;
	site->attach.build_id = module->build_id ? module->build_id : "";
	site->attach.offset = where->file_offset;
	site->attach.pid = target->pid;
	site->attach.slow = where->insn == DINSN_STEPPED;
	site->attach.symbol = site->attach.function;
}

const struct code_root process_root = {
	.kind = &probe_kind_process_function, .statement = &probe_kind_process_statement,
	.text = process_text, .place = process_place,
};

struct site *process_site(struct elab *elab, struct handler *handler,
			  const struct process_target *target, struct dmodule *module,
			  const struct dsite *where, const char *text)
{
	struct site *site = elab_site_new(elab, handler);
	struct dsite *copy = arena_new_of(target->session->arena, struct dsite);

	*copy = *where;
	handler->trigger = TRIGGER_KERNEL;
	site->entry = SITE_PT_REGS;
	site->module = module;
	site->func = where->func;
	site->pc = where->pc;
	site->detail = copy;
	site->attach.function = where->in ? where->in->func->name
					  : where->func ? where->func->name : "";
	target->root->place(target, site, module, where);
	site->attach.name = arena_printf(target->session->arena, "%s%s",
					 target->root->text(target, module), text);
	site->listing = site->attach.name;
	if (!handler->name)
		handler->name = site->attach.name;
	return site;
}

/* Behind the prologue where that is what stores the parameters. */
struct site *process_entry(struct elab *elab, struct site *site)
{
	struct arena *arena = elab_session(elab)->arena;
	struct site *entry = arena_new_of(arena, struct site);
	const struct dsite *at = site->detail;
	const struct dsite *where = site->func ? dfunc_site(site->func) : at;
	const char *name = site->attach.name;
	size_t length = strlen(name), suffix = strlen(".return");

	*entry = *site;
	entry->is_return = entry->attach.is_return = false;
	entry->pc = where->pc;
	entry->detail = where;
	entry->attach.offset += where->file_offset - at->file_offset;
	if (length > suffix && strcmp(name + length - suffix, ".return") == 0)
		entry->attach.name = arena_strndup(arena, name, length - suffix);
	return entry;
}
