/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of an access path, and what its end is worth. */
#include <string.h>

#include "translator/elab/access.h"

#include "translator/debuginfo/dscope.h"
#include "translator/debuginfo/dtype.h"
#include "translator/elab/walk.h"
#include "translator/session.h"
#include "translator/util/diag.h"

static bool fail(const struct build *b, const char **why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(const struct build *b, const char **why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*why = arena_vprintf(b->session->arena, format, args);
	va_end(args);
	return false;
}

struct access access_of_value(struct expr *value, struct dtype *type, enum mem_space space)
{
	return (struct access){ .kind = ACCESS_VALUE, .space = space, .expr = value, .type = type };
}

/* Integers and pointers in memory; the width of the read. */
static struct expr *read_scalar(const struct build *b, const struct access *access)
{
	struct dtype *type = dtype_strip(access->type);
	uint64_t size = type->size;
	bool is_signed = dtype_is_integer(type) && type->is_signed;

	if (size != 1 && size != 2 && size != 4)
		size = 8;
	return build_read(b, access->space, size, is_signed, access->expr);
}

bool access_deref(const struct build *b, struct access *access, const char **why)
{
	struct expr *pointer = access->expr;

	if (!access->type)
		return fail(b, why, "its type is not known; use @cast to give it one");
	if (!dtype_is_pointer(access->type))
		return fail(b, why, "'%s' is not a pointer", dtype_text(access->type));
	if (access->kind == ACCESS_PIECES || access->bit_size)
		return fail(b, why, "a pointer spread over registers cannot be followed");
	if (access->kind == ACCESS_MEMORY)
		pointer = read_scalar(b, access);
	*access = (struct access){ .kind = ACCESS_MEMORY, .space = access->space, .expr = pointer,
				   .type = dtype_target(dtype_strip(access->type)),
				   .base = access->base };
	return true;
}

static bool no_member(const struct build *b, struct dtype *type, const char *name,
		      const char **why)
{
	const struct dmember *members;
	int count = dtype_members(type, &members);
	VEC(const char *) names = { 0 };

	for (int i = 0; i < count; i++)
		if (members[i].name)
			*vec_push(b->session->arena, &names) = members[i].name;
	const char *near = names.count ? diag_nearest(name, names.data, names.count) : NULL;

	if (near)
		return fail(b, why, "'%s' has no member '%s'; did you mean '%s'?", dtype_text(type),
			    name, near);
	return fail(b, why, "'%s' has no member '%s'", dtype_text(type), name);
}

/* The part of a struct in registers that holds the @size bits at @offset. */
static bool piece_find(const struct dloc *pieces, uint64_t offset, uint64_t size,
		       const struct dpiece **piece, uint64_t *inside)
{
	uint64_t at = 0;

	for (int i = 0; i < pieces->npieces; at += pieces->pieces[i++].bit_size) {
		*piece = &pieces->pieces[i];
		*inside = offset - at;
		if (offset >= at && offset + size <= at + pieces->pieces[i].bit_size)
			return true;
	}
	return false;
}

/* Members of a struct that is itself a value: the bits of it. */
static struct expr *value_bits(const struct build *b, struct expr *value, uint64_t offset,
			       uint64_t size, bool is_signed)
{
	if (offset + size < 64 || offset)
		value = build_binary(b, OP_SHL, value, build_number(b, 64 - offset - size));
	if (size < 64)
		value = build_binary(b, is_signed ? OP_SAR : OP_SHR, value,
				     build_number(b, 64 - size));
	return value;
}

static bool member_of_pieces(const struct build *b, struct access *access,
			     const struct dmember *member, const char **why)
{
	uint64_t size = member->bit_size ? member->bit_size : dtype_strip(member->type)->size * 8;
	const struct dpiece *piece;
	struct access part;
	uint64_t inside;

	if (!piece_find(access->pieces, access->bit_offset + member->bit_offset, size, &piece,
			&inside))
		return fail(b, why, "it is split between registers");
	if (!access_from_loc(b, access->base, piece->loc, member->type, &part, why))
		return false;
	if (part.kind == ACCESS_VALUE && !dtype_is_compound(member->type))
		part.expr = value_bits(b, part.expr, inside, size,
				       dtype_is_integer(member->type) &&
					       dtype_strip(member->type)->is_signed);
	else if (part.kind == ACCESS_MEMORY)
		part.expr = build_binary(b, OP_ADD, part.expr, build_number(b, inside / 8));
	part.base = access->base;
	*access = part;
	return true;
}

static bool member_of_value(const struct build *b, struct access *access,
			    const struct dmember *member, const char **why)
{
	struct dtype *type = dtype_strip(member->type);
	uint64_t size = member->bit_size ? member->bit_size : type->size * 8;

	if (member->bit_offset + size > 64)
		return fail(b, why,
			    "it lies beyond the register that holds the start of the struct");
	access->expr = value_bits(b, access->expr, member->bit_offset, size,
				  dtype_is_integer(type) && type->is_signed);
	access->type = member->type;
	return true;
}

static void member_of_memory(const struct build *b, struct access *access,
			     const struct dmember *member)
{
	uint64_t bits = member->bit_offset, bytes = bits / 8;

	access->bit_offset = 0;
	access->bit_size = member->bit_size;
	if (member->bit_size) {
		/* read the smallest aligned unit that holds all of the field; one that is packed
		 * across units from its first byte */
		uint64_t unit = 8;

		while (unit <= 64 && bits / unit != (bits + member->bit_size - 1) / unit)
			unit *= 2;
		bytes = unit > 64 ? bits / 8 : bits / unit * (unit / 8);
		access->bit_offset = bits - bytes * 8;
	}
	access->expr = build_binary(b, OP_ADD, access->expr, build_number(b, bytes));
	access->type = member->type;
}

bool access_member(const struct build *b, struct access *access, const char *name, const char **why)
{
	struct dmember member;

	access->is_first = false;
	if (access->type && dtype_is_pointer(access->type) && !access_deref(b, access, why))
		return false;
	if (!access->type)
		return fail(b, why, "its type is not known; use @cast to give it one");
	struct dtype *type = dtype_strip(access->type);

	if (!dtype_is_compound(type))
		return fail(b, why, "'%s' is not a struct or union, it has no member '%s'",
			    dtype_text(access->type), name);
	if (type->is_incomplete)
		return fail(b, why, "'%s' is only declared here, its members are not known; use "
				    "@cast with the module that defines it", dtype_text(type));
	if (!dtype_member(type, name, &member) || member.is_static)
		return no_member(b, type, name, why);
	if (member.is_virtual)
		return fail(b, why, "the offset of a virtual base class is not known");
	if (access->kind == ACCESS_PIECES)
		return member_of_pieces(b, access, &member, why);
	if (access->kind == ACCESS_VALUE)
		return member_of_value(b, access, &member, why);
	member_of_memory(b, access, &member);
	return true;
}

bool access_index(const struct build *b, struct access *access, struct expr *index,
		  const char **why)
{
	struct dtype *type = access->type ? dtype_strip(access->type) : NULL;

	if (!type)
		return fail(b, why, "its type is not known; use @cast to give it one");
	if (type->kind == DTYPE_ARRAY) {
		if (access->kind != ACCESS_MEMORY)
			return fail(b, why, "an array in registers cannot be indexed");
		access->type = dtype_target(type);
	} else if (!access->is_first && !access_deref(b, access, why)) {
		return fail(b, why, "'%s' is neither an array nor a pointer", dtype_text(type));
	}
	uint64_t size = dtype_strip(access->type)->size;

	if (!size && dtype_strip(access->type)->kind != DTYPE_VOID)
		return fail(b, why, "the size of '%s' is not known", dtype_text(access->type));
	access->is_first = false;
	index = build_binary(b, OP_MUL, index, build_number(b, size ? size : 1));
	access->expr = build_binary(b, OP_ADD, access->expr, index);
	return true;
}

bool access_walk(const struct build *b, struct access *access, const component_vec *components,
		 struct span *span, const char **why)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct component *c = &components->data[i];
		bool ok = c->kind == COMPONENT_MEMBER ? access_member(b, access, c->member, why)
						      : access_index(b, access, c->index, why);
		if (!ok) {
			*span = c->span;
			return false;
		}
	}
	return true;
}

