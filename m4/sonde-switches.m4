# SPDX-License-Identifier: GPL-2.0-or-later
# Switches of configure for those who work on Sonde: warnings, sanitizers, coverage, fuzzing.

# SONDE_ENABLE(NAME, HELP): sets enable_NAME to yes or no.
AC_DEFUN([SONDE_ENABLE], [AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2])], [],
	[enable_$1=no])])

AC_DEFUN([SONDE_BUILD_SWITCHES], [
SONDE_ENABLE([werror], [warnings are errors])
SONDE_ENABLE([sanitizers], [build with ASan and UBSan])
SONDE_ENABLE([coverage], [build for gcov])
SONDE_ENABLE([fuzzing], [build the libFuzzer programs (CC must be clang)])

SWITCH_CFLAGS= SWITCH_LDFLAGS= sonde_sanitize=
AS_IF([test "$enable_werror" = yes], [SWITCH_CFLAGS="$SWITCH_CFLAGS -Werror"])
AS_IF([test "$enable_sanitizers" = yes], [sonde_sanitize=address,undefined])
AS_IF([test "$enable_fuzzing" = yes], [
	AC_MSG_CHECKING([whether $CC has libFuzzer])
	sonde_save_cflags=$CFLAGS
	CFLAGS="$CFLAGS -fsanitize=fuzzer"
	AC_LINK_IFELSE([AC_LANG_SOURCE([[#include <stddef.h>
		int LLVMFuzzerTestOneInput(const unsigned char *d, size_t n)
		{ return d && n > 9; }]])],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-fuzzing needs CC=clang (Debian: apt-get install clang)])])
	CFLAGS=$sonde_save_cflags
	sonde_sanitize=${sonde_sanitize:+$sonde_sanitize,}fuzzer-no-link
])
AS_IF([test -n "$sonde_sanitize"], [
	SWITCH_CFLAGS="$SWITCH_CFLAGS -fsanitize=$sonde_sanitize -fno-omit-frame-pointer"
	SWITCH_CFLAGS="$SWITCH_CFLAGS -fno-sanitize-recover=undefined"
	SWITCH_LDFLAGS="$SWITCH_LDFLAGS -fsanitize=$sonde_sanitize"
])
AS_IF([test "$enable_coverage" = yes], [
	SWITCH_CFLAGS="$SWITCH_CFLAGS --coverage"
	SWITCH_LDFLAGS="$SWITCH_LDFLAGS --coverage"
])
AC_SUBST([SWITCH_CFLAGS])
AC_SUBST([SWITCH_LDFLAGS])
AC_SUBST([SONDE_SANITIZERS], [$enable_sanitizers])
AC_SUBST([SONDE_FUZZING], [$enable_fuzzing])
AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" = yes])
AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])
])
