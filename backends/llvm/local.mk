# SPDX-License-Identifier: GPL-2.0-or-later
# sonde_backend_llvm_la_SOURCES += %D%/llvm.c
