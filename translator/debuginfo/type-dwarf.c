/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types from DWARF entries. */
#include <string.h>

#include "translator/debuginfo/type-priv.h"

enum { TYPE_MAX_DEPTH = 64 };

static const struct { int tag; enum dtype_kind kind; } type_kinds[] = {
	{ DW_TAG_base_type, DTYPE_BASE }, { DW_TAG_pointer_type, DTYPE_POINTER },
	{ DW_TAG_reference_type, DTYPE_REFERENCE },
	{ DW_TAG_rvalue_reference_type, DTYPE_REFERENCE }, { DW_TAG_array_type, DTYPE_ARRAY },
	{ DW_TAG_structure_type, DTYPE_STRUCT }, { DW_TAG_class_type, DTYPE_CLASS },
	{ DW_TAG_interface_type, DTYPE_CLASS }, { DW_TAG_union_type, DTYPE_UNION },
	{ DW_TAG_enumeration_type, DTYPE_ENUM }, { DW_TAG_typedef, DTYPE_TYPEDEF },
	{ DW_TAG_template_alias, DTYPE_TYPEDEF }, { DW_TAG_const_type, DTYPE_CONST },
	{ DW_TAG_immutable_type, DTYPE_CONST }, { DW_TAG_packed_type, DTYPE_CONST },
	{ DW_TAG_volatile_type, DTYPE_VOLATILE }, { DW_TAG_restrict_type, DTYPE_RESTRICT },
	{ DW_TAG_atomic_type, DTYPE_ATOMIC }, { DW_TAG_subroutine_type, DTYPE_FUNC },
	{ DW_TAG_subprogram, DTYPE_FUNC }, { DW_TAG_ptr_to_member_type, DTYPE_MEMBER_POINTER },
	{ DW_TAG_unspecified_type, DTYPE_VOID },
};

static const struct { int ate; enum dtype_encoding encoding; bool is_signed; } encodings[] = {
	{ DW_ATE_boolean, DENC_BOOL, false }, { DW_ATE_signed, DENC_INT, true },
	{ DW_ATE_unsigned, DENC_INT, false }, { DW_ATE_signed_char, DENC_CHAR, true },
	{ DW_ATE_unsigned_char, DENC_CHAR, false }, { DW_ATE_UTF, DENC_CHAR, false },
	{ DW_ATE_address, DENC_INT, false }, { DW_ATE_float, DENC_FLOAT, true },
	{ DW_ATE_imaginary_float, DENC_FLOAT, true },
	{ DW_ATE_complex_float, DENC_COMPLEX, true },
};

/* The N-th subrange of an array; false if there is none. */
static bool array_subrange(Dwarf_Die *array, int n, Dwarf_Die *out)
{
	if (dwarf_child(array, out))
		return false;
	do {
		int tag = dwarf_tag(out);

		if ((tag == DW_TAG_subrange_type || tag == DW_TAG_enumeration_type) && !n--)
			return true;
	} while (!dwarf_siblingof(out, out));
	return false;
}

/* Bounds are read unsigned: data1 of 200 is no negative number. */
static int64_t array_count(Dwarf_Die *range)
{
	Dwarf_Attribute at;
	Dwarf_Word n, lower = 0;

	if (dwarf_attr_integrate(range, DW_AT_count, &at))
		return dwarf_formudata(&at, &n) ? -1 : (int64_t)n;
	if (dwarf_attr_integrate(range, DW_AT_lower_bound, &at) && dwarf_formudata(&at, &lower))
		lower = 0;
	if (!dwarf_attr_integrate(range, DW_AT_upper_bound, &at) || dwarf_formudata(&at, &n))
		return -1;
	/* A 32-bit -1 is how some compilers write [0]. */
	if (n == UINT32_MAX && dwarf_whatform(&at) == DW_FORM_data4)
		return 0;
	return (int64_t)(n - lower + 1) < 0 ? 0 : n - lower + 1;
}

