/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks one function: each instruction by its row of ir.def, then what the signature cannot say,
 * by the rows of `rules`. Data flow is not followed: the VM zeroes registers, slots and iterators.
 */
#include <string.h>

#include "runtime/program-check.h"

struct check {
	const struct program *program;
	const struct program_func *func;
	const struct program_insn *insn;
	const struct program_global *global;	/* of the instruction's operand g */
	uint32_t at;				/* next operand */
};

static const char *const bad_operand = "an operand is of the wrong kind or out of range";

static uint32_t operand(const struct check *c, uint32_t index)
{
	return c->insn->operands[index];
}

static bool is_long(const struct check *c, uint32_t o)
{
	uint32_t index = OPERAND_INDEX(o);

	return (OPERAND_TAG(o) == OPERAND_REG && index < c->func->reg_count) ||
	       (OPERAND_TAG(o) == OPERAND_LONG && index < c->program->long_count);
}

static bool is_string(const struct check *c, uint32_t o)
{
	uint32_t index = OPERAND_INDEX(o);

	return (OPERAND_TAG(o) == OPERAND_SLOT && index < c->func->slot_count) ||
	       (OPERAND_TAG(o) == OPERAND_TEXT && index < c->program->text_count);
}

static bool is_of(const struct check *c, uint32_t o, uint32_t type)
{
	return type == PROGRAM_STRING ? is_string(c, o) : is_long(c, o);
}

static bool is_target(const struct check *c, uint32_t o)
{
	enum operand_tag tag = OPERAND_TAG(o);

	return (tag == OPERAND_REG || tag == OPERAND_SLOT) && (is_long(c, o) || is_string(c, o));
}

static bool takes_wild(uint32_t op)
{
	return op == IR_HAS || op == IR_DELETE || op == IR_ITER;
}

static const char *check_key_operands(struct check *c)
{
	const struct program_global *global = c->global;

	if (!global || c->insn->operand_count - c->at < global->key_count)
		return "an access has too few keys";
	for (uint32_t i = 0; i < global->key_count; i++) {
		uint32_t o = operand(c, c->at++);

		if (takes_wild(c->insn->op) && OPERAND_TAG(o) == OPERAND_WILD)
			continue;
		if (!is_of(c, o, global->keys[i].type))
			return "a key is of the wrong type";
	}
	return NULL;
}

/* How many of it the program or the function has, by letter of the signature. */
static uint32_t index_limit(const struct check *c, char kind)
{
	switch (kind) {
	case 'g':
		return c->program->global_count;
	case 'b':
		return c->func->block_count;
	case 'f':
		return c->program->func_count;
	case 'p':
		return c->program->print_count;
	case 'n':
		return c->program->text_count;
	case 't':
		return c->func->iter_count;
	default:
		return UINT32_MAX;
	}
}

static bool one_operand_fits(struct check *c, char kind, uint32_t o)
{
	switch (kind) {
	case 'l':
		return is_long(c, o);
	case 's':
		return is_string(c, o);
	case 'o':
		return is_long(c, o) || OPERAND_TAG(o) == OPERAND_NONE;
	case 'r':
		return (is_long(c, o) && OPERAND_TAG(o) == OPERAND_REG) ||
		       OPERAND_TAG(o) == OPERAND_NONE;
	case 'i':
		return OPERAND_TAG(o) == OPERAND_RAW || o == ITER_BY_VALUE;
	default:
		return OPERAND_TAG(o) == OPERAND_RAW && o < index_limit(c, kind);
	}
}

static const char *check_result(struct check *c, const char *result)
{
	uint32_t o = c->insn->operand_count ? operand(c, 0) : OPERAND(OPERAND_WILD, 0);
	bool fits = false;

	for (; *result; result++)
		fits |= *result == '-' ? OPERAND_TAG(o) == OPERAND_NONE :
					 is_target(c, o) && is_of(c, o, *result == 's');
	c->at = 1;
	return fits ? NULL : "an instruction's result is of the wrong kind";
}

static const char *check_arguments(struct check *c, const char *args)
{
	const char *error;

	for (; *args && *args != 'a'; args++) {
		if (*args == 'k') {
			if ((error = check_key_operands(c)))
				return error;
			continue;
		}
		if (c->at >= c->insn->operand_count)
			return "an instruction has too few operands";
		uint32_t o = operand(c, c->at++);

		if (!one_operand_fits(c, *args, o))
			return bad_operand;
		if (*args == 'g')
			c->global = &c->program->globals[o];
	}
	uint32_t first = c->at;

	while (*args == 'a' && c->at < c->insn->operand_count) {
		if (!is_long(c, operand(c, c->at)) && !is_string(c, operand(c, c->at)))
			return bad_operand;
		c->at++;
	}
	if (c->at != c->insn->operand_count)
		return "an instruction has too many operands";
	c->at = first;
	return NULL;
}

/* ---- what signatures do not say ---- */

