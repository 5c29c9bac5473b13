/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a frame to its caller by the file's call frame information: .eh_frame, else .debug_frame.
 * libdw gives each rule as a DWARF expression.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/kern/stack.h"
#include "runtime/symbols-elf-priv.h"

#define VALUES_MOST 16

/* Evaluating an expression. */
struct machine {
	const struct unwind_state *state;
	uint64_t cfa;
	unwind_read *read;
	void *context;
	uint64_t values[VALUES_MOST];
	size_t count;
	bool failed, is_value;		/* is_value: the result is no address */
};

static void push(struct machine *m, uint64_t value)
{
	if (m->count < VALUES_MOST)
		m->values[m->count++] = value;
	else
		m->failed = true;
}

static uint64_t pop(struct machine *m)
{
	if (m->count)
		return m->values[--m->count];
	m->failed = true;
	return 0;
}

static uint64_t reg(struct machine *m, uint64_t number)
{
	if (number < UNWIND_REGS && m->state->known >> number & 1)
		return m->state->regs[number];
	m->failed = true;
	return 0;
}

static void deref(struct machine *m)
{
	uint64_t word;

	if (m->read(m->context, pop(m), &word))
		push(m, word);
	else
		m->failed = true;
}

static uint64_t binary(struct machine *m, uint8_t atom, uint64_t a, uint64_t b)
{
	switch (atom) {
	case DW_OP_plus: return a + b;
	case DW_OP_minus: return a - b;
	case DW_OP_mul: return a * b;
	case DW_OP_and: return a & b;
	case DW_OP_or: return a | b;
	case DW_OP_xor: return a ^ b;
	case DW_OP_shl: return b < 64 ? a << b : 0;
	case DW_OP_shr: return b < 64 ? a >> b : 0;
	case DW_OP_shra: return (uint64_t)((int64_t)a >> (b < 64 ? b : 63));
	case DW_OP_eq: return a == b;
	case DW_OP_ne: return a != b;
	case DW_OP_lt: return (int64_t)a < (int64_t)b;
	case DW_OP_le: return (int64_t)a <= (int64_t)b;
	case DW_OP_gt: return (int64_t)a > (int64_t)b;
	case DW_OP_ge: return (int64_t)a >= (int64_t)b;
	default: m->failed = true; return 0;
	}
}

static void execute(struct machine *m, const Dwarf_Op *op)
{
	uint8_t atom = op->atom;

	if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
		push(m, atom - DW_OP_lit0);
	else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		push(m, reg(m, atom - DW_OP_breg0) + op->number);
	else if (atom == DW_OP_bregx)
		push(m, reg(m, op->number) + op->number2);
	else if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
		m->is_value = (push(m, reg(m, atom - DW_OP_reg0)), true);
	else if (atom == DW_OP_regx)
		m->is_value = (push(m, reg(m, op->number)), true);
	else if (atom == DW_OP_addr || (atom >= DW_OP_const1u && atom <= DW_OP_consts))
		push(m, op->number);
	else if (atom == DW_OP_call_frame_cfa)
		push(m, m->cfa);
	else if (atom == DW_OP_plus_uconst)
		push(m, pop(m) + op->number);
	else if (atom == DW_OP_deref)
		deref(m);
	else if (atom == DW_OP_stack_value)
		m->is_value = true;
	else if (atom == DW_OP_dup)
		push(m, m->count ? m->values[m->count - 1] : pop(m));
	else if (atom != DW_OP_nop) {
		uint64_t b = pop(m), a = pop(m);

		push(m, binary(m, atom, a, b));
	}
}

static bool evaluate(struct machine *m, const Dwarf_Op *ops, size_t count, uint64_t *result)
{
	m->count = 0;
	m->failed = m->is_value = false;
	for (size_t i = 0; i < count && !m->failed; i++)
		execute(m, &ops[i]);
	*result = pop(m);
	return !m->failed;
}

/* ---- one frame ---- */

/* "register + offset": the register and the offset. */
static bool is_plain(const Dwarf_Op *ops, size_t count, uint64_t *number, int64_t *offset)
{
	if (count != 1)
		return false;
	if (ops->atom == DW_OP_bregx) {
		*number = ops->number;
		*offset = (int64_t)ops->number2;
	} else if (ops->atom >= DW_OP_breg0 && ops->atom <= DW_OP_breg31) {
		*number = ops->atom - DW_OP_breg0;
		*offset = (int64_t)ops->number;
	} else {
		return false;
	}
	return true;
}

