/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sonde-translate: a script to a program. One call a stage; -pN says where to stop.
 *
 *	options.def, options.c	the command line
 *	kernel.c		what is translated for
 *	timing.c		the lines of -v
 *	dump.c			lists
 *	util/ parse/ elab/ debuginfo/ probes/ ir/	see parse/parse.h, elab/elab.h, …
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "backends/backend.h"
#include "runtime/paths.h"
#include "translator/debuginfo/debuginfo.h"
#include "translator/dump.h"
#include "translator/elab/elab.h"
#include "translator/elab/library.h"
#include "translator/ir/ir.h"
#include "translator/ir/lower.h"
#include "translator/kernel.h"
#include "translator/options.h"
#include "translator/parse/parse.h"
#include "translator/timing.h"
#include "translator/util/arena.h"
#include "translator/util/diag.h"
#include "translator/util/intern.h"
#include "config.h"

static void session_open(struct session *session)
{
	session->arena = arena_new();
	session->names = intern_new(session->arena);
	session->diags = diags_new(session->arena);
}

/* After -I: the environment's directories, then our own. */
static void add_tapset_dirs(struct session *session)
{
	static const char *const variables[] = { "SONDE_TAPSET", "SYSTEMTAP_TAPSET" };
	char path[4096];

	for (int i = 0; i < 2; i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			*vec_push(session->arena, &session->options.tapset_dirs) = value;
	}
	if (!path_tapsets(NULL, path, sizeof path))
		*vec_push(session->arena, &session->options.tapset_dirs) =
			arena_strdup(session->arena, path);
}

static struct source *script_open(struct command *command)
{
	struct session *session = &command->session;
	const struct options *options = &session->options;
	struct source *source;

	if (options->script_text)
		source = source_new(session->arena, "<input>", options->script_text,
				    strlen(options->script_text));
	else if (command->script_fd >= 0)
		source = source_read_fd(session->arena, strcmp(options->script_path, "-")
				? options->script_path : "<input>", (int)command->script_fd);
	else
		source = source_read(session->arena, options->script_path);
	if (source)
		source->privileged = options->guru;
	else
		fprintf(stderr, "error: cannot read '%s': %s\n", options->script_path,
			strerror(errno));
	return source;
}

/* Whether the stage that just ended went well. Its messages are shown here, in one place. */
static bool stage_done(struct command *command, const struct timing *start, int pass,
		       const char *what)
{
	struct session *session = &command->session;
	bool color = command->color == COLOR_ALWAYS ||
		     (command->color == COLOR_AUTO && isatty(STDERR_FILENO) && !getenv("NO_COLOR"));
	int errors = diags_errors(session->diags);

	diags_print(session->diags, stderr, color);
	if (session->options.verbose + command->verbose_pass[pass - 1] > 0)
		timing_report(start, pass, what);
	if (errors)
		fprintf(stderr, "Pass %d: %d error%s.\n", pass, errors, errors == 1 ? "" : "s");
	return !errors;
}

/* -p1 */
static void print_tree(struct session *session, const struct file *script)
{
	puts("# parse tree dump");
	ast_print_file(stdout, script);
	for (size_t i = 0; i < session->options.extra_scripts.count; i++)
		ast_print_file(stdout, parse_text(session, "<-E>",
						  session->options.extra_scripts.data[i], false));
}

/* The file of -o is removed again if the program does not come to be. */
static bool output_write(struct command *command, struct ir_program *program)
{
	const char *path = command->session.options.output;
	int fd = (int)command->output_fd;
	bool done;

	if (fd < 0 && !path && isatty(STDOUT_FILENO)) {
		fputs("error: -o FILE says where the program goes\n", stderr);
		return false;
	}
	if (fd < 0)
		fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
			  : STDOUT_FILENO;
	if (fd < 0) {
		fprintf(stderr, "error: cannot write '%s': %s\n", path, strerror(errno));
		return false;
	}
	done = backend_emit(&command->session, program, fd);
	if (path && close(fd) && done) {
		fprintf(stderr, "error: cannot write '%s': %s\n", path, strerror(errno));
		done = false;
	}
	if (path && !done)
		unlink(path);
	return done;
}

