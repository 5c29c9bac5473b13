/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One translation: its options, its target and its memory. Made by main, passed down to each stage;
 * a stage's own state is not here.
 */
#ifndef SONDE_SESSION_H
#define SONDE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/util/vec.h"

struct arena;
struct intern;
struct diags;
struct detail;
struct dsession;
struct library;
struct parse_state;

/* The language is that of this version of SystemTap, unless --compatible says otherwise. */
#define LANGUAGE_VERSION "5.6"

/* What the command line says; see doc/sonde.1. Filled by main, read by every stage. */
struct options {
	const char *script_path;	/* a file, "-" for standard input, NULL with -e or -l */
	const char *script_text;	/* -e; or the point of -l and -L as "probe POINT {}" */
	VEC(const char *) extra_scripts;	/* -E */
	VEC(const char *) args;		/* the script's: $1 … */
	VEC(const char *) tapset_dirs;	/* -I, then SYSTEMTAP_TAPSET/SONDE_TAPSET, then built in */
	VEC(const char *) defines;	/* -D NAME[=VALUE] */
	VEC(const char *) globals;	/* -G NAME=VALUE */
	int last_pass;			/* -p: 1 to 5 */
	int verbose;			/* -v */
	bool guru, unoptimized, one_liner, list, list_vars, skip_badvars;
	bool no_autoprint, suppress_handler_errors, timing, prologue_searching;
	const char *compatible;		/* --compatible */
	const char *output;		/* -o of -p4, or the descriptor the runtime gave */
	const char *command;		/* -c, for process probes without a path */
	int64_t target_pid;		/* -x, 0: none */
	int64_t ring_bytes;		/* -s, 0: the runtime's choice */
	const char *sysroot, *debuginfo_path;
};

/* The kernel the program will run on; from uname and BTF, or -r. */
struct target_kernel {
	const char *release;		/* "6.1.0-56-cloud-amd64" */
	const char *version;		/* base: "6.1.0" */
	const char *arch;		/* "x86_64" */
	const char *btf_path;
	const char *config_path;	/* for CONFIG_X tests, or NULL */
	const char *symbols_path;	/* System.map of another kernel, NULL: /proc/kallsyms */
	const char *debug_path;		/* the vmlinux of -r DIR; NULL: to be looked for */
};

struct session {
	struct arena *arena;
	struct intern *names;
	struct diags *diags;
	struct options options;
	struct target_kernel kernel;
	struct dsession *debuginfo;	/* made on first use */
	struct library *library;	/* the tapsets: opened before the script is parsed */
	struct parse_state *parse;	/* made on first use: parse/state.h */
	VEC(struct detail *) details;	/* one object per meaning of a long: elab/access.h */
	/* constants for handlers in the kernel, named by their place here */
	VEC(struct session_table { const uint8_t *data; size_t size; }) tables;
	int64_t max_string;		/* MAXSTRINGLEN: bytes with the NUL */
};

#endif
