/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DFUNC_H
#define SONDE_DFUNC_H

/*
 * Functions of a module: from its DWARF (by way of the index on disk), else
 * from its symbol tables. Queries, statements, labels, callees, probe sites.
 * Everything is owned by the session's arena.
 */
#include "translator/debuginfo/debuginfo.h"

enum dinsn_class {
	DINSN_UNKNOWN,		/* not x86, or unreadable */
	DINSN_NOP,		/* emulated */
	DINSN_NOP5,		/* emulated; on newest kernels turned into a call */
	DINSN_PUSH,		/* emulated */
	DINSN_BRANCH,		/* call, jmp, jcc: emulated */
	DINSN_STEPPED,		/* executed out of line by single-stepping: slow */
	DINSN_CLASSES
};

/* One place to probe. */
struct dsite {
	uint64_t vaddr;
	uint64_t file_offset;	/* D_NO_OFFSET: no code; the kernel's: again vaddr */
	uint64_t pc;		/* look variables up with this one (see dsite_choose) */
	enum dinsn_class insn;
	const char *note;	/* why it was moved, or NULL */
	struct dfunc *func;	/* the function that it lies in, physically; or NULL */
	struct dinline *in;	/* the innermost inlined instance around it, or NULL */
	const char *file;	/* where it is, for humans; or NULL */
	int line;		/* 0: unknown */
};

/*
 * The site for a probe at PC: behind an endbr64, where that does not change
 * anything a handler can see. pc stays what it was, so that CFA and location
 * lists are asked for the original address: register and stack are the same.
 */
void dsite_choose(struct dmodule *m, uint64_t pc, struct dsite *out);
const char *dinsn_class_text(enum dinsn_class c);	/* "push, emulated" … */

enum dfunc_source { DFUNC_DWARF, DFUNC_SYMTAB };

struct dfunc {
	struct dmodule *module;
	enum dfunc_source source;
	const char *name;		/* as written in the source: "read", or the symbol */
	const char *linkage;		/* the symbol: mangled for C++ and Rust */
	const char *pretty;		/* demangled with parameters, else == name */
	const char *qualified;		/* demangled without parameters, else == name */
	const char *file;		/* declared in; NULL when unknown */
	const char *cu_name;		/* compiled from; NULL when unknown */
	int line;
	uint64_t entry;			/* D_NO_OFFSET: only inlined */
	uint64_t size;			/* of the range that holds the entry; 0 unknown */
	struct dsite site;		/* for .function/.call; see dfunc_site() */
	bool is_exported;		/* DW_AT_external, or a global symbol */
	bool is_inlined;		/* may have inlined instances */
	bool is_ifunc;			/* a resolver; never in wildcard results */
	bool is_optimized;		/* its compilation unit */
	int naliases;			/* other symbols at this address */
	const char **aliases;
	struct dfunc_priv *priv;
};

/* One inlined copy. */
struct dinline {
	struct dfunc *func;		/* what was inlined */
	const char *caller;		/* the function it physically lies in */
	const char *call_file;
	int call_line;
	struct dsite site;
	struct dinline_priv *priv;
};

enum dquery_line { DQUERY_NONE, DQUERY_LINES, DQUERY_PLUS, DQUERY_ALL };

/*
 * "name@file:line", taken apart; the line part is ":8", ":8,10-12", ":*", "+3" or ":+3".
 * name and file are globs (* ? [..]); file matches at the end of a path, on a '/' boundary. A name
 * with "::" matches the qualified name; without, the last component; with "(", the pretty one.
 */
struct dquery {
	const char *text;
	const char *name;
	const char *file;		/* or NULL */
	enum dquery_line line_kind;
	struct dline_range { int first, last; } *lines;	/* LINES: in the order written */
	int nlines;
	int plus;			/* PLUS: lines from where the function is declared */
	bool name_is_glob, file_is_glob;
};

/* Zero-initialised is empty; queries add to what is there (vec_push). */
struct dfunc_list { struct dfunc **data; size_t count, capacity; };
struct dsite_list { struct dsite *data; size_t count, capacity; };
struct dinline_list { struct dinline **data; size_t count, capacity; };

int dquery_parse(struct dsession *ds, const char *text, struct dquery *q);

/*
 * The functions that match, in address order, one entry per address. 0 also
 * when there is none; -1 on an error. With :line, those that hold that line.
 */
int dfunc_match(struct dmodule *m, const struct dquery *q, struct dfunc_list *out);
/* By exact name or symbol; NULL if none. */
struct dfunc *dfunc_find(struct dmodule *m, const char *name);
/* Is F's name that of a symbol at its entry, and no other function with code has it? */
bool dfunc_owns_name(struct dfunc *f);
/* The function whose code holds PC, or NULL. */
struct dfunc *dfunc_at(struct dmodule *m, uint64_t pc);
/* Is F's name that of a symbol at its entry, and no other function with code has it? */
bool dfunc_owns_name(struct dfunc *f);

/*
 * Where .function/.call goes: the entry when optimised (location lists are
 * exact there), else behind the prologue, where -O0 has stored its parameters.
 */
const struct dsite *dfunc_site(struct dfunc *f);
/* The inlined copies of F (walks the compilation unit once). */
int dfunc_inlines(struct dfunc *f, struct dinline_list *out);
/* The pc behind the prologue, by the line table; the entry if unknown. */
uint64_t dfunc_prologue_end(struct dfunc *f);
/*
 * Why F cannot have a return probe; NULL if it can. Not all functions are called: _start, what PLTs
 * jump to and a signal handler's return have no return address that the probe could replace.
 */
const char *dfunc_no_return(struct dfunc *f);
/* Ranges [lo, hi) of F's code; returns how many. */
struct drange { uint64_t lo, hi; };
int dfunc_ranges(struct dfunc *f, struct drange **out);

/*
 * .statement(): the sites that Q's line part selects in the functions that
 * Q's name selects. A line without code is an error that names the nearest
 * lines that have some; with NEAREST the next line with code is taken.
 */
int dline_sites(struct dmodule *m, const struct dquery *q, bool nearest,
		struct dsite_list *out);
/* File and line of PC; 0 if known. */
int dline_at(struct dmodule *m, uint64_t pc, const char **file, int *line);

struct dlabel { const char *name; int line; struct dsite site; };
/* Labels of F and its inlined copies that match GLOB; -1 on an error. */
int dfunc_labels(struct dfunc *f, const char *glob, struct dlabel **out);

struct dcallee {
	const char *name;
	struct dfunc *func;		/* NULL: outside this file, or not known */
	struct dinline *in;		/* set when inlined here; site is its first insn */
	uint64_t return_pc;		/* behind the call instruction, if a real call */
	struct dsite site;		/* where the callee starts */
};
int dfunc_callees(struct dfunc *f, const char *glob, struct dcallee **out);

/* Calls FN with every function name until it returns non-zero ("did you mean"). */
int dfunc_each_name(struct dmodule *m, int (*fn)(const char *name, void *ctx), void *ctx);

#endif
