# SPDX-License-Identifier: GPL-2.0-or-later
# sonde_translate_SOURCES += %D%/main.c %D%/session.h

include translator/util/local.mk
include translator/parse/local.mk
include translator/elab/local.mk
include translator/debuginfo/local.mk
include translator/probes/local.mk
include translator/ir/local.mk