static const struct dtype_ops type_ops;

static void array_fill(struct dtype *t)
{
	Dwarf_Die range;
	struct dtype *element;

	t->count = -1;
	if (array_subrange(&t->priv->die, t->priv->dimension, &range))
		t->count = array_count(&range);
	element = dtype_strip(dtype_target(t));
	if (t->count > 0 && element->size < (1ull << 40) && t->count < 1ll << 40)
		t->size = t->count * element->size;
}

static struct dtype *array_target(struct dtype *t)
{
	struct dtype_priv *p = t->priv;
	struct dtype *inner;
	Dwarf_Die range;

	if (!array_subrange(&p->die, p->dimension + 1, &range) || p->dimension > 16)
		return dtype_of(p->module, &p->die);
	inner = dtype_new(p->session, DTYPE_ARRAY, &type_ops);
	inner->priv->module = p->module;
	inner->priv->die = p->die;
	inner->priv->dimension = p->dimension + 1;
	array_fill(inner);
	return inner;
}

static struct dtype *dwarf_target(struct dtype *t)
{
	if (t->kind == DTYPE_ARRAY)
		return array_target(t);
	return dtype_of(t->priv->module, &t->priv->die);
}

static void base_fill(struct dtype *t)
{
	uint64_t ate = 0;

	t->encoding = DENC_OTHER;
	die_number(&t->priv->die, DW_AT_encoding, &ate);
	for (size_t i = 0; i < sizeof(encodings) / sizeof(*encodings); i++) {
		if (encodings[i].ate != (int)ate)
			continue;
		t->encoding = encodings[i].encoding;
		t->is_signed = encodings[i].is_signed;
	}
}

/* data1…8 have no sign of their own; as wide as the enum they can be negative. */
static int64_t enumerator_value(struct dtype *t, Dwarf_Attribute *at, Dwarf_Word u)
{
	switch (dwarf_whatform(at)) {
	case DW_FORM_data1:
		return t->is_signed && t->size == 1 ? (int8_t)u : (int64_t)u;
	case DW_FORM_data2:
		return t->is_signed && t->size == 2 ? (int16_t)u : (int64_t)u;
	case DW_FORM_data4:
		return t->is_signed && t->size == 4 ? (int32_t)u : (int64_t)u;
	default:
		return u;
	}
}

static void dwarf_enumerators(struct dtype *t, struct denumerator_list *out)
{
	struct arena *a = t->priv->session->arena;
	Dwarf_Die die;

	if (dwarf_child(&t->priv->die, &die))
		return;
	do {
		Dwarf_Attribute at;
		Dwarf_Word u;
		const char *name = die_name(&die);

		if (dwarf_tag(&die) == DW_TAG_enumerator && name &&
		    dwarf_attr(&die, DW_AT_const_value, &at) && !dwarf_formudata(&at, &u))
			*vec_push(a, out) = (struct denumerator){
				arena_strdup(a, name), enumerator_value(t, &at, u) };
	} while (!dwarf_siblingof(&die, &die));
}

static void enum_fill(struct dtype *t)
{
	struct dtype *under = dtype_strip(dtype_target(t));
	uint64_t ate = 0;
	Dwarf_Die die;

	t->encoding = DENC_INT;
	if (under->kind == DTYPE_BASE) {
		t->is_signed = under->is_signed;
		if (!t->size)
			t->size = under->size;
		return;
	}
	if (die_number(&t->priv->die, DW_AT_encoding, &ate)) {
		t->is_signed = ate == DW_ATE_signed;
		return;
	}
	/* Neither is said: signed if a value is written as negative. */
	if (dwarf_child(&t->priv->die, &die))
		return;
	do {
		Dwarf_Attribute at;
		Dwarf_Sword s;

		if (dwarf_attr(&die, DW_AT_const_value, &at) &&
		    dwarf_whatform(&at) == DW_FORM_sdata && !dwarf_formsdata(&at, &s) && s < 0)
			t->is_signed = true;
	} while (!dwarf_siblingof(&die, &die));
}

