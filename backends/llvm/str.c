/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings: a slot of memory and its length, kept apart. The word that holds the NUL is zero to its
 * end, so that keys and comparisons go by words; slots on the stack are zero up to their own end.
 */
#include <string.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

LLVMValueRef length_limit(struct gen *g, LLVMValueRef length, uint32_t limit)
{
	LLVMValueRef most = const64(g, limit);

	if (LLVMIsAConstantInt(length))
		return LLVMConstIntGetZExtValue(length) > limit ? most : length;
	length = opaque(g, length);
	return LLVMBuildSelect(g->builder, LLVMBuildICmp(g->builder, LLVMIntUGT, length, most, ""),
			       most, length, "");
}

LLVMValueRef slot_pointer(struct fn *f, uint32_t slot)
{
	uint32_t offset = f->flat->slots.data[slot].offset;

	return f->strings_on_stack ? ptr_add(f->g, f->strings, offset)
				   : scratch_at(f, f->scratch.slots + offset);
}

void slot_set_length(struct fn *f, uint32_t slot, LLVMValueRef length)
{
	fn_set(f, var_len(f, slot), length);
}

static LLVMValueRef text_constant(struct gen *g, const char *text)
{
	size_t length = strlen(text), size = ABI_ROUND8(length + 1);
	char *bytes = arena_alloc(g->arena, size);

	memcpy(bytes, text, length);
	return rodata(g, "text", LLVMConstStringInContext(g->context, bytes, size, true));
}

struct str str_operand(struct fn *f, uint32_t operand)
{
	struct gen *g = f->g;
	uint32_t index = OPERAND_INDEX(operand);

	if (OPERAND_TAG(operand) == OPERAND_SLOT)
		return (struct str){ slot_pointer(f, index), fn_get(f, var_len(f, index)),
				     f->flat->slots.data[index].width, f->strings_on_stack, NULL };
	const char *text =
		OPERAND_TAG(operand) == OPERAND_TEXT ? f->flat->program->texts.data[index] : "";

	if (OPERAND_TAG(operand) != OPERAND_TEXT)
		return (struct str){ text_constant(g, ""), const64(g, 0), 1, false, "" };
	if (!g->texts[index])
		g->texts[index] = text_constant(g, text);
	return (struct str){ g->texts[index], const64(g, strlen(text)), strlen(text) + 1, false,
			     text };
}

/* Word @i of a constant text cut to @length bytes. */
static uint64_t text_word(const char *text, size_t length, uint32_t i)
{
	uint64_t word = 0;

	if (i * 8 < length)
		memcpy(&word, text + i * 8, length - i * 8 < 8 ? length - i * 8 : 8);
	return word;
}

/* ---- copies ---- */

void bytes_copy(struct fn *f, LLVMValueRef to, LLVMValueRef from, LLVMValueRef length,
		uint32_t limit)
{
	struct gen *g = f->g;

	HELPER(g, BPF_FUNC_probe_read_kernel, to, length_limit(g, length, limit), from);
}

/* Sets the NUL of a long string and clears the rest of its word: 8 bytes from there. */
static void end_clear(struct gen *g, LLVMValueRef to, LLVMValueRef length, uint32_t limit)
{
	LLVMValueRef at = ptr_index(g, to, length_limit(g, length, limit));

	LLVMSetAlignment(store(g, const64(g, 0), at, 0), 1);
}

static LLVMValueRef length_least(struct gen *g, LLVMValueRef length, uint32_t limit)
{
	return LLVMBuildSelect(g->builder,
			       LLVMBuildICmp(g->builder, LLVMIntUGT, length, const64(g, limit), ""),
			       const64(g, limit), length, "");
}

static void copy_text(struct fn *f, uint32_t slot, const char *text)
{
	struct gen *g = f->g;
	uint32_t width = f->flat->slots.data[slot].width, words;
	size_t length = strlen(text);
	LLVMValueRef to = slot_pointer(f, slot);

	if (length > width - 1)
		length = width - 1;
	words = f->strings_on_stack ? ABI_ROUND8(width) / 8 : length / 8 + 1;
	for (uint32_t i = 0; i < words; i++)
		store(g, const64(g, (int64_t)text_word(text, length, i)), to, i * 8);
	slot_set_length(f, slot, const64(g, length));
}

/* By words: the whole of the narrower one. */
static void copy_words(struct fn *f, uint32_t slot, const struct str *from)
{
	struct gen *g = f->g;
	uint32_t width = f->flat->slots.data[slot].width;
	uint32_t least = from->width < width ? from->width : width, bytes = ABI_ROUND8(least);
	LLVMValueRef to = slot_pointer(f, slot), length = from->length, last;

	words_copy(g, to, from->pointer, bytes);
	if (f->strings_on_stack)
		words_clear(g, to, bytes, ABI_ROUND8(width));
	if (from->width > width) {
		last = const64(g, (int64_t)(((uint64_t)1 << (width - 1) % 8 * 8) - 1));
		last = LLVMBuildAnd(g->builder, load64(g, to, bytes - 8), last, "");
		store(g, last, to, bytes - 8);
		length = length_least(g, length, width - 1);
	}
	slot_set_length(f, slot, length);
}