/* The cache has to know of debug files too: a newer one may say other things. */
static void add_debug_files(struct session *session, struct program *head)
{
	const char *const *files, **all;
	size_t count = session->debuginfo ? dsession_files(session->debuginfo, &files) : 0;

	if (!count)
		return;
	all = arena_alloc(session->arena, (head->dep_count + count) * sizeof(*all));
	memcpy(all, head->deps, head->dep_count * sizeof(*all));
	memcpy(all + head->dep_count, files, count * sizeof(*all));
	head->deps = all;
	head->dep_count += count;
}

/* Lowers and emits. False: reported. */
static bool translate_tail(struct command *command, const struct elab_program *elaborated,
			   bool dump_ir)
{
	struct session *session = &command->session;
	struct timing start = timing_start();
	struct ir_program *program = lower(session, elaborated);
	bool written;

	if (!stage_done(command, &start, 3, "lowered") || !program)
		return false;
	if (session->options.last_pass == 3 || dump_ir) {
		ir_print(stdout, program);
		return true;
	}
	start = timing_start();
	add_debug_files(session, &program->head);
	program->head.warnings = diags_text(session->diags);
	written = output_write(command, program);
	return stage_done(command, &start, 4, "made the program") && written;
}

static bool translate(struct command *command)
{
	struct session *session = &command->session;
	struct timing start = timing_start();
	const char *dump = command->dump ? command->dump : "";
	struct source *source = script_open(command);
	struct elab_program *elaborated;
	struct file *script;

	if (!source)
		return false;
	if (!strcmp(dump, "tokens")) {
		dump_tokens(session, source);
		return stage_done(command, &start, 1, "scanned");
	}
	script = parse_file(session, source);
	if (session->options.last_pass == 1 || !strcmp(dump, "tree")) {
		if (!diags_errors(session->diags))
			print_tree(session, script);
		return stage_done(command, &start, 1, "parsed user script");
	}
	if (!stage_done(command, &start, 1, "parsed user script"))
		return false;
	start = timing_start();
	if (session->options.list || session->options.list_vars) {
		int found = elab_list(stdout, session, script, session->options.list_vars);

		return stage_done(command, &start, 2, "listed") && found;
	}
	lower_max_string_option(session);
	elaborated = elaborate(session, script);
	if (elaborated)
		parse_check_arguments(session);
	if (!stage_done(command, &start, 2, "analyzed script") || !elaborated)
		return false;
	if (session->options.last_pass == 2) {
		elab_print(stdout, elaborated,
			   session->options.verbose + command->verbose_pass[1] > 0);
		return true;
	}
	return translate_tail(command, elaborated, !strcmp(dump, "ir"));
}

static bool run(struct command *command)
{
	struct session *session = &command->session;

	if (command->help) {
		options_print_help();
		return true;
	}
	if (command->version) {
		puts("sonde-translate " PACKAGE_VERSION);
		return true;
	}
	diags_set_warnings(session->diags, !command->no_warnings, command->warnings_are_errors);
	if (!kernel_find(session, command->release, command->arch))
		return false;
	if (command->index_dir)
		return library_write_index(session, command->index_dir);
	if (command->dump_types) {
		dump_probe_types();
		return true;
	}
	add_tapset_dirs(session);
	session->library = library_open(session);
	if (command->dump_aliases)
		dump_probe_aliases(session);
	else if (command->dump_functions)
		dump_functions(session);
	else
		return translate(command);
	return true;
}

int main(int argc, char **argv)
{
	struct command command = { 0 };
	bool good;

	session_open(&command.session);
	good = options_parse(&command, argc, argv);
	/* sonde waits for the program: without it nobody does. */
	if (good && command.output_fd >= 0)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	good = good && run(&command);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "error: cannot write standard output: %s\n", strerror(errno));
		good = false;
	}
	/* The arena goes with the process: freeing it page by page would be the slowest pass. */
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
