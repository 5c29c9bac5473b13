/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of sonde: options.def has one row for each option. Options of the translation
 * are not understood here; they are collected in `pass` as the translator will get them, and those
 * that change what it makes in `key` as well.
 *
 * options_parse() says what is wrong itself. The texts are those of argv; options_free() releases
 * the rest.
 */
#ifndef SONDE_RUNTIME_OPTIONS_H
#define SONDE_RUNTIME_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options_list {
	const char **items;
	size_t count;
};

struct options {
	const char *script_text;	/* -e, or a bare one-liner; NULL: script_file */
	const char *script_file;	/* a script, "-", or a .sonde program; NULL: none */
	const char *const *args;	/* the script's */
	size_t arg_count;
	struct options_list pass;	/* arguments for the translator, without script and args */
	struct options_list key;	/* what of them changes the program, "name=value" */
	struct options_list fixed;	/* without effect on a translated program */
	struct options_list include_dirs;	/* -I */
	struct options_list rc;		/* words of the rc file */

	int last_pass;			/* -p, 5 unless given */
	int verbose;
	int color;			/* enum say_color */
	bool lists;			/* -l, -L, --dump-…: the translator prints, nothing runs */
	bool no_warnings, warnings_are_errors, timing, suppress_errors, no_autoprint;
	bool none;			/* where rows point that set no member */
	bool no_cache, poison_cache, clean_cache, help, version;
	bool background;		/* -F */
	const char *output;		/* -o */
	int64_t rotate_bytes, rotate_keep;	/* -S; 0: one file; all files */
	const char *name;		/* -m */
	const char *command;		/* -c */
	int64_t pid;			/* -x; 0: none */
	int64_t ring_mb;		/* -s; 0: the program's choice */
	int64_t time_limit_ns;		/* -T; 0: none */
};

/* 0, or -EINVAL after an error message. */
int options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);
void options_print_help(void);

/* Adds the words of the rc file, if there is one, and gives its @path; the words are allocated.
 * 0, -ENOMEM, or -EINVAL after an error message. */
int options_read_rc(struct options_list *words, char *path, size_t size);

/* Says so when options of the translation were given for a program that is already translated. */
void options_warn_translated(const struct options *options);

#endif
