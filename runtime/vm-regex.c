/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regular expressions of user-space handlers: the tables that kernel handlers walk, walked here. */
#include <stdlib.h>
#include <string.h>

#include "runtime/regex.h"
#include "runtime/vm-priv.h"

struct vm_regex {
	const struct program *program;
	int64_t groups;			/* of the last expression tried, with the whole */
	struct buf text;		/* what the last successful one matched in */
	uint32_t match_count; /* groups with the whole; 0: nothing has matched in this run */
	uint16_t matches[REGEX_MAX_REGISTERS];
};

struct vm_regex *vm_regex_new(const struct program *program)
{
	struct vm_regex *state = calloc(1, sizeof(*state));

	if (state)
		state->program = program;
	return state;
}

void vm_regex_free(struct vm_regex *state)
{
	if (!state)
		return;
	buf_free(&state->text);
	free(state);
}

void vm_regex_reset(struct vm_regex *state)
{
	state->groups = 0;
	state->match_count = 0;
}

bool vm_regex_match(struct vm *vm, uint32_t index, const char *text, uint32_t length)
{
	struct vm_regex *state = vm->regex;
	const struct program_regex *regex = &state->program->regexes[index];
	uint16_t registers[REGEX_MAX_REGISTERS];
	struct regex_head head;

	memcpy(&head, regex->table, sizeof(head));
	state->groups = head.groups + 1;
	/* A failed match leaves the last successful one alone. */
	if (!regex_table_match(regex->table, text, length, registers))
		return false;
	if (!head.registers)
		return true;
	buf_clear(&state->text);
	buf_add(&state->text, text, length);
	state->match_count = head.groups + 1u;
	memcpy(state->matches, registers, head.registers * sizeof(*registers));
	return true;
}

bool vm_regex_group(struct vm *vm, int64_t group, struct maps_value *value)
{
	const struct vm_regex *state = vm->regex;
	uint16_t begin, end;

	if (group < 0 || (uint64_t)group >= state->match_count)
		return false;
	begin = state->matches[2 * group];
	end = state->matches[2 * group + 1];
	value->text = "";
	value->length = 0;
	if (begin != REGEX_NONE && end != REGEX_NONE && begin <= end) {
		value->text = state->text.data + begin;
		value->length = end - begin;
	}
	return true;
}

int64_t vm_regex_group_count(const struct vm *vm)
{
	return vm->regex->groups;
}
