/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/vm-arith.h"

typedef int64_t arith_fn(uint64_t a, uint64_t b);

#define ARITH(id, expression) \
	static int64_t arith_##id(uint64_t a, uint64_t b) \
	{ \
		return (int64_t)(expression); \
	}
ARITH_TABLE(ARITH)
#undef ARITH

static arith_fn *const table[IR_OP_COUNT] = {
#define ARITH(id, expression) [IR_##id] = arith_##id,
	ARITH_TABLE(ARITH)
#undef ARITH
};

int arith_apply(enum ir_op op, int64_t a, int64_t b, int64_t *result)
{
	if (op == IR_DIV || op == IR_MOD) {
		if (!b)
			return FAULT_DIVISION;
		*result = op == IR_DIV ? arith_div(a, b) : arith_mod(a, b);
		return 0;
	}
	*result = table[op] ? table[op]((uint64_t)a, (uint64_t)b) : b;
	return 0;
}