static uint64_t member_byte_offset(Dwarf_Die *die, struct dmember *mem)
{
	Dwarf_Attribute at;
	Dwarf_Word n = 0;
	Dwarf_Op *ops;
	size_t nops;

	if (!dwarf_attr(die, DW_AT_data_member_location, &at))
		return 0;
	if (dwarf_whatform(&at) != DW_FORM_sec_offset && !dwarf_formudata(&at, &n))
		return n;
	if (!dwarf_getlocation(&at, &ops, &nops) && nops == 1 &&
	    (ops[0].atom == DW_OP_plus_uconst || ops[0].atom == DW_OP_constu))
		return ops[0].number;
	mem->is_virtual = true;
	return 0;
}

static void member_bits(struct dtype *t, Dwarf_Die *die, struct dmember *mem)
{
	uint64_t size, offset, storage;
	bool big = false;
	GElf_Ehdr eh;

	mem->bit_offset = 8 * member_byte_offset(die, mem);
	if (!die_number(die, DW_AT_bit_size, &size) || size > 128)
		return;
	mem->bit_size = size;
	if (die_number(die, DW_AT_data_bit_offset, &offset)) {
		mem->bit_offset += offset;
		return;
	}
	/* DWARF 2 and 3 count from the most significant bit of a storage unit. */
	if (!die_number(die, DW_AT_bit_offset, &offset))
		return;
	if (!die_number(die, DW_AT_byte_size, &storage))
		storage = dtype_strip(mem->type)->size;
	if (gelf_getehdr(t->priv->module->priv->elf, &eh))
		big = eh.e_ident[EI_DATA] == ELFDATA2MSB;
	mem->bit_offset += big ? offset : 8 * storage - offset - size;
}

static void dwarf_member(struct dtype *t, Dwarf_Die *die, struct dmember_list *out)
{
	struct arena *a = t->priv->session->arena;
	const char *name = die_name(die), *linkage;
	struct dmember mem = { 0 };
	Dwarf_Attribute at;
	int tag = dwarf_tag(die);

	mem.name = name ? arena_strdup(a, name) : NULL;
	mem.type = dtype_of(t->priv->module, die);
	mem.line = die_decl_line(die);
	mem.is_base = tag == DW_TAG_inheritance;
	mem.is_static = tag == DW_TAG_variable || die_flag(die, DW_AT_external) ||
			die_flag(die, DW_AT_declaration);
	if (mem.is_static) {
		linkage = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &at));
		mem.linkage = linkage ? arena_strdup(a, linkage) : NULL;
	} else {
		member_bits(t, die, &mem);
	}
	*vec_push(a, out) = mem;
}

static void member_walk(struct dtype *t, Dwarf_Die *parent, struct dmember_list *out, int depth)
{
	Dwarf_Die die;

	if (depth > 4 || dwarf_child(parent, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_member: case DW_TAG_inheritance: case DW_TAG_variable:
			dwarf_member(t, &die, out);
			break;
		case DW_TAG_variant_part: case DW_TAG_variant:	/* Rust's enums */
			member_walk(t, &die, out, depth + 1);
			break;
		}
	} while (!dwarf_siblingof(&die, &die));
}

static void dwarf_members(struct dtype *t, struct dmember_list *out)
{
	member_walk(t, &t->priv->die, out, 0);
}

static void dwarf_params(struct dtype *t, struct dparam_list *out, bool *varargs)
{
	struct arena *a = t->priv->session->arena;
	Dwarf_Die die;

	if (dwarf_child(&t->priv->die, &die))
		return;
	do {
		const char *name;

		if (dwarf_tag(&die) == DW_TAG_unspecified_parameters)
			*varargs = true;
		if (dwarf_tag(&die) != DW_TAG_formal_parameter)
			continue;
		name = die_name(&die);
		*vec_push(a, out) = (struct dparam){ name ? arena_strdup(a, name) : NULL,
						     dtype_of(t->priv->module, &die) };
	} while (!dwarf_siblingof(&die, &die));
}

