/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounds of counted loops, for kernels without bpf_loop(). Their verifier goes through every
 * iteration, keeps each conditional jump of the way for later, and gives up at 8192 of them. How
 * many jumps an iteration has is known after optimisation only; so a loop asks for its bound by a
 * call, and gets its share of the handler's budget here.
 */
#include "backends/llvm/gen.h"

#define ASK "sonde_bound" /* u64 sonde_bound(void *step), as runtime/kern/walk.h declares it */
#define BUDGET_JUMPS 7000
#define BUDGET_INSNS 300000
#define BOUND_MOST (1 << 20)

struct cost {
	uint64_t jumps, insns;
};

struct step {
	LLVMValueRef function;
	uint64_t bound;		/* 0: not given one yet */
};

struct bounds {
	struct gen *g;
	VEC(struct step) steps;	/* functions that do one iteration */
};

LLVMValueRef bound_ask(struct gen *g, LLVMValueRef step)
{
	LLVMValueRef ask = LLVMGetNamedFunction(g->module, ASK), arg;
	LLVMTypeRef param;

	if (!ask) {
		unsigned int readnone = LLVMGetEnumAttributeKindForName("readnone", 8);

		ask = LLVMAddFunction(g->module, ASK, LLVMFunctionType(g->i64, &g->ptr, 1, false));
		LLVMAddAttributeAtIndex(ask, LLVMAttributeFunctionIndex,
					LLVMCreateEnumAttribute(g->context, readnone, 0));
	}
	LLVMGetParamTypes(LLVMGlobalGetValueType(ask), &param);
	arg = LLVMBuildPointerCast(g->builder, step, param, "");
	return LLVMBuildCall2(g->builder, LLVMGlobalGetValueType(ask), ask, &arg, 1, "");
}

static struct step *step_find(struct bounds *b, LLVMValueRef function)
{
	for (size_t i = 0; i < b->steps.count; i++)
		if (b->steps.data[i].function == function)
			return &b->steps.data[i];
	return NULL;
}

/* The step that a call of ASK names. */
static LLVMValueRef asked_step(LLVMValueRef call)
{
	LLVMValueRef step = LLVMGetOperand(call, 0);

	while (!LLVMIsAFunction(step) && LLVMIsAConstantExpr(step))
		step = LLVMGetOperand(step, 0);
	return step;
}

/* The function of the module that an instruction calls, or NULL. */
static LLVMValueRef callee_of(LLVMValueRef insn)
{
	LLVMValueRef callee;

	if (!LLVMIsACallInst(insn))
		return NULL;
	callee = LLVMIsAFunction(LLVMGetCalledValue(insn));
	return callee && !LLVMIsDeclaration(callee) ? callee : NULL;
}

/* Conditional jumps that an instruction becomes. */
static uint64_t insn_jumps(struct gen *g, LLVMValueRef insn)
{
	switch (LLVMGetInstructionOpcode(insn)) {
	case LLVMBr:
		return LLVMIsConditional(insn);
	case LLVMSwitch:
		return LLVMGetNumSuccessors(insn);
	case LLVMSelect:
		return 1;
	case LLVMZExt:
	case LLVMSExt:
		return LLVMTypeOf(LLVMGetOperand(insn, 0)) == g->i1;
	default:
		return 0;
	}
}

#define EACH_INSN(function, insn)                                                             \
	for (LLVMBasicBlockRef block_ = LLVMGetFirstBasicBlock(function); block_;              \
	     block_ = LLVMGetNextBasicBlock(block_))                                           \
		for (LLVMValueRef insn = LLVMGetFirstInstruction(block_); insn;                \
		     insn = LLVMGetNextInstruction(insn))

/* What a function costs without the iterations of its loops. */
static struct cost cost_own(struct bounds *b, LLVMValueRef function)
{
	struct cost cost = { 0 };

	EACH_INSN(function, insn) {
		LLVMValueRef callee = callee_of(insn);

		cost.insns++;
		cost.jumps += insn_jumps(b->g, insn);
		if (callee && !step_find(b, callee)) {
			struct cost called = cost_own(b, callee);

			cost.insns += called.insns;
			cost.jumps += called.jumps;
		}
	}
	return cost;
}

