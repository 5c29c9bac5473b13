/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state of the DFA is a list of the automaton's states, the preferred first, each with the
 * registers that hold its tags' positions. Registers are numbered by first appearance, so that two
 * lists that differ only in where positions lie are one state; a move brings the positions to where
 * the next state has them.
 */
#include <string.h>

#include "translator/util/regex.h"

#define MAX_TAGS (2 * (REGEX_MAX_GROUPS + 1))
#define SPARE 253			/* while building: the register behind all others */

struct item {
	uint32_t node;
	uint8_t tags[MAX_TAGS];		/* register, REGEX_HERE or REGEX_UNSET */
};

struct list {
	VEC(struct item) items;
	uint32_t hash;
};

struct builder {
	const struct regex_nfa *nfa;
	struct regex_dfa *dfa;
	unsigned int tags;		/* per item; 0: only whether it matches */
	VEC(struct list) lists;		/* of the states */
	bool *seen;			/* nodes, while a list is made */
	bool spare_used;
	bool at_begin, at_end;		/* where a list is made for */
	const char *error;
};

/* ---- classes of bytes ---- */

static bool in_set(const struct regex_set *set, unsigned int c)
{
	return set->bits[c / 64] >> c % 64 & 1;
}

static void split_classes(struct regex_dfa *dfa, const struct regex_set *set)
{
	int16_t inside[257], outside[257];
	unsigned int next = 0;

	memset(inside, -1, sizeof(inside));
	memset(outside, -1, sizeof(outside));
	for (unsigned int c = 0; c < 256; c++) {
		int16_t *map = in_set(set, c) ? inside : outside;

		if (map[dfa->class_of[c]] < 0)
			map[dfa->class_of[c]] = next++;
		dfa->class_of[c] = map[dfa->class_of[c]];
	}
	dfa->classes = next;
}

static void find_classes(const struct regex_nfa *nfa, struct regex_dfa *dfa)
{
	for (size_t i = 0; i < nfa->nodes.count; i++)
		if (nfa->nodes.data[i].kind == NODE_SET)
			split_classes(dfa, &nfa->nodes.data[i].set);
	dfa->classes++;
}

/* ---- lists ---- */

/* What can be reached from @item without reading, preferred ways first. Recursion is as deep as the
 * automaton has states in a row: the parser bounds them. */
static void close_item(struct builder *b, struct list *list, struct item item)
{
	const struct regex_node *node = &b->nfa->nodes.data[item.node];

	if (b->seen[item.node])
		return;
	b->seen[item.node] = true;
	if (node->kind == NODE_END && b->at_end) {
		item.node = node->next;
		close_item(b, list, item);
		return;
	}
	switch (node->kind) {
	case NODE_SPLIT:
		item.node = node->next;
		close_item(b, list, item);
		item.node = node->other;
		close_item(b, list, item);
		break;
	case NODE_TAG:
		if (node->tag < b->tags)
			item.tags[node->tag] = REGEX_HERE;
		item.node = node->next;
		close_item(b, list, item);
		break;
	case NODE_BEGIN:
		item.node = node->next;
		if (b->at_begin)
			close_item(b, list, item);
		break;
	default:
		*vec_push(b->dfa->arena, &list->items) = item;
	}
}

static bool accepts(const struct builder *b, const struct item *item)
{
	return b->nfa->nodes.data[item->node].kind == NODE_ACCEPT;
}

/* Once something matches, what began later cannot win. */
static void cut_later(const struct builder *b, struct list *list)
{
	const struct item *winner = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < list->items.count; i++) {
		struct item item = list->items.data[i];

		if (winner && (!b->tags || item.tags[0] != winner->tags[0]))
			continue;
		list->items.data[kept] = item;
		if (!winner && accepts(b, &item))
			winner = &list->items.data[kept];
		kept++;
	}
	list->items.count = kept;
}

