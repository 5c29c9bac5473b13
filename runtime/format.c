/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "runtime/buf.h"
#include "runtime/format.h"
#include "runtime/program.h"

/* No field is wider: what a script says beyond it is a mistake, not a wish. */
#define FIELD_MAX 8192

struct field {
	char flag;
	bool left;
	int64_t width;		/* -1: none */
	int64_t precision;	/* -1: none */
	bool escape;
};

static void field_pad(struct buf *out, char c, int64_t count)
{
	if (count > 0)
		buf_fill(out, c, (size_t)count);
}

static int digits_make(char *digits, uint64_t value, unsigned int base, bool large)
{
	const char *set = large ? "0123456789ABCDEF" : "0123456789abcdef";
	char reverse[66];
	int count = 0;

	do {
		reverse[count++] = set[value % base];
		value /= base;
	} while (value);
	for (int i = 0; i < count; i++)
		digits[i] = reverse[count - 1 - i];
	return count;
}

struct radix {
	unsigned int base;
	bool is_signed, large, prefixed;
};

static void number_put(struct buf *out, const struct field *field, int64_t value,
		       struct radix radix)
{
	char digits[66], lead[4];
	int lead_count = 0;
	bool negative = radix.is_signed && value < 0;
	uint64_t magnitude = negative ? 0 - (uint64_t)value : (uint64_t)value;
	int count = digits_make(digits, magnitude, radix.base, radix.large);

	if (negative)
		lead[lead_count++] = '-';
	else if (radix.is_signed && (field->flag == '+' || field->flag == ' '))
		lead[lead_count++] = field->flag;
	if ((radix.prefixed || field->flag == '#') && radix.base != 10) {
		lead[lead_count++] = '0';
		if (radix.base == 16)
			lead[lead_count++] = radix.large ? 'X' : 'x';
	}
	int64_t zeros = field->precision > count ? field->precision - count : 0;
	int64_t pad = field->width - lead_count - zeros - count;

	if (!field->left && field->flag != '0')
		field_pad(out, ' ', pad);
	buf_add(out, lead, (size_t)lead_count);
	if (!field->left && field->flag == '0')
		field_pad(out, '0', pad);
	field_pad(out, '0', zeros);
	buf_add(out, digits, (size_t)count);
	if (field->left)
		field_pad(out, ' ', pad);
}

static void format_decimal(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	number_put(out, field, arg->number, (struct radix){ .base = 10, .is_signed = true });
}

static void format_unsigned(struct buf *out, const struct field *field,
			    const struct format_arg *arg)
{
	number_put(out, field, arg->number, (struct radix){ .base = 10 });
}

static void format_octal(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	number_put(out, field, arg->number, (struct radix){ .base = 8 });
}

static void format_hex(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	number_put(out, field, arg->number, (struct radix){ .base = 16 });
}

static void format_hex_large(struct buf *out, const struct field *field,
			     const struct format_arg *arg)
{
	number_put(out, field, arg->number, (struct radix){ .base = 16, .large = true });
}

static void format_pointer(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	number_put(out, field, arg->number, (struct radix){ .base = 16, .prefixed = true });
}

/* %#c: printable ASCII but ' and \ as it is, else a C escape. */
static int char_escape(char *text, unsigned char c)
{
	static const char codes[] = "\aa\bb\ff\nn\rr\tt\vv\'\'\\\\";

	for (const char *code = codes; *code; code += 2)
		if (*code == (char)c) {
			text[0] = '\\';
			text[1] = code[1];
			return 2;
		}
	if (c >= ' ' && c < 127) {
		text[0] = (char)c;
		return 1;
	}
	text[0] = '\\';
	text[1] = (char)('0' + (c >> 6));
	text[2] = (char)('0' + (c >> 3 & 7));
	text[3] = (char)('0' + (c & 7));
	return 4;
}

static void format_char(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	char text[4] = { (char)arg->number };
	int size = field->flag == '#' ? char_escape(text, (unsigned char)arg->number) : 1;

	if (!field->left)
		field_pad(out, ' ', field->width - size);
	buf_add(out, text, (size_t)size);
	if (field->left)
		field_pad(out, ' ', field->width - size);
}

