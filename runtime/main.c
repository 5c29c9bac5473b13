/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sonde: what the user types. The runtime, file by file:
 *
 *   options.def options.c         the command line            say.c        messages
 *   driver.c image.c              translator or cache         cache.c cache-key.c hash128.c
 *   program-*.c                   the program's tables        paths.c      where our own files are
 *   run.c run-*.c report.c        the session                 target.c timers.c ring.c
 *   output.c                      -o and -S                daemon.c     -F
 *   load.c load-*.c               into the kernel             features.c   what this kernel has
 *   attach.c attach-*.c           probes, by mechanism        bpf-syscall.c build-id.c
 *   vm.c vm-*.c                   user-space handlers         records.c    records become text
 *   format.c aggr.c hist.c autoprint.c   text             sink.c sink-*.c  where it goes
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "runtime/cache.h"
#include "runtime/daemon.h"
#include "runtime/driver.h"
#include "runtime/options.h"
#include "runtime/program.h"
#include "runtime/run.h"
#include "runtime/say.h"

static int main_run(const struct options *options)
{
	struct program *program;
	struct image image;
	int status;

	if (options->lists || options->last_pass < 4)
		return driver_become_translator(options);
	status = driver_get_program(options, &image, &program);
	if (!status && options->last_pass == 5 &&
	    (!options->background || daemon_split(&status)))
		status = run_program(options, program, image.bytes, image.size);
	program_free(program);
	image_close(&image);
	return status;
}

/* Descriptors 0 to 2 are in use whatever the caller has closed: nothing else may come to lie there
 * and be taken for the standard output. Using the wrong direction gives EBADF, as it should. */
static void open_standard(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
}

/* Shells have background jobs ignore them; interrupting one is to work all the same. */
static void heed_interrupts(void)
{
	if (signal(SIGINT, SIG_DFL) == SIG_ERR || signal(SIGQUIT, SIG_DFL) == SIG_ERR)
		say_warning("interrupts cannot be received: %s", strerror(errno));
}

static int flush_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	say_error("cannot write to standard output: %s", strerror(errno));
	return 1;
}

static void print_version(void)
{
	printf("Sonde %s: traces with SystemTap scripts, run as eBPF.\n"
	       "Free software under the GNU General Public License, version 2 or later; there is\n"
	       "no warranty.\n",
	       PACKAGE_VERSION);
}

int main(int argc, char **argv)
{
	struct options options;
	int status = 1;

	open_standard();
	heed_interrupts();
	if (options_parse(&options, argc, argv))
		goto out;
	status = 0;
	if (options.help)
		options_print_help();
	else if (options.version)
		print_version();
	if (options.help || options.version)
		status = flush_output();
	if (options.clean_cache)
		cache_clean(true);
	if (!options.help && !options.version &&
	    (options.script_file || options.script_text || options.lists))
		status = main_run(&options);
out:
	options_free(&options);
	return status;
}
