/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reaches into the probed context: registers, arguments, memory, addresses known at load. */
#include <string.h>

#include "translator/elab/machine.h"
#include "translator/ir/lower-priv.h"
#include "translator/session.h"
#include "translator/util/diag.h"

const char *lower_handler_name(const struct lower *l)
{
	return l->handler->handler->name;
}

static uint32_t refuse(struct lower *l, const struct expr *at, const char *what, const char *why)
{
	diag(l->session->diags, DIAG_LOWER_CONTEXT, at->span, what, lower_handler_name(l), why);
	return lower_number(l, 0);
}

static bool has_registers(const struct lower *l)
{
	return l->handler->entry == SITE_PT_REGS || l->handler->entry == SITE_PERF;
}

static uint32_t emit_register(struct lower *l, int64_t number)
{
	uint32_t result = lower_temp_reg(l);

	EMIT(l, IR_REG, result, (uint32_t)number);
	return result;
}

uint32_t lower_register(struct lower *l, const struct expr *at, int64_t number)
{
	if (!has_registers(l))
		return refuse(l, at, "a register", "this kind of probe does not have them");
	if (number < 0 || number > 255)
		return refuse(l, at, "a register", "there is no register of this number");
	lower_place_expr(l, at);
	return emit_register(l, number);
}

static enum mem_space probed_space(const struct lower *l)
{
	return l->handler->sites.count && l->handler->sites.data[0]->user_space ? SPACE_USER :
										  SPACE_KERNEL;
}

uint32_t lower_read(struct lower *l, enum mem_space space, unsigned int size, bool is_signed,
		    uint32_t address)
{
	uint32_t result = lower_temp_reg(l);

	EMIT(l, IR_READ, result, space == SPACE_USER, size, is_signed, address);
	return result;
}

/* A read that gives 0 where there is nothing. */
static uint32_t soft_read(struct lower *l, enum mem_space space, unsigned int size, bool is_signed,
			  uint32_t address)
{
	uint32_t result = lower_temp_reg(l);

	EMIT(l, IR_PEEK, result, space == SPACE_USER, size, is_signed, address);
	return result;
}

uint32_t lower_argument(struct lower *l, const struct expr *at, int64_t number)
{
	const struct machine *machine = machine_of(l->session);
	uint32_t result, stack;

	if (l->handler->entry == SITE_USER)
		return refuse(l, at, "an argument", "it probes no function");
	if (number < 0 || number > 63)
		return refuse(l, at, "an argument", "there is no argument of this number");
	lower_place_expr(l, at);
	if (l->handler->entry == SITE_ARGS) {
		result = lower_temp_reg(l);
		EMIT(l, IR_ARG, result, (uint32_t)number);
		return result;
	}
	if (number < machine->arg_count)
		return emit_register(l, machine->args[number]);
	stack = lower_arith(l, IR_ADD, emit_register(l, machine->stack),
			    lower_number(l, 8 * (number - machine->arg_count +
						 machine->stack_skip)));
	return lower_read(l, probed_space(l), 8, false, stack);
}

uint32_t lower_return_value(struct lower *l, const struct expr *at, int64_t slot)
{
	if (l->handler->entry == SITE_ARGS && slot >= 0)
		return lower_argument(l, at, slot);
	if (l->handler->entry == SITE_ARGS)
		return refuse(l, at, "the return value", "use $return");
	return lower_register(l, at, machine_of(l->session)->result);
}

uint32_t lower_program_counter(struct lower *l)
{
	return emit_register(l, machine_of(l->session)->program_counter);
}

uint32_t lower_user_mode(struct lower *l)
{
	if (l->handler->entry == SITE_PERF)
		return lower_arith(l, IR_GE, lower_program_counter(l), lower_number(l, 0));
	return lower_number(l, l->handler->entry != SITE_USER && probed_space(l) == SPACE_USER);
}

uint32_t lower_symref(struct lower *l, const char *symbol, const char *path, int64_t addend)
{
	struct ir_program *program = l->program;
	struct program_symref made = { .symbol = symbol, .path = path, .addend = addend };
	uint32_t result = lower_temp_reg(l), index = 0;

	while (index < program->symrefs.count) {
		const struct program_symref *have = &program->symrefs.data[index];

		if (have->addend == made.addend && !strcmp(have->symbol, made.symbol) &&
		    !strcmp(have->path, made.path))
			break;
		index++;
	}
	if (index == program->symrefs.count)
		*vec_push(l->session->arena, &program->symrefs) = made;
	EMIT(l, IR_SYMADDR, result, index);
	return result;
}

static uint32_t symbol_address(struct lower *l, const struct expr *expr)
{
	return lower_symref(l, expr->mach.symbol, expr->mach.module ? expr->mach.module : "",
			    expr->mach.number);
}

static uint32_t memory_write(struct lower *l, struct expr *expr)
{
	uint32_t address = lower_stable(l, expr->mach.base, expr->mach.value);
	uint32_t value = lower_value(l, expr->mach.value);

	lower_place_expr(l, expr);
	EMIT(l, IR_WRITE, NOTHING, expr->mach.space == SPACE_USER, expr->mach.size, address, value);
	return value;
}

uint32_t lower_mach(struct lower *l, struct expr *expr, bool wanted)
{
	bool is_soft = expr->mach.is_soft || l->session->options.skip_badvars;
	uint32_t address;

	(void)wanted;
	switch (expr->mach.mach) {
	case MACH_REG:
		return lower_register(l, expr, expr->mach.number);
	case MACH_ARG:
		return lower_argument(l, expr, expr->mach.number);
	case MACH_RETVAL:
		return lower_return_value(l, expr, expr->mach.number);
	case MACH_READ:
		address = lower_value(l, expr->mach.base);
		lower_place_expr(l, expr);
		return (is_soft ? soft_read : lower_read)(
			l, expr->mach.space, expr->mach.size, expr->mach.is_signed, address);
	case MACH_SYMBOL:
		return symbol_address(l, expr);
	case MACH_WRITE:
		return memory_write(l, expr);
	case MACH_PERF:
		break;
	}
	diag(l->session->diags, DIAG_LOWER_UNSUPPORTED, expr->span, "@perf");
	return lower_number(l, 0);
}

/* @kregister @uregister @kderef @uderef */
uint32_t lower_regop(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t address;

	(void)wanted;
	if (!expr->regop.is_deref)
		return lower_register(l, expr, expr->regop.number);
	address = lower_value(l, expr->regop.address);
	lower_place_expr(l, expr);
	return lower_read(l, expr->regop.space, expr->regop.number, false, address);
}
