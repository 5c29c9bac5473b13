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

# The virtual machine, the globals, and text: records, formats, sinks.
vm_files = \
	runtime/buf.c runtime/buf.h runtime/format.c runtime/format.h runtime/aggr.c runtime/aggr.h \
	runtime/hist.c runtime/hist.h runtime/errors.c runtime/errors.h runtime/records.c \
	runtime/records.h runtime/sink.c runtime/sink.h runtime/sink-text.c runtime/sink-system.c \
	runtime/vm-table.c runtime/vm-table.h runtime/vm-sort.c runtime/vm-arith.c runtime/vm-arith.h \
	runtime/vm-maps.c runtime/vm-maps.h runtime/vm-maps-priv.h runtime/vm-maps-home.c \
	runtime/vm-maps-iter.c runtime/vm-maps-kernel.c runtime/vm-maps-kernel.h \
	runtime/vm-maps-batch.c runtime/vm-maps-take.c runtime/vm-maps-rmw.c \
	runtime/vm-maps-order.c
sonde_SOURCES += $(vm_files)

include runtime/kern/local.mk
