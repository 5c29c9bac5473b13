/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of vm-intrinsics.def; vm-intrinsics-string.c has those about strings, vm-
 * intrinsics-context.c the rest.
 */
#ifndef SONDE_VM_INTRINSICS_H
#define SONDE_VM_INTRINSICS_H

#include "runtime/vm-priv.h"

#define BUILTIN(name) \
	int builtin_##name(struct vm *vm, const struct maps_value *args, struct maps_value *result)

#define VM_INTRINSIC(name, result, args, function) BUILTIN(function);
#include "runtime/vm-intrinsics.def"

#endif
