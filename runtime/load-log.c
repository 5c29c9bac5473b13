/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "runtime/load.h"
#include "runtime/program.h"
#include "runtime/say.h"

/* libbpf's callback knows no context: one load at a time. */
static struct {
	char *verifier;		/* the verifier's log of the last failure */
	char program[128];	/* whose */
	char first[512];	/* the first complaint about anything else */
} load_log;

#define LOG_BEGIN "-- BEGIN PROG LOAD LOG --\n"
#define LOG_END "-- END PROG LOAD LOG --"

static void log_take(char *text)
{
	char *begin = strstr(text, LOG_BEGIN), *end;

	if (!begin) {
		if (!load_log.first[0])
			snprintf(load_log.first, sizeof(load_log.first), "%.*s",
				 (int)strcspn(text, "\n"), text);
		return;
	}
	free(load_log.verifier);
	load_log.verifier = strdup(begin + strlen(LOG_BEGIN));
	end = load_log.verifier ? strstr(load_log.verifier, LOG_END) : NULL;
	if (end)
		*end = 0;
}

static int log_print(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text, name[sizeof(load_log.program)];

	if (level == LIBBPF_DEBUG && !say_is_verbose(4))
		return 0;
	if (vasprintf(&text, format, args) < 0)
		return 0;
	if (say_is_verbose(level == LIBBPF_WARN ? 3 : 4))
		fputs(text, stderr);
	if (level == LIBBPF_WARN) {
		if (sscanf(text, "libbpf: prog '%127[^']'", name) == 1)
			memcpy(load_log.program, name, sizeof(name));
		log_take(text);
	}
	free(text);
	return 0;
}

void load_log_begin(void)
{
	load_log_end();
	libbpf_set_print(log_print);
}

void load_log_end(void)
{
	free(load_log.verifier);
	memset(&load_log, 0, sizeof(load_log));
}

const char *load_log_program(void)
{
	return load_log.program[0] ? load_log.program : NULL;
}

/* The verifier's last words, and the last line of the script that it had reached. */
static void log_summarize(char *reason, size_t reason_size, char *line, size_t line_size)
{
	char *at = load_log.verifier, *end;

	reason[0] = line[0] = 0;
	for (; at && *at; at = end + (*end == '\n')) {
		end = at + strcspn(at, "\n");
		if (*at == ';')
			snprintf(line, line_size, "%.*s", (int)(end - at - 1), at + 1);
		else if (end > at && strncmp(at, "processed ", 10) != 0 &&
			 strncmp(at, "verification time", 17) != 0 &&
			 strncmp(at, "stack depth", 11) != 0)
			snprintf(reason, reason_size, "%.*s", (int)(end - at), at);
	}
}

static const struct program_site *site_of_program(const struct load *load, const char *name)
{
	for (uint32_t i = 0; i < load->program->site_count; i++)
		if (strcmp(load->program->sites[i].program, name) == 0)
			return &load->program->sites[i];
	return NULL;
}

/* What usually is behind the verifier's words, and what helps. */
static const struct {
	const char *words, *means;
} log_advice[] = {
	{ "BPF program is too large",
	  "there are too many ways through the handler for the verifier: put less into its loops "
	  "(strings, branches, loops in loops), or make it two probes at the same point, or "
	  "collect here and work it out in a timer or end probe, which have no such limit" },
	{ "is too complex",
	  "there are too many ways through the handler for the verifier: fewer branches one after "
	  "the other, or two probes at the same point" },
	{ "bpf_probe_write_user",
	  "this kernel does not let BPF write to the memory of processes (lockdown, or a "
	  "capability is missing)" },
	{ "combined stack size",
	  "its loops in loops need more than 512 bytes of stack together: fewer levels of loops, "
	  "shorter keys, or two probes at the same point" },
	{ "frames is too deep",
	  "its loops are too deep in one another: BPF has 8 frames, and a sorted foreach takes "
	  "two" },
};

static void report_advice(const char *reason)
{
	for (size_t i = 0; i < sizeof(log_advice) / sizeof(*log_advice); i++)
		if (strstr(reason, log_advice[i].words)) {
			fprintf(stderr, "  %s.\n", log_advice[i].means);
			return;
		}
}

static void report_handler(const struct load *load, int error)
{
	const struct program *program = load->program;
	const struct program_site *site = site_of_program(load, load_log.program);
	char reason[512], line[512], where[512] = "";

	log_summarize(reason, sizeof(reason), line, sizeof(line));
	if (site && site->place < program->place_count)
		snprintf(where, sizeof(where), " at %s:%u:%u", program->places[site->place].file,
			 program->places[site->place].line, program->places[site->place].column);
	say_error("the kernel's verifier refuses the handler of %s%s: %s%s%s",
		  site ? site->name : load_log.program, where, *reason ? reason : strerror(-error),
		  *line ? "\n  while checking:" : "", line);
	report_advice(reason);
	if (say_is_verbose(1) && load_log.verifier)
		fprintf(stderr, "%s\n", load_log.verifier);
	else if (load_log.verifier)
		fprintf(stderr, "  -v prints the verifier's log.\n");
}

void load_log_report(const struct load *load, int error)
{
	struct utsname kernel;

	if (load_log.program[0]) {
		report_handler(load, error);
		return;
	}
	uname(&kernel);
	say_error("this kernel (%s) does not take the program: %s%s%s", kernel.release,
		  strerror(-error), load_log.first[0] ? "; " : "", load_log.first);
}
