# SPDX-License-Identifier: GPL-2.0-or-later
# The in-kernel library: each topic.bpf.c becomes topic.bc.
nodist_kern_DATA += %D%/agg.bc %D%/error.bc %D%/scratch.bc %D%/session.bc %D%/str.bc
EXTRA_DIST += %D%/agg.bpf.c %D%/error.bpf.c %D%/scratch.bpf.c %D%/session.bpf.c %D%/str.bpf.c
kern_headers += runtime/abi.h %D%/kern.h %D%/kern.def %D%/fault.h %D%/fault.def
