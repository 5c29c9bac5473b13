# SPDX-License-Identifier: GPL-2.0-or-later
sonde_backend_llvm_la_SOURCES += \
	%D%/agg.c %D%/assigned.c %D%/backtrace.c \
	%D%/bound.c %D%/call.c %D%/context.c %D%/element.h \
	%D%/emit.def %D%/emit.h %D%/error.c %D%/flat.h %D%/flat-priv.h \
	%D%/create.c %D%/far.c %D%/far.h \
	%D%/flatten.c %D%/fn.h %D%/format.c %D%/frames.c %D%/front.c %D%/func.c \
	%D%/gen.h %D%/global.c %D%/hist.c \
	%D%/insn.c %D%/iter.c %D%/iter.h %D%/kern.c %D%/key.c \
	%D%/line.c %D%/llvm.c %D%/loop.c %D%/map.c %D%/order.c %D%/plan.c %D%/print.c \
	%D%/read.c %D%/recurse.c %D%/slice.c %D%/sort.c %D%/stack.c \
	%D%/stat.c %D%/str.c %D%/text.c %D%/tokens.c %D%/type.c %D%/view.c %D%/work.c
