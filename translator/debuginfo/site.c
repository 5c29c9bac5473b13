/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where to put a breakpoint, and what the instruction there costs a uprobe. */
#include <elf.h>
#include <string.h>

#include "translator/debuginfo/priv.h"

static const char *const insn_text[DINSN_CLASSES] = {
	[DINSN_UNKNOWN] = "unknown instruction",
	[DINSN_NOP] = "nop, emulated",
	[DINSN_NOP5] = "5-byte nop, emulated or optimised",
	[DINSN_PUSH] = "push, emulated",
	[DINSN_BRANCH] = "branch, emulated",
	[DINSN_STEPPED] = "single-stepped (slow)",
};

const char *dinsn_class_text(enum dinsn_class c)
{
	return insn_text[c < DINSN_CLASSES ? c : DINSN_UNKNOWN];
}

/* As arch_uprobe_analyze_insn() of the kernel sees it; unsure means stepped. */
static enum dinsn_class site_classify(const uint8_t *b, size_t n)
{
	static const uint8_t nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	size_t i = 0;

	if (n >= 5 && !memcmp(b, nop5, 5))
		return DINSN_NOP5;
	while (i < n && b[i] == 0x66)
		i++;
	if (i < n && b[i] == 0x90)
		return DINSN_NOP;
	if (i + 1 < n && b[i] == 0x0f && b[i + 1] == 0x1f)
		return DINSN_NOP;
	if (i || n < 2)
		return DINSN_STEPPED;
	if ((b[0] & 0xf8) == 0x50 || (b[0] == 0x41 && (b[1] & 0xf8) == 0x50))
		return DINSN_PUSH;
	if (b[0] == 0xe8 || b[0] == 0xe9 || b[0] == 0xeb || (b[0] & 0xf0) == 0x70 ||
	    (b[0] == 0x0f && (b[1] & 0xf0) == 0x80))
		return DINSN_BRANCH;
	return DINSN_STEPPED;
}

void dsite_choose(struct dmodule *m, uint64_t pc, struct dsite *out)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	uint8_t code[16];
	size_t n = dmodule_read(m, pc, code, sizeof(code));

	memset(out, 0, sizeof(*out));
	out->pc = out->vaddr = pc;
	out->file_offset = m->is_kernel ? pc : dmodule_file_offset(m, pc);
	if (m->machine != EM_X86_64 || n < 2)
		return;
	/* The kernel steps over endbr64 by itself when it is asked for a function. */
	if (n > 5 && !m->is_kernel && !memcmp(code, endbr64, sizeof(endbr64))) {
		out->vaddr += sizeof(endbr64);
		out->file_offset += sizeof(endbr64);
		out->note = "placed behind endbr64";
		memmove(code, code + sizeof(endbr64), n -= sizeof(endbr64));
	}
	out->insn = site_classify(code, n);
}
