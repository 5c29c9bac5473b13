/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builtins about strings. Positions are bytes.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vm-intrinsics.h"

static int text_result(struct maps_value *result, const char *text, uint64_t length)
{
	result->text = text;
	result->length = (uint32_t)length;
	return 0;
}

static int scratch_result(struct vm *vm, struct maps_value *result)
{
	return text_result(result, vm->text.data ? vm->text.data : "", vm->text.size);
}

BUILTIN(strlen)
{
	(void)vm;
	result->number = args[0].length;
	return 0;
}

BUILTIN(substr)
{
	int64_t start = args[1].number, length = args[2].number, size = args[0].length;

	(void)vm;
	if (start < 0 || length <= 0 || start >= size)
		return 0;
	return text_result(result, args[0].text + start,
			   (uint64_t)(length < size - start ? length : size - start));
}

BUILTIN(strpos)
{
	const char *at = memmem(args[0].text, args[0].length, args[1].text, args[1].length);

	(void)vm;
	result->number = at ? at - args[0].text : -1;
	return 0;
}

BUILTIN(stringat)
{
	int64_t at = args[1].number;

	(void)vm;
	result->number = at < 0 || at >= args[0].length ? -1 : (unsigned char)args[0].text[at];
	return 0;
}

/* Value of a digit in bases up to 36; 99: none. */
static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (unsigned int)(c - 'a') + 10 : 99;
}

static bool is_hex_prefix(const char *at)
{
	return at[0] == '0' && (at[1] | 0x20) == 'x' && digit_value(at[2]) < 16;
}

BUILTIN(strtol)
{
	const char *at = args[0].text;
	bool negative = *at == '-';
	uint64_t base = (uint64_t)args[1].number, value = 0;

	(void)vm;
	at += negative;
	if (base == 0)
		base = is_hex_prefix(at) ? 16 : *at == '0' ? 8 : 10;
	if (base == 16 && is_hex_prefix(at))
		at += 2;
	for (; digit_value(*at) < base && digit_value(*at) < 36; at++)
		value = value * base + digit_value(*at);
	result->number = (int64_t)(negative ? 0 - value : value);
	return 0;
}

static int next_token(struct vm *vm, const struct maps_value *delimiters, struct maps_value *result)
{
	struct token_state *state = &vm->tokens;
	const char *at;
	size_t length;

	if (state->at >= state->text.size)
		return 0;
	at = state->text.data + state->at;
	at += strspn(at, delimiters->text);
	length = strcspn(at, delimiters->text);
	state->at = (size_t)(at - state->text.data) + length + 1;	/* behind the delimiter */
	return text_result(result, at, length);
}

BUILTIN(tokenize)
{
	buf_clear(&vm->tokens.text);
	buf_add(&vm->tokens.text, args[0].text, args[0].length);
	vm->tokens.at = 0;
	return next_token(vm, &args[1], result);
}

BUILTIN(tokenize_next)
{
	return next_token(vm, &args[0], result);
}

BUILTIN(str_replace)
{
	const char *at = args[0].text, *end = at + args[0].length, *found;

	if (!args[1].length)
		return text_result(result, at, args[0].length);
	buf_clear(&vm->text);
	while ((found = memmem(at, (size_t)(end - at), args[1].text, args[1].length))) {
		buf_add(&vm->text, at, (size_t)(found - at));
		buf_add(&vm->text, args[2].text, args[2].length);
		at = found + args[1].length;
	}
	buf_add(&vm->text, at, (size_t)(end - at));
	return scratch_result(vm, result);
}

/* One byte as a quoted text shows it; the number of characters. */
static size_t byte_quote(char *to, unsigned char byte)
{
	static const char codes[] = "\"\"\\\\\aa\bb\ff\nn\rr\tt\vv";

	for (const char *code = codes; *code; code += 2)
		if (*code == (char)byte) {
			to[0] = '\\';
			to[1] = code[1];
			return 2;
		}
	if (byte < ' ' || byte > '~')
		return (size_t)sprintf(to, "\\%03o", byte);
	to[0] = (char)byte;
	return 1;
}

/* The limit counts the quotes and the dots that say that something is missing, which only quoted
 * texts have; it does not care for an escape that it cuts in two. */
BUILTIN(text)
{
	static const char more[] = "\"...";
	int64_t limit = args[1].number, most = vm->program->max_string - 1;
	bool quoted = args[2].number, cut = false;
	size_t room = (size_t)(limit > 0 && limit < most ? limit : most);

	if (quoted)
		room = (room < 5 ? 5 : room) - 2;
	buf_clear(&vm->text);
	for (uint32_t i = 0; i < args[0].length && !cut; i++) {
		char code[8];
		size_t size = byte_quote(code, (unsigned char)args[0].text[i]);

		cut = vm->text.size + size > room;
		if (!cut)
			buf_add(&vm->text, code, size);
	}
	if (quoted && cut)
		vm->text.size = room - 3;
	if (quoted) {
		buf_add(&vm->text, more, cut ? 5 : 2);
		memmove(vm->text.data + 1, vm->text.data, vm->text.size - 1);
		vm->text.data[0] = '"';
	}
	return scratch_result(vm, result);
}

BUILTIN(chr)
{
	char byte = (char)args[0].number;

	buf_clear(&vm->text);
	if (byte)
		buf_char(&vm->text, byte);
	return scratch_result(vm, result);
}

BUILTIN(matched)
{
	if (vm_regex_group(vm, args[0].number, result))
		return 0;
	result->number = STRING_FAULT_MATCH;
	return FAULT_STRING;
}

BUILTIN(ngroups)
{
	(void)args;
	result->number = vm_regex_group_count(vm);
	return 0;
}