static const char *rule_long(const struct check *c)
{
	return c->global->type == PROGRAM_LONG ? NULL : "a variable is used as a number";
}

static const char *rule_string(const struct check *c)
{
	return c->global->type == PROGRAM_STRING ? NULL : "a variable is used as a string";
}

static const char *rule_array(const struct check *c)
{
	return c->global->is_array ? NULL : "a variable is used as an array";
}

static const char *rule_stats(const struct check *c)
{
	return c->global->type == PROGRAM_STATS ? NULL : "a variable is used as an aggregate";
}

static const char *rule_rmw(const struct check *c)
{
	uint32_t op = operand(c, 2 + c->global->key_count);
	bool fits = op >= IR_ADD && op <= IR_SHR;

	return fits ? rule_long(c) : "an update has no operation";
}

static const char *rule_stat(const struct check *c)
{
	static const uint32_t words[] = { [IR_STAT_SUM] = AGG_SUM, [IR_STAT_MIN] = AGG_MIN,
		[IR_STAT_MAX] = AGG_MAX, [IR_STAT_AVG] = AGG_SUM,
		[IR_STAT_VARIANCE] = AGG_VARIANCE };
	uint32_t stat = operand(c, 2 + c->global->key_count);

	if (rule_stats(c))
		return rule_stats(c);
	if (stat > IR_STAT_VARIANCE || words[stat] & ~c->global->agg.words)
		return "an extractor needs what the aggregate does not keep";
	return NULL;
}

static const char *rule_hist(const struct check *c)
{
	if (rule_stats(c) || !(c->global->agg.words & AGG_HIST))
		return "a variable has no histogram";
	return NULL;
}

static const char *rule_iter(const struct check *c)
{
	uint32_t sort = operand(c, 3), by = operand(c, 4), stat = operand(c, 5);

	if (sort != ITER_BY_VALUE && sort > c->global->key_count)
		return "an iteration sorts by a key that is not there";
	if (by > 1 || stat > IR_STAT_VARIANCE)
		return bad_operand;
	return rule_array(c);
}

/* The array that iterator @index walks; NULL: none, or several. */
static const struct program_global *iterated(const struct check *c, uint32_t index)
{
	uint32_t found = UINT32_MAX;

	for (uint32_t b = 0; b < c->func->block_count; b++)
		for (uint32_t i = 0; i < c->func->blocks[b].insn_count; i++) {
			const struct program_insn *insn = &c->func->blocks[b].insns[i];

			if (insn->op != IR_ITER || insn->operand_count < 3 ||
			    insn->operands[1] != index)
				continue;
			if (found != UINT32_MAX && found != insn->operands[2])
				return NULL;
			found = insn->operands[2];
		}
	return found < c->program->global_count ? &c->program->globals[found] : NULL;
}

static const char *rule_iter_key(const struct check *c)
{
	const struct program_global *global = iterated(c, operand(c, 1));
	uint32_t type = c->insn->op == IR_ITERSKEY ? PROGRAM_STRING : PROGRAM_LONG;

	if (!global || operand(c, 2) >= global->key_count ||
	    global->keys[operand(c, 2)].type != type)
		return "an iteration has no such key";
	return NULL;
}

static const char *rule_iter_value(const struct check *c)
{
	const struct program_global *global = iterated(c, operand(c, 1));
	uint32_t type = c->insn->op == IR_ITERSVAL ? PROGRAM_STRING : PROGRAM_LONG;

	return global && global->type == type ? NULL : "an iteration has no such value";
}

static const char *rule_print(const struct check *c)
{
	const struct program_print *print = &c->program->prints[operand(c, 1)];

	if (print->is_hist || c->insn->operand_count != print->arg_count + 2)
		return "a print has a wrong number of arguments";
	for (uint32_t i = 0; i < print->arg_count; i++)
		if (!is_of(c, operand(c, 2 + i), print->arg_types[i]))
			return "a print's argument is of the wrong type";
	return NULL;
}

static const char *rule_print_hist(const struct check *c)
{
	if (!c->program->prints[operand(c, 1)].is_hist)
		return "a histogram is printed as something else";
	return rule_hist(c);
}

static const char *rule_call(const struct check *c)
{
	const struct program_func *callee = &c->program->funcs[operand(c, 1)];
	uint32_t result = operand(c, 0);

	if (!callee->block_count)
		return "a function that is called has no code";
	if (c->insn->operand_count != callee->param_count + 3)
		return "a call has a wrong number of arguments";
	if (OPERAND_TAG(result) != OPERAND_NONE &&
	    callee->result != (OPERAND_TAG(result) == OPERAND_SLOT ? 2u : 1u))
		return "a call's result is of the wrong type";
	for (uint32_t i = 0; i < callee->param_count; i++) {
		bool string = OPERAND_TAG(callee->params[i]) == OPERAND_SLOT;

		if (string ? !is_string(c, operand(c, 3 + i)) : !is_long(c, operand(c, 3 + i)))
			return "a call's argument is of the wrong type";
	}
	return NULL;
}

