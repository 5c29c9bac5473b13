# SPDX-License-Identifier: GPL-2.0-or-later
# One topic a file; kern.def says which function is in which.
nodist_kern_DATA += %D%/agg.bc %D%/argfmt.bc \
	%D%/backtrace.bc %D%/error.bc %D%/format.bc %D%/front.bc %D%/hist.bc %D%/match.bc \
	%D%/order.bc %D%/quote.bc %D%/read.bc \
	%D%/scratch.bc %D%/session.bc %D%/sort.bc %D%/stat.bc \
	%D%/str.bc %D%/strlib.bc %D%/ustack.bc %D%/variance.bc
EXTRA_DIST += %D%/agg.bpf.c %D%/argfmt.bpf.c \
	%D%/backtrace.bpf.c %D%/error.bpf.c %D%/format.bpf.c %D%/front.bpf.c %D%/hist.bpf.c \
	%D%/match.bpf.c %D%/order.bpf.c %D%/quote.bpf.c %D%/read.bpf.c \
	%D%/scratch.bpf.c %D%/session.bpf.c %D%/sort.bpf.c \
	%D%/stat.bpf.c %D%/str.bpf.c %D%/strlib.bpf.c %D%/ustack.bpf.c %D%/variance.bpf.c
kern_headers += %D%/cpus.h %D%/front.h %D%/kern.h %D%/fault.h %D%/format.h \
	%D%/order.h %D%/picture.h %D%/pin.h \
	%D%/stack.h %D%/view.h \
	%D%/walk.h %D%/work.h \
	runtime/argfmt.h runtime/regex.h runtime/abi.h runtime/stack-forms.def
EXTRA_DIST += %D%/cpus.h %D%/front.h %D%/kern.h %D%/fault.h %D%/format.h \
	%D%/order.h %D%/picture.h %D%/pin.h \
	%D%/stack.h %D%/view.h \
	%D%/walk.h %D%/work.h \
	%D%/fault.def %D%/kern.def
nodist_kern_DATA += %D%/path.bc
EXTRA_DIST += %D%/path.bpf.c
nodist_kern_DATA += %D%/picture.bc %D%/view.bc
EXTRA_DIST += %D%/picture.bpf.c %D%/view.bpf.c
nodist_kern_DATA += %D%/clock.bc %D%/create.bc %D%/lock.bc
EXTRA_DIST += %D%/clock.bpf.c %D%/create.bpf.c %D%/lock.bpf.c
kern_headers += %D%/clock.h %D%/lock.h
EXTRA_DIST += %D%/clock.h %D%/lock.h