/* Puts the positions where the list's state will look for them; the moves go to @out. */
static void renumber(struct builder *b, struct list *list, uint8_t *from, unsigned int *count)
{
	uint8_t to[256];

	memset(to, REGEX_UNSET, sizeof(to));
	*count = 0;
	for (size_t i = 0; i < list->items.count; i++)
		for (unsigned int t = 0; t < b->tags; t++) {
			uint8_t *tag = &list->items.data[i].tags[t];

			if (*tag == REGEX_UNSET)
				continue;
			if (to[*tag] == REGEX_UNSET) {
				if (b->tags + *count >= REGEX_MAX_REGISTERS - 1) {
					b->error = "it needs too many registers";
					return;
				}
				from[*count] = *tag;
				to[*tag] = b->tags + (*count)++;
			}
			*tag = to[*tag];
		}
}

static uint32_t hash_of(const struct builder *b, const struct list *list)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < list->items.count; i++) {
		const struct item *item = &list->items.data[i];

		hash = (hash ^ item->node) * 16777619u;
		for (unsigned int t = 0; t < b->tags; t++)
			hash = (hash ^ item->tags[t]) * 16777619u;
	}
	return hash;
}

static bool same_list(const struct builder *b, const struct list *x, const struct list *y)
{
	if (x->hash != y->hash || x->items.count != y->items.count)
		return false;
	for (size_t i = 0; i < x->items.count; i++)
		if (x->items.data[i].node != y->items.data[i].node ||
		    memcmp(x->items.data[i].tags, y->items.data[i].tags, b->tags))
			return false;
	return true;
}

static void add_command(struct builder *b, regex_list *list, unsigned int to, uint8_t from)
{
	*vec_push(b->dfa->arena, list) = to << 8 | from;
	b->spare_used |= to == SPARE;
	if (from < SPARE && from + 1u > b->dfa->registers)
		b->dfa->registers = from + 1;
	if (to < SPARE && to + 1 > b->dfa->registers)
		b->dfa->registers = to + 1;
}

static void place_spare_in(regex_list *list, unsigned int spare)
{
	for (size_t i = 0; i < list->count; i++) {
		uint16_t *command = &list->data[i];

		if (*command >> 8 == SPARE)
			*command = spare << 8 | (*command & 255);
		if ((*command & 255) == SPARE)
			*command = (*command & 0xff00) | spare;
	}
}

static void place_spare(struct builder *b)
{
	unsigned int spare = b->dfa->registers;

	if (!b->spare_used)
		return;
	b->dfa->registers++;
	place_spare_in(&b->dfa->initial, spare);
	for (size_t s = 0; s < b->dfa->states.count; s++)
		for (unsigned int i = 0; i < b->dfa->classes; i++)
			place_spare_in(&b->dfa->states.data[s].moves[i].list, spare);
}

static bool is_needed(const uint8_t *from, unsigned int count, const bool *done, unsigned int base,
		      unsigned int index)
{
	for (unsigned int i = 0; i < count; i++)
		if (!done[i] && i != index && from[i] == base + index)
			return true;
	return false;
}

/* All at once: registers base + i take from[i]. A register is written when nobody needs its old
 * value; a circle is opened by way of the spare register. */
static void parallel_moves(struct builder *b, regex_list *list, uint8_t *from, unsigned int count,
			   unsigned int base)
{
	bool done[REGEX_MAX_REGISTERS] = { false };
	unsigned int left = 0;

	for (unsigned int i = 0; i < count; i++) {
		done[i] = from[i] == base + i;
		left += !done[i];
	}
	while (left) {
		unsigned int written = 0, stuck = count;

		for (unsigned int i = 0; i < count; i++) {
			if (done[i])
				continue;
			stuck = i;
			if (is_needed(from, count, done, base, i))
				continue;
			add_command(b, list, base + i, from[i]);
			done[i] = true;
			written++;
		}
		left -= written;
		if (written)
			continue;
		add_command(b, list, SPARE, base + stuck);
		for (unsigned int i = 0; i < count; i++)
			if (!done[i] && from[i] == base + stuck)
				from[i] = SPARE;
	}
	if (list->count > REGEX_MAX_COMMANDS)
		b->error = "it needs too many registers";
}

