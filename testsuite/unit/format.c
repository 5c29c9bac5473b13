/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: conversions, flags, widths and precisions of prints; escaping of untrusted strings
//# link: sonde
#include <stdio.h>
#include <string.h>

#include "runtime/buf.h"
#include "runtime/format.h"
#include "runtime/program.h"

static int tests, failures;

static void expect(const char *what, const struct buf *got, const char *want, size_t size)
{
	bool good = got->size == size && !memcmp(got->data, want, size);

	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	if (!good)
		printf("# got [%s] instead of [%s]\n", got->data, want);
	failures += !good;
}

struct number_case {
	char flag, conv;
	int width, precision;	/* -1: none */
	int64_t value;
	const char *want;
};

static const struct number_case numbers[] = {
	{ 0, 'd', -1, -1, -7, "-7" },
	{ 0, 'd', 5, -1, 1, "    1" },
	{ '-', 'd', 5, -1, 2, "2    " },
	{ '0', 'd', 5, -1, 3, "00003" },
	{ '0', 'd', 5, -1, -3, "-0003" },
	{ '0', 'd', 8, 3, 5, "00000005" },
	{ 0, 'd', 8, 3, 5, "     005" },
	{ 0, 'd', -1, 0, 0, "0" },
	{ '+', 'd', -1, -1, 4, "+4" },
	{ ' ', 'i', -1, -1, 4, " 4" },
	{ 0, 'd', -1, -1, INT64_MIN, "-9223372036854775808" },
	{ 0, 'u', -1, -1, -1, "18446744073709551615" },
	{ 0, 'x', -1, -1, -255, "ffffffffffffff01" },
	{ '#', 'x', -1, -1, 255, "0xff" },
	{ '#', 'X', -1, -1, 255, "0XFF" },
	{ '#', 'x', 8, -1, 255, "    0xff" },
	{ '0', 'x', 6, -1, 255, "0000ff" },
	{ 0, 'p', -1, -1, 0, "0x0" },
	{ 0, 'p', 8, -1, 16, "    0x10" },
	{ 0, 'o', -1, -1, 8, "10" },
	{ '#', 'o', -1, -1, 8, "010" },
	{ 0, 'c', -1, -1, 65 + 256, "A" },
	{ 0, 'c', 3, -1, 65, "  A" },
	{ '#', 'c', -1, -1, '\n', "\\n" },
	{ '#', 'c', -1, -1, 1, "\\001" },
	{ '#', 'c', -1, -1, '\'', "\\'" },
};

static void test_numbers(void)
{
	static const uint32_t type = PROGRAM_LONG, width = 8;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const struct number_case *c = &numbers[i];
		struct program_piece piece = { .conv = (uint32_t)c->conv, .flag = (uint32_t)c->flag,
					       .width_kind = c->width >= 0, .width = c->width,
					       .precision_kind = c->precision >= 0,
					       .precision = c->precision };
		struct program_print print = { .pieces = &piece, .piece_count = 1,
					       .arg_types = &type, .arg_widths = &width,
					       .arg_count = 1 };
		struct format_arg arg = { .number = c->value };
		struct buf out = { 0 };

		format_print(&out, &print, &arg, false);
		expect(c->want, &out, c->want, strlen(c->want));
		buf_free(&out);
	}
}

struct text_case {
	char flag;
	uint32_t width_kind, precision_kind;
	int64_t args[2];	/* of kind 2, in order */
	int width, precision;
	bool trusted;
	const char *text, *want;
};

static const struct text_case texts[] = {
	{ 0, 1, 0, { 0 }, 5, 0, true, "ab", "   ab" },
	{ '-', 1, 0, { 0 }, 5, 0, true, "ab", "ab   " },
	{ 0, 0, 1, { 0 }, 0, 2, true, "abc", "ab" },
	{ 0, 2, 2, { 6, 1 }, 0, 0, true, "abc", "     a" },
	{ 0, 2, 0, { -4 }, 0, 0, true, "abc", "abc " },
	{ 0, 0, 0, { 0 }, 0, 0, false, "a\033[1mb\tc\n", "a\\033[1mb\tc\n" },
	{ 0, 0, 0, { 0 }, 0, 0, true, "\033[1m", "\033[1m" },
};

static void test_texts(void)
{
	static const uint32_t types[] = { PROGRAM_LONG, PROGRAM_LONG, PROGRAM_STRING };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct text_case *c = &texts[i];
		uint32_t stars = (c->width_kind == 2) + (c->precision_kind == 2);
		struct program_piece piece = { .conv = 's', .flag = (uint32_t)c->flag,
					       .width_kind = c->width_kind, .width = c->width,
					       .precision_kind = c->precision_kind,
					       .precision = c->precision };
		struct program_print print = { .pieces = &piece, .piece_count = 1,
					       .arg_types = types + 2 - stars,
					       .arg_count = stars + 1 };
		struct format_arg args[3] = { { .number = c->args[0] }, { .number = c->args[1] } };
		struct buf out = { 0 };

		args[stars] = (struct format_arg){ .text = c->text,
						   .length = (uint32_t)strlen(c->text),
						   .trusted = c->trusted };
		format_print(&out, &print, args, true);
		expect(c->want, &out, c->want, strlen(c->want));
		buf_free(&out);
	}
}

static void test_binary(void)
{
	static const uint32_t type = PROGRAM_LONG;
	struct program_piece piece = { .conv = 'b', .width_kind = 1, .width = 4 };
	struct program_print print = { .pieces = &piece, .piece_count = 1, .arg_types = &type,
				       .arg_count = 1 };
	struct format_arg arg = { .number = 0x0102030405060708 };
	struct buf out = { 0 };

	format_print(&out, &print, &arg, false);
	expect("%4b", &out, "\x08\x07\x06\x05", 4);
	piece.width_kind = 0;
	buf_clear(&out);
	format_print(&out, &print, &arg, false);
	expect("%b", &out, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
	buf_free(&out);
}

int main(void)
{
	test_numbers();
	test_texts();
	test_binary();
	printf("1..%d\n", tests);
	return failures != 0;
}