static void format_string(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	int64_t length = (int64_t)arg->length;

	if (field->precision >= 0 && length > field->precision)
		length = field->precision;
	if (!field->left)
		field_pad(out, ' ', field->width - length);
	if (field->escape && !arg->trusted)
		format_escape(out, arg->text, (uint32_t)length);
	else
		buf_add(out, arg->text, (size_t)length);
	if (field->left)
		field_pad(out, ' ', field->width - length);
	if (field->flag == '0')
		buf_char(out, '\0');
}

/* %m, %M: the bytes have been read where the handler ran and arrive as a string. */
static void format_memory(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	struct field plain = *field;

	plain.precision = -1;
	plain.flag = 0;
	format_string(out, &plain, arg);
}

static void format_memory_hex(struct buf *out, const struct field *field,
			      const struct format_arg *arg)
{
	int64_t size = 2 * (int64_t)arg->length;

	if (!field->left)
		field_pad(out, ' ', field->width - size);
	for (uint32_t i = 0; i < arg->length; i++)
		buf_printf(out, "%02x", (unsigned char)arg->text[i]);
	if (field->left)
		field_pad(out, ' ', field->width - size);
}

static int64_t binary_size(int64_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8 ? size : -1;
}

/* %b: the low bytes as they are in memory. Width and precision stand in for each other; 8 by
 * default. */
static void format_binary(struct buf *out, const struct field *field, const struct format_arg *arg)
{
	int64_t size = binary_size(field->precision), width = field->width;

	if (size < 0)
		size = width < 0 ? 8 : binary_size(width);
	if (size < 0)
		size = 8;
	if (!field->left)
		field_pad(out, '\0', width - size);
	/* Little-endian machines only, as BPF's targets here: the low bytes come first. */
	buf_add(out, &arg->number, (size_t)size);
	if (field->left)
		field_pad(out, '\0', width - size);
}

typedef void format_fn(struct buf *out, const struct field *field, const struct format_arg *arg);

static format_fn *const conversions[128] = {
	['d'] = format_decimal, ['i'] = format_decimal,	  ['u'] = format_unsigned,
	['o'] = format_octal,	['x'] = format_hex,	  ['X'] = format_hex_large,
	['p'] = format_pointer, ['c'] = format_char,	  ['s'] = format_string,
	['b'] = format_binary,	['m'] = format_memory,	  ['M'] = format_memory_hex,
};

/* The number of a width or precision: none, as written, or the next argument. */
static int64_t field_number(uint32_t kind, int32_t number, const struct format_arg **arg,
			    const struct format_arg *end)
{
	if (kind == 0)
		return -1;
	if (kind == 1)
		return number;
	return *arg < end ? (*arg)++->number : 0;
}

static int64_t field_clamp(int64_t number)
{
	return number < FIELD_MAX ? number : FIELD_MAX;
}

void format_print(struct buf *out, const struct program_print *print, const struct format_arg *args,
		  bool escape)
{
	const struct format_arg *end = args + print->arg_count;

	for (uint32_t i = 0; i < print->piece_count; i++) {
		const struct program_piece *piece = &print->pieces[i];

		if (!piece->conv) {
			buf_add(out, piece->literal, piece->literal_length);
			continue;
		}
		struct field field = { .flag = (char)piece->flag, .left = piece->flag == '-',
				       .escape = escape };
		field.width = field_number(piece->width_kind, piece->width, &args, end);
		if (piece->width_kind == 2 && field.width < 0) {
			field.width = field.width < -FIELD_MAX ? FIELD_MAX : -field.width;
			field.left = true;
		}
		field.width = field_clamp(field.width);
		field.precision = field_number(piece->precision_kind, piece->precision, &args, end);
		if (piece->precision_kind)
			field.precision = field.precision < 0 ? 0 : field_clamp(field.precision);
		if (args >= end || piece->conv >= 128 || !conversions[piece->conv])
			continue;
		conversions[piece->conv](out, &field, args++);
	}
}

void format_escape(struct buf *out, const char *text, uint32_t length)
{
	uint32_t from = 0;

	for (uint32_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c >= ' ' && c != 127) || c == '\n' || c == '\t')
			continue;
		buf_add(out, text + from, i - from);
		buf_printf(out, "\\%03o", c);
		from = i + 1;
	}
	buf_add(out, text + from, length - from);
}
