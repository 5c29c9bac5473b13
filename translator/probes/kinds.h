/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of probe_kinds[]: one a file. */
#ifndef SONDE_KINDS_H
#define SONDE_KINDS_H

#include "translator/probes/probe-kind.h"

extern const struct probe_kind probe_kind_begin;
extern const struct probe_kind probe_kind_timer;
extern const struct probe_kind probe_kind_kernel_function;
extern const struct probe_kind probe_kind_kprobe;
extern const struct probe_kind probe_kind_kernel_statement;
extern const struct probe_kind probe_kind_kernel_absolute;
extern const struct probe_kind probe_kind_kernel_trace;
extern const struct probe_kind probe_kind_process_function;
extern const struct probe_kind probe_kind_process_statement;
extern const struct probe_kind probe_kind_usdt;
extern const struct probe_kind probe_kind_lifecycle;
extern const struct probe_kind probe_kind_perf;
extern const struct probe_kind probe_kind_syscall;
extern const struct probe_kind probe_kind_lsm;
extern const struct probe_kind probe_kind_netfilter;
extern const struct probe_kind probe_kind_procfs;
extern const struct probe_kind probe_kind_input;
extern const struct probe_kind probe_kind_kernel_data;
extern const struct probe_kind probe_kind_process_data;

#endif
