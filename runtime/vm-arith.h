/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of scripts: 64-bit two's complement, nothing traps. What RMW applies; the VM's own
 * operations are made of the same expressions.
 */
#ifndef SONDE_VM_ARITH_H
#define SONDE_VM_ARITH_H

#include <stdint.h>

#include "runtime/program.h"

/* ARITH(id, expression of uint64_t a and b, kept in int64_t) for what cannot fail. */
#define ARITH_TABLE(ARITH) \
	ARITH(ADD, a + b) \
	ARITH(SUB, a - b) \
	ARITH(MUL, a * b) \
	ARITH(AND, a & b) \
	ARITH(OR, a | b) \
	ARITH(XOR, a ^ b) \
	ARITH(SHL, a << (b & 63)) \
	ARITH(SAR, (uint64_t)((int64_t)a >> (b & 63))) \
	ARITH(SHR, a >> (b & 63)) \
	ARITH(EQ, a == b) \
	ARITH(NE, a != b) \
	ARITH(LT, (int64_t)a < (int64_t)b) \
	ARITH(LE, (int64_t)a <= (int64_t)b) \
	ARITH(GT, (int64_t)a > (int64_t)b) \
	ARITH(GE, (int64_t)a >= (int64_t)b)

/* Quotient and remainder; the divisor must not be 0. Dividing by -1 negates, also the least
 * number. */
static inline int64_t arith_div(int64_t a, int64_t b)
{
	return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static inline int64_t arith_mod(int64_t a, int64_t b)
{
	return b == -1 ? 0 : a % b;
}

/* a @op b; 0, or FAULT_DIVISION. */
int arith_apply(enum ir_op op, int64_t a, int64_t b, int64_t *result);

#endif
