/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Sonde's own files are: the translator, the back-end plug-ins, the in-kernel library, the
 * tapsets.
 *
 * Looked for in this order:
 *   1. the environment: SONDE_LIBEXEC, SONDE_PLUGINS, SONDE_KERN, SONDE_TAPSETS, each a directory;
 *   2. the build tree, when the running program lies beside a build-tree.conf (configure writes it
 *      there; it is never installed), so that ./sonde runs without being installed;
 *   3. the directories given to configure, below the place where the running program's own one was
 *      put (make install DESTDIR=…, or a tree unpacked anywhere).
 * A program that runs with more privilege than its caller (AT_SECURE) takes the configured ones
 * as they are.
 *
 * Every function writes directory/NAME into the caller's buffer, or the directory alone when NAME
 * is NULL. They return 0 or -ENAMETOOLONG, and do not look whether the file is there. Nothing is to
 * be freed.
 */
#ifndef SONDE_RUNTIME_PATHS_H
#define SONDE_RUNTIME_PATHS_H

#include <stddef.h>

/* Programs of ours that users do not type: path_libexec("sonde-translate", …). */
int path_libexec(const char *name, char *buf, size_t size);

/* Modules for dlopen: path_plugin("sonde-backend-llvm.so", …). */
int path_plugin(const char *name, char *buf, size_t size);

/* The in-kernel library: path_kern_bitcode("str.bc", …). */
int path_kern_bitcode(const char *name, char *buf, size_t size);

/* The tapset library: path_tapsets("context.stp", …); the index of it is the file "index". */
int path_tapsets(const char *name, char *buf, size_t size);

#endif
