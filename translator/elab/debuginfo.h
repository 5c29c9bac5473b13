/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session's debug information, opened when something first asks for it.
 */
#ifndef SONDE_ELAB_DEBUGINFO_H
#define SONDE_ELAB_DEBUGINFO_H

#include <stdbool.h>
#include <stdint.h>

struct dbtf;
struct dmodule;
struct dsession;
struct session;

struct dsession *elab_debuginfo(struct session *session);
/* The target kernel's BTF, or NULL. */
struct dbtf *elab_btf(struct session *session);
/* The target kernel's vmlinux. Without debug information a module comes back all the same. */
struct dmodule *elab_kernel(struct session *session);
/* Is the module loaded? Before 5.11 modules have no BTF: the names of their functions are known. */
bool elab_module_loaded(struct session *session, const char *name);
/* Link address of the target kernel's _stext; 0 when its vmlinux is not there. */
uint64_t elab_kernel_text(struct session *session);
/* Is the target kernel's version at least @major.@minor? */
bool elab_kernel_at_least(const struct session *session, int major, int minor);
/* Ticks a second of the target kernel's jiffies (CONFIG_HZ). */
int elab_kernel_hz(const struct session *session);

#endif
