/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regular expressions of user-space handlers: POSIX extended ones, matched by the C library, leftmost and
 * longest as the kernel handlers' automata do. Compiled when first used.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vm-priv.h"

struct regex {
	regex_t compiled;
	bool ready, broken;
};

struct vm_regex {
	const struct program *program;
	struct regex *regexes;
	int64_t groups;			/* of the last expression tried */
	struct buf text;		/* what the last successful one matched in */
	regmatch_t *matches;
	size_t match_count;		/* 0: nothing has matched in this run */
	size_t match_room;
};

struct vm_regex *vm_regex_new(const struct program *program)
{
	struct vm_regex *state = calloc(1, sizeof(*state));

	if (!state)
		return NULL;
	state->program = program;
	state->regexes = calloc(program->regex_count + 1, sizeof(*state->regexes));
	if (!state->regexes) {
		free(state);
		return NULL;
	}
	return state;
}

void vm_regex_free(struct vm_regex *state)
{
	if (!state)
		return;
	for (uint32_t i = 0; i < state->program->regex_count; i++)
		if (state->regexes[i].ready)
			regfree(&state->regexes[i].compiled);
	buf_free(&state->text);
	free(state->matches);
	free(state->regexes);
	free(state);
}

void vm_regex_reset(struct vm_regex *state)
{
	state->groups = 0;
	state->match_count = 0;
}

/* The compiled expression; NULL: the library refuses it (the translator has checked it). */
static regex_t *regex_get(struct vm_regex *state, uint32_t index)
{
	struct regex *regex = &state->regexes[index];

	if (!regex->ready && !regex->broken) {
		regex->broken = regcomp(&regex->compiled, state->program->regexes[index].pattern,
					REG_EXTENDED) != 0;
		regex->ready = !regex->broken;
	}
	return regex->ready ? &regex->compiled : NULL;
}

bool vm_regex_match(struct vm *vm, uint32_t index, const char *text, uint32_t length)
{
	struct vm_regex *state = vm->regex;
	regex_t *regex = regex_get(state, index);
	size_t count;

	if (!regex)
		return false;
	count = regex->re_nsub + 1;
	state->groups = (int64_t)regex->re_nsub;
	if (count > state->match_room) {
		free(state->matches);
		state->match_room = 0;
		state->match_count = 0;
		state->matches = calloc(count, sizeof(*state->matches));
		if (!state->matches)
			return false;
		state->match_room = count;
	}
	/* A failed match leaves the last successful one alone. */
	if (regexec(regex, text, 0, NULL, 0))
		return false;
	buf_clear(&state->text);
	buf_add(&state->text, text, length);
	state->match_count = count;
	return !regexec(regex, state->text.data, count, state->matches, 0);
}

bool vm_regex_group(struct vm *vm, int64_t group, struct maps_value *value)
{
	const struct vm_regex *state = vm->regex;
	const regmatch_t *match;

	if (group < 0 || (uint64_t)group >= state->match_count)
		return false;
	match = &state->matches[group];
	value->text = "";
	value->length = 0;
	if (match->rm_so >= 0) {
		value->text = state->text.data + match->rm_so;
		value->length = (uint32_t)(match->rm_eo - match->rm_so);
	}
	return true;
}

int64_t vm_regex_group_count(const struct vm *vm)
{
	return vm->regex->groups;
}
