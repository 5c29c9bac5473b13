/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of the kernel and of the traced process. A page of the process that is not there (a
 * literal that nobody has touched yet) is an error only where the kernel cannot wait for it. The
 * handler of a user probe may: it reads by helpers that sleep. Its program then is "uprobe.s" to
 * libbpf.
 */
#include <string.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

/*
 * May the handler sleep? Before 6.1 the kernel does not attach such programs to user probes; before
 * 6.8 it does not wait for them when user space takes a map away.
 */
static bool may_sleep(struct fn *f)
{
	const struct ir_program *program = f->g->program;

	if (strcmp(f->handler->section, "uprobe") || f->g->kernel < KERNEL(6, 1))
		return false;
	for (size_t i = 0; f->g->kernel < KERNEL(6, 8) && i < program->globals.count; i++)
		if (program->globals.data[i].swapped)
			return false;
	need(f->g, "sleepable_uprobe", f->insn->place);
	f->sleeps = true;
	return true;
}

/* The helper's status; what was read, or zeroes, is in @space. */
static LLVMValueRef read_memory(struct fn *f, const uint32_t *o, LLVMValueRef space,
				LLVMValueRef address)
{
	struct gen *g = f->g;

	store(g, const64(g, 0), space, 0);
	if (o[1] && may_sleep(f))
		return HELPER(g, BPF_FUNC_copy_from_user, space, const64(g, o[2]), address);
	return HELPER(g, o[1] ? BPF_FUNC_probe_read_user : BPF_FUNC_probe_read_kernel, space,
		      const64(g, o[2]), address);
}

static void read_result(struct fn *f, const uint32_t *o, LLVMValueRef space)
{
	struct gen *g = f->g;
	LLVMValueRef value = load(g, int_type(g, o[2]), space, 0);

	if (o[2] < 8)
		value = o[3] ? LLVMBuildSExt(g->builder, value, g->i64, "")
			     : LLVMBuildZExt(g->builder, value, g->i64, "");
	long_result(f, o[0], value);
}

void emit_read(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef space = lent_space(f, 8), address = long_operand(f, o[4]);
	LLVMValueRef error = read_memory(f, o, space, address);

	raise_if(f, LLVMBuildICmp(g->builder, LLVMIntNE, error, const64(g, 0), ""), FAULT_ADDRESS,
		 address);
	read_result(f, o, space);
}

/* The kernel zeroes what it could not fill, so no branch is needed: a structure's members are many,
 * and the verifier would follow each combination of those that fail. */
void emit_peek(struct fn *f, const uint32_t *o)
{
	LLVMValueRef space = lent_space(f, 8);

	read_memory(f, o, space, long_operand(f, o[4]));
	read_result(f, o, space);
}

/* The length with its NUL, or negative. */
static LLVMValueRef read_text(struct fn *f, bool user, LLVMValueRef to, LLVMValueRef size,
			      LLVMValueRef address)
{
	struct gen *g = f->g;
	LLVMBasicBlockRef wait, done, blocks[2];
	LLVMValueRef values[2];

	if (!user)
		return HELPER(g, BPF_FUNC_probe_read_kernel_str, to, size, address);
	values[0] = HELPER(g, BPF_FUNC_probe_read_user_str, to, size, address);
	if (!may_sleep(f))
		return values[0];
	wait = block_new(g, "wait");
	blocks[0] = LLVMGetInsertBlock(g->builder);
	unlikely(g, LLVMBuildICmp(g->builder, LLVMIntSLT, values[0], const64(g, 0), ""), wait,
		 "there");
	done = LLVMGetInsertBlock(g->builder);
	go_on_in(g, wait);
	values[1] = KERN(g, "sonde_read_paged", to, size, address);
	blocks[1] = LLVMGetInsertBlock(g->builder);
	LLVMBuildBr(g->builder, done);
	return go_on_with(g, done, values, blocks);
}

void emit_sread(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	uint32_t slot = OPERAND_INDEX(o[0]), width = f->flat->slots.data[slot].width;
	LLVMValueRef to = slot_pointer(f, slot), address = long_operand(f, o[2]);
	LLVMValueRef most = long_operand(f, o[3]), zero = const64(g, 0), length, none;

	none = LLVMBuildICmp(g->builder, LLVMIntSLT, most, zero, "");
	most = LLVMBuildSelect(g->builder, none, zero, most, "");
	most = LLVMBuildAdd(g->builder, most, const64(g, 1), "");
	if (f->strings_on_stack)
		words_clear(g, to, 0, ABI_ROUND8(width));
	length = read_text(f, o[1], to, length_limit(g, most, width), address);
	raise_if(f, LLVMBuildICmp(g->builder, LLVMIntSLT, length, zero, ""), FAULT_ADDRESS,
		 address);
	length = LLVMBuildSub(g->builder, length, const64(g, 1), "");
	none = LLVMBuildICmp(g->builder, LLVMIntSLT, length, zero, "");
	length = LLVMBuildSelect(g->builder, none, zero, length, "");
	/* The verifier knows the greatest result of the helper, not that of a function. */
	if (f->sleeps)
		length = length_limit(g, length, width - 1);
	if (!f->strings_on_stack)
		LLVMSetAlignment(
			store(g, zero, ptr_index(g, to, length_limit(g, length, width - 1)), 0), 1);
	slot_set_length(f, slot, length);
}

void emit_write(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef space = lent_space(f, 8), address = long_operand(f, o[3]), error;

	if (!o[1]) {
		refuse(g, f->insn->place, "writing to kernel memory", "BPF has no way to do it");
		return;
	}
	store(g, long_operand(f, o[4]), space, 0);
	error = HELPER(g, BPF_FUNC_probe_write_user, address, space, const64(g, o[2]));
	raise_if(f, LLVMBuildICmp(g->builder, LLVMIntNE, error, const64(g, 0), ""), FAULT_ADDRESS,
		 address);
}
