# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/dump.c %D%/dump.h %D%/kernel.c %D%/kernel.h %D%/main.c %D%/options.c %D%/options.def \
	%D%/options.h %D%/session.h %D%/timing.c %D%/timing.h
if SANITIZERS
sonde_translate_SOURCES += %D%/sanitizers.c
endif

include translator/util/local.mk
include translator/parse/local.mk
include translator/elab/local.mk
include translator/debuginfo/local.mk
include translator/probes/local.mk
include translator/ir/local.mk
