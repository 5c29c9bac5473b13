/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of sonde-translate. What every stage may ask is in session->options; the rest,
 * which only main.c needs, is here. Texts are those of argv.
 */
#ifndef SONDE_TRANSLATOR_OPTIONS_H
#define SONDE_TRANSLATOR_OPTIONS_H

#include "translator/session.h"

enum { PASSES = 5 };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct command {
	struct session session;
	const char *release, *arch;	/* -r, -a */
	const char *index_dir;		/* --index-tapsets */
	const char *dump;		/* --dump */
	int64_t output_fd, script_fd;	/* -1: none given */
	int verbose_pass[PASSES];	/* --vp, beside -v */
	enum color_when color;
	bool dump_types, dump_aliases, dump_functions;
	bool no_warnings, warnings_are_errors, help, version;
	bool none;			/* where rows point that set nothing */
};

/* Fills @command, whose session has its arena. False: what is wrong was said on stderr. */
bool options_parse(struct command *command, int argc, char **argv);
void options_print_help(void);

#endif