/* "saved at CFA + offset". */
static bool is_saved(const Dwarf_Op *ops, size_t count, int64_t *offset)
{
	if (!count || ops[0].atom != DW_OP_call_frame_cfa)
		return false;
	*offset = count == 2 && ops[1].atom == DW_OP_plus_uconst ? (int64_t)ops[1].number : 0;
	return count == 1 || (count == 2 && ops[1].atom == DW_OP_plus_uconst);
}

/* The frame's way as a row for kernel handlers; 0: they cannot follow it. */
static uint64_t row_make(Dwarf_Frame *frame)
{
	Dwarf_Op memory[3], *ops;
	uint64_t number, row = 0;
	int64_t offset, saved;
	size_t count;

	if (dwarf_frame_register(frame, UNWIND_PC, memory, &ops, &count))
		return 0;
	if (!count && ops == memory)
		return ROW_END;
	if (!is_saved(ops, count, &saved) || saved != -8 || dwarf_frame_cfa(frame, &ops, &count) ||
	    !is_plain(ops, count, &number, &offset) || offset != (int32_t)offset ||
	    (number != UNWIND_SP && number != UNWIND_BP))
		return 0;
	if (number == UNWIND_BP)
		row |= ROW_BP;
	row |= (uint64_t)(uint32_t)offset << 32;
	if (dwarf_frame_register(frame, UNWIND_BP, memory, &ops, &count))
		return 0;
	if (!count)
		return row;
	if (!is_saved(ops, count, &saved) || saved != (int16_t)saved)
		return 0;
	return row | ROW_SAVED | (uint64_t)(uint16_t)saved << 16;
}

/* What register @number was in the caller. false: memory is missing. */
static bool register_restore(struct machine *m, Dwarf_Frame *frame, int number,
			     struct unwind_state *caller)
{
	Dwarf_Op memory[3], *ops;
	uint64_t value;
	size_t count;

	if (dwarf_frame_register(frame, number, memory, &ops, &count))
		return true;
	if (!count) {
		/* undefined, or the same */
		if (ops == memory || !(m->state->known >> number & 1))
			return true;
		caller->regs[number] = m->state->regs[number];
		caller->known |= 1u << number;
		return true;
	}
	if (!evaluate(m, ops, count, &value))
		return number != UNWIND_PC;
	if (!m->is_value && !m->read(m->context, value, &value))
		return number != UNWIND_PC;
	caller->regs[number] = value;
	caller->known |= 1u << number;
	return true;
}

static enum unwind_result frame_apply(Dwarf_Frame *frame, struct unwind_state *state,
				      unwind_read *read, void *context)
{
	struct machine m = { .state = state, .read = read, .context = context };
	struct unwind_state caller = { .known = 0 };
	bool is_signal = false;
	Dwarf_Op *ops;
	size_t count;

	dwarf_frame_info(frame, NULL, NULL, &is_signal);
	if (dwarf_frame_cfa(frame, &ops, &count) || !count || !evaluate(&m, ops, count, &m.cfa))
		return UNWIND_LOST;
	for (int number = 0; number < UNWIND_REGS; number++)
		if (!register_restore(&m, frame, number, &caller))
			return UNWIND_LOST;
	if (!(caller.known >> UNWIND_PC & 1) || !caller.regs[UNWIND_PC])
		return UNWIND_END;
	/* Without a rule of its own the stack pointer is the CFA. */
	if (!is_signal) {
		caller.regs[UNWIND_SP] = m.cfa;
		caller.known |= 1u << UNWIND_SP;
	}
	*state = caller;
	return is_signal ? UNWIND_SIGNAL : UNWIND_STEP;
}

static Dwarf_Frame *frame_find(struct user_file *file, uint64_t address)
{
	Dwarf_Frame *frame;

	if (file->eh && !dwarf_cfi_addrframe(file->eh, address - file->eh_bias, &frame))
		return frame;
	if (!file->debug_tried) {
		file->debug_tried = true;
		file->debug = dwfl_module_dwarf_cfi(file->module, &file->debug_bias);
	}
	if (file->debug && !dwarf_cfi_addrframe(file->debug, address - file->debug_bias, &frame))
		return frame;
	return NULL;
}

enum unwind_result file_step(struct user_file *file, uint64_t address, bool behind_call,
			     struct unwind_state *state, unwind_read *read, void *context,
			     uint64_t *row)
{
	Dwarf_Frame *frame = frame_find(file, address - behind_call);
	enum unwind_result result;

	*row = 0;
	if (!frame)
		return UNWIND_UNKNOWN;
	result = frame_apply(frame, state, read, context);
	if (result == UNWIND_STEP || result == UNWIND_END)
		*row = row_make(frame);
	free(frame);
	return result;
}
