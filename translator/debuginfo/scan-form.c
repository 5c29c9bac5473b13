/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DWARF attribute forms, for the index's scan of .debug_info. */
#include <dwarf.h>
#include <string.h>

#include "translator/debuginfo/scan.h"

const char *scan_cstr(struct scan_cur *c)
{
	const uint8_t *nul = memchr(c->p, 0, c->end - c->p);
	const char *s = (const char *)c->p;

	if (!nul) {
		c->bad = true;
		c->p = c->end;
		return NULL;
	}
	c->p = nul + 1;
	return s;
}

const char *scan_string_at(const struct scan_section *s, uint64_t offset)
{
	if (offset >= s->size || !memchr(s->data + offset, 0, s->size - offset))
		return NULL;
	return (const char *)s->data + offset;
}

/* Constant sizes by form number; 0 in the table means "varies". */
enum { ADDR = 100, OFFS, REFADDR, ZERO };

static const uint8_t form_size[] = {
	[DW_FORM_addr] = ADDR, [DW_FORM_data1] = 1, [DW_FORM_data2] = 2, [DW_FORM_data4] = 4,
	[DW_FORM_data8] = 8, [DW_FORM_data16] = 16, [DW_FORM_flag] = 1,
	[DW_FORM_flag_present] = ZERO, [DW_FORM_implicit_const] = ZERO,
	[DW_FORM_strp] = OFFS, [DW_FORM_line_strp] = OFFS, [DW_FORM_sec_offset] = OFFS,
	[DW_FORM_strp_sup] = OFFS, [DW_FORM_ref_sup4] = 4, [DW_FORM_ref_sup8] = 8,
	[DW_FORM_ref1] = 1, [DW_FORM_ref2] = 2, [DW_FORM_ref4] = 4, [DW_FORM_ref8] = 8,
	[DW_FORM_ref_sig8] = 8, [DW_FORM_ref_addr] = REFADDR, [DW_FORM_strx1] = 1,
	[DW_FORM_strx2] = 2, [DW_FORM_strx3] = 3, [DW_FORM_strx4] = 4, [DW_FORM_addrx1] = 1,
	[DW_FORM_addrx2] = 2, [DW_FORM_addrx3] = 3, [DW_FORM_addrx4] = 4,
};

int scan_form_size(uint32_t form, const struct scan_unit *u)
{
	int size;

	if (form == DW_FORM_GNU_ref_alt || form == DW_FORM_GNU_strp_alt)
		return u->offset_size;
	size = form < sizeof(form_size) ? form_size[form] : 0;
	switch (size) {
	case 0:
		return -1;
	case ADDR:
		return u->address_size;
	case OFFS:
		return u->offset_size;
	case REFADDR:
		return u->version <= 2 ? u->address_size : u->offset_size;
	case ZERO:
		return 0;
	default:
		return size;
	}
}

static const char *scan_strx(struct scan *s, const struct scan_unit *u, uint64_t index)
{
	const struct scan_section *o = &s->section[SCAN_STR_OFFSETS];
	struct scan_cur c = { o->data, o->data + o->size, false };

	if (index > o->size)
		return NULL;
	scan_skip(&c, u->str_offsets_base + index * u->offset_size);
	index = scan_fixed(&c, u->offset_size);
	return c.bad ? NULL : scan_string_at(&s->section[SCAN_STR], index);
}

static bool scan_addrx(struct scan *s, const struct scan_unit *u, uint64_t index, uint64_t *addr)
{
	const struct scan_section *a = &s->section[SCAN_ADDR];
	struct scan_cur c = { a->data, a->data + a->size, false };

	if (index > a->size)
		return false;
	scan_skip(&c, u->addr_base + index * u->address_size);
	*addr = scan_fixed(&c, u->address_size);
	return !c.bad;
}

