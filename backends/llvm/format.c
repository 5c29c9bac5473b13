/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sprintf and its kin in a kernel handler: piece by piece into the work's result area. */
#include <stdlib.h>

#include "backends/llvm/emit.h"
#include "backends/llvm/fn.h"
#include "runtime/kern/work.h"

enum { FLAG_LEFT = 1 << 8, FLAG_SIGNED = 1 << 9, FLAG_PREFIXED = 1 << 10, FLAG_LARGE = 1 << 11 };

/* One conversion, its width, precision and flags known or not. */
struct field {
	const struct program_piece *piece;
	LLVMValueRef width, precision, flags;
	uint32_t arg;			/* operand */
};

static void put_number(struct fn *f, const struct field *field, uint32_t base, uint32_t flags)
{
	struct gen *g = f->g;

	KERN(g, "sonde_format_long", work_pointer(f), long_operand(f, field->arg),
	     LLVMBuildOr(g->builder, field->flags, const64(g, flags | base << 16), ""),
	     field->width, field->precision);
}

static void put_decimal(struct fn *f, const struct field *field)
{
	put_number(f, field, 10, FLAG_SIGNED);
}

static void put_unsigned(struct fn *f, const struct field *field)
{
	put_number(f, field, 10, 0);
}

static void put_octal(struct fn *f, const struct field *field)
{
	put_number(f, field, 8, 0);
}

static void put_hex(struct fn *f, const struct field *field)
{
	put_number(f, field, 16, 0);
}

static void put_hex_large(struct fn *f, const struct field *field)
{
	put_number(f, field, 16, FLAG_LARGE);
}

static void put_pointer(struct fn *f, const struct field *field)
{
	put_number(f, field, 16, FLAG_PREFIXED);
}

static void put_char(struct fn *f, const struct field *field)
{
	KERN(f->g, "sonde_format_char", work_pointer(f), long_operand(f, field->arg), field->flags,
	     field->width);
}

static void put_string(struct fn *f, const struct field *field)
{
	struct str from = str_operand(f, field->arg);

	KERN(f->g, "sonde_format_text", work_pointer(f), from.pointer,
	     length_limit(f->g, from.length, from.width - 1), field->flags, field->width,
	     field->precision);
	if (field->piece->conv == 's' && field->piece->flag == '0')
		KERN(f->g, "sonde_format_shut", work_pointer(f));
}

static void put_binary(struct fn *f, const struct field *field)
{
	KERN(f->g, "sonde_format_binary", work_pointer(f), long_operand(f, field->arg),
	     field->flags, field->width, field->precision);
}

static void put_memory(struct fn *f, const struct field *field)
{
	struct field plain = *field;

	plain.precision = const64(f->g, -1);
	put_string(f, &plain);
}

static void put_memory_hex(struct fn *f, const struct field *field)
{
	struct str from = str_operand(f, field->arg);
	struct gen *g = f->g;
	LLVMValueRef done;

	done = KERN(g, "sonde_format_hex", work_pointer(f), from.pointer,
		    length_limit(g, from.length, from.width - 1), field->flags, field->width);
	raise_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, done, const64(g, WORK_FAILED), ""),
		 FAULT_STRING, const64(g, 0));
}

static void (*const conversions[128])(struct fn *f, const struct field *field) = {
	['d'] = put_decimal, ['i'] = put_decimal, ['u'] = put_unsigned, ['o'] = put_octal,
	['x'] = put_hex, ['X'] = put_hex_large, ['p'] = put_pointer, ['c'] = put_char,
	['s'] = put_string, ['b'] = put_binary, ['m'] = put_memory, ['M'] = put_memory_hex,
};

static void put_literal(struct fn *f, const char *text, uint32_t length)
{
	struct gen *g = f->g;
	uint32_t most = g->session->max_string - 1;
	LLVMValueRef bytes;

	length = length < most ? length : most;
	if (!length)
		return;
	bytes = rodata(g, "literal", LLVMConstStringInContext(g->context, text, length, true));
	KERN(g, "sonde_append", work_pointer(f), bytes, const64(g, length));
}

/* A width of '*' that is negative left-justifies. */
static void field_width(struct fn *f, struct field *field, const uint32_t **args)
{
	struct gen *g = f->g;
	const struct program_piece *piece = field->piece;
	LLVMValueRef negative;

	field->flags = const64(g, piece->flag | (piece->flag == '-' ? FLAG_LEFT : 0));
	field->width = const64(g, piece->width_kind ? piece->width : -1);
	if (piece->width_kind == 2) {
		field->width = long_operand(f, *(*args)++);
		negative = LLVMBuildICmp(g->builder, LLVMIntSLT, field->width, const64(g, 0), "");
		field->flags = LLVMBuildSelect(g->builder, negative,
					       LLVMBuildOr(g->builder, field->flags,
							   const64(g, FLAG_LEFT), ""),
					       field->flags, "");
		field->width = LLVMBuildSelect(g->builder, negative,
					       LLVMBuildNeg(g->builder, field->width, ""),
					       field->width, "");
	}
	field->precision = const64(g, piece->precision_kind ? piece->precision : -1);
	if (piece->precision_kind == 2) {
		field->precision = long_operand(f, *(*args)++);
		negative =
			LLVMBuildICmp(g->builder, LLVMIntSLT, field->precision, const64(g, 0), "");
		field->precision = LLVMBuildSelect(g->builder, negative, const64(g, 0),
						   field->precision, "");
	}
}

void emit_sprint(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_print *print = &f->flat->program->prints.data[o[1]];
	const uint32_t *args = o + 2;
	LLVMValueRef length;

	work_state(f, WORK_OUT, const64(g, 0));
	work_state(f, WORK_SHUT, const64(g, 0));
	for (uint32_t i = 0; i < print->piece_count; i++) {
		struct field field = { .piece = &print->pieces[i] };

		if (!field.piece->conv) {
			put_literal(f, field.piece->literal, field.piece->literal_length);
			continue;
		}
		field_width(f, &field, &args);
		field.arg = *args++;
		conversions[field.piece->conv & 127](f, &field);
	}
	length = KERN(g, "sonde_format_end", work_pointer(f));
	if (OPERAND_TAG(o[0]) == OPERAND_SLOT)
		work_result(f, OPERAND_INDEX(o[0]), length);
}
