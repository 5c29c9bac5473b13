/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scan of .debug_info that makes the function index (see scan.h). */
#include <dwarf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/scan.h"
#include "translator/util/arena.h"
#include "translator/util/vec.h"

struct abbrev_attr {
	uint32_t name, form;
	int64_t implicit;
	int size;			/* -1: varies */
};

struct abbrev {
	uint32_t tag, first, count;
	int fixed;			/* bytes of all its attributes; -1: varies */
	int sibling;			/* where the next entry beside it is said, 4 bytes; or -1 */
	bool known;
};

/* The abbreviations of the unit being scanned; the storage is used again. */
struct abbrevs {
	struct abbrev *codes;
	struct abbrev_attr *attrs;
	size_t ncodes, room_codes, nattrs, room_attrs;
	uint64_t offset;
	uint8_t version, address_size, offset_size;
};

static const char *const section_names[SCAN_SECTIONS] = {
	[SCAN_INFO] = "info", [SCAN_ABBREV] = "abbrev", [SCAN_STR] = "str",
	[SCAN_LINE_STR] = "line_str", [SCAN_STR_OFFSETS] = "str_offsets",
	[SCAN_ADDR] = "addr", [SCAN_LINE] = "line",
};

void scan_init(struct scan *s, struct arena *arena, Elf *elf)
{
	Elf_Scn *scn = NULL;
	size_t shstr = 0;

	memset(s, 0, sizeof(*s));
	s->arena = arena;
	elf_getshdrstrndx(elf, &shstr);
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name;
		Elf_Data *data;
		GElf_Shdr sh;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS)
			continue;
		name = elf_strptr(elf, shstr, sh.sh_name);
		if (!name || name[0] != '.')
			continue;
		name += name[1] == 'z' ? 2 : 1;
		if (strncmp(name, "debug_", 6))
			continue;
		for (int i = 0; i < SCAN_SECTIONS; i++) {
			if (strcmp(name + 6, section_names[i]))
				continue;
			/* libdw has decompressed what was compressed. */
			data = elf_getdata(scn, NULL);
			if (data && data->d_buf)
				s->section[i] = (struct scan_section){ data->d_buf, data->d_size };
		}
	}
}

static bool abbrevs_room(struct abbrevs *t, uint64_t code)
{
	if (code >= t->room_codes) {
		size_t room = code < 128 ? 256 : 2 * code;
		struct abbrev *p = realloc(t->codes, room * sizeof(*p));

		if (!p)
			return false;
		t->codes = p;
		t->room_codes = room;
	}
	while (t->ncodes <= code)
		t->codes[t->ncodes++] = (struct abbrev){ .known = false };
	return true;
}

static bool abbrevs_push(struct abbrevs *t, const struct abbrev_attr *attr)
{
	if (t->nattrs == t->room_attrs) {
		size_t room = t->room_attrs ? 2 * t->room_attrs : 1024;
		struct abbrev_attr *p = realloc(t->attrs, room * sizeof(*p));

		if (!p)
			return false;
		t->attrs = p;
		t->room_attrs = room;
	}
	t->attrs[t->nattrs++] = *attr;
	return true;
}

static int64_t scan_sleb(struct scan_cur *c)
{
	const uint8_t *start = c->p;
	uint64_t v = scan_uleb(c);
	unsigned int bits = 7 * (c->p - start);

	if (c->p > start && c->p[-1] & 0x40 && bits < 64)
		v |= ~0ull << bits;
	return v;
}

static bool abbrev_read(struct abbrevs *t, struct scan_cur *c, uint64_t code,
			const struct scan_unit *u)
{
	struct abbrev a = { .tag = scan_uleb(c), .first = t->nattrs, .sibling = -1,
			    .known = true };

	scan_fixed(c, 1);
	while (!c->bad) {
		struct abbrev_attr at = { .name = scan_uleb(c) };

		at.form = scan_uleb(c);
		if (!at.name && !at.form)
			break;
		at.size = scan_form_size(at.form, u);
		if (at.form == DW_FORM_implicit_const)
			at.implicit = scan_sleb(c);
		if (!abbrevs_push(t, &at))
			return false;
		a.count++;
		if (at.name == DW_AT_sibling && at.form == DW_FORM_ref4)
			a.sibling = a.fixed;
		a.fixed = at.size < 0 || a.fixed < 0 ? -1 : a.fixed + at.size;
	}
	t->codes[code] = a;
	return !c->bad;
}

