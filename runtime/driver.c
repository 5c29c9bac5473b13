/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/buf.h"
#include "runtime/cache.h"
#include "runtime/options.h"
#include "runtime/paths.h"
#include "runtime/program.h"
#include "runtime/say.h"

#define TRANSLATOR "sonde-translate"
/* The translator's ends of memory files: of the program, and of the script as we have read it (the
 * key in the cache has to be that of what is translated, and a pipe is read once only). */
#define OUTPUT_FD 3
#define SCRIPT_FD 4

extern char **environ;

/* ---- the translator's command line ---- */

struct command {
	const char **argv;
	size_t count;
	char pass[16], path[PATH_MAX];
};

static void command_add(struct command *command, const char *text)
{
	command->argv[command->count++] = text;
}

/* @pass: where it stops. The script comes last, then its arguments. @script_fd: it is in SCRIPT_FD
 * already. */
static int command_make(struct command *command, const struct options *options, int pass,
			bool script_fd)
{
	size_t most = options->pass.count + options->arg_count + 20;

	command->count = 0;
	command->argv = calloc(most, sizeof(*command->argv));
	if (!command->argv)
		return -ENOMEM;
	if (path_libexec(TRANSLATOR, command->path, sizeof(command->path))) {
		free(command->argv);
		return -ENAMETOOLONG;
	}
	command_add(command, TRANSLATOR);
	for (size_t i = 0; i < options->pass.count; i++)
		command_add(command, options->pass.items[i]);
	if (pass < 5) {
		snprintf(command->pass, sizeof(command->pass), "-p%d", pass);
		command_add(command, command->pass);
	}
	if (pass > 3 && !options->lists) {
		command_add(command, "--output-fd");
		command_add(command, "3");
	}
	if (script_fd) {
		command_add(command, "--script-fd");
		command_add(command, "4");
	}
	if (options->script_text) {
		command_add(command, "-e");
		command_add(command, options->script_text);
	}
	command_add(command, "--");
	if (options->script_file)
		command_add(command, options->script_file);
	for (size_t i = 0; i < options->arg_count; i++)
		command_add(command, options->args[i]);
	return 0;
}

int driver_become_translator(const struct options *options)
{
	struct command command;

	if (command_make(&command, options, options->last_pass, false)) {
		say_error("out of memory");
		return 1;
	}
	execv(command.path, (char **)command.argv);
	say_error("cannot run %s: %s", command.path, strerror(errno));
	free(command.argv);
	return 1;
}

/* ---- translating ---- */

static int translator_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (WIFSIGNALED(status)) {
		say_error("the translator was ended by signal %d (%s)", WTERMSIG(status),
			  strsignal(WTERMSIG(status)));
		return 1;
	}
	return WEXITSTATUS(status) ? 1 : 0;
}