/* Forms of constant size whose data is in v->u already. */
static void scan_interpret(struct scan *s, const struct scan_unit *u, uint32_t form,
			   struct scan_value *v)
{
	switch (form) {
	case DW_FORM_addr:
		v->class = SCAN_C_ADDRESS;
		break;
	case DW_FORM_addrx1: case DW_FORM_addrx2: case DW_FORM_addrx3: case DW_FORM_addrx4:
	case DW_FORM_addrx: case DW_FORM_GNU_addr_index:
		v->class = scan_addrx(s, u, v->u, &v->u) ? SCAN_C_ADDRESS : SCAN_C_NONE;
		break;
	case DW_FORM_strp:
		v->s = scan_string_at(&s->section[SCAN_STR], v->u);
		break;
	case DW_FORM_line_strp:
		v->s = scan_string_at(&s->section[SCAN_LINE_STR], v->u);
		break;
	case DW_FORM_GNU_strp_alt: case DW_FORM_strp_sup:
		v->s = s->alt_str ? scan_string_at(s->alt_str, v->u) : NULL;
		break;
	case DW_FORM_strx: case DW_FORM_strx1: case DW_FORM_strx2: case DW_FORM_strx3:
	case DW_FORM_strx4: case DW_FORM_GNU_str_index:
		v->s = scan_strx(s, u, v->u);
		break;
	case DW_FORM_ref1: case DW_FORM_ref2: case DW_FORM_ref4: case DW_FORM_ref8:
	case DW_FORM_ref_udata:
		v->class = SCAN_C_REF;
		v->u += u->offset;
		break;
	case DW_FORM_ref_addr:
		v->class = SCAN_C_REF;
		break;
	case DW_FORM_GNU_ref_alt: case DW_FORM_ref_sup4: case DW_FORM_ref_sup8:
		v->class = SCAN_C_ALT_REF;
		break;
	case DW_FORM_ref_sig8: case DW_FORM_data16:
		v->class = SCAN_C_NONE;
		break;
	}
	if (v->s)
		v->class = SCAN_C_STRING;
}

static bool scan_variable(struct scan *s, const struct scan_unit *u, struct scan_cur *c,
			  uint32_t form, int64_t implicit, struct scan_value *v)
{
	switch (form) {
	case DW_FORM_block1:
		scan_skip(c, scan_fixed(c, 1));
		break;
	case DW_FORM_block2:
		scan_skip(c, scan_fixed(c, 2));
		break;
	case DW_FORM_block4:
		scan_skip(c, scan_fixed(c, 4));
		break;
	case DW_FORM_block: case DW_FORM_exprloc:
		scan_skip(c, scan_uleb(c));
		break;
	case DW_FORM_string:
		v->s = scan_cstr(c);
		v->class = v->s ? SCAN_C_STRING : SCAN_C_NONE;
		break;
	case DW_FORM_sdata: case DW_FORM_udata: case DW_FORM_loclistx: case DW_FORM_rnglistx:
		v->class = SCAN_C_NUMBER;
		v->u = scan_uleb(c);
		break;
	case DW_FORM_strx: case DW_FORM_addrx: case DW_FORM_ref_udata:
	case DW_FORM_GNU_addr_index: case DW_FORM_GNU_str_index:
		v->class = SCAN_C_NUMBER;
		v->u = scan_uleb(c);
		scan_interpret(s, u, form, v);
		break;
	case DW_FORM_indirect:
		form = scan_uleb(c);
		return form != DW_FORM_indirect && scan_attr(s, u, c, form, implicit, v);
	default:
		return false;
	}
	return true;
}

bool scan_attr(struct scan *s, const struct scan_unit *u, struct scan_cur *c, uint32_t form,
	       int64_t implicit, struct scan_value *v)
{
	int size = scan_form_size(form, u);

	*v = (struct scan_value){ .class = SCAN_C_NONE };
	if (size < 0)
		return scan_variable(s, u, c, form, implicit, v);
	v->class = SCAN_C_NUMBER;
	if (form == DW_FORM_implicit_const)
		v->u = implicit;
	else if (form == DW_FORM_flag_present)
		v->u = 1;
	else if (size > 8)
		scan_skip(c, size);
	else
		v->u = scan_fixed(c, size);
	scan_interpret(s, u, form, v);
	return true;
}
