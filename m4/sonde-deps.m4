# SPDX-License-Identifier: GPL-2.0-or-later
# What Sonde is built with. Each test that fails adds its Debian package to $sonde_missing.

# SONDE_NEED(PACKAGE, WHAT): note a missing package and say so at once.
AC_DEFUN([SONDE_NEED], [AC_MSG_WARN([$2 not found: apt-get install $1])
	sonde_missing="$sonde_missing $1"])

AC_DEFUN([SONDE_CHECK_TOOLS], [
AC_PROG_LEX([noyywrap])
AS_CASE([$LEX], [flex|*/flex], [], [SONDE_NEED([flex], [flex])])
AC_PROG_YACC
AS_CASE([$YACC], [*bison*], [], [SONDE_NEED([bison], [bison])])
])

# SONDE_CHECK_MODULE(PREFIX, PKG-CONFIG SPEC, PACKAGE)
AC_DEFUN([SONDE_CHECK_MODULE], [PKG_CHECK_MODULES([$1], [$2], [],
	[SONDE_NEED([$3], [$2])])])

AC_DEFUN([SONDE_CHECK_LIBS], [
AS_IF([test -z "$PKG_CONFIG"], [SONDE_NEED([pkg-config], [pkg-config])], [
	SONDE_CHECK_MODULE([ELF], [libelf >= 0.186], [libelf-dev])
	SONDE_CHECK_MODULE([DW], [libdw >= 0.186], [libdw-dev])
	SONDE_CHECK_MODULE([BPF], [libbpf >= 1.1], [libbpf-dev])
	SONDE_CHECK_MODULE([ZLIB], [zlib], [zlib1g-dev])
])
AC_CHECK_HEADER([libiberty/demangle.h],
	[AC_CHECK_LIB([iberty], [cplus_demangle_v3], [AC_SUBST([IBERTY_LIBS], [-liberty])],
		[SONDE_NEED([libiberty-dev], [libiberty])])],
	[SONDE_NEED([libiberty-dev], [libiberty/demangle.h])])
AC_CHECK_HEADER([linux/bpf.h], [], [SONDE_NEED([linux-libc-dev], [linux/bpf.h])])
# libdwfl loads libdebuginfod by itself when it is there: nothing is linked.
AC_CHECK_HEADER([elfutils/debuginfod.h],
	[AC_DEFINE([HAVE_DEBUGINFOD], [1], [Define to 1 if debuginfod's header is there.])],
	[AC_MSG_NOTICE([optional: debug files from the network need libdebuginfod-dev])])
])

# LLVM 14 to 19, by --with-llvm=VERSION or --with-llvm=/path/to/llvm-config.
m4_define([SONDE_LLVM_MIN], [14])
m4_define([SONDE_LLVM_MAX], [19])
AC_DEFUN([SONDE_CHECK_LLVM], [
AC_ARG_WITH([llvm], [AS_HELP_STRING([--with-llvm=VERSION|PROGRAM],
	[LLVM to link: a major version, or the llvm-config to ask (default: llvm-config,
	 then the newest of llvm-config-]SONDE_LLVM_MAX[ to ]SONDE_LLVM_MIN[)])], [], [with_llvm=])
sonde_llvm_in_range() {
	llvm_major=`"$[]1" --version 2>&AS_MESSAGE_LOG_FD | $SED 's/\..*//'`
	test -n "$llvm_major" && test "$llvm_major" -ge SONDE_LLVM_MIN &&
		test "$llvm_major" -le SONDE_LLVM_MAX && test -e "`$[]1 --includedir`/llvm-c/Core.h"
}
AS_CASE([$with_llvm],
	[''|yes], [llvm_candidates=llvm-config
		for llvm_try in m4_for([v], SONDE_LLVM_MAX, SONDE_LLVM_MIN, -1, [ v]); do
			llvm_candidates="$llvm_candidates llvm-config-$llvm_try"
		done],
	[[[0-9]]|[[0-9][0-9]]], [llvm_candidates="llvm-config-$with_llvm"],
	[llvm_candidates=$with_llvm])
AC_MSG_CHECKING([for LLVM ]SONDE_LLVM_MIN[ to ]SONDE_LLVM_MAX)
LLVM_CONFIG=
for llvm_try in $llvm_candidates; do
	AS_IF([sonde_llvm_in_range $llvm_try], [LLVM_CONFIG=$llvm_try; break])
done
AS_IF([test -z "$LLVM_CONFIG"], [
	AC_MSG_RESULT([no])
	SONDE_NEED([llvm-dev], [LLVM (tried: $llvm_candidates)])
	llvm_major=
], [
	AC_MSG_RESULT([$LLVM_CONFIG ($llvm_major)])
	LLVM_CPPFLAGS="-isystem `$LLVM_CONFIG --includedir`"
	LLVM_LIBS="-L`$LLVM_CONFIG --libdir`"
	LLVM_LIBS="$LLVM_LIBS `$LLVM_CONFIG --link-shared --libs 2>&AS_MESSAGE_LOG_FD`"
	AC_DEFINE_UNQUOTED([SONDE_LLVM_MAJOR], [$llvm_major], [Major version of the LLVM linked.])
])
AC_SUBST([LLVM_CONFIG])
AC_SUBST([LLVM_CPPFLAGS])
AC_SUBST([LLVM_LIBS])
])

# clang compiles the in-kernel library to bitcode. LLVM reads bitcode of its own version and older.
AC_DEFUN([SONDE_CHECK_CLANG], [
AC_ARG_VAR([CLANG], [clang for the in-kernel library, not newer than the LLVM linked])
AC_ARG_VAR([KERN_BPF_CPU], [-mcpu of the in-kernel library (default: v3)])
test -n "$KERN_BPF_CPU" || KERN_BPF_CPU=v3
AC_CHECK_PROGS([CLANG], [clang-$llvm_major clang])
AS_IF([test -z "$CLANG"], [SONDE_NEED([clang], [clang])], [
	clang_major=`echo __clang_major__ | $CLANG -E -P -x c - 2>&AS_MESSAGE_LOG_FD`
	AC_MSG_CHECKING([whether LLVM $llvm_major reads what $CLANG ($clang_major) writes])
	AS_IF([test -n "$llvm_major" && test "$clang_major" -gt "$llvm_major"], [
		AC_MSG_RESULT([no])
		SONDE_NEED([clang-$llvm_major], [a clang not newer than LLVM $llvm_major])
	], [AC_MSG_RESULT([yes])])
	AC_MSG_CHECKING([whether $CLANG compiles for BPF])
	AS_IF([echo 'int f(void) { return 1; }' |
		$CLANG -target bpf -mcpu=$KERN_BPF_CPU -c -emit-llvm -x c -o /dev/null - \
			2>&AS_MESSAGE_LOG_FD],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		SONDE_NEED([clang], [a clang with the BPF target])])
])
# <asm/types.h> is in the architecture's own directory, which -target bpf does not look into.
KERN_CPPFLAGS="-idirafter /usr/include/`$CC -print-multiarch 2>/dev/null`"
AC_SUBST([KERN_CPPFLAGS])
])
