/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DEBUGINFO_H
#define SONDE_DEBUGINFO_H

/*
 * What the translator knows about ELF files, DWARF, BTF and kernel symbols, as
 * plain C structs: nothing of elfutils or libbpf shows above this directory.
 *
 *   debuginfo.h  sessions and modules (an ELF file, or the kernel)
 *   dfunc.h      functions, inlined instances, statements, labels, callees
 *   dscope.h     variables at a pc, and where they live (struct dloc)
 *   dtype.h      types, from DWARF and from BTF alike
 *   btf.h        kernel prototypes, tracepoint arguments, kernel features
 *   elfsym.h     ELF symbols, PLT entries, needed libraries
 *   sdt.h        USDT marks
 *   kallsyms.h   names of kernel symbols
 *
 *   session.c module.c search.c debugfile.c header.c   options, opening, finding files
 *   func.c func-match.c index.c index-build.c   functions and their index on disk
 *   line.c site.c                    statements; where to put a probe
 *   scope.c loc.c loc-expr.c loc-return.c frame.c       variables and locations
 *   type.c type-dwarf.c type-print.c btf.c      types
 *   elfsym.c sdt.c sdt-arg.c kallsyms.c
 *   priv.h                           what these share (the only Dwarf_*)
 *
 * Memory: everything handed out lives in the session's arena, until the
 * translation ends; dsession_close() releases file handles and mappings.
 *
 * Errors: a function that can fail returns NULL or -1 and leaves one clear
 * sentence in dsession_error(). Malformed input is an error, never a crash.
 *
 * Addresses: "vaddr" and "pc" are link-time addresses, as in the ELF file;
 * "file offset" is what uprobes take. DWARF register numbers are the
 * machine's own (x86-64: 0 rax 1 rdx 2 rcx 3 rbx 4 rsi 5 rdi 6 rbp 7 rsp
 * 8-15 r8-r15 16 rip 17-32 xmm0-15).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct dsession;
struct dbtf;

#define D_NO_OFFSET UINT64_MAX		/* no file offset, no pc */

struct dsession_options {
	const char *sysroot;		/* put before every searched path; NULL: none */
	const char *debug_path;		/* NULL: "/usr/lib/debug"; colon-separated */
	const char *index_dir;		/* NULL: the user's cache; "": keep no index */
	bool no_debuginfod;		/* do not ask even if DEBUGINFOD_URLS is set */
};

/* OPTS may be NULL. The arena is the caller's. Never NULL. */
struct dsession *dsession_open(struct arena *arena, const struct dsession_options *opts);
void dsession_close(struct dsession *ds);
const char *dsession_error(const struct dsession *ds);
/* Every file that what was found here came from, and where a separate debug file would be looked
 * for first, there or not: what a copy of the result has to be checked against. How many. */
size_t dsession_files(struct dsession *ds, const char *const **paths);

struct dmodule {
	struct dsession *session;
	const char *name;		/* as asked for */
	const char *path;		/* the file that probes attach to */
	const char *soname;		/* or NULL */
	const char *build_id;		/* hexadecimal, or NULL */
	int machine;			/* EM_* */
	int address_size;		/* 4 or 8 */
	bool is_kernel;			/* vmlinux, a module's .ko, or no file at all (path NULL) */
	bool is_vmlinux;		/* the first or the last of these */
	bool is_pie;			/* loaded at any address: add the load bias */
	bool is_library;		/* has a soname, or no interpreter */
	bool is_relocatable;		/* a kernel module's .ko */
	bool unwind_told;		/* the warning about return probes was given */
	struct dmodule_priv *priv;
};

/*
 * NAME: a path if it has a '/'; otherwise searched in PATH and then among the
 * libraries. Opened once per session. A script that is not ELF, a directory, a
 * missing file: NULL and the reason.
 */
struct dmodule *dmodule_open(struct dsession *ds, const char *name);

/*
 * NAME: a path, "libc.so.6", "libc" ("libc.so.*" then), or a glob of either.
 * FOR_EXE, if given, is the program that loads it: the libraries it needs are
 * looked through first.
 */
struct dmodule *dmodule_open_library(struct dsession *ds, const char *name,
				     struct dmodule *for_exe);

/* Every file that the glob PATTERN names; returns how many, -1 on an error. */
int dmodule_open_glob(struct dsession *ds, const char *pattern, struct dmodule ***out);

/* The types of C headers, "<sys/stat.h>" or several, as a compiler here tells them. */
struct dmodule *dmodule_open_header(struct dsession *ds, const char *list, int address_size);

/* The executable of a running process. */
struct dmodule *dmodule_open_pid(struct dsession *ds, int pid);

/*
 * The kernel. VMLINUX: a path, or NULL to look in the usual places for RELEASE
 * (NULL: the running kernel). Without a vmlinux a module comes back all the
 * same, that knows no functions by DWARF.
 */
struct dmodule *dmodule_open_kernel(struct dsession *ds, const char *vmlinux,
				    const char *release);

/* A kernel module's .ko of the given release, by name ("ext4"). */
struct dmodule *dmodule_open_kmod(struct dsession *ds, const char *name, const char *release);

/* Looks for the separate debug file too (build-id, debuglink, debuginfod). */
bool dmodule_has_dwarf(struct dmodule *m);

/* One sentence: why there is no DWARF, and what would help. NULL if there is. */
const char *dmodule_no_dwarf_reason(struct dmodule *m);

/* The file that DWARF came from: M->path itself or a separate one; or NULL. */
const char *dmodule_debug_path(struct dmodule *m);

/* D_NO_OFFSET when no executable segment holds VADDR. */
uint64_t dmodule_file_offset(const struct dmodule *m, uint64_t vaddr);
/* The same the other way round; D_NO_OFFSET if nothing is mapped from there. */
uint64_t dmodule_vaddr(const struct dmodule *m, uint64_t file_offset);
/* The address that the program headers map the first byte of the file to. */
uint64_t dmodule_link_base(const struct dmodule *m);

/* Copies up to LEN bytes of code or read-only data at VADDR; how many. */
size_t dmodule_read(struct dmodule *m, uint64_t vaddr, void *buf, size_t len);

/*
 * The thread-pointer offset of this file's TLS block when it is the main
 * executable (x86-64: negative); 0 when the module has no TLS.
 */
int64_t dmodule_tls_offset(const struct dmodule *m);

/* May exceptions (C++) or panics (Rust) unwind its functions? */
bool dmodule_throws(struct dmodule *m);

/* Does TEXT match GLOB (* ? [..]), as in every pattern here? */
bool dglob_match(const char *glob, const char *text);

#endif