/*
 * The same with one iteration of each loop; *loops: how many there are, *depth: how deep they are
 * nested.
 */
static struct cost cost_once(struct bounds *b, LLVMValueRef function, uint32_t *loops,
			     uint32_t *depth)
{
	struct cost cost = cost_own(b, function);

	*loops = *depth = 0;
	EACH_INSN(function, insn) {
		LLVMValueRef callee = callee_of(insn);
		uint32_t inner, levels;
		struct cost called;

		if (!callee)
			continue;
		called = cost_once(b, callee, &inner, &levels);
		if (step_find(b, callee)) {
			levels++;
			*loops += 1;
			cost.insns += called.insns + 4;
			cost.jumps += called.jumps + 2;
		} else {
			*loops += inner;
		}
		*depth = levels > *depth ? levels : *depth;
	}
	return cost;
}

/* The greatest number whose @depth'th power times @cost is within @budget; at least 1. */
static uint64_t root(uint64_t budget, uint64_t cost, uint32_t depth)
{
	for (uint64_t n = 1; n < BOUND_MOST; n++) {
		uint64_t all = cost ? cost : 1;

		for (uint32_t i = 0; i < depth; i++)
			all *= n + 1;
		if (all > budget)
			return n;
	}
	return BOUND_MOST;
}

static uint64_t left_over(uint64_t budget, uint64_t spent)
{
	return budget > spent ? budget - spent : 0;
}

/* Gives the loops of @function their share of @each, what one loop may cost. */
static void loops_share(struct bounds *b, LLVMValueRef function, struct cost each)
{
	EACH_INSN(function, insn) {
		LLVMValueRef callee = callee_of(insn);
		struct step *step = callee ? step_find(b, callee) : NULL;
		uint32_t loops, depth;
		uint64_t bound, by_insns;
		struct cost once, inner;

		if (!callee)
			continue;
		if (!step) {
			loops_share(b, callee, each);
			continue;
		}
		once = cost_once(b, callee, &loops, &depth);
		bound = root(each.jumps, once.jumps + 2, depth + 1);
		by_insns = root(each.insns, once.insns + 4, depth + 1);
		bound = by_insns < bound ? by_insns : bound;
		if (!step->bound || bound < step->bound)
			step->bound = bound;
		if (!loops)
			continue;
		once = cost_own(b, callee);
		inner.jumps = left_over(each.jumps / bound, once.jumps + 2) / loops;
		inner.insns = left_over(each.insns / bound, once.insns + 4) / loops;
		loops_share(b, callee, inner);
	}
}

static void handler_share(struct bounds *b, LLVMValueRef handler)
{
	uint32_t loops, depth;
	struct cost own = cost_own(b, handler), each;

	cost_once(b, handler, &loops, &depth);
	if (!loops)
		return;
	each.jumps = left_over(BUDGET_JUMPS, own.jumps) / loops;
	each.insns = left_over(BUDGET_INSNS, own.insns) / loops;
	loops_share(b, handler, each);
}

void bounds_set(struct gen *g)
{
	LLVMValueRef ask = LLVMGetNamedFunction(g->module, ASK);
	struct bounds b = { .g = g };

	if (!ask)
		return;
	for (LLVMUseRef use = LLVMGetFirstUse(ask); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef function = asked_step(LLVMGetUser(use));

		if (!step_find(&b, function))
			*vec_push(g->arena, &b.steps) = (struct step){ .function = function };
	}
	for (LLVMValueRef f = LLVMGetFirstFunction(g->module); f; f = LLVMGetNextFunction(f))
		if (!LLVMIsDeclaration(f) && LLVMGetLinkage(f) == LLVMExternalLinkage)
			handler_share(&b, f);
	for (LLVMUseRef use; (use = LLVMGetFirstUse(ask));) {
		LLVMValueRef call = LLVMGetUser(use);
		struct step *step = step_find(&b, asked_step(call));

		LLVMReplaceAllUsesWith(call, const64(g, step->bound ? (int64_t)step->bound : 1));
		LLVMInstructionEraseFromParent(call);
	}
	LLVMDeleteFunction(ask);
}
