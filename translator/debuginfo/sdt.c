/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USDT marks: the notes of .note.stapsdt. */
#include <string.h>

#include "translator/debuginfo/priv.h"
#include "translator/debuginfo/sdt.h"
#include "translator/debuginfo/sdt-arg.h"

enum { SDT_NOTE_TYPE = 3 };

struct marks { struct dsdt *data; size_t count, capacity; };

/* One note's description, between its addresses and its strings. */
struct sdt_note {
	uint64_t pc, base, semaphore;
	const char *provider, *name, *args;
};

static uint64_t sdt_address(const uint8_t *p, int size)
{
	uint64_t v = 0;

	for (int i = 0; i < size; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

static bool sdt_parse(struct dmodule *m, const uint8_t *desc, size_t len, struct sdt_note *out)
{
	size_t at = 3 * m->address_size;
	const char **strings[] = { &out->provider, &out->name, &out->args };

	if (len < at)
		return false;
	out->pc = sdt_address(desc, m->address_size);
	out->base = sdt_address(desc + m->address_size, m->address_size);
	out->semaphore = sdt_address(desc + 2 * m->address_size, m->address_size);
	for (int i = 0; i < 3; i++) {
		const uint8_t *nul = memchr(desc + at, 0, len - at);

		if (!nul)
			return false;
		*strings[i] = arena_strdup(m->session->arena, (const char *)desc + at);
		at = nul + 1 - desc;
	}
	return *out->provider && *out->name;
}

/* Arguments are separated by blanks; an operand has none in it. */
static void sdt_args(struct dmodule *m, struct dsdt *mark)
{
	struct arena *a = m->session->arena;
	struct { struct dsdt_arg *data; size_t count, capacity; } v = { 0 };
	const char *p = mark->arg_text;

	while (*(p += strspn(p, " "))) {
		size_t n = strcspn(p, " ");

		sdt_arg_parse(m, arena_strndup(a, p, n), vec_push(a, &v));
		p += n;
	}
	mark->args = v.data;
	mark->nargs = v.count;
}

static void sdt_add(struct dmodule *m, const struct sdt_note *note, uint64_t base,
		    struct marks *out)
{
	struct arena *a = m->session->arena;
	/* Prelinking moves the file's sections but not what notes say. */
	uint64_t moved = base && note->base ? base - note->base : 0;
	struct dsdt mark = { .provider = note->provider, .name = note->name,
			     .arg_text = note->args };

	mark.site = arena_alloc(a, sizeof(*mark.site));
	dsite_choose(m, note->pc + moved, mark.site);
	if (mark.site->file_offset == D_NO_OFFSET)
		return;			/* its code was dropped by the linker */
	if (note->semaphore) {
		mark.semaphore_vaddr = note->semaphore + moved;
		mark.semaphore_offset = dmodule_file_offset(m, mark.semaphore_vaddr);
		if (mark.semaphore_offset == D_NO_OFFSET)
			mark.semaphore_offset = mark.semaphore_vaddr = 0;
	}
	sdt_args(m, &mark);
	*vec_push(a, out) = mark;
}

static void sdt_section(struct dmodule *m, Elf_Scn *scn, uint64_t base, struct marks *out)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t at = 0, next, name_at, desc_at;
	GElf_Nhdr nh;

	while (data && (next = gelf_getnote(data, at, &nh, &name_at, &desc_at)) > 0) {
		const char *name = (const char *)data->d_buf + name_at;
		struct sdt_note note;

		at = next;
		if (nh.n_type != SDT_NOTE_TYPE || nh.n_namesz != sizeof("stapsdt") ||
		    memcmp(name, "stapsdt", sizeof("stapsdt")))
			continue;
		if (sdt_parse(m, (const uint8_t *)data->d_buf + desc_at, nh.n_descsz, &note))
			sdt_add(m, &note, base, out);
	}
}

int dsdt_list(struct dmodule *m, const struct dsdt **out)
{
	struct dmodule_priv *p = m->priv;
	struct marks marks = { 0 };
	uint64_t base = 0;
	size_t shstr = 0;

	*out = p->sdt;
	if (p->nsdt >= 0)
		return p->nsdt;
	elf_getshdrstrndx(p->elf, &shstr);
	/* The base's address is needed before the first note. */
	for (int pass = 0; pass < 2; pass++) {
		Elf_Scn *scn = NULL;

		while ((scn = elf_nextscn(p->elf, scn))) {
			const char *name;
			GElf_Shdr sh;

			if (!gelf_getshdr(scn, &sh))
				continue;
			name = elf_strptr(p->elf, shstr, sh.sh_name);
			if (name && !pass && !strcmp(name, ".stapsdt.base"))
				base = sh.sh_addr;
			if (name && pass && sh.sh_type == SHT_NOTE &&
			    !strcmp(name, ".note.stapsdt"))
				sdt_section(m, scn, base, &marks);
		}
	}
	p->nsdt = marks.count;
	*out = p->sdt = marks.data;
	return p->nsdt;
}
