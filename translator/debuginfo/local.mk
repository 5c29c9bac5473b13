# SPDX-License-Identifier: GPL-2.0-or-later
debuginfo_sources = \
	%D%/btf.c %D%/btf.h %D%/callee.c %D%/debuginfo.h %D%/dfunc.h %D%/dscope.h %D%/dtype.h \
	%D%/debugfile.c %D%/debugfile.h %D%/dwarf.c %D%/elfsym.c %D%/elfsym.h %D%/expr.c \
	%D%/frame.c %D%/func.c %D%/func-match.c %D%/glob.c %D%/header.c \
	%D%/index.c %D%/index.h %D%/index-build.c %D%/kallsyms.c %D%/kallsyms.h %D%/line.c \
	%D%/loc.c %D%/loc-eval.c %D%/loc-return.c %D%/module.c %D%/priv.h %D%/reg.c %D%/scan.c \
	%D%/scan.h %D%/scan-form.c %D%/scan-line.c %D%/scope.c %D%/sdt.c %D%/sdt.h %D%/sdt-arg.c \
	%D%/sdt-arg.h %D%/search.c %D%/session.c %D%/site.c %D%/statement.c %D%/type.c \
	%D%/type-priv.h \
	%D%/type-dwarf.c %D%/type-find.c %D%/type-print.c
sonde_translate_SOURCES += $(debuginfo_sources)