/* Runs the translator; the program goes into @output. @script: the script's text, -1: none. */
static int translator_run(const struct options *options, int output, int script)
{
	posix_spawn_file_actions_t actions;
	struct command command;
	pid_t pid;
	int rc;

	if (command_make(&command, options, 4, script >= 0)) {
		say_error("out of memory");
		return 1;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, OUTPUT_FD);
	if (script >= 0)
		posix_spawn_file_actions_adddup2(&actions, script, SCRIPT_FD);
	rc = posix_spawn(&pid, command.path, &actions, NULL, (char **)command.argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	free(command.argv);
	if (!rc)
		return translator_wait(pid);
	say_error("cannot run %s: %s", command.path, strerror(rc));
	return 1;
}

static int memory_file(const char *name, const void *bytes, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	/* Out of the way of the child's: dup2() onto itself would keep close-on-exec. */
	if (fd >= 0 && fd <= SCRIPT_FD) {
		int low = fd;

		fd = fcntl(low, F_DUPFD_CLOEXEC, SCRIPT_FD + 1);
		close(low);
	}
	if (fd >= 0 && size && (image_write(fd, bytes, size) || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int translate(const struct options *options, const struct buf *script, struct image *image)
{
	int text = options->script_file ? memory_file("script", script->data, script->size) : -1;
	int output = memory_file("program", NULL, 0), status = 1, rc;

	if (output < 0 || (options->script_file && text < 0)) {
		say_error("no memory file can be made: %s", strerror(errno));
		goto out;
	}
	status = translator_run(options, output, text);
	if (status)
		goto out;
	rc = image_map(image, output);
	if (rc) {
		say_error("the translator has made no program: %s", strerror(-rc));
		status = 1;
	}
out:
	if (text >= 0)
		close(text);
	if (output >= 0)
		close(output);
	return status;
}

/* ---- reading what was given ---- */

static int read_all(int fd, struct buf *buf)
{
	ssize_t n;

	do {
		n = read(fd, buf_reserve(buf, 1 << 16), 1 << 16);
		if (n > 0)
			buf->size += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

/* Reads the script, or maps a program. */
static int read_given(const char *name, struct buf *script, struct image *image)
{
	bool standard = strcmp(name, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0) {
		say_error("cannot read %s: %s", name, strerror(errno));
		return 1;
	}
	rc = standard ? 0 : image_map(image, fd);
	if (!rc && !standard && image_is_elf(image)) {
		close(fd);
		return 0;
	}
	image_close(image);
	if (!rc || rc == -ENODATA || rc == -ENODEV)
		rc = read_all(fd, script);
	if (!standard)
		close(fd);
	if (!rc)
		return 0;
	say_error("cannot read %s: %s", standard ? "standard input" : name, strerror(-rc));
	return 1;
}

static int read_tables(const char *name, struct image *image, struct program **program)
{
	const char *error = "";

	*program = program_read(image->bytes, image->size, &error);
	if (*program)
		return 0;
	say_error("%s is no program that can be run: %s", name, error);
	return 1;
}

/* ---- -p4 ---- */

static int save_program(const struct options *options, const struct image *image,
			const char *cached)
{
	char name[PATH_MAX];
	int rc;

	if (options->output)
		snprintf(name, sizeof(name), "%s", options->output);
	else if (options->name)
		snprintf(name, sizeof(name), "%s.sonde", options->name);
	else if (*cached)
		snprintf(name, sizeof(name), "%s", cached);
	else {
		say_error("-p4: say where the program is to go, by -o FILE or -m NAME");
		return 1;
	}
	rc = options->output || options->name ? image_save(image, name) : 0;
	if (rc) {
		say_error("cannot write %s: %s", name, strerror(-rc));
		return 1;
	}
	printf("%s\n", name);
	if (fflush(stdout)) {
		say_error("cannot write to standard output: %s", strerror(errno));
		return 1;
	}
	return 0;
}

/* ---- all together ---- */

static bool find_cached(const struct options *options, const struct cache_key *key,
			struct image *image, struct program **program)
{
	const char *error;

	if (options->no_cache || options->poison_cache || !cache_find(key, image))
		return false;
	*program = program_read(image->bytes, image->size, &error);
	if (!*program) {
		image_close(image);
		return false;
	}
	fputs((*program)->warnings, stderr);
	return true;
}

static int get_from_script(const struct options *options, const struct buf *script,
			   struct image *image, struct program **program)
{
	struct cache_key key = { "" };
	char cached[PATH_MAX] = "";
	int status;

	if (!options->no_cache)
		cache_key_make(&key, options, options->script_file ? script->data : NULL,
			       script->size);
	if (options->last_pass == 5 && find_cached(options, &key, image, program))
		return 0;
	status = translate(options, script, image);
	if (!status)
		status = read_tables("what the translator made", image, program);
	if (status)
		return status;
	if (!options->no_cache && !cache_keep(&key, image, *program, cached, sizeof(cached)))
		cached[0] = 0;
	return options->last_pass == 4 ? save_program(options, image, cached) : 0;
}

int driver_get_program(const struct options *options, struct image *image,
		       struct program **program)
{
	struct buf script = { 0 };
	int status = 0;

	memset(image, 0, sizeof(*image));
	*program = NULL;
	if (options->script_file)
		status = read_given(options->script_file, &script, image);
	if (!status && image->bytes && options->arg_count) {
		say_error("%s: the program is already translated: it takes no arguments",
			  options->args[0]);
		status = 1;
	} else if (!status && image->bytes) {
		options_warn_translated(options);
		status = read_tables(options->script_file, image, program);
	} else if (!status) {
		status = get_from_script(options, &script, image, program);
	}
	buf_free(&script);
	return status;
}
