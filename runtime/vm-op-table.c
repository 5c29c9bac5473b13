/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/vm-ops.h"

vm_op_fn *const vm_op_table[IR_OP_COUNT] = {
#define IR(id, name, result, args, effects) [IR_##id] = vm_op_##id,
#include "runtime/ir.def"
};