static void set_final(struct builder *b, struct regex_state *state, const struct list *list)
{
	for (size_t i = 0; i < list->items.count && !state->is_final; i++) {
		const struct item *item = &list->items.data[i];

		state->is_final = accepts(b, item);
		for (unsigned int t = 0; state->is_final && t < b->tags; t++)
			add_command(b, &state->final, t, item->tags[t]);
	}
}

/* The state of @list, made if it is new; 0 for the empty list. */
static uint32_t state_of(struct builder *b, struct list *list, regex_list *moves)
{
	struct regex_state *state;
	uint8_t from[REGEX_MAX_REGISTERS];
	unsigned int count;

	cut_later(b, list);
	renumber(b, list, from, &count);
	if (b->error || !list->items.count)
		return 0;
	parallel_moves(b, moves, from, count, b->tags);
	list->hash = hash_of(b, list);
	for (size_t i = 1; i < b->lists.count; i++)
		if (same_list(b, &b->lists.data[i], list))
			return i;
	if (b->dfa->states.count >= REGEX_MAX_STATES) {
		b->error = "it is too large";
		return 0;
	}
	*vec_push(b->dfa->arena, &b->lists) = *list;
	state = vec_push(b->dfa->arena, &b->dfa->states);
	state->moves = arena_alloc(b->dfa->arena, b->dfa->classes * sizeof(*state->moves));
	set_final(b, state, list);
	return b->dfa->states.count - 1;
}

static void step(struct builder *b, uint32_t state, unsigned int class, int byte)
{
	struct list next = { 0 };
	struct regex_move move = { 0 };

	b->at_end = byte < 0;
	memset(b->seen, 0, b->nfa->nodes.count);
	for (size_t i = 0; i < b->lists.data[state].items.count; i++) {
		struct item item = b->lists.data[state].items.data[i];
		const struct regex_node *node = &b->nfa->nodes.data[item.node];

		if (byte < 0 ? node->kind != NODE_END :
			       node->kind != NODE_SET || !in_set(&node->set, byte))
			continue;
		item.node = node->next;
		close_item(b, &next, item);
	}
	move.to = state_of(b, &next, &move.list);
	b->dfa->states.data[state].moves[class] = move;
}

static int byte_of_class(const struct regex_dfa *dfa, unsigned int class)
{
	for (int c = 0; c < 256; c++)
		if (dfa->class_of[c] == class)
			return c;
	return -1;
}

bool regex_build(const struct regex_nfa *nfa, bool with_groups, struct regex_dfa *dfa,
		 const char **error)
{
	struct builder b = { .nfa = nfa, .dfa = dfa, .at_begin = true,
			     .tags = with_groups ? 2 * (nfa->groups + 1) : 0 };
	struct item item = { .node = nfa->start };
	struct list list = { 0 };

	memset(item.tags, REGEX_UNSET, sizeof(item.tags));
	find_classes(nfa, dfa);
	dfa->registers = b.tags;
	b.seen = arena_alloc(dfa->arena, nfa->nodes.count);
	vec_push(dfa->arena, &b.lists);
	vec_push(dfa->arena, &dfa->states)->moves =
		arena_alloc(dfa->arena, dfa->classes * sizeof(struct regex_move));
	close_item(&b, &list, item);
	state_of(&b, &list, &dfa->initial);
	b.at_begin = false;
	for (uint32_t state = 1; state < dfa->states.count && !b.error; state++)
		for (unsigned int class = 0; class < dfa->classes && !b.error; class++)
			step(&b, state, class,
			     class + 1 == dfa->classes ? -1 : byte_of_class(dfa, class));
	place_spare(&b);
	*error = b.error;
	return !b.error;
}