/* A float as the bits of a double, which is what the fp_ functions take. */
static bool float_value(const struct build *b, const struct access *access, struct expr **out,
			const char **why)
{
	uint64_t size = dtype_strip(access->type)->size;

	if (size != 4 && size != 8)
		return fail(b, why, "'%s' has no 64-bit form", dtype_text(access->type));
	*out = access->kind == ACCESS_MEMORY
		       ? build_read(b, access->space, size, false, access->expr)
		       : access->expr;
	if (size == 4)
		*out = build_call(b, "fp32_to_fp64", out, 1);
	return true;
}

/* A packed field of 58 bits and more may end in a ninth byte. */
static struct expr *ninth_byte(const struct build *b, const struct access *access,
			       struct expr *low)
{
	struct expr *address = build_binary(b, OP_ADD, expr_copy(b->session->arena, access->expr),
					    build_number(b, 8));
	struct expr *high = build_read(b, access->space, 1, false, address);

	low = build_binary(b, OP_SHR, low, build_number(b, access->bit_offset));
	high = build_binary(b, OP_SHL, high, build_number(b, 64 - access->bit_offset));
	return build_binary(b, OP_OR, low, high);
}

static struct expr *bitfield_value(const struct build *b, const struct access *access)
{
	struct dtype *type = dtype_strip(access->type);
	uint64_t bytes = (access->bit_offset + access->bit_size + 7) / 8, unit = 1;
	struct expr *value;