static bool abbrevs_load(struct scan *s, struct abbrevs *t, uint64_t offset,
			 const struct scan_unit *u)
{
	const struct scan_section *sec = &s->section[SCAN_ABBREV];
	struct scan_cur c = { sec->data, sec->data + sec->size, false };

	if (t->ncodes && t->offset == offset && t->version == u->version &&
	    t->address_size == u->address_size && t->offset_size == u->offset_size)
		return true;
	t->ncodes = t->nattrs = 0;
	scan_skip(&c, offset);
	while (!c.bad) {
		uint64_t code = scan_uleb(&c);

		if (!code || c.bad)
			break;
		if (code > 1 << 20 || !abbrevs_room(t, code) || !abbrev_read(t, &c, code, u)) {
			t->ncodes = 0;
			return false;
		}
	}
	t->offset = offset;
	t->version = u->version;
	t->address_size = u->address_size;
	t->offset_size = u->offset_size;
	return !c.bad;
}

static void scan_unit_attr(struct scan_unit *u, uint32_t name, const struct scan_value *v)
{
	switch (name) {
	case DW_AT_name:
		u->name = v->s;
		break;
	case DW_AT_producer:
		u->producer = v->s;
		break;
	case DW_AT_comp_dir:
		u->comp_dir = v->s;
		break;
	case DW_AT_stmt_list:
		u->stmt_list = v->u;
		break;
	case DW_AT_language:
		u->plain_types = v->u == DW_LANG_C || v->u == DW_LANG_C89 ||
				 v->u == DW_LANG_C99 || v->u == DW_LANG_C11;
		break;
	case DW_AT_str_offsets_base:
		u->str_offsets_base = v->u;
		break;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		u->addr_base = v->u;
		break;
	}
}

static bool scan_unit_die(struct scan *s, struct scan_unit *u, struct scan_cur *c,
			  const struct abbrevs *t, const struct abbrev *a)
{
	struct scan_cur start = *c;

	/* Twice: a string by index may come before the base of the indexes. */
	for (int pass = 0; pass < 2; pass++) {
		*c = start;
		for (uint32_t i = 0; i < a->count; i++) {
			const struct abbrev_attr *at = &t->attrs[a->first + i];
			struct scan_value v;

			if (!scan_attr(s, u, c, at->form, at->implicit, &v))
				return false;
			scan_unit_attr(u, at->name, &v);
		}
	}
	return true;
}

static void scan_func_attr(struct scan_func *f, uint32_t name, const struct scan_value *v,
			   bool *high_is_addr)
{
	switch (name) {
	case DW_AT_name:
		f->name = v->s;
		break;
	case DW_AT_linkage_name:
	case DW_AT_MIPS_linkage_name:
		f->linkage = v->s;
		break;
	case DW_AT_low_pc:
		f->low = v->u;
		if (v->class == SCAN_C_ADDRESS)
			f->flags |= SCAN_CONCRETE;
		break;
	case DW_AT_high_pc:
		f->size = v->u;
		*high_is_addr = v->class == SCAN_C_ADDRESS;
		break;
	case DW_AT_ranges:
		f->flags |= SCAN_RANGES;
		break;
	case DW_AT_decl_line:
		f->line = v->u;
		break;
	case DW_AT_decl_file:
		f->file = v->u;
		break;
	case DW_AT_external:
		f->flags |= v->u ? SCAN_EXTERNAL : 0;
		break;
	case DW_AT_declaration:
		f->flags |= v->u ? SCAN_DECLARATION : 0;
		break;
	case DW_AT_abstract_origin:
	case DW_AT_specification:
		if (v->class != SCAN_C_REF && v->class != SCAN_C_ALT_REF)
			break;
		f->origin = v->u;
		f->flags |= v->class == SCAN_C_ALT_REF ? SCAN_ORIGIN_ALT : 0;
		break;
	}
}

/* Large tables, which only grow: realloc() need not copy them, and their old memory comes back. */
#define scan_push(v)                                                                         \
	((v)->count < (v)->capacity || scan_grow((void **)&(v)->data, &(v)->capacity,        \
						 sizeof(*(v)->data))                          \
		 ? &(v)->data[(v)->count++]                                                   \
		 : NULL)

