/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output. A handler that prints once reserves its record in the ring and fills it there; one that
 * may print more gathers its items in scratch memory, so that the output of one run is one record
 * where it fits.
 */
#include <stddef.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

uint32_t print_bytes(const struct program_print *print)
{
	uint32_t bytes = sizeof(struct abi_item);

	for (uint32_t i = 0; i < print->arg_count; i++)
		bytes += print->arg_types[i] == PROGRAM_STRING
				 ? sizeof(struct abi_text) + ABI_ROUND8(print->arg_widths[i])
				 : 8;
	return bytes;
}

static void header_store(struct fn *f, LLVMValueRef to, LLVMValueRef size)
{
	struct gen *g = f->g;
	LLVMValueRef word = const64(g, RECORD_OUTPUT | (int64_t)f->index << 16);

	/* kind, handler and size in one word */
	word = LLVMBuildOr(g->builder, word, LLVMBuildShl(g->builder, size, const64(g, 32), ""),
			   "");
	store(g, word, to, 0);
}

static void item_store(struct fn *f, LLVMValueRef to, uint32_t print, LLVMValueRef size)
{
	struct gen *g = f->g;

	store(g, LLVMBuildOr(g->builder, const64(g, print),
			     LLVMBuildShl(g->builder, size, const64(g, 32), ""), ""), to, 0);
}

static void lost_count(struct gen *g)
{
	atomic_add(g, bss_global(g, "sonde_session", sizeof(struct abi_session)),
		   offsetof(struct abi_session, lost), const64(g, 1));
}

/* A string argument: its head and bytes at @to; gives its stride. */
static LLVMValueRef text_store(struct fn *f, LLVMValueRef to, const struct str *from,
			       uint32_t width, bool fixed)
{
	struct gen *g = f->g;
	uint32_t most = ABI_ROUND8(width), bytes = ABI_ROUND8(from->width);
	LLVMValueRef length = from->length, stride = const64(g, most), word;

	bytes = bytes < most ? bytes : most;
	if (from->width > width)
		length = length_limit(g, length, width - 1);
	if (!fixed && most > STR_PADDED / 2) {
		stride = LLVMBuildAdd(g->builder, length, const64(g, 7), "");
		stride = LLVMBuildAnd(g->builder, stride, const64(g, ~7ll), "");
		stride = length_limit(g, stride, most);
	}
	word = LLVMBuildOr(g->builder, length, LLVMBuildShl(g->builder, stride, const64(g, 32), ""),
			   "");
	store(g, word, to, 0);
	if (bytes <= STR_PADDED / 2)
		words_copy(g, ptr_add(g, to, 8), from->pointer, bytes);
	else
		bytes_copy(f, ptr_add(g, to, 8), from->pointer, length, bytes);
	return stride;
}

/* The value, of which the verifier knows nothing any more. */
static LLVMValueRef forget(struct fn *f, LLVMValueRef value)
{
	fn_set(f, var_fixed(f, VAR_TEXT_LEN), value);
	return fn_get(f, var_fixed(f, VAR_TEXT_LEN));
}

static LLVMValueRef args_store(struct fn *f, LLVMValueRef to, const struct program_print *print,
			       const uint32_t *args, bool fixed)
{
	struct gen *g = f->g;
	LLVMValueRef size = const64(g, 0), stride;
	uint32_t most = 0;

	for (uint32_t i = 0; i < print->arg_count; i++) {
		LLVMValueRef at = ptr_index(g, to, size);

		if (print->arg_types[i] == PROGRAM_STRING) {
			struct str from = str_operand(f, args[i]);

			stride = text_store(f, at, &from, print->arg_widths[i], fixed);
			size = LLVMBuildAdd(g->builder, size, stride, "");
			most += ABI_ROUND8(print->arg_widths[i]);
		} else {
			store(g, long_operand(f, args[i]), at, 0);
		}
		size = LLVMBuildAdd(g->builder, size, const64(g, 8), "");
		most += 8;
		if (!fixed && print->arg_types[i] == PROGRAM_STRING)
			size = length_limit(g, forget(f, size), most);
	}
	return size;
}

