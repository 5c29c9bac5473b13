/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers: DWARF's numbers, assembler's names, places in struct pt_regs. */
#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/user.h>

#include "translator/debuginfo/dscope.h"

/* x86-64, by DWARF number: name, its parts' names, place in struct pt_regs. */
static const struct reg {
	const char *r64, *r32, *r16, *r8, *high8;
	int offset;
} regs[] = {
#define AT(field) offsetof(struct user_regs_struct, field)
	{ "rax", "eax", "ax", "al", "ah", AT(rax) }, { "rdx", "edx", "dx", "dl", "dh", AT(rdx) },
	{ "rcx", "ecx", "cx", "cl", "ch", AT(rcx) }, { "rbx", "ebx", "bx", "bl", "bh", AT(rbx) },
	{ "rsi", "esi", "si", "sil", NULL, AT(rsi) }, { "rdi", "edi", "di", "dil", NULL, AT(rdi) },
	{ "rbp", "ebp", "bp", "bpl", NULL, AT(rbp) }, { "rsp", "esp", "sp", "spl", NULL, AT(rsp) },
	{ "r8", "r8d", "r8w", "r8b", NULL, AT(r8) }, { "r9", "r9d", "r9w", "r9b", NULL, AT(r9) },
	{ "r10", "r10d", "r10w", "r10b", NULL, AT(r10) },
	{ "r11", "r11d", "r11w", "r11b", NULL, AT(r11) },
	{ "r12", "r12d", "r12w", "r12b", NULL, AT(r12) },
	{ "r13", "r13d", "r13w", "r13b", NULL, AT(r13) },
	{ "r14", "r14d", "r14w", "r14b", NULL, AT(r14) },
	{ "r15", "r15d", "r15w", "r15b", NULL, AT(r15) },
	{ "rip", "eip", "ip", NULL, NULL, AT(rip) },
#undef AT
};

enum { NREGS = sizeof(regs) / sizeof(*regs), FIRST_XMM = 17, LAST_XMM = 32 };

const char *dreg_name(int machine, int reg)
{
	static const char *const xmm[] = {
		"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
		"xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
	};

	if (machine != EM_X86_64 || reg < 0)
		return "a register";
	if (reg < NREGS)
		return regs[reg].r64;
	if (reg >= FIRST_XMM && reg <= LAST_XMM)
		return xmm[reg - FIRST_XMM];
	return reg >= 33 && reg <= 40 ? "a floating-point register" : "a special register";
}

int dreg_pt_regs_offset(int machine, int reg)
{
	return machine == EM_X86_64 && reg >= 0 && reg < NREGS ? regs[reg].offset : -1;
}

int dreg_by_name(int machine, const char *name, int *size, int *shift)
{
	*shift = 0;
	name += *name == '%';
	if (machine != EM_X86_64)
		return -1;
	for (int i = 0; i < NREGS; i++) {
		const struct reg *r = &regs[i];
		const char *const names[] = { r->r64, r->r32, r->r16, r->r8, r->high8 };

		for (int j = 0; j < 5; j++) {
			if (!names[j] || strcmp(names[j], name))
				continue;
			*size = j < 3 ? 8 >> j : 1;
			*shift = j == 4 ? 8 : 0;
			return i;
		}
	}
	if (!strncmp(name, "xmm", 3) && name[3] >= '0' && name[3] <= '9') {
		*size = 16;
		return atoi(name + 3) < 16 ? FIRST_XMM + atoi(name + 3) : -1;
	}
	return -1;
}