static bool scan_grow(void **data, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? 2 * *capacity : 4096;
	void *grown = reallocarray(*data, wanted, size);

	if (!grown)
		return false;
	*data = grown;
	*capacity = wanted;
	return true;
}

void scan_done(struct scan *s)
{
	free(s->funcs.data);
	free(s->inlined.data);
	memset(&s->funcs, 0, sizeof(s->funcs));
	memset(&s->inlined, 0, sizeof(s->inlined));
}

static bool scan_func_die(struct scan *s, const struct scan_unit *u, struct scan_cur *c,
			  const struct abbrevs *t, const struct abbrev *a, uint64_t die)
{
	struct scan_func f = { .die = die, .unit = s->units.count - 1, .file = UINT32_MAX };
	bool high_is_addr = false;

	for (uint32_t i = 0; i < a->count; i++) {
		const struct abbrev_attr *at = &t->attrs[a->first + i];
		struct scan_value v;

		if (!scan_attr(s, u, c, at->form, at->implicit, &v))
			return false;
		scan_func_attr(&f, at->name, &v, &high_is_addr);
	}
	if (high_is_addr)
		f.size = f.size > f.low ? f.size - f.low : 0;
	if (f.flags & SCAN_RANGES)
		f.flags &= ~SCAN_CONCRETE;
	struct scan_func *made = scan_push(&s->funcs);

	if (made)
		*made = f;
	return made;
}

/* Copies of which no code is left are not counted. */
static bool scan_inlined_die(struct scan *s, const struct scan_unit *u, struct scan_cur *c,
			     const struct abbrevs *t, const struct abbrev *a)
{
	uint64_t origin = 0;
	bool code = false;

	for (uint32_t i = 0; i < a->count; i++) {
		const struct abbrev_attr *at = &t->attrs[a->first + i];
		struct scan_value v;

		code |= at->name == DW_AT_entry_pc || at->name == DW_AT_low_pc ||
			at->name == DW_AT_ranges;
		if (at->name != DW_AT_abstract_origin && at->size >= 0) {
			scan_skip(c, at->size);
			continue;
		}
		if (!scan_attr(s, u, c, at->form, at->implicit, &v))
			return false;
		if (at->name != DW_AT_abstract_origin)
			continue;
		if (v.class == SCAN_C_REF)
			origin = v.u;
		else if (v.class == SCAN_C_ALT_REF)
			origin = v.u | SCAN_ALT_BIT;
	}
	if (!code || !origin)
		return true;
	uint64_t *made = scan_push(&s->inlined);

	if (made)
		*made = origin;
	return made;
}

static bool scan_skip_die(struct scan *s, const struct scan_unit *u, struct scan_cur *c,
			  const struct abbrevs *t, const struct abbrev *a)
{
	if (a->fixed >= 0) {
		scan_skip(c, a->fixed);
		return true;
	}
	for (uint32_t i = 0; i < a->count; i++) {
		const struct abbrev_attr *at = &t->attrs[a->first + i];
		struct scan_value v;

		if (at->size >= 0)
			scan_skip(c, at->size);
		else if (at->form == DW_FORM_exprloc)
			scan_skip(c, scan_uleb(c));
		else if (!scan_attr(s, u, c, at->form, at->implicit, &v))
			return false;
	}
	return true;
}

/* Types in which there are no functions: their members are passed over. */
static bool scan_type_die(const struct scan_unit *u, struct scan_cur *c, const struct abbrev *a,
			  const uint8_t *unit)
{
	struct scan_cur at = *c;
	uint64_t next;

	if (a->sibling < 0)
		return false;
	if (a->tag != DW_TAG_enumeration_type && a->tag != DW_TAG_array_type &&
	    a->tag != DW_TAG_subroutine_type &&
	    (!u->plain_types ||
	     (a->tag != DW_TAG_structure_type && a->tag != DW_TAG_union_type)))
		return false;
	scan_skip(&at, a->sibling);
	next = scan_fixed(&at, 4);
	if (at.bad || next <= (uint64_t)(at.p - unit) || next > (uint64_t)(c->end - unit))
		return false;
	c->p = unit + next;
	return true;
}

