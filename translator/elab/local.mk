# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/copy.c %D%/elab.h %D%/site.h %D%/walk.c %D%/walk.h \
	%D%/access-loc.c %D%/access.c %D%/access.h %D%/build.c %D%/build.h \
	%D%/debuginfo.c %D%/debuginfo.h %D%/filter.c %D%/tvar-context.c %D%/tvar-entry.c \
	%D%/tvar-pretty.c %D%/tvar-priv.h %D%/tvar-type.c %D%/tvar.c %D%/tvar.h
