/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: arena, vectors, interned names, maps, sources, diagnostics, the nearest word
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/util/arena.h"
#include "translator/util/diag.h"
#include "translator/util/intern.h"
#include "translator/util/map.h"
#include "translator/util/source.h"
#include "translator/util/vec.h"

static int points;

static void ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, what);
}

static void test_arena(struct arena *arena)
{
	char *small = arena_alloc(arena, 1), *big = arena_alloc(arena, 1 << 20);

	ok(!((uintptr_t)small % 16) && !((uintptr_t)big % 16), "alignment");
	ok(!*small && !big[(1 << 20) - 1], "zeroed");
	ok(!strcmp(arena_printf(arena, "%d-%s", 7, "x"), "7-x"), "printf");
	ok(!strcmp(arena_strndup(arena, "abc", 2), "ab"), "strndup");
}

static void test_vec(struct arena *arena)
{
	VEC(int) list = { 0 };
	int sum = 0;

	for (int i = 0; i < 1000; i++)
		*vec_push(arena, &list) = i;
	for (size_t i = 0; i < list.count; i++)
		sum += list.data[i];
	ok(list.count == 1000 && sum == 499500 && vec_last(&list) == 999, "vector of a thousand");
}

static void test_names(struct arena *arena)
{
	struct intern *names = intern_new(arena);
	struct map map;
	bool same = true, ordered = true;

	ok(intern_str(names, "ab") == intern_strn(names, "abc", 2), "equal names, equal pointers");
	ok(intern_strn(names, "a\0b", 3) != intern_str(names, "a"), "a NUL is a byte");
	map_init(&map, arena);
	ok(!map_get(&map, "x"), "empty map");
	for (int i = 0; i < 3000; i++) {
		const char *name = intern_str(names, arena_printf(arena, "name%d", i));

		map_put(&map, name, (void *)(intptr_t)(i + 1));
	}
	for (int i = 0; i < 3000; i++) {
		char key[16];

		snprintf(key, sizeof key, "name%d", i);
		same &= map_get(&map, key) == (void *)(intptr_t)(i + 1);
		same &= intern_str(names, key) == map.entries[i].key;
		ordered &= map.entries[i].value == (void *)(intptr_t)(i + 1);
	}
	ok(same && map.count == 3000, "three thousand names");
	ok(ordered, "in insertion order");
	map_put(&map, "name7", &map);
	ok(map_get(&map, "name7") == &map && map.count == 3000, "replaced");
}

static void test_source(struct arena *arena)
{
	static const char text[] = "one\n\ttwo\n\nlast";
	struct source *source = source_new(arena, "s", text, sizeof text - 1);
	struct position at = source_position(source, 5);
	size_t length;

	ok(at.line == 2 && at.column == 2, "position behind a tab");
	at = source_position(source, (uint32_t)source->length);
	ok(at.line == 4 && at.column == 5, "position of the end");
	ok(!strncmp(source_line(source, 2, &length), "\ttwo", 4) && length == 4, "a line");
	source_line(source, 3, &length);
	ok(!length, "an empty line");
	source_line(source, 9, &length);
	ok(!length, "a line that is not there");
	ok(!source_read(arena, "/no/such/file") && !source_read(arena, "/"), "unreadable");
}

static char *printed(struct diags *diags)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	diags_print(diags, out, false);
	fclose(out);
	return text;
}

static void test_diags(struct arena *arena)
{
	static const char text[] = "a\n\tbc \001d\n";
	struct source *source = source_new(arena, "f.stp", text, sizeof text - 1);
	struct span span = { .source = source, .begin = 3, .end = 5 };
	struct origin origin = { "expansion of macro", "m", { .source = source, .end = 1 } };
	struct diags *diags = diags_new(arena);
	size_t mark;
	char *got;

	ok(!diag(diags, DIAG_PARSE_SYNTAX, span, "bad"), "a check can end with it");
	diag(diags, DIAG_PARSE_SYNTAX, span, "bad");
	diag_hint(diags, "not kept");
	ok(diags_errors(diags) == 1, "said once");
	mark = diags_mark(diags);
	diag(diags, DIAG_PARSE_EMBEDDED, span);
	diags_rewind(diags, mark);
	span.origin = &origin;
	diag(diags, DIAG_PARSE_EMBEDDED, span);
	diag_note(diags, origin.where, "see %s", "here");
	diag_hint(diags, "try %d", 3);
	got = printed(diags);
	ok(!strcmp(got, "f.stp:2:2: error: bad [parse-syntax]\n"
			"    2 |         bc ?d\n"
			"      |         ^^\n"
			"f.stp:2:2: error: embedded code needs guru mode (-g) [parse-embedded]\n"
			"    2 |         bc ?d\n"
			"      |         ^^\n"
			"f.stp:1:1: in expansion of macro 'm'\n"
			"    1 | a\n"
			"      | ^\n"
			"f.stp:1:1: note: see here\n"
			"    1 | a\n"
			"      | ^\n"
			"hint: try 3\n"), "as printed");
	free(got);
	got = printed(diags);
	ok(!*got, "printed once");
	free(got);
	diags_set_warnings(diags, false, false);
	diag(diags, DIAG_PARSE_COMMENT_OPEN, span);
	ok(diags_errors(diags) == 2, "a warning that is not shown");
	diags_set_warnings(diags, true, true);
	diag(diags, DIAG_PARSE_COMMENT_OPEN, span);
	ok(diags_errors(diags) == 3, "a warning that is an error");
}

static void test_nearest(void)
{
	static const char *const words[] = { "probe", "global", "function", "if", "print" };
	const char *got = diag_nearest("porbe", words, 5);

	ok(got && !strcmp(got, "probe"), "swapped letters");
	got = diag_nearest("functin", words, 5);
	ok(got && !strcmp(got, "function"), "a letter missing");
	ok(!diag_nearest("zebra", words, 5) && !diag_nearest("", words, 5), "nothing near");
}

int main(void)
{
	struct arena *arena = arena_new();

	test_arena(arena);
	test_vec(arena);
	test_names(arena);
	test_source(arena);
	test_diags(arena);
	test_nearest();
	arena_free(arena);
	printf("1..%d\n", points);
	return 0;
}
