# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += %D%/backend.c %D%/backend.h

include backends/host/local.mk
include backends/llvm/local.mk
