# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/access-loc.c %D%/access.c %D%/access.h %D%/build.c %D%/build.h %D%/check-stat.c \
	%D%/check.c %D%/context.c %D%/copy.c %D%/debuginfo.c %D%/debuginfo.h %D%/elab-print.c \
	%D%/elab-priv.h %D%/elab.h %D%/elaborate.c %D%/expand-body.c %D%/expand-kind.c \
	%D%/expand.c %D%/expand.h %D%/filter.c %D%/format-table.c %D%/format-table.h \
	%D%/infer-expr.c %D%/infer-print.c %D%/infer.c %D%/infer.h %D%/late.c %D%/library.c \
	%D%/library.h %D%/list.c %D%/machine.c %D%/machine.h %D%/merge.c %D%/names.c %D%/point.c \
	%D%/prune.c %D%/refused.def %D%/refused-probe.def %D%/resolve.c \
	%D%/site-text.c %D%/site-text.h %D%/site.h \
	%D%/tapset-index.c %D%/tapset-index.h %D%/tvar-context.c %D%/tvar-entry.c \
	%D%/tvar-pretty.c %D%/tvar-priv.h %D%/tvar-type.c %D%/tvar-write.c %D%/tvar.c %D%/tvar.h \
	%D%/usage.c %D%/walk.c %D%/walk.h %D%/width.c %D%/width.h
