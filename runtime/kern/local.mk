# SPDX-License-Identifier: GPL-2.0-or-later
# For each topic.bpf.c:  nodist_kern_DATA += %D%/topic.bc   EXTRA_DIST += %D%/topic.bpf.c
# Headers they include:  kern_headers += runtime/abi.h      EXTRA_DIST += the same, if nobody lists it
