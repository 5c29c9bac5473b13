/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intrinsics: helpers, functions of runtime/kern, fields of the session, and the back end's own rows. */
#include <string.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"
#include "translator/ir/intrinsics.h"

static const struct intrinsic *intrinsic_of(const struct fn *f, const struct flat_insn *insn)
{
	return intrinsic_find(f->flat->program->texts.data[insn->operands[1]]);
}

/* ---- functions of runtime/kern, by how they are called ---- */

static void kcall_comm(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	uint32_t slot = OPERAND_INDEX(o[0]), width = f->flat->slots.data[slot].width;
	LLVMValueRef space = width < 16 ? stack_space(g, 16) : slot_pointer(f, slot);
	struct str from = { space, NULL, 16, true, NULL };

	if (f->strings_on_stack)
		words_clear(g, space, 0, 16);
	KERN(g, "sonde_comm", space);
	from.length = KERN(g, "sonde_str_length", space, const64(g, 2));
	if (width < 16) {
		str_copy(f, slot, &from);
		return;
	}
	if (f->strings_on_stack)
		words_clear(g, space, 16, ABI_ROUND8(width));
	slot_set_length(f, slot, from.length);
}

static void kcall_exit(struct fn *f, const uint32_t *o)
{
	(void)o;
	KERN(f->g, "sonde_exit", map_ring(f->g), const64(f->g, f->index));
}

/* Longs in, a long out. */
static void kcall_longs(struct fn *f, const uint32_t *o)
{
	LLVMValueRef args[8];
	uint32_t count = 0;

	for (uint32_t i = 2; i < f->insn->operand_count && count < 8; i++)
		args[count++] = long_operand(f, o[i]);
	long_result(f, o[0], kern_call(f->g, intrinsic_of(f, f->insn)->text, args, count));
}

static void kcall_strlen(struct fn *f, const uint32_t *o)
{
	long_result(f, o[0], str_operand(f, o[2]).length);
}

static const struct kcall {
	const char *symbol;
	emitter emit;
	bool builds;		/* makes strings of lengths not known: not on the stack */
} kcalls[] = {
	{ "sonde_comm", kcall_comm, false },
	{ "sonde_exit", kcall_exit, false },
	{ "sonde_wall_ns", kcall_longs, false },
	{ "sonde_strlen", kcall_strlen, false },
};

static const struct kcall *kcall_find(const char *symbol)
{
	for (size_t i = 0; i < sizeof(kcalls) / sizeof(*kcalls); i++)
		if (!strcmp(kcalls[i].symbol, symbol))
			return &kcalls[i];
	return NULL;
}

/* ---- by how a row is lowered ---- */

static void refuse_intrinsic(struct fn *f, const struct intrinsic *row)
{
	refuse(f->g, f->insn->place, row->name, "it works in user-space handlers only (begin, end, timers)");
}

static void call_helper(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	LLVMValueRef args[5], value;
	uint32_t count = 0;

	for (uint32_t i = 2; i < f->insn->operand_count && count < 5; i++)
		args[count++] = long_operand(f, o[i]);
	value = helper_call(f->g, row->arg, args, count);
	if (OPERAND_TAG(o[0]) == OPERAND_REG)
		long_result(f, o[0], value);
}

static void call_kern(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	const struct kcall *kcall = kcall_find(row->text);

	if (kcall)
		kcall->emit(f, o);
	else
		refuse(f->g, f->insn->place, row->name, "it is not available in kernel handlers yet");
}

static void call_session(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	struct gen *g = f->g;

	long_result(f, o[0],
		    load_volatile(g, g->i64, bss_global(g, "sonde_session", sizeof(struct abi_session)),
				  row->arg));
}

static void call_emit(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	(void)row;
	long_result(f, o[0], const64(f->g, 0));		/* __in_user */
}

static void call_refuse(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	(void)o;
	refuse_intrinsic(f, row);
}

static void (*const hows[])(struct fn *f, const struct intrinsic *row, const uint32_t *o) = {
	[HOW_HELPER] = call_helper, [HOW_KCALL] = call_kern, [HOW_SESSION] = call_session,
	[HOW_EMIT] = call_emit, [HOW_LOWER] = call_refuse, [HOW_SITE] = call_refuse,
	[HOW_USER] = call_refuse,
};

void plan_intrinsic(struct fn *f, const struct flat_insn *insn)
{
	const struct intrinsic *row = intrinsic_of(f, insn);
	const struct kcall *kcall = row && row->how == HOW_KCALL ? kcall_find(row->text) : NULL;

	if (kcall && kcall->builds)
		f->builds_strings = true;
}

void emit_calli(struct fn *f, const uint32_t *o)
{
	const struct intrinsic *row = intrinsic_of(f, f->insn);

	if (row)
		hows[row->how](f, row, o);
	else
		refuse(f->g, f->insn->place, f->flat->program->texts.data[o[1]], "no such builtin");
}
