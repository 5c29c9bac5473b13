# SPDX-License-Identifier: GPL-2.0-or-later
sonde_SOURCES += %D%/paths.c %D%/paths.h
sonde_translate_SOURCES += %D%/paths.c %D%/paths.h

include runtime/kern/local.mk
