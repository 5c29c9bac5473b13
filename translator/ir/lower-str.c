/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings: concatenation, regular expressions. */
#include <string.h>

#include "translator/ir/lower-priv.h"
#include "translator/util/regex.h"
#include "translator/session.h"
#include "translator/util/diag.h"

uint32_t lower_concat(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t left = lower_stable(l, expr->binary.left, expr->binary.right);
	uint32_t right = lower_value(l, expr->binary.right);
	uint32_t result = lower_temp_slot(l, lower_width(l, left) + lower_width(l, right) - 1);

	(void)wanted;
	EMIT(l, IR_SCAT, result, left, right);
	return result;
}

/* The row of @pattern; made, and looked at for mistakes, when it is new. */
static uint32_t regex_row(struct lower *l, const struct expr *expr)
{
	struct ir_program *program = l->program;
	struct arena *arena = l->session->arena;
	struct regex_nfa nfa = { .arena = arena };
	struct program_regex *row;
	const char *error;

	for (size_t i = 0; i < program->regexes.count; i++)
		if (!strcmp(program->regexes.data[i].pattern, expr->regex.pattern))
			return i;
	regex_parse(&nfa, expr->regex.pattern, &error);	/* the checker saw that it is good */
	row = vec_push(arena, &program->regexes);
	row->pattern = expr->regex.pattern;
	row->group_count = nfa.groups;
	*vec_push(arena, &l->regex_spans) = expr->span;
	return program->regexes.count - 1;
}

uint32_t lower_regex(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t text = lower_value(l, expr->regex.left), result = lower_temp_reg(l);

	(void)wanted;
	lower_place_expr(l, expr);
	EMIT(l, IR_REGEX, result, text, regex_row(l, expr));
	return expr->regex.negated ? lower_arith(l, IR_EQ, result, lower_number(l, 0)) : result;
}

static bool asks_for_groups(const struct ir_program *program)
{
	for (size_t f = 0; f < program->funcs.count; f++)
		for (size_t b = 0; b < program->funcs.data[f]->blocks.count; b++) {
			const struct ir_block *block = &program->funcs.data[f]->blocks.data[b];

			for (size_t i = 0; i < block->insns.count; i++) {
				const struct ir_insn *insn = &block->insns.data[i];
				uint32_t name = insn->op == IR_CALLI ? insn->operands.data[1] : 0;

				if (insn->op == IR_CALLI &&
				    !strcmp(program->texts.data[name], "__matched"))
					return true;
			}
		}
	return false;
}

/* Sub-matches cost registers and time: tables keep them only when the program asks for some. */
bool lower_regex_tables(struct lower *l)
{
	struct ir_program *program = l->program;
	bool with_groups = asks_for_groups(program), good = true;

	for (size_t i = 0; i < program->regexes.count; i++) {
		struct program_regex *row = &program->regexes.data[i];
		struct regex_nfa nfa = { .arena = l->session->arena };
		struct regex_dfa dfa = { .arena = l->session->arena };
		const char *error = NULL;

		if (regex_parse(&nfa, row->pattern, &error) &&
		    regex_build(&nfa, with_groups, &dfa, &error))
			row->table = regex_table(&nfa, &dfa, &row->table_size, &error);
		if (error)
			good = diag(l->session->diags, DIAG_SEM_REGEX, l->regex_spans.data[i],
				    error);
	}
	return good;
}
