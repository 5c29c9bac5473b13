/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probed context and memory: registers, arguments, reads, the site that fired. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"

/* Offsets in the kernel's struct pt_regs by DWARF register number, x86-64. */
static const uint8_t x86_64_regs[] = {
	80, 96, 88, 40, 104, 112, 32, 152,	/* rax rdx rcx rbx rsi rdi rbp rsp */
	72, 64, 56, 48, 24, 16, 8, 0,		/* r8 to r15 */
	128,					/* rip */
};

/*
 * Eight bytes of the probe's context. Not a load: LLVM would compute the address of a word that is
 * used often once, and the verifier takes nothing but the context itself plus a constant.
 */
static LLVMValueRef context_word(struct fn *f, unsigned int offset)
{
	struct gen *g = f->g;
	LLVMValueRef context = fn_pointer(f, VAR_CTX), word;
	LLVMTypeRef from = LLVMTypeOf(context);
	LLVMTypeRef type = LLVMFunctionType(g->i64, &from, 1, false);
	char code[64];
	int length = snprintf(code, sizeof(code), "$0 = *(u64 *)($1 + %u)", offset);

	word = LLVMGetInlineAsm(type, code, length, "=r,r", strlen("=r,r"), true, false,
				LLVMInlineAsmDialectATT, false);
	return LLVMBuildCall2(g->builder, type, word, &context, 1, "");
}

void emit_reg(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;

	if (o[1] >= sizeof(x86_64_regs) || f->handler->entry == ENTRY_ARGS) {
		refuse(g, f->insn->place, "this register", "the probe's context does not have it");
		return;
	}
	long_result(f, o[0], context_word(f, x86_64_regs[o[1]]));
}

void emit_arg(struct fn *f, const uint32_t *o)
{
	long_result(f, o[0], context_word(f, o[1] * 8));
}

/* The helper's status; what was read, or zeroes, is in @space. */
static LLVMValueRef read_memory(struct fn *f, const uint32_t *o, LLVMValueRef space,
				LLVMValueRef address)
{
	struct gen *g = f->g;

	store(g, const64(g, 0), space, 0);
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
	length = HELPER(g, o[1] ? BPF_FUNC_probe_read_user_str : BPF_FUNC_probe_read_kernel_str, to,
			length_limit(g, most, width), address);
	raise_if(f, LLVMBuildICmp(g->builder, LLVMIntSLT, length, zero, ""), FAULT_ADDRESS,
		 address);
	length = LLVMBuildSub(g->builder, length, const64(g, 1), "");
	none = LLVMBuildICmp(g->builder, LLVMIntSLT, length, zero, "");
	length = LLVMBuildSelect(g->builder, none, zero, length, "");
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

void emit_symaddr(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef table = bss_global(g, "sonde_symrefs", f->flat->program->symrefs.count * 8);

	long_result(f, o[0], load_volatile(g, g->i64, table, o[1] * 8));
}

void emit_cookie(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;

	if (f->handler->sites.count <= 1) {
		long_result(f, o[0], const64(g, f->first_site));
		return;
	}
	if (g->kernel < KERNEL(5, 15)) {
		refuse(g, f->insn->place, "telling this handler's places apart",
		       "the kernel cannot say which one fired (BPF cookies, Linux 5.15)");
		return;
	}
	need(g, "cookies", f->insn->place);
	long_result(f, o[0], HELPER(g, BPF_FUNC_get_attach_cookie, fn_pointer(f, VAR_CTX)));
}
