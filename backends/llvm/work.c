/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The string library's working memory (runtime/kern/work.h), and regular expressions, which use it
 * too. */
#include "backends/llvm/emit.h"
#include "backends/llvm/fn.h"
#include "runtime/kern/work.h"
#include "runtime/regex.h"

static uint32_t string_most(const struct fn *f)
{
	return f->g->session->max_string - 1;
}

LLVMValueRef work_pointer(struct fn *f)
{
	return scratch_at(f, f->scratch.work);
}

void work_state(struct fn *f, uint32_t index, LLVMValueRef value)
{
	store(f->g, value, work_pointer(f), index * 8);
}

void work_reset(struct fn *f)
{
	static const uint32_t kept[] = { WORK_TOKEN_AT, WORK_TOKEN_LENGTH, WORK_GROUPS,
					 WORK_MATCHES };

	if (f->g->kernel < KERNEL(5, 17))
		work_state(f, WORK_CLAIM, fn_get(f, var_fixed(f, VAR_CLAIM)));
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		work_state(f, kept[i], const64(f->g, 0));
}

static LLVMValueRef work_area(struct fn *f, enum kern_area area)
{
	return ptr_add(f->g, work_pointer(f),
		       sizeof(struct kern_work) + area * WORK_AREA(string_most(f)));
}

void work_argument(struct fn *f, uint32_t index, const struct str *from)
{
	struct gen *g = f->g;
	LLVMValueRef to = work_area(f, index),
		     length = length_limit(g, from->length, string_most(f));
	uint32_t limit = from->width - 1 < string_most(f) ? from->width - 1 : string_most(f);

	bytes_copy(f, to, from->pointer, length, limit);
	LLVMSetAlignment(store(g, const64(g, 0), ptr_index(g, to, length), 0), 1);
	work_state(f, WORK_LENGTH + index, length);
}

void work_result(struct fn *f, uint32_t slot, LLVMValueRef length)
{
	struct str from = { work_area(f, AREA_OUT), length, string_most(f) + 1, false, NULL };

	str_copy(f, slot, &from);
}

static LLVMValueRef table_constant(struct fn *f, const struct program_regex *regex)
{
	struct gen *g = f->g;

	return rodata(g, "regex", LLVMConstStringInContext(g->context, (const char *)regex->table,
							   regex->table_size, true));
}

void emit_regex(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct program_regex *regex = &f->flat->program->regexes.data[o[2]];
	struct str from = str_operand(f, o[1]);
	LLVMValueRef result;

	work_argument(f, 0, &from);
	result = KERN(g, "sonde_match", work_pointer(f), table_constant(f, regex));
	skip_if(f, LLVMBuildICmp(g->builder, LLVMIntEQ, result, const64(g, WORK_FAILED), ""),
		SKIP_OTHER);
	long_result(f, o[0], result);
}
