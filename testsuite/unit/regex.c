/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: tables of regular expressions: spans, groups, mistakes; with and without groups
#include <stdio.h>
#include <string.h>

#include "runtime/regex.h"
#include "translator/util/regex.h"

static const struct row {
	const char *pattern, *text;
	/* "begin,end" of the whole and of each group; "" no match; NULL: a mistake */
	const char *spans;
} rows[] = {
	{ "w(or)ld", "hello world", "6,11 7,9" },
	{ "a|ab", "xab", "1,3" },
	{ "(a|b)*c$", "zababc", "1,6 4,5" },
	{ "^[[:digit:]]+(\\.[0-9]+)?$", "12.5", "0,4 2,4" },
	{ "^[[:digit:]]+(\\.[0-9]+)?$", "12", "0,2 -,-" },
	{ "(a*)(b*)", "aabb", "0,4 0,2 2,4" },
	{ "x{2,3}", "axxxxb", "1,4" },
	{ "x{2}", "axb", "" },
	{ "[^a-c]+", "abcxyz", "3,6" },
	{ "[]a]+", "x]a]", "1,4" },
	{ "a\\.b", "axb a.b", "4,7" },
	{ "", "abc", "0,0" },
	{ "^$", "", "0,0" },
	{ "($)$", "ab", "2,2 2,2" },
	{ "^b", "ab", "" },
	{ "(a?){3}", "aa", "0,2 2,2" },
	{ "\xc3\xa9+", "caf\xc3\xa9", "3,5" },
	{ "(", "", NULL }, { ")", "", NULL }, { "[a", "", NULL }, { "*a", "", NULL },
	{ "a{3,1}", "", NULL }, { "[b-a]", "", NULL }, { "(a)\\1", "", NULL },
	{ "[[:nothing:]]", "", NULL }, { "a\\", "", NULL },
	{ "(((((((((((((((((((a)))))))))))))))))))", "", NULL },
};

static uint8_t *compile(struct arena *arena, const char *pattern, bool with_groups,
			struct regex_head *head)
{
	struct regex_nfa nfa = { .arena = arena };
	struct regex_dfa dfa = { .arena = arena };
	const char *error = NULL;
	uint8_t *table;
	uint32_t size;

	if (!regex_parse(&nfa, pattern, &error) || !regex_build(&nfa, with_groups, &dfa, &error))
		return NULL;
	table = regex_table(&nfa, &dfa, &size, &error);
	if (error || regex_table_check(table, size))
		return NULL;
	memcpy(head, table, sizeof(*head));
	return table;
}

static void spans_of(const uint16_t *registers, unsigned int groups, char *out)
{
	*out = 0;
	for (unsigned int i = 0; i <= groups; i++) {
		out += sprintf(out, "%s", i ? " " : "");
		for (int side = 0; side < 2; side++) {
			uint16_t at = registers[2 * i + side];

			out += at == REGEX_NONE ? sprintf(out, side ? ",-" : "-") :
						  sprintf(out, side ? ",%u" : "%u", at);
		}
	}
}

static bool check(const struct row *row)
{
	struct arena *arena = arena_new();
	uint16_t registers[REGEX_MAX_REGISTERS];
	struct regex_head head;
	char spans[512] = "";
	uint8_t *table = compile(arena, row->pattern, true, &head);
	bool good = !table == !row->spans;

	if (table && row->spans) {
		bool matched = regex_table_match(table, row->text, strlen(row->text), registers);

		if (matched)
			spans_of(registers, head.groups, spans);
		good = !strcmp(spans, row->spans);
		table = compile(arena, row->pattern, false, &head);
		good = good && table && !head.registers &&
		       regex_table_match(table, row->text, strlen(row->text), registers) == matched;
	}
	if (!good)
		printf("# got '%s'\n", spans);
	arena_free(arena);
	return good;
}

int main(void)
{
	size_t count = sizeof(rows) / sizeof(rows[0]);
	int failures = 0;

	for (size_t i = 0; i < count; i++) {
		bool good = check(&rows[i]);

		printf("%sok %zu - '%s' in '%s'\n", good ? "" : "not ", i + 1, rows[i].pattern,
		       rows[i].text);
		failures += !good;
	}
	printf("1..%zu\n", count);
	return failures != 0;
}