static struct dtype *dwarf_definition(struct dtype *t)
{
	static const char *const words[DTYPE_KINDS] = {
		[DTYPE_STRUCT] = "struct ", [DTYPE_UNION] = "union ", [DTYPE_ENUM] = "enum ",
		[DTYPE_CLASS] = "class ",
	};
	struct dmodule *m = t->priv->module;
	const char *error = m->session->error;
	struct dtype *found;
	Dwarf_Die die;

	if (die_ref(&t->priv->die, DW_AT_signature, &die))
		return dtype_of_die(m, &die);
	if (!t->name || !words[t->kind])
		return NULL;
	found = dtype_find(m, arena_printf(m->session->arena, "%s%s", words[t->kind], t->name));
	m->session->error = error;
	return found && !found->is_incomplete ? found : NULL;
}

static const struct dtype_ops type_ops = {
	.target = dwarf_target, .members = dwarf_members, .enumerators = dwarf_enumerators,
	.params = dwarf_params, .definition = dwarf_definition,
};

static void type_fill(struct dtype *t)
{
	struct dtype_priv *p = t->priv;
	const char *name = die_name(&p->die);

	t->name = name ? arena_strdup(p->session->arena, name) : NULL;
	t->is_incomplete = die_flag(&p->die, DW_AT_declaration) ||
			   (dwarf_hasattr(&p->die, DW_AT_signature) &&
			    !dwarf_haschildren(&p->die));
	die_number(&p->die, DW_AT_byte_size, &t->size);
	switch (t->kind) {
	case DTYPE_BASE:
		base_fill(t);
		break;
	case DTYPE_POINTER: case DTYPE_REFERENCE:
		if (!t->size)
			t->size = p->module->address_size;
		break;
	case DTYPE_ARRAY:
		array_fill(t);
		break;
	case DTYPE_ENUM:
		enum_fill(t);
		break;
	case DTYPE_TYPEDEF: case DTYPE_CONST: case DTYPE_VOLATILE: case DTYPE_RESTRICT:
	case DTYPE_ATOMIC:
		t->size = dtype_strip(t)->size;
		break;
	default:
		break;
	}
}

bool dtype_is_tag(int tag)
{
	for (size_t i = 0; i < sizeof(type_kinds) / sizeof(*type_kinds); i++)
		if (type_kinds[i].tag == tag)
			return true;
	return false;
}

struct dtype *dtype_of_die(struct dmodule *m, Dwarf_Die *die)
{
	struct dmodule_priv *p = m->priv;
	struct dhash *cache = &p->types[die_is_alt(m, die)];
	uint64_t offset = dwarf_dieoffset(die);
	struct dtype *t = dhash_get(cache, offset);
	int kind = -1, tag = dwarf_tag(die);

	if (t)
		return t;
	for (size_t i = 0; i < sizeof(type_kinds) / sizeof(*type_kinds); i++)
		if (type_kinds[i].tag == tag)
			kind = type_kinds[i].kind;
	if (kind < 0 || p->type_depth > TYPE_MAX_DEPTH)
		return dtype_void(m->session);
	t = dtype_new(m->session, kind, &type_ops);
	t->priv->module = m;
	t->priv->die = *die;
	/* Known before it is filled: a damaged file may lead in circles. */
	dhash_put(m->session->arena, cache, offset, t);
	p->type_depth++;
	type_fill(t);
	p->type_depth--;
	return t;
}

struct dtype *dtype_of(struct dmodule *m, Dwarf_Die *die)
{
	Dwarf_Attribute at;
	Dwarf_Die type;

	if (!dwarf_attr_integrate(die, DW_AT_type, &at) || !dwarf_formref_die(&at, &type))
		return dtype_void(m->session);
	return dtype_of_die(m, &type);
}
