# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += %D%/host.c %D%/host.h
