# SPDX-License-Identifier: GPL-2.0-or-later
sonde_SOURCES += %D%/paths.c %D%/paths.h
sonde_translate_SOURCES += %D%/paths.c %D%/paths.h
sonde_SOURCES += %D%/nearest.c %D%/nearest.h
sonde_translate_SOURCES += %D%/nearest.c %D%/nearest.h
sonde_SOURCES += %D%/btf-member.c %D%/btf-member.h
sonde_translate_SOURCES += %D%/btf-member.c %D%/btf-member.h

# The program's format: both programs.
program_files = \
	runtime/program.h runtime/program.def runtime/program-fields.c runtime/program-fields.h \
	runtime/program-check.c runtime/program-check.h runtime/program-check-code.c \
	runtime/program-elf.c runtime/program-ops.c runtime/program-read.c \
	runtime/program-write.c runtime/regex.c runtime/regex.h runtime/abi.h runtime/argfmt.h \
	runtime/ir.def runtime/mech.def
sonde_SOURCES += $(program_files)
sonde_translate_SOURCES += $(program_files)

# The virtual machine, the globals, and text: records, formats, sinks.
vm_files = \
	runtime/buf.c runtime/buf.h runtime/format.c runtime/format.h runtime/aggr.c \
	runtime/aggr.h \
	runtime/hist.c runtime/hist.h runtime/errors.c runtime/errors.h runtime/records.c \
	runtime/records.h runtime/sink.c runtime/sink.h runtime/sink-text.c runtime/sink-system.c \
	runtime/vm-table.c runtime/vm-table.h runtime/vm-sort.c runtime/vm-arith.c \
	runtime/vm-arith.h \
	runtime/vm-maps.c runtime/vm-maps.h runtime/vm-maps-priv.h runtime/vm-maps-home.c \
	runtime/vm-maps-iter.c runtime/vm-maps-kernel.c runtime/vm-maps-kernel.h \
	runtime/vm-maps-batch.c runtime/vm-maps-take.c runtime/vm-maps-rmw.c \
	runtime/vm-maps-front.c runtime/vm-maps-order.c runtime/vm-maps-view.c \
	runtime/vm.c runtime/vm.h runtime/vm-priv.h runtime/vm-decode.c \
	runtime/vm-ops.h runtime/vm-ops.c runtime/vm-ops-string.c runtime/vm-ops-map.c \
	runtime/vm-op-table.c runtime/vm-intrinsics.def runtime/vm-intrinsics.h \
	runtime/vm-intrinsics.c runtime/vm-intrinsics-stack.c runtime/vm-maps-marked.c \
	runtime/stack.h runtime/stack.c runtime/stack-priv.h runtime/stack-forms.def \
	runtime/symbols.h runtime/symbols-print.c runtime/symbols-kernel.c \
	runtime/vm-intrinsics-string.c runtime/vm-intrinsics-context.c \
	runtime/vm-regex.c runtime/autoprint.c runtime/autoprint.h
vm_files += runtime/vm-ops-memory.c runtime/kernel-memory.c runtime/kernel-memory.h
sonde_SOURCES += $(vm_files)

# What the user types: options, cache, loading, attaching, the session.
sonde_SOURCES += \
	runtime/main.c runtime/options.c runtime/options.h runtime/options.def \
	runtime/options-rc.c runtime/say.c \
	runtime/say.h runtime/driver.c runtime/driver.h runtime/image.c runtime/image.h \
	runtime/cache.c runtime/cache.h runtime/cache-key.c runtime/hash128.c runtime/hash128.h \
	runtime/bpf-syscall.c runtime/bpf-syscall.h runtime/features.c runtime/features.h \
	runtime/features.def runtime/load.c runtime/load.h runtime/load-choose.c \
	runtime/load-data.c runtime/load-log.c runtime/load-maps.c runtime/attach.c \
	runtime/attach.h runtime/attach-user.c runtime/attach-uprobe.c runtime/attach-kprobe.c \
	runtime/attach-tracing.c runtime/attach-perf.c runtime/attach-watch.c \
	runtime/traceable.c runtime/traceable.h runtime/build-id.c \
	runtime/build-id.h \
	runtime/run.c runtime/run.h runtime/run-handlers.c runtime/run-loop.c runtime/report.c \
	runtime/output.c runtime/output.h runtime/daemon.c runtime/daemon.h \
	runtime/inputs.c runtime/inputs.h runtime/ring.c \
	runtime/ring.h runtime/target.c runtime/target.h runtime/timers.c \
	runtime/timers.h

# Names in processes, a plug-in, so that nothing else maps libdw.
pkglib_LTLIBRARIES += sonde-symbols.la
sonde_symbols_la_SOURCES = \
	runtime/symbols-elf.c runtime/symbols-elf-priv.h runtime/symbols-table.c \
	runtime/symbols-unwind.c runtime/symbols-user.h
sonde_symbols_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared
sonde_symbols_la_LIBADD = $(DW_LIBS) $(ELF_LIBS) $(IBERTY_LIBS)
sonde_SOURCES += runtime/stack-space.c runtime/stack-track.c runtime/stack-user.c

include runtime/kern/local.mk
