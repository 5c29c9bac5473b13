/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names and signatures of the operations, for the checker, the printer and the VM. */
#include "runtime/program.h"

const struct ir_op_info ir_ops[IR_OP_COUNT] = {
#define IR(id, name, result, args, effects) [IR_##id] = { name, result, args, effects },
#include "runtime/ir.def"
};
