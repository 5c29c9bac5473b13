/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probed context: registers, arguments, the site that fired. */
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
#define DWARF_FLAGS 49
#define OFFSET_FLAGS 144

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

	if ((o[1] >= sizeof(x86_64_regs) && o[1] != DWARF_FLAGS) ||
	    f->handler->entry == ENTRY_ARGS) {
		refuse(g, f->insn->place, "this register", "the probe's context does not have it");
		return;
	}
	long_result(f, o[0], context_word(f, o[1] == DWARF_FLAGS ? OFFSET_FLAGS
								 : x86_64_regs[o[1]]));
}

void emit_arg(struct fn *f, const uint32_t *o)
{
	long_result(f, o[0], context_word(f, o[1] * 8));
}

void emit_symaddr(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef table = bss_global(g, "sonde_symrefs", f->flat->program->symrefs.count * 8);

	long_result(f, o[0], load_volatile(g, g->i64, table, o[1] * 8));
}

LLVMValueRef site_number(struct fn *f)
{
	struct gen *g = f->g;

	if (f->handler->sites.count <= 1)
		return const64(g, f->first_site);
	if (g->kernel < KERNEL(5, 15)) {
		refuse(g, f->insn->place, "telling this handler's places apart",
		       "the kernel cannot say which one fired (BPF cookies, Linux 5.15)");
		return const64(g, f->first_site);
	}
	need(g, "cookies", f->insn->place);
	return HELPER(g, BPF_FUNC_get_attach_cookie, fn_pointer(f, VAR_CTX));
}

void emit_cookie(struct fn *f, const uint32_t *o)
{
	long_result(f, o[0], site_number(f));
}
