/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translator/probes/kinds.h"

/* In match order: nothing here overlaps, so the order is that of the manual. */
const struct probe_kind *const probe_kinds[] = {
	&probe_kind_begin,
	&probe_kind_timer,
	&probe_kind_kernel_function,
	&probe_kind_kprobe,
	&probe_kind_kernel_statement,
	&probe_kind_kernel_absolute,
	&probe_kind_kernel_trace,
	&probe_kind_process_function,
	&probe_kind_process_statement,
	&probe_kind_usdt,
	&probe_kind_lifecycle,
	&probe_kind_perf,
	&probe_kind_syscall,
	&probe_kind_lsm,
	&probe_kind_netfilter,
	&probe_kind_procfs,
	&probe_kind_input,
	&probe_kind_kernel_data,
	&probe_kind_process_data,
	NULL
};
