# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/ir.c %D%/ir.h %D%/ir-opt.c %D%/ir-print.c %D%/ir-verify.c \
	%D%/intrinsics.c %D%/intrinsics.def %D%/intrinsics.h \
	%D%/lower.c %D%/lower.h %D%/lower-builtin.c %D%/lower-call.c %D%/lower-emit.c \
	%D%/lower-flatten.c \
	%D%/lower-expr.c %D%/lower-global.c %D%/lower-limits.c %D%/lower-map.c \
	%D%/lower-print.c %D%/lower-priv.h %D%/lower-probe.c %D%/lower-stat.c \
	%D%/lower-stmt.c %D%/lower-str.c \
	%D%/regex-dfa.c %D%/regex-table.c