static const char *rule_ret(const struct check *c)
{
	uint32_t count = c->insn->operand_count - 1;

	if (count > 1 || (count && !c->func->result))
		return "a function returns what it has not";
	if (count && !is_of(c, operand(c, 1), c->func->result == 2))
		return "a function's result is of the wrong type";
	return NULL;
}

static const char *rule_raise(const struct check *c)
{
	uint32_t fault = operand(c, 1);

	return fault && fault < FAULT_COUNT ? NULL : "an error has no kind";
}

static const char *rule_space(const struct check *c)
{
	uint32_t size = c->insn->op == IR_SREAD ? 1 : operand(c, 2);

	if (operand(c, 1) > 1 || size > 8 || !size || size & (size - 1))
		return "a memory access has an impossible size";
	return NULL;
}

static const char *rule_symbol(const struct check *c)
{
	return operand(c, 1) < c->program->symref_count ? NULL : bad_operand;
}

static const char *rule_regex(const struct check *c)
{
	return operand(c, 2) < c->program->regex_count ? NULL : bad_operand;
}

static const struct {
	enum ir_op op;
	const char *(*check)(const struct check *c);
} rules[] = {
	{ IR_LOAD, rule_long }, { IR_STORE, rule_long }, { IR_RMW, rule_rmw },
	{ IR_SLOAD, rule_string }, { IR_SSTORE, rule_string }, { IR_HAS, rule_array },
	{ IR_AGG, rule_stats }, { IR_STAT, rule_stat }, { IR_BUCKET, rule_hist },
	{ IR_ITER, rule_iter }, { IR_ITERKEY, rule_iter_key }, { IR_ITERSKEY, rule_iter_key },
	{ IR_ITERVAL, rule_iter_value }, { IR_ITERSVAL, rule_iter_value },
	{ IR_PRINT, rule_print }, { IR_SPRINT, rule_print }, { IR_PRINTHIST, rule_print_hist },
	{ IR_SPRINTHIST, rule_print_hist }, { IR_CALL, rule_call }, { IR_RET, rule_ret },
	{ IR_RAISE, rule_raise }, { IR_READ, rule_space }, { IR_PEEK, rule_space },
	{ IR_SREAD, rule_space }, { IR_WRITE, rule_space },
	{ IR_SYMADDR, rule_symbol }, { IR_REGEX, rule_regex },
};

static const char *check_insn(struct check *c, bool is_last)
{
	const struct program_insn *insn = c->insn;
	const char *error;

	if (insn->op >= IR_OP_COUNT)
		return "an instruction is unknown";
	if (!!(ir_ops[insn->op].effects & TERM) != is_last)
		return "a block does not end where it should";
	if (insn->place >= c->program->place_count || insn->catch_block >= c->func->block_count)
		return "an instruction's place or catch block is out of range";
	if (insn->catch_block && (!c->func->blocks[insn->catch_block].insn_count ||
				  c->func->blocks[insn->catch_block].insns[0].op != IR_CATCH))
		return "a catch block does not begin with a catch";
	if ((error = check_result(c, ir_ops[insn->op].result)))
		return error;
	if ((error = check_arguments(c, ir_ops[insn->op].args)))
		return error;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].op == insn->op)
			return rules[i].check(c);
	return NULL;
}

static const char *check_frame(struct check *c)
{
	const struct program_func *func = c->func;

	if (func->reg_count > PROGRAM_MAX_REGS || func->slot_count > PROGRAM_MAX_REGS ||
	    func->iter_count > PROGRAM_MAX_REGS || func->result > 2 ||
	    func->result_width > PROGRAM_MAX_WIDTH)
		return "a function is too large";
	for (uint32_t i = 0; i < func->slot_count; i++)
		if (!func->slot_widths[i] || func->slot_widths[i] > PROGRAM_MAX_WIDTH)
			return "a string has a wrong width";
	for (uint32_t i = 0; i < func->param_count; i++)
		if (!is_target(c, func->params[i]))
			return "a parameter has no register";
	return NULL;
}

const char *program_check_func(const struct program *program, struct program_fault *fault)
{
	struct check c = { .program = program, .func = &program->funcs[fault->func] };
	const char *error = check_frame(&c);

	fault->in_func = true;
	for (uint32_t b = 0; !error && b < c.func->block_count; b++) {
		const struct program_block *block = &c.func->blocks[b];

		fault->block = b;
		fault->insn = 0;
		if (!block->insn_count)
			return "a block is empty";
		for (uint32_t i = 0; !error && i < block->insn_count; i++) {
			c.insn = &block->insns[i];
			c.global = NULL;
			fault->insn = i;
			error = check_insn(&c, i + 1 == block->insn_count);
		}
	}
	return error;
}
