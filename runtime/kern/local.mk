# SPDX-License-Identifier: GPL-2.0-or-later
# One topic a file; kern.def says which function is in which.
nodist_kern_DATA += %D%/agg.bc %D%/error.bc %D%/order.bc %D%/scratch.bc %D%/session.bc %D%/stat.bc \
	%D%/str.bc %D%/variance.bc
EXTRA_DIST += %D%/agg.bpf.c %D%/error.bpf.c %D%/order.bpf.c %D%/scratch.bpf.c %D%/session.bpf.c \
	%D%/stat.bpf.c %D%/str.bpf.c %D%/variance.bpf.c
kern_headers += %D%/kern.h %D%/fault.h runtime/abi.h
EXTRA_DIST += %D%/kern.h %D%/fault.h %D%/fault.def %D%/kern.def