void str_copy(struct fn *f, uint32_t slot, const struct str *from)
{
	struct gen *g = f->g;
	uint32_t width = f->flat->slots.data[slot].width;
	LLVMValueRef to = slot_pointer(f, slot), length;

	if (from->text && strlen(from->text) < 2 * STR_PADDED) {
		copy_text(f, slot, from->text);
	} else if (f->strings_on_stack || from->width <= STR_PADDED / 2) {
		copy_words(f, slot, from);
	} else {
		length = length_least(g, from->length, width - 1);
		bytes_copy(f, to, from->pointer, length, width - 1);
		end_clear(g, to, length, width - 1);
		slot_set_length(f, slot, length);
	}
}

void str_to_key(struct fn *f, LLVMValueRef to, const struct str *from, uint32_t width)
{
	struct gen *g = f->g;
	uint32_t bytes = ABI_ROUND8(from->width);

	if (from->text) {
		size_t length = strlen(from->text);

		for (uint32_t i = 0; i < width / 8; i++)
			store(g,
			      const64(g,
				      (int64_t)text_word(from->text,
							 length < width ? length : width - 1, i)),
			      to, i * 8);
		return;
	}
	if (from->padded) {
		bytes = bytes < width ? bytes : width;
		words_copy(g, to, from->pointer, bytes);
		words_clear(g, to, bytes, width);
		return;
	}
	if (width <= STR_PADDED)
		words_clear(g, to, 0, width);
	else
		HELPER(g, BPF_FUNC_probe_read_kernel, to, const64(g, width),
		       zero_bytes(g));
	bytes_copy(f, to, from->pointer, from->length, width - 1);
}

void emit_smov(struct fn *f, const uint32_t *o)
{
	struct str from = str_operand(f, o[1]);

	if (OPERAND_TAG(o[0]) == OPERAND_SLOT && o[0] != o[1])
		str_copy(f, OPERAND_INDEX(o[0]), &from);
}

/* ---- comparison ---- */

/* Against a constant: its words, the last of which has the NUL. */
static LLVMValueRef equal_text(struct fn *f, const struct str *a, const char *text)
{
	struct gen *g = f->g;
	size_t length = strlen(text);
	LLVMValueRef differ = const64(g, 0), word;

	if (length >= a->width)
		return const64(g, 0);
	for (uint32_t i = 0; i <= length / 8; i++) {
		word = LLVMBuildXor(g->builder, load64(g, a->pointer, i * 8),
				    const64(g, (int64_t)text_word(text, length, i)), "");
		differ = LLVMBuildOr(g->builder, differ, word, "");
	}
	return to64(g, LLVMBuildICmp(g->builder, LLVMIntEQ, differ, const64(g, 0), ""));
}

void emit_seq(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	struct str a = str_operand(f, o[1]), b = str_operand(f, o[2]);
	uint32_t least = a.width < b.width ? a.width : b.width;

	if (a.text && b.text)
		long_result(f, o[0], const64(g, !strcmp(a.text, b.text)));
	else if (b.text && strlen(b.text) < STR_PADDED)
		long_result(f, o[0], equal_text(f, &a, b.text));
	else if (a.text && strlen(a.text) < STR_PADDED)
		long_result(f, o[0], equal_text(f, &b, a.text));
	else
		long_result(f, o[0],
			    KERN(g, "sonde_str_equal", a.pointer, a.length, b.pointer, b.length,
				 const64(g, ABI_ROUND8(least) / 8)));
}

void emit_scmp(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	struct str a = str_operand(f, o[1]), b = str_operand(f, o[2]);
	uint32_t least = a.width < b.width ? a.width : b.width;

	long_result(f, o[0], KERN(g, "sonde_str_compare", a.pointer, b.pointer,
				  const64(g, ABI_ROUND8(least) / 8)));
}

/* ---- concatenation ---- */

void emit_scat(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	uint32_t slot = OPERAND_INDEX(o[0]), most = f->flat->slots.data[slot].width - 1;
	struct str a = str_operand(f, o[1]), b = str_operand(f, o[2]);
	LLVMValueRef to = slot_pointer(f, slot), first, second, room;

	first = length_least(g, a.length, most);
	room = LLVMBuildSub(g->builder, const64(g, most), first, "");
	second = LLVMBuildSelect(g->builder,
				 LLVMBuildICmp(g->builder, LLVMIntUGT, b.length, room, ""), room,
				 b.length, "");
	if (o[0] == o[2] && o[0] != o[1]) {
		/* The second would be overwritten: it waits beside. */
		LLVMValueRef beside = scratch_at(f, f->scratch.beside);

		bytes_copy(f, beside, b.pointer, b.length, b.width - 1);
		b.pointer = beside;
	}
	if (o[0] != o[1])
		bytes_copy(f, to, a.pointer, first, most);
	first = length_limit(g, first, most);
	bytes_copy(f, ptr_index(g, to, first), b.pointer, second, most);
	first = LLVMBuildAdd(g->builder, first, second, "");
	end_clear(g, to, first, most);
	slot_set_length(f, slot, first);
}
