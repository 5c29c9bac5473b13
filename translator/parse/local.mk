# SPDX-License-Identifier: GPL-2.0-or-later
sonde_translate_SOURCES += \
	%D%/ast-expr.h %D%/ast-print-file.c %D%/ast-print.c %D%/ast.def %D%/ast.h \
	%D%/at-op.c %D%/at-op.h \
	%D%/cond.c %D%/gram.y %D%/lex.l %D%/lexer.h %D%/macro.c %D%/names.c %D%/node-decl.c \
	%D%/node-expr.c %D%/node-stmt.c %D%/node.h %D%/parse.c %D%/parse.h %D%/parser.h \
	%D%/preproc.c %D%/preproc.h %D%/print-op.c %D%/print-op.h %D%/shape.c %D%/state.c \
	%D%/state.h %D%/syntax-error.c %D%/token-name.c %D%/token.c %D%/token.h
BUILT_SOURCES += %D%/gram.h
