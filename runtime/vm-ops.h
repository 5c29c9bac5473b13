/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of the operations, one for each row of ir.def that makes sense in user space.
 */
#ifndef SONDE_VM_OPS_H
#define SONDE_VM_OPS_H

#include "runtime/vm-priv.h"

#define VM_OP(name) const struct vm_op *name(struct vm *vm, const struct vm_op *op)

#define IR(id, name, result, args, effects) VM_OP(vm_op_##id);
#include "runtime/ir.def"

/* A builtin that user-space handlers cannot call. */
VM_OP(vm_op_missing);

#endif
