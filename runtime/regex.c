/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "runtime/regex.h"

static bool fits(const struct regex_head *head, uint32_t offset, uint64_t words)
{
	return !(offset % 4) && offset >= sizeof(*head) && offset <= head->size &&
	       words * sizeof(uint16_t) <= head->size - offset;
}

static uint16_t word_at(const uint8_t *table, uint32_t offset, uint64_t index)
{
	uint16_t word;

	memcpy(&word, table + offset + index * sizeof(word), sizeof(word));
	return word;
}

static bool list_sound(const uint8_t *table, const struct regex_head *head, uint32_t list)
{
	uint32_t count;

	if (!list)
		return true;
	if (list >= head->command_count)
		return false;
	count = word_at(table, head->commands, list);
	if (count > REGEX_MAX_COMMANDS || count > head->command_count - list - 1)
		return false;
	for (uint32_t i = 1; i <= count; i++) {
		uint16_t command = word_at(table, head->commands, list + i);
		uint8_t from = command;

		if (command >> 8 >= head->registers ||
		    (from < REGEX_UNSET && from >= head->registers))
			return false;
	}
	return true;
}

static bool states_sound(const uint8_t *table, const struct regex_head *head)
{
	for (uint32_t i = 0; i < (uint32_t)head->states * head->classes; i++) {
		if (word_at(table, head->next, i) >= head->states)
			return false;
		if (head->registers && !list_sound(table, head, word_at(table, head->actions, i)))
			return false;
	}
	for (uint32_t i = 0; i < head->states; i++) {
		uint16_t final = word_at(table, head->finals, i);

		if (final && head->registers && !list_sound(table, head, final - 1))
			return false;
	}
	return list_sound(table, head, head->initial);
}

const char *regex_table_check(const uint8_t *table, size_t size)
{
	static const char damaged[] = "a regular expression's table is damaged";
	struct regex_head head;
	uint64_t cells;

	if (size < sizeof(head))
		return damaged;
	memcpy(&head, table, sizeof(head));
	cells = (uint64_t)head.states * head.classes;
	if (head.size != size || head.states < 2 || head.states > REGEX_MAX_STATES ||
	    !head.classes || head.classes > 257 || head.groups > REGEX_MAX_GROUPS ||
	    head.registers > REGEX_MAX_REGISTERS || !fits(&head, head.next, cells) ||
	    !fits(&head, head.finals, head.states))
		return damaged;
	if (head.registers && (head.registers < 2 * (head.groups + 1) ||
			       !fits(&head, head.actions, cells) ||
			       !fits(&head, head.commands, head.command_count)))
		return damaged;
	for (int i = 0; i < 256; i++)
		if (head.class_of[i] >= head.classes)
			return damaged;
	return states_sound(table, &head) ? NULL : damaged;
}

static void run_list(const uint8_t *table, const struct regex_head *head, uint32_t list,
		     uint16_t here, uint16_t *registers)
{
	uint32_t count = list ? word_at(table, head->commands, list) : 0;

	for (uint32_t i = 1; i <= count; i++) {
		uint16_t command = word_at(table, head->commands, list + i);
		uint8_t from = command;

		registers[command >> 8] = from == REGEX_HERE  ? here :
					  from == REGEX_UNSET ? REGEX_NONE :
								registers[from];
	}
}

bool regex_table_match(const uint8_t *table, const char *text, uint32_t length, uint16_t *registers)
{
	struct regex_head head;
	uint32_t state = 1;
	bool matched = false;

	memcpy(&head, table, sizeof(head));
	if (length > REGEX_NONE - 1)
		length = REGEX_NONE - 1;
	if (head.registers) {
		memset(registers, 0xff, head.registers * sizeof(*registers));
		run_list(table, &head, head.initial, 0, registers);
	}
	for (uint32_t at = 0; state; at++) {
		uint16_t final = word_at(table, head.finals, state);
		uint32_t cell;

		matched |= final != 0;
		if (final && !head.registers)
			return true;
		if (final)
			run_list(table, &head, final - 1, 0, registers);
		if (at > length)
			break;
		cell = state * head.classes +
		       (at < length ? head.class_of[(unsigned char)text[at]] : head.classes - 1);
		if (head.registers)
			run_list(table, &head, word_at(table, head.actions, cell),
				 at < length ? at + 1 : length, registers);
		state = word_at(table, head.next, cell);
	}
	return matched;
}