static void print_direct(struct fn *f, uint32_t index, const uint32_t *args)
{
	struct gen *g = f->g;
	const struct program_print *print = &f->flat->program->prints.data[index];
	uint32_t bytes = print_bytes(print);
	LLVMBasicBlockRef full = block_new(g, "lost"), done = block_new(g, "printed");
	LLVMValueRef at, ring = map_ring(g);

	at = HELPER(g, BPF_FUNC_ringbuf_reserve, ring,
		    const64(g, sizeof(struct abi_record) + bytes), const64(g, 0));
	at = LLVMBuildIntToPtr(g->builder, at, g->ptr, "");
	unlikely(g, is_null(g, at), full, "reserved");
	header_store(f, at, const64(g, bytes));
	item_store(f, ptr_add(g, at, 8), index, const64(g, bytes - sizeof(struct abi_item)));
	args_store(f, ptr_add(g, at, 16), print, args, true);
	HELPER(g, BPF_FUNC_ringbuf_submit, at, const64(g, BPF_RB_NO_WAKEUP));
	LLVMBuildBr(g->builder, done);
	go_on_in(g, full);
	lost_count(g);
	LLVMBuildBr(g->builder, done);
	go_on_in(g, done);
}

void out_flush(struct fn *f)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef flush = block_new(g, "flush"), lost = block_new(g, "lost"),
			  done = block_new(g, "flushed"), sent = block_new(g, "sent");
	LLVMValueRef size = fn_get(f, var_fixed(f, VAR_OUT)), area, error;

	LLVMBuildCondBr(g->builder, LLVMBuildICmp(g->builder, LLVMIntEQ, size, const64(g, 0), ""),
			done, flush);
	go_on_in(g, flush);
	area = scratch_at(f, f->scratch.out);
	header_store(f, area, size);
	size = LLVMBuildAdd(g->builder, size, const64(g, sizeof(struct abi_record)), "");
	size = length_limit(g, size, OUT_BYTES + f->item_bytes);
	error = HELPER(g, BPF_FUNC_ringbuf_output, map_ring(g), area, size,
		       const64(g, BPF_RB_NO_WAKEUP));
	LLVMBuildCondBr(g->builder, LLVMBuildICmp(g->builder, LLVMIntEQ, error, const64(g, 0), ""),
			sent, lost);
	go_on_in(g, lost);
	lost_count(g);
	LLVMBuildBr(g->builder, sent);
	go_on_in(g, sent);
	fn_set(f, var_fixed(f, VAR_OUT), const64(g, 0));
	LLVMBuildBr(g->builder, done);
	go_on_in(g, done);
}

/* Behind what the run has printed so far; a full buffer goes out first. */
static LLVMValueRef out_room(struct fn *f)
{
	struct gen *g = f->g;
	uint32_t most = OUT_BYTES - sizeof(struct abi_record);
	LLVMBasicBlockRef full = block_new(g, "full"), room = block_new(g, "room");
	LLVMValueRef used = fn_get(f, var_fixed(f, VAR_OUT));

	LLVMBuildCondBr(g->builder,
			LLVMBuildICmp(g->builder, LLVMIntUGT, used, const64(g, most), ""), full,
			room);
	go_on_in(g, full);
	out_flush(f);
	LLVMBuildBr(g->builder, room);
	go_on_in(g, room);
	used = length_limit(g, fn_get(f, var_fixed(f, VAR_OUT)), most);
	return ptr_index(g, scratch_at(f, f->scratch.out + sizeof(struct abi_record)), used);
}

void out_grow(struct fn *f, LLVMValueRef bytes)
{
	LLVMValueRef used = fn_get(f, var_fixed(f, VAR_OUT));

	fn_set(f, var_fixed(f, VAR_OUT), LLVMBuildAdd(f->g->builder, used, bytes, ""));
}

LLVMValueRef out_item(struct fn *f, uint32_t print, LLVMValueRef size)
{
	LLVMValueRef at = out_room(f);

	item_store(f, at, print, size);
	return ptr_add(f->g, at, sizeof(struct abi_item));
}

static void print_buffered(struct fn *f, uint32_t index, const uint32_t *args)
{
	struct gen *g = f->g;
	const struct program_print *print = &f->flat->program->prints.data[index];
	LLVMValueRef at = out_room(f), size;

	size = args_store(f, ptr_add(g, at, sizeof(struct abi_item)), print, args, false);
	item_store(f, at, index, size);
	out_grow(f, LLVMBuildAdd(g->builder, size, const64(g, sizeof(struct abi_item)), ""));
}

void emit_print(struct fn *f, const uint32_t *o)
{
	if (f->buffered)
		print_buffered(f, o[1], o + 2);
	else
		print_direct(f, o[1], o + 2);
}
