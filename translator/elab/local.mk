# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/copy.c %D%/elab.h %D%/site.h %D%/walk.c %D%/walk.h
