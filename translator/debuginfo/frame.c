/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a function is entered, as its call-frame information says. */
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/priv.h"

enum { X86_64_SP = 7, X86_64_RETURN = 16 };

Dwarf_Frame *dmodule_frame(struct dmodule *m, uint64_t pc)
{
	struct dmodule_priv *p = m->priv;

	for (int i = 0; p->mod && i < 2; i++) {
		Dwarf_Addr bias = 0;
		Dwarf_CFI *cfi = i ? dwfl_module_eh_cfi(p->mod, &bias)
				   : dwfl_module_dwarf_cfi(p->mod, &bias);
		Dwarf_Frame *frame;

		if (cfi && !dwarf_cfi_addrframe(cfi, pc + p->elf_bias - bias, &frame))
			return frame;
	}
	return NULL;
}

/* Is the return address, and it alone, on top of the stack? */
static bool frame_is_called(Dwarf_Frame *frame)
{
	Dwarf_Op memory[3], *ops;
	bool is_signal = false;
	size_t n;

	dwarf_frame_info(frame, NULL, NULL, &is_signal);
	if (is_signal)
		return false;
	if (!dwarf_frame_cfa(frame, &ops, &n) && n == 1 && ops[0].atom == DW_OP_bregx &&
	    (ops[0].number != X86_64_SP || ops[0].number2 != 8))
		return false;
	/* no operations, but the memory for some: undefined */
	return dwarf_frame_register(frame, X86_64_RETURN, memory, &ops, &n) || n || !ops;
}

static bool module_has_section(struct dmodule *m, const char *wanted)
{
	Elf *elf = m->priv->elf;
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name = NULL;
		GElf_Shdr sh;

		if (gelf_getshdr(scn, &sh))
			name = elf_strptr(elf, names, sh.sh_name);
		if (name && !strcmp(name, wanted))
			return true;
	}
	return false;
}

const char *dfunc_no_return(struct dfunc *f)
{
	struct dmodule *m = f->module;
	Dwarf_Frame *frame;
	GElf_Ehdr header;
	bool called;

	if (m->is_kernel || m->machine != EM_X86_64)
		return NULL;
	if (module_has_section(m, ".gopclntab"))
		return "Go moves stacks, and checks the return address that a return probe changes";
	if (gelf_getehdr(m->priv->elf, &header) && header.e_entry == f->entry)
		return "it is not called, but started by the kernel: it does not return";
	frame = dmodule_frame(m, f->entry);
	if (!frame)
		return NULL;
	called = frame_is_called(frame);
	free(frame);
	return called ? NULL : "it is not called, but jumped to: it has no return address";
}

bool dmodule_throws(struct dmodule *m)
{
	static const char *const unwinders[] = { "libstdc++.so*", "libc++.so*", "libgcc_s.so*" };
	const char **needed;
	int n = elfsym_needed(m, &needed);

	for (int i = 0; i < n; i++)
		for (size_t j = 0; j < sizeof(unwinders) / sizeof(*unwinders); j++)
			if (dglob_match(unwinders[j], needed[i]))
				return true;
	return elfsym_find(m, "__cxa_throw");
}
