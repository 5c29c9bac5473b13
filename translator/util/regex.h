/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a regular expression (POSIX extended) to the table of runtime/regex.h.
 *
 *   regex-parse.c   text -> automaton with tags, in order of preference (Thompson)
 *   regex-dfa.c     that -> DFA whose moves carry the tags' positions in registers (Laurikari)
 *   regex-table.c   the bytes
 *
 * Among matches the leftmost, then the longest is taken; groups prefer earlier alternatives and
 * longer repetitions. Everything lives in the arena.
 */
#ifndef SONDE_UTIL_REGEX_H
#define SONDE_UTIL_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/regex.h"
#include "translator/util/vec.h"

struct regex_set {
	uint64_t bits[4];
};

enum regex_node_kind { NODE_SET, NODE_END /* of the text */, NODE_BEGIN, NODE_SPLIT, NODE_TAG,
	NODE_ACCEPT };

/* A state of the automaton. SPLIT prefers `next` to `other`. */
struct regex_node {
	enum regex_node_kind kind;
	uint32_t next, other;
	uint32_t tag;
	struct regex_set set;
};

struct regex_nfa {
	struct arena *arena;
	VEC(struct regex_node) nodes;
	uint32_t start;
	unsigned int groups;		/* without the whole */
};

/* A move's work on the registers, in order: to << 8 | from. */
typedef VEC(uint16_t) regex_list;

struct regex_move {
	uint32_t to;
	regex_list list;
};

struct regex_state {
	struct regex_move *moves;	/* one a class */
	bool is_final;
	regex_list final;
};

struct regex_dfa {
	struct arena *arena;
	VEC(struct regex_state) states;	/* states.data[0] is dead, 1 the start */
	uint8_t class_of[256];
	unsigned int classes;		/* with the end of the text, the last */
	unsigned int registers;
	regex_list initial;
};

/* Each: false with *error set to what is wrong. */
bool regex_parse(struct regex_nfa *nfa, const char *pattern, const char **error);
/* @with_groups: sub-matches will be asked for. */
bool regex_build(const struct regex_nfa *nfa, bool with_groups, struct regex_dfa *dfa,
		 const char **error);
uint8_t *regex_table(const struct regex_nfa *nfa, const struct regex_dfa *dfa, uint32_t *size,
		     const char **error);

#endif
