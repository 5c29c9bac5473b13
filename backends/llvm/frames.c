/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stack of a whole chain of calls. BPF's 512 bytes are for a handler together with what it
 * calls, callbacks too, until kernels give programs a stack of their own (6.13). LLVM knows of one
 * function at a time only, so the object is looked at: how far below r10 each function reaches, and
 * whom it calls.
 */
#include <elf.h>
#include <string.h>

#include <linux/bpf.h>

#include "backends/llvm/gen.h"

enum { STACK_BYTES = 512, STACK_ROUND = 32, CHAIN_MOST = 16 };

struct frame {
	const char *name;
	uint32_t section;
	uint64_t begin, end;		/* bytes in the section */
	uint32_t bytes;
	VEC(uint32_t) calls;		/* indices of frames */
};

struct frames {
	struct gen *g;
	const uint8_t *image;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections;
	const Elf64_Sym *symbols;
	VEC(struct frame) list;
};

static void symbols_read(struct frames *fs)
{
	for (uint32_t i = 0; i < fs->header->e_shnum; i++) {
		const Elf64_Shdr *table = &fs->sections[i];
		const char *names;

		if (table->sh_type != SHT_SYMTAB)
			continue;
		fs->symbols = (const void *)(fs->image + table->sh_offset);
		names = (const char *)fs->image + fs->sections[table->sh_link].sh_offset;
		for (uint64_t s = 0; s < table->sh_size / sizeof(Elf64_Sym); s++) {
			const Elf64_Sym *symbol = &fs->symbols[s];

			if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_size)
				*vec_push(fs->g->arena, &fs->list) = (struct frame){
					.name = names + symbol->st_name,
					.section = symbol->st_shndx,
					.begin = symbol->st_value,
					.end = symbol->st_value + symbol->st_size,
				};
		}
	}
}

static struct frame *frame_at(struct frames *fs, uint32_t section, uint64_t offset)
{
	for (size_t i = 0; i < fs->list.count; i++) {
		struct frame *frame = &fs->list.data[i];

		if (frame->section == section && offset >= frame->begin && offset < frame->end)
			return frame;
	}
	return NULL;
}

static void call_add(struct frames *fs, uint32_t section, uint64_t from, uint32_t to_section,
		     uint64_t to)
{
	struct frame *caller = frame_at(fs, section, from), *callee = frame_at(fs, to_section, to);

	if (caller && callee && caller != callee)
		*vec_push(fs->g->arena, &caller->calls) = (uint32_t)(callee - fs->list.data);
}

static const struct bpf_insn *insn_at(const struct frames *fs, uint32_t section, uint64_t offset)
{
	return (const void *)(fs->image + fs->sections[section].sh_offset + offset);
}

/* Calls of other sections' functions, and callbacks. */
static void relocations_read(struct frames *fs, const Elf64_Shdr *table)
{
	const Elf64_Rel *rels = (const void *)(fs->image + table->sh_offset);

	for (uint64_t i = 0; i < table->sh_size / sizeof(*rels); i++) {
		const Elf64_Sym *symbol = &fs->symbols[ELF64_R_SYM(rels[i].r_info)];
		const struct bpf_insn *insn;

		if (!(fs->sections[table->sh_info].sh_flags & SHF_EXECINSTR) ||
		    symbol->st_shndx >= fs->header->e_shnum)
			continue;
		insn = insn_at(fs, table->sh_info, rels[i].r_offset);
		call_add(fs, table->sh_info, rels[i].r_offset, symbol->st_shndx,
			 symbol->st_value + (insn->code == (BPF_JMP | BPF_CALL)
						     ? (uint64_t)(insn->imm + 1) * sizeof(*insn)
						     : (uint64_t)insn->imm));
	}
}

static void reaches(struct frame *frame, int offset)
{
	if (offset < 0 && (uint32_t)-offset > frame->bytes)
		frame->bytes = (uint32_t)-offset;
}

static void insns_read(struct frames *fs, struct frame *frame)
{
	uint32_t count = (frame->end - frame->begin) / sizeof(struct bpf_insn);
	const struct bpf_insn *insns = insn_at(fs, frame->section, frame->begin);

	for (uint32_t i = 0; i < count; i++) {
		const struct bpf_insn *at = &insns[i];
		unsigned int class = BPF_CLASS(at->code);
		bool load = class == BPF_LDX, save = class == BPF_ST || class == BPF_STX;

		if ((load && at->src_reg == BPF_REG_10) || (save && at->dst_reg == BPF_REG_10))
			reaches(frame, at->off);
		/* rX = r10; rX += -n */
		if (i && at->code == (BPF_ALU64 | BPF_ADD | BPF_K) &&
		    at[-1].code == (BPF_ALU64 | BPF_MOV | BPF_X) &&
		    at[-1].src_reg == BPF_REG_10 && at[-1].dst_reg == at->dst_reg)
			reaches(frame, at->imm);
		if (at->code == (BPF_JMP | BPF_CALL) && at->src_reg == BPF_PSEUDO_CALL &&
		    at->imm != -1)
			call_add(fs, frame->section, frame->begin + i * sizeof(*at),
				 frame->section,
				 frame->begin + (i + 1 + (uint64_t)at->imm) * sizeof(*at));
	}
}

static uint32_t chain_bytes(const struct frames *fs, const struct frame *frame, uint32_t depth)
{
	uint32_t own = frame->bytes ? frame->bytes : 1, most = 0;

	for (size_t i = 0; i < frame->calls.count && depth < CHAIN_MOST; i++) {
		uint32_t bytes = chain_bytes(fs, &fs->list.data[frame->calls.data[i]], depth + 1);

		most = bytes > most ? bytes : most;
	}
	return (own + STACK_ROUND - 1) / STACK_ROUND * STACK_ROUND + most;
}

void frames_check(struct gen *g, const void *object)
{
	struct frames fs = { .g = g, .image = object, .header = object };

	if (g->kernel >= KERNEL(6, 13))
		return;
	fs.sections = (const void *)(fs.image + fs.header->e_shoff);
	symbols_read(&fs);
	for (uint32_t i = 0; i < fs.header->e_shnum; i++)
		if (fs.sections[i].sh_type == SHT_REL)
			relocations_read(&fs, &fs.sections[i]);
	for (size_t i = 0; i < fs.list.count; i++)
		insns_read(&fs, &fs.list.data[i]);
	for (size_t i = 0; i < g->program->handlers.count; i++) {
		const char *symbol = g->program->handlers.data[i]->symbol;

		for (size_t k = 0; symbol && k < fs.list.count; k++)
			if (!strcmp(fs.list.data[k].name, symbol) && g->tight[i] < TIGHT_APART &&
			    chain_bytes(&fs, &fs.list.data[k], 0) > STACK_BYTES)
				g->overflowed[i] = true;
	}
}
