/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF symbols by libdwfl (which merges debug file and MiniDebugInfo), PLT, DT_NEEDED. */
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/priv.h"

static int elfsym_compare(const void *a, const void *b)
{
	const struct elfsym *x = a, *y = b;

	if (x->vaddr != y->vaddr)
		return x->vaddr < y->vaddr ? -1 : 1;
	/* Global names before local ones, sized before unsized, then by name. */
	if (x->is_global != y->is_global)
		return y->is_global - x->is_global;
	if (!x->size != !y->size)
		return !x->size - !y->size;
	/* "malloc" is what people say, not "__libc_malloc". */
	if (strspn(x->name, "_") != strspn(y->name, "_"))
		return strspn(x->name, "_") < strspn(y->name, "_") ? -1 : 1;
	return strcmp(x->name, y->name);
}

static enum elfsym_kind elfsym_kind_of(const GElf_Sym *sym)
{
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_FUNC:
		return ELFSYM_FUNC;
	case STT_GNU_IFUNC:
		return ELFSYM_IFUNC;
	case STT_OBJECT:
		return ELFSYM_OBJECT;
	case STT_TLS:
		return ELFSYM_TLS;
	default:
		return ELFSYM_OTHER;
	}
}

static bool elfsym_wanted(const GElf_Sym *sym, GElf_Word shndx, const char *name)
{
	int type = GELF_ST_TYPE(sym->st_info);

	return name && *name && shndx != SHN_UNDEF && shndx != SHN_ABS &&
	       type != STT_SECTION && type != STT_FILE;
}

/* Without "@VERSION", which .symtab carries in its names. */
static const char *elfsym_name(struct arena *a, const char *name)
{
	size_t n = strcspn(name, "@");

	return name[n] && n ? arena_strndup(a, name, n) : arena_strdup(a, name);
}

/* .symtab and .dynsym name the same things; sorted, those are neighbours. */
static int elfsym_dedupe(struct elfsym *v, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (!kept || v[kept - 1].vaddr != v[i].vaddr ||
		    v[kept - 1].kind != v[i].kind || strcmp(v[kept - 1].name, v[i].name))
			v[kept++] = v[i];
	return kept;
}

int elfsym_list(struct dmodule *m, const struct elfsym **out)
{
	struct dmodule_priv *p = m->priv;
	struct arena *a = m->session->arena;
	int n, kept = 0;

	*out = p->syms;
	if (p->nsyms >= 0)
		return p->nsyms;
	n = dwfl_module_getsymtab(p->mod);
	if (n < 0)
		n = 0;		/* stripped of everything: no symbols, not an error */
	p->syms = arena_alloc(a, (n + 1) * sizeof(*p->syms));
	for (int i = 1; i < n; i++) {
		GElf_Sym sym;
		GElf_Addr addr;
		GElf_Word shndx;
		const char *name = dwfl_module_getsym_info(p->mod, i, &sym, &addr, &shndx,
							   NULL, NULL);

		if (!elfsym_wanted(&sym, shndx, name))
			continue;
		p->syms[kept++] = (struct elfsym){
			.name = elfsym_name(a, name),
			.vaddr = addr - p->elf_bias,
			.size = sym.st_size,
			.kind = elfsym_kind_of(&sym),
			.is_global = GELF_ST_BIND(sym.st_info) != STB_LOCAL,
		};
	}
	qsort(p->syms, kept, sizeof(*p->syms), elfsym_compare);
	p->nsyms = elfsym_dedupe(p->syms, kept);
	*out = p->syms;
	return p->nsyms;
}

const struct elfsym *elfsym_find(struct dmodule *m, const char *name)
{
	const struct elfsym *syms, *found = NULL;
	int n = elfsym_list(m, &syms);

	for (int i = 0; i < n; i++)
		if (!strcmp(syms[i].name, name) && (!found || syms[i].is_global))
			found = &syms[i];
	return found;
}

