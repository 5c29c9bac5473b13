# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/begin.c %D%/data.c %D%/files.c \
	%D%/kernel-code.c %D%/kernel-code.h %D%/kernel-function.c %D%/kernel-statement.c \
	%D%/kernel-trace.c %D%/kinds.c %D%/kinds.h %D%/lifecycle.c %D%/lsm.c %D%/netfilter.c \
	%D%/match.c %D%/perf.c %D%/probe-kind.h %D%/process.c %D%/process.h \
	%D%/process-function.c %D%/process-statement.c %D%/process-vars.c %D%/timer.c %D%/usdt.c \
	%D%/syscall.c %D%/syscall.h %D%/syscall-body.c %D%/syscall-calls.def \
	%D%/syscall-format.c %D%/syscall-format.h %D%/syscall-kind.c %D%/syscall-params.def \
	%D%/syscall-sets.def %D%/syscall-table.c %D%/syscall-table.h %D%/syscall-x86_64.def
