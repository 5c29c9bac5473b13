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
	SONDE_LINK_LLVM
	AC_DEFINE_UNQUOTED([SONDE_LLVM_MAJOR], [$llvm_major], [Major version of the LLVM linked.])
])
AC_SUBST([LLVM_CONFIG])
AC_SUBST([LLVM_CPPFLAGS])
AC_SUBST([LLVM_LIBS])
AC_SUBST([LLVM_LDFLAGS])
])

# Only the parts of LLVM that the plug-in uses, linked into it, or the whole library? The loader
# relocates 8 MB of the whole library in each run, which is a third of a translation's time.
AC_DEFUN([SONDE_LINK_LLVM], [
AC_ARG_ENABLE([static-llvm], [AS_HELP_STRING([--disable-static-llvm],
	[load the whole libLLVM.so (default: link the parts needed, if they are installed)])],
	[], [enable_static_llvm=auto])
AC_MSG_CHECKING([for static libraries of LLVM])
LLVM_LDFLAGS='-Wl,-Bsymbolic -Wl,--exclude-libs,ALL -Wl,--gc-sections'
LLVM_LIBS="-L`$LLVM_CONFIG --libdir`"
sonde_llvm_libs=`$LLVM_CONFIG --link-static --libs passes linker bitreader bpf \
	2>&AS_MESSAGE_LOG_FD`
# z3 and libxml2 are for parts that are not linked, and slow to load.
sonde_llvm_system=`$LLVM_CONFIG --link-static --system-libs 2>&AS_MESSAGE_LOG_FD |
	$SED 's,[[^ ]]*z3[[^ ]]*,,; s/-lxml2//; s/-lrt//; s/-ldl//'`
sonde_llvm_static=no
AS_IF([test "$enable_static_llvm" != no && test -n "$sonde_llvm_libs"], [
	sonde_llvm_saved=$LIBS
	LIBS="$LLVM_LIBS $sonde_llvm_libs $sonde_llvm_system -lstdc++ -Wl,--gc-sections"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[
		void LLVMInitializeBPFTarget(void), *LLVMRunPasses(void), LLVMLinkModules2(void);
		void LLVMParseBitcodeInContext2(void), LLVMInitializeBPFAsmPrinter(void);
	]], [[
		LLVMInitializeBPFTarget(), LLVMInitializeBPFAsmPrinter(), LLVMRunPasses();
		LLVMLinkModules2(), LLVMParseBitcodeInContext2();
	]])], [sonde_llvm_static=yes])
	LIBS=$sonde_llvm_saved
])
AC_MSG_RESULT([$sonde_llvm_static])
AS_IF([test $sonde_llvm_static = yes], [
	LLVM_LIBS="$LLVM_LIBS $sonde_llvm_libs $sonde_llvm_system -lstdc++"
], [test "$enable_static_llvm" = yes], [
	AC_MSG_ERROR([the static libraries of LLVM do not link])
], [
	AC_MSG_NOTICE([optional: Sonde starts faster with LLVM linked in, which needs the -dev
    packages of what LLVM $llvm_major uses:] $sonde_llvm_system)
	LLVM_LDFLAGS=
	LLVM_LIBS="$LLVM_LIBS `$LLVM_CONFIG --link-shared --libs 2>&AS_MESSAGE_LOG_FD`"
])
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
# <asm/types.h> may be in the architecture's own directory, which -target bpf does not look into.
sonde_asm=`echo '@%:@include <asm/types.h>' | $CC -E -x c - 2>&AS_MESSAGE_LOG_FD |
	$SED -n 's,^@%:@ 1 "\(.*\)/asm/types\.h".*,\1,p'`
KERN_CPPFLAGS=${sonde_asm:+"-idirafter $sonde_asm"}
AC_SUBST([KERN_CPPFLAGS])
])
