# SPDX-License-Identifier: GPL-2.0-or-later
sonde_SOURCES += %D%/paths.c %D%/paths.h
sonde_translate_SOURCES += %D%/paths.c %D%/paths.h

# The program's format: both programs.
program_files = \
	runtime/program.h runtime/program.def runtime/program-fields.c runtime/program-fields.h \
	runtime/program-check.c runtime/program-check.h runtime/program-check-code.c \
	runtime/program-elf.c runtime/program-ops.c runtime/program-read.c \
	runtime/program-write.c runtime/abi.h runtime/ir.def runtime/mech.def
sonde_SOURCES += $(program_files)
sonde_translate_SOURCES += $(program_files)

include runtime/kern/local.mk
