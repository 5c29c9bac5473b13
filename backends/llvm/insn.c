/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an operation to its emitter; moves, arithmetic, comparison, control. */
#include "backends/llvm/fn.h"
#include "backends/llvm/emit.h"

static const emitter rows[FLAT_OP_COUNT] = {
	[FLAT_PUSH] = emit_push, [FLAT_POP] = emit_pop, [FLAT_BACK] = emit_back,
	[FLAT_NOTE] = emit_note, [FLAT_AGAIN] = emit_again,
#define EMIT(op, function) [IR_##op] = function,
#include "backends/llvm/emit.def"
};

void insn_emit(struct fn *f, const struct flat_insn *insn)
{
	/* What follows the end of a block (code behind `next`) is never reached. */
	if (LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(f->g->builder)))
		return;
	f->insn = insn;
	lines_at(f->g, insn->place);
	if (rows[insn->op])
		rows[insn->op](f, insn->operands);
	else
		refuse(f->g, insn->place, ir_ops[insn->op].name, "a kernel handler cannot do it");
}

void emit_mov(struct fn *f, const uint32_t *o)
{
	long_result(f, o[0], long_operand(f, o[1]));
}

void emit_binary(struct fn *f, const uint32_t *o)
{
	static const LLVMOpcode opcodes[IR_OP_COUNT] = {
		[IR_ADD] = LLVMAdd, [IR_SUB] = LLVMSub, [IR_MUL] = LLVMMul,
		[IR_AND] = LLVMAnd, [IR_OR] = LLVMOr, [IR_XOR] = LLVMXor,
	};

	long_result(f, o[0],
		    LLVMBuildBinOp(f->g->builder, opcodes[f->insn->op], long_operand(f, o[1]),
				   long_operand(f, o[2]), ""));
}

void emit_shift(struct fn *f, const uint32_t *o)
{
	static const LLVMOpcode opcodes[IR_OP_COUNT] = {
		[IR_SHL] = LLVMShl, [IR_SAR] = LLVMAShr, [IR_SHR] = LLVMLShr,
	};
	struct gen *g = f->g;
	LLVMValueRef count = LLVMBuildAnd(g->builder, long_operand(f, o[2]), const64(g, 63), "");

	long_result(f, o[0], LLVMBuildBinOp(g->builder, opcodes[f->insn->op], long_operand(f, o[1]),
					    count, ""));
}

void emit_unary(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef value = long_operand(f, o[1]);

	long_result(f, o[0], f->insn->op == IR_NEG ? LLVMBuildNeg(g->builder, value, "")
						   : LLVMBuildNot(g->builder, value, ""));
}

void emit_compare(struct fn *f, const uint32_t *o)
{
	static const LLVMIntPredicate predicates[IR_OP_COUNT] = {
		[IR_EQ] = LLVMIntEQ, [IR_NE] = LLVMIntNE, [IR_LT] = LLVMIntSLT,
		[IR_LE] = LLVMIntSLE, [IR_GT] = LLVMIntSGT, [IR_GE] = LLVMIntSGE,
	};
	struct gen *g = f->g;

	long_result(f, o[0],
		    to64(g, LLVMBuildICmp(g->builder, predicates[f->insn->op],
					  long_operand(f, o[1]), long_operand(f, o[2]), "")));
}

static LLVMValueRef magnitude(struct gen *g, LLVMValueRef value, LLVMValueRef sign)
{
	/* (v ^ s) - s with s all ones for a negative v */
	return LLVMBuildSub(g->builder, LLVMBuildXor(g->builder, value, sign, ""), sign, "");
}

/* Signed quotient or remainder: the processor divides unsigned numbers only. */
LLVMValueRef divide_signed(struct gen *g, LLVMValueRef a, LLVMValueRef b, bool remainder)
{
	LLVMValueRef by63 = const64(g, 63), a_sign = LLVMBuildAShr(g->builder, a, by63, "");
	LLVMValueRef b_sign = LLVMBuildAShr(g->builder, b, by63, ""), result, sign;

	a = magnitude(g, a, a_sign);
	b = magnitude(g, b, b_sign);
	result = remainder ? LLVMBuildURem(g->builder, a, b, "")
			   : LLVMBuildUDiv(g->builder, a, b, "");
	sign = remainder ? a_sign : LLVMBuildXor(g->builder, a_sign, b_sign, "");
	return magnitude(g, result, sign);
}

void emit_divide(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef a = long_operand(f, o[1]), b = long_operand(f, o[2]);

	raise_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, b, const64(g, 0), ""), FAULT_DIVISION,
		 NULL);
	long_result(f, o[0], divide_signed(g, a, b, f->insn->op == IR_MOD));
}

void emit_jmp(struct fn *f, const uint32_t *o)
{
	fn_branch(f, o[1]);
}

void emit_br(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef taken =
		LLVMBuildICmp(g->builder, LLVMIntNE, long_operand(f, o[1]), const64(g, 0), "");
	LLVMBasicBlockRef yes = fn_target(f, o[2]), no = fn_target(f, o[3]);

	LLVMBuildCondBr(g->builder, taken, yes, no);
}

void emit_ret(struct fn *f, const uint32_t *o)
{
	(void)o;
	fn_branch(f, FLAT_EXIT);
}

void emit_action(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	int64_t most = f->flat->program->head.max_action;
	LLVMValueRef done;

	if (most <= 0)
		return;
	done = LLVMBuildAdd(g->builder, fn_get(f, var_fixed(f, VAR_ACTIONS)), const64(g, o[1]), "");
	fn_set(f, var_fixed(f, VAR_ACTIONS), done);
	raise_if(f, LLVMBuildICmp(g->builder, LLVMIntSGT, done, const64(g, most), ""),
		 FAULT_ACTIONS, NULL);
}

void emit_raise(struct fn *f, const uint32_t *o)
{
	raise_now(f, o[1], NULL);
}
