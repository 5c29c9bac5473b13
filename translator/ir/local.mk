# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/ir.c %D%/ir.h %D%/ir-print.c %D%/ir-verify.c
