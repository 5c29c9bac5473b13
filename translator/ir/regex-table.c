/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a table: runtime/regex.h. Equal lists of commands are kept once. */
#include <string.h>

#include "translator/util/regex.h"

struct commands {
	struct arena *arena;
	VEC(uint16_t) words;
};

/* Offset of the list; 0 for an empty one. */
static uint32_t add_list(struct commands *c, const regex_list *list)
{
	size_t at = 1;

	if (!list->count)
		return 0;
	while (at < c->words.count) {
		if (c->words.data[at] == list->count &&
		    !memcmp(&c->words.data[at + 1], list->data, list->count * sizeof(uint16_t)))
			return at;
		at += c->words.data[at] + 1;
	}
	*vec_push(c->arena, &c->words) = list->count;
	for (size_t i = 0; i < list->count; i++)
		*vec_push(c->arena, &c->words) = list->data[i];
	return at;
}

static uint32_t align4(uint32_t size)
{
	return (size + 3) & ~3u;
}

static void fill(const struct regex_dfa *dfa, const struct regex_head *head, struct commands *c,
		 uint8_t *table)
{
	uint16_t *next = (uint16_t *)(table + head->next);
	uint16_t *actions = (uint16_t *)(table + head->actions);
	uint16_t *finals = (uint16_t *)(table + head->finals);

	for (size_t s = 0; s < dfa->states.count; s++) {
		const struct regex_state *state = &dfa->states.data[s];

		if (state->is_final)
			finals[s] = 1 + add_list(c, &state->final);
		for (unsigned int i = 0; i < dfa->classes; i++) {
			next[s * dfa->classes + i] = state->moves[i].to;
			if (head->registers)
				actions[s * dfa->classes + i] = add_list(c, &state->moves[i].list);
		}
	}
}

uint8_t *regex_table(const struct regex_nfa *nfa, const struct regex_dfa *dfa, uint32_t *size,
		     const char **error)
{
	struct commands c = { .arena = dfa->arena };
	uint32_t cells = dfa->states.count * dfa->classes;
	struct regex_head head = { .states = dfa->states.count, .classes = dfa->classes,
		.registers = dfa->registers, .groups = nfa->groups };
	uint8_t *table;

	*vec_push(dfa->arena, &c.words) = 0;
	memcpy(head.class_of, dfa->class_of, sizeof(head.class_of));
	head.next = align4(sizeof(head));
	head.actions = align4(head.next + cells * sizeof(uint16_t));
	head.finals = align4(head.actions + (head.registers ? cells * sizeof(uint16_t) : 0));
	head.commands = align4(head.finals + head.states * sizeof(uint16_t));
	table = arena_alloc(dfa->arena, head.commands);
	fill(dfa, &head, &c, table);
	head.initial = add_list(&c, &dfa->initial);
	head.command_count = c.words.count;
	head.size = align4(head.commands + c.words.count * sizeof(uint16_t));
	/* Offsets of lists are 16 bits. */
	*error = c.words.count >= REGEX_NONE - 1 ? "it is too large" : NULL;
	uint8_t *whole = arena_alloc(dfa->arena, head.size);

	memcpy(whole, table, head.commands);
	memcpy(whole, &head, sizeof(head));
	memcpy(whole + head.commands, c.words.data, c.words.count * sizeof(uint16_t));
	*size = head.size;
	return whole;
}