const struct elfsym *elfsym_at(struct dmodule *m, uint64_t vaddr)
{
	const struct elfsym *syms;
	int lo = 0, hi = elfsym_list(m, &syms);

	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (syms[mid].vaddr <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* A few unsized labels may lie between the function's start and VADDR. */
	for (int i = lo - 1, far = 0; i >= 0 && far < 32; i--, far++) {
		if (syms[i].kind != ELFSYM_FUNC && syms[i].kind != ELFSYM_IFUNC)
			continue;
		while (i > 0 && syms[i - 1].vaddr == syms[i].vaddr &&
		       syms[i - 1].kind == ELFSYM_FUNC)
			i--;
		if (vaddr - syms[i].vaddr < syms[i].size || !syms[i].size)
			return &syms[i];
	}
	return NULL;
}

struct plt_slot { uint64_t got; const char *name; };

struct plt_slots { struct plt_slot *data; size_t count, capacity; };

static int plt_compare(const void *a, const void *b)
{
	const struct plt_slot *x = a, *y = b;

	return x->got < y->got ? -1 : x->got > y->got;
}

/* What each GOT slot is filled with, by one relocation section. */
static void plt_slots_add(struct dmodule *m, Elf_Scn *scn, const GElf_Shdr *sh,
			  struct plt_slots *slots)
{
	Elf *elf = m->priv->elf;
	Elf_Data *data = elf_getdata(scn, NULL);
	Elf_Scn *symscn = elf_getscn(elf, sh->sh_link);
	Elf_Data *symdata = symscn ? elf_getdata(symscn, NULL) : NULL;
	GElf_Shdr symsh;

	if (!data || !symdata || !gelf_getshdr(symscn, &symsh) || !sh->sh_entsize)
		return;
	for (size_t i = 0; i < sh->sh_size / sh->sh_entsize; i++) {
		GElf_Rela rela;
		GElf_Sym sym;
		const char *name;

		if (!gelf_getrela(data, i, &rela) || !GELF_R_SYM(rela.r_info) ||
		    !gelf_getsym(symdata, GELF_R_SYM(rela.r_info), &sym))
			continue;
		name = elf_strptr(elf, symsh.sh_link, sym.st_name);
		if (name && *name)
			*vec_push(m->session->arena, slots) = (struct plt_slot){
				rela.r_offset, elfsym_name(m->session->arena, name) };
	}
}

struct plt_list { struct dplt *data; size_t count, capacity; };

/* x86-64: an entry is a "jmp *GOT(%rip)", perhaps behind endbr64 or bnd. */
static void plt_section(struct dmodule *m, Elf_Scn *scn, const GElf_Shdr *sh,
			const struct plt_slots *slots, struct plt_list *out)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	const uint8_t *b = data ? data->d_buf : NULL;
	uint64_t entsize = sh->sh_entsize == 8 ? 8 : 16;

	for (size_t i = 0; b && i + 6 <= data->d_size; i++) {
		struct plt_slot key = { 0 }, *hit;
		int32_t disp;

		if (b[i] != 0xff || b[i + 1] != 0x25)
			continue;
		memcpy(&disp, b + i + 2, 4);
		key.got = sh->sh_addr + i + 6 + disp;
		hit = slots->count ? bsearch(&key, slots->data, slots->count, sizeof(key),
					     plt_compare) : NULL;
		if (!hit)
			continue;
		key.got = sh->sh_addr + i / entsize * entsize;
		*vec_push(m->session->arena, out) = (struct dplt){
			hit->name, key.got, dmodule_file_offset(m, key.got) };
	}
}

int dplt_list(struct dmodule *m, const struct dplt **out)
{
	struct dmodule_priv *p = m->priv;
	struct plt_slots slots = { 0 };
	struct plt_list list = { 0 };
	size_t shstr = 0;

	*out = p->plt;
	if (p->nplt >= 0)
		return p->nplt;
	if (m->machine != EM_X86_64)
		return dsession_fail(m->session, "%s: PLT entries are known for x86-64 only",
				     m->path);
	for (int pass = 0; pass < 2; pass++) {
		Elf_Scn *scn = NULL;
		GElf_Shdr sh;

		elf_getshdrstrndx(p->elf, &shstr);
		while ((scn = elf_nextscn(p->elf, scn))) {
			const char *name;

			if (!gelf_getshdr(scn, &sh))
				continue;
			name = elf_strptr(p->elf, shstr, sh.sh_name);
			if (!pass && sh.sh_type == SHT_RELA)
				plt_slots_add(m, scn, &sh, &slots);
			if (pass && name && !strncmp(name, ".plt", 4) &&
			    sh.sh_type == SHT_PROGBITS)
				plt_section(m, scn, &sh, &slots, &list);
		}
		if (slots.count)
			qsort(slots.data, slots.count, sizeof(*slots.data), plt_compare);
	}
	p->nplt = list.count;
	*out = p->plt = list.data;
	return p->nplt;
}

int elfsym_needed(struct dmodule *m, const char ***out)
{
	struct { const char **data; size_t count, capacity; } v = { 0 };
	Elf_Scn *scn = NULL;

	while (m->priv->elf && (scn = elf_nextscn(m->priv->elf, scn))) {
		GElf_Shdr sh;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_DYNAMIC || !sh.sh_entsize)
			continue;
		data = elf_getdata(scn, NULL);
		for (size_t i = 0; data && i < sh.sh_size / sh.sh_entsize; i++) {
			GElf_Dyn dyn;
			const char *s;

			if (!gelf_getdyn(data, i, &dyn) || dyn.d_tag == DT_NULL)
				break;
			if (dyn.d_tag == DT_NEEDED &&
			    (s = elf_strptr(m->priv->elf, sh.sh_link, dyn.d_un.d_val)))
				*vec_push(m->session->arena, &v) =
					arena_strdup(m->session->arena, s);
		}
	}
	*out = v.data;
	return v.count;
}