/* Every entry of a unit, in order; the nesting does not matter here. */
static bool scan_dies(struct scan *s, uint32_t unit, struct scan_cur *c, const struct abbrevs *t)
{
	const uint8_t *base = s->section[SCAN_INFO].data;
	struct scan_unit *u = &s->units.data[unit];
	bool first = true;

	while (c->p < c->end && !c->bad) {
		uint64_t die = c->p - base;
		uint64_t code = scan_uleb(c);
		const struct abbrev *a;
		bool ok;

		if (!code)
			continue;
		if (code >= t->ncodes || !t->codes[code].known)
			return false;
		a = &t->codes[code];
		if (first)
			ok = scan_unit_die(s, u, c, t, a);
		else if (a->tag == DW_TAG_subprogram)
			ok = scan_func_die(s, u, c, t, a, die);
		else if (a->tag == DW_TAG_inlined_subroutine)
			ok = scan_inlined_die(s, u, c, t, a);
		else
			ok = scan_type_die(u, c, a, base + u->offset) ||
			     scan_skip_die(s, u, c, t, a);
		if (!ok)
			return false;
		first = false;
	}
	return !c->bad;
}

static bool scan_unit_header(struct scan_cur *c, struct scan_unit *u, uint64_t *abbrev)
{
	uint8_t type = DW_UT_compile;

	u->version = scan_fixed(c, 2);
	if (u->version < 2 || u->version > 5)
		return false;
	if (u->version >= 5) {
		type = scan_fixed(c, 1);
		u->address_size = scan_fixed(c, 1);
		*abbrev = scan_fixed(c, u->offset_size);
	} else {
		*abbrev = scan_fixed(c, u->offset_size);
		u->address_size = scan_fixed(c, 1);
	}
	if (type == DW_UT_type || type == DW_UT_split_type)
		scan_skip(c, 8 + u->offset_size);
	else if (type == DW_UT_skeleton || type == DW_UT_split_compile)
		scan_skip(c, 8);
	u->str_offsets_base = u->addr_base = u->version >= 5 ? 2 * u->offset_size : 0;
	return !c->bad && (u->address_size == 8 || u->address_size == 4);
}

static size_t scan_hash(uint64_t die)
{
	return die * 0x9e3779b97f4a7c15ull >> 24;
}

static void scan_hash_all(struct scan *s)
{
	size_t size = 64;

	while (size < 2 * s->funcs.count)
		size *= 2;
	s->by_die.mask = size - 1;
	s->by_die.slots = arena_alloc(s->arena, size * sizeof(*s->by_die.slots));
	for (size_t i = 0; i < s->funcs.count; i++) {
		size_t h = scan_hash(s->funcs.data[i].die) & s->by_die.mask;

		while (s->by_die.slots[h])
			h = (h + 1) & s->by_die.mask;
		s->by_die.slots[h] = i + 1;
	}
}

struct scan_func *scan_find(struct scan *s, uint64_t die)
{
	size_t h = scan_hash(die) & s->by_die.mask;

	for (; s->by_die.slots && s->by_die.slots[h]; h = (h + 1) & s->by_die.mask)
		if (s->funcs.data[s->by_die.slots[h] - 1].die == die)
			return &s->funcs.data[s->by_die.slots[h] - 1];
	return NULL;
}

void scan_run(struct scan *s)
{
	const struct scan_section *info = &s->section[SCAN_INFO];
	struct scan_cur all = { info->data, info->data + info->size, false };
	struct abbrevs t = { 0 };

	while (all.p < all.end && !all.bad) {
		struct scan_unit u = { .offset = all.p - info->data, .stmt_list = UINT64_MAX,
				       .offset_size = 4 };
		uint64_t length = scan_fixed(&all, 4), abbrev = 0;
		struct scan_cur c;

		if (length == 0xffffffff) {
			u.offset_size = 8;
			length = scan_fixed(&all, 8);
		}
		c = all;
		scan_skip(&all, length);
		if (all.bad)
			break;
		c.end = all.p;
		if (scan_unit_header(&c, &u, &abbrev) && abbrevs_load(s, &t, abbrev, &u)) {
			*vec_push(s->arena, &s->units) = u;
			if (scan_dies(s, s->units.count - 1, &c, &t))
				continue;
		}
		s->bad_units++;
	}
	s->bad_units += all.bad;
	free(t.codes);
	free(t.attrs);
	scan_hash_all(s);
}
