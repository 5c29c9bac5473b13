# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/arena.c %D%/arena.h %D%/diag.c %D%/diag.def %D%/diag.h %D%/finder.c %D%/finder.h \
	%D%/hash.h %D%/intern.c \
	%D%/intern.h %D%/map.c %D%/map.h %D%/regex-parse.c %D%/regex.h \
	%D%/source.c %D%/source.h %D%/vec.c %D%/vec.h