	while (unit < bytes && unit < 8)
		unit *= 2;
	value = build_read(b, access->space, unit, false, access->expr);
	if (bytes > 8)
		return value_bits(b, ninth_byte(b, access, value), 0, access->bit_size,
				  type->is_signed);
	return value_bits(b, value, access->bit_offset, access->bit_size, type->is_signed);
}

/* A register holds more than a small integer: cut and extend it as the type says. */
static struct expr *narrow_value(const struct build *b, struct expr *value, struct dtype *type)
{
	if (!type->size || type->size >= 8)
		return value;
	if (value->kind == EXPR_MACH && value->mach.mach == MACH_READ &&
	    value->mach.size == type->size && value->mach.is_signed == type->is_signed)
		return value;
	return value_bits(b, value, 0, type->size * 8, type->is_signed);
}

bool access_value(const struct build *b, struct session *session, const struct access *access,
		  struct expr **out, const char **why)
{
	struct dtype *type = access->type ? dtype_strip(access->type) : NULL;

	if (!type) {
		*out = access->expr;
		return true;
	}
	if (dtype_is_compound(type))
		return fail(b, why,
			    "'%s' is a whole struct: name a member, take its address with "
			    "'&', or print it with a trailing '$'",
			    dtype_text(access->type));
	if (access->kind == ACCESS_PIECES)
		return fail(b, why, "it is split between registers");
	if (type->kind == DTYPE_BASE && type->encoding == DENC_FLOAT)
		return float_value(b, access, out, why);
	if (type->kind == DTYPE_ARRAY || type->kind == DTYPE_FUNC)
		*out = access->expr;
	else if (type->kind == DTYPE_VOID)
		return fail(b, why, "a 'void' has no value");
	else if (type->size > 8)
		return fail(b, why, "a '%s' has %d bytes, a number in a script has 8",
			    dtype_text(access->type), (int)type->size);
	else if (access->bit_size)
		*out = bitfield_value(b, access);
	else if (access->kind == ACCESS_MEMORY)
		*out = read_scalar(b, access);
	else
		*out = narrow_value(b, access->expr, type);
	if (dtype_is_pointer(type))
		(*out)->detail = detail_of(session, access->type, access->space);
	else if (type->kind == DTYPE_ARRAY)
		(*out)->detail = detail_of(session, dtype_pointer_to(session->debuginfo,
								     dtype_target(type), 8),
					   access->space);
	return true;
}

bool access_address(const struct build *b, struct session *session, const struct access *access,
		    struct expr **out, const char **why)
{
	if (access->kind != ACCESS_MEMORY)
		return fail(b, why, "it is in a register and has no address");
	if (access->bit_size)
		return fail(b, why, "a bit-field has no address");
	*out = access->expr;
	if (access->type)
		(*out)->detail = detail_of(session, dtype_pointer_to(session->debuginfo,
								     access->type, 8),
					   access->space);
	return true;
}

/* Types made anew for each use (pointers to …) are the same when what they point to is. */
static bool same_type(struct dtype *a, struct dtype *b)
{
	while (a != b && dtype_is_pointer(a) && dtype_is_pointer(b)) {
		a = dtype_target(dtype_strip(a));
		b = dtype_target(dtype_strip(b));
	}
	return a == b || dtype_strip(a) == dtype_strip(b);
}

const struct detail *detail_of(struct session *session, struct dtype *type, enum mem_space space)
{
	for (size_t i = 0; i < session->details.count; i++) {
		struct detail *known = session->details.data[i];

		if (known->space == space && same_type(known->type, type))
			return known;
	}
	struct detail *detail = arena_new_of(session->arena, struct detail);

	detail->type = type;
	detail->space = space;
	*vec_push(session->arena, &session->details) = detail;
	return detail;
}
