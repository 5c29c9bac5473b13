/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of the texts that differ from site to site. */
#include "translator/elab/site-text.h"

#include <elf.h>
#include <string.h>

#include "translator/debuginfo/dscope.h"
#include "translator/elab/debuginfo.h"
#include "translator/elab/format-table.h"
#include "translator/elab/machine.h"
#include "translator/elab/tvar-priv.h"
#include "translator/probes/probe-kind.h"
#include "translator/session.h"

/* A table's rows are walked, which takes longer than code for one site: it is for many. */
#define SITES_LEAST 16
#define HEX_CHARS 18			/* 0x and 16 digits */

/* A number that a row can fetch: a register, or what a register and a displacement point to. */
struct place {
	bool is_constant, in_memory, is_signed;
	int64_t constant;
	int32_t displacement;
	uint16_t at;			/* of the register, in struct pt_regs */
	uint8_t size;
};

struct maker {
	struct tvar tvar;
	struct build build;
	struct format *format;
	uint32_t chars;			/* of the longest text of the site in hand */
};

bool site_text_fits(const struct expr *e)
{
	return e->kind == EXPR_TARGET && e->target.name[0] == '$' && e->target.name[1] == '$' &&
	       !e->target.pretty && !e->target.components.count && !e->target.address_of;
}

static bool is_number(const struct expr *e, int64_t *value)
{
	*value = e->number;
	return e->kind == EXPR_NUMBER;
}

static bool is_register(const struct maker *m, const struct expr *e, struct place *place)
{
	const struct machine *machine = machine_of(m->tvar.session);
	int number = -1, offset;

	if (e->kind != EXPR_MACH)
		return false;
	if (e->mach.mach == MACH_REG)
		number = e->mach.number;
	else if (e->mach.mach == MACH_RETVAL)
		number = machine->result;
	else if (e->mach.mach == MACH_ARG && e->mach.number < machine->arg_count)
		number = machine->args[e->mach.number];
	offset = dreg_pt_regs_offset(EM_X86_64, number);
	place->at = offset;
	return offset >= 0 && offset < ARGFMT_REGISTERS;
}

static bool is_binary(const struct expr *e, enum op op, int64_t *right)
{
	return e->kind == EXPR_BINARY && e->binary.op == op && is_number(e->binary.right, right);
}

/* The low bits of a register: shifted to the top and back. */
static bool is_part(const struct maker *m, const struct expr *e, struct place *place)
{
	int64_t up, down;

	place->is_signed = is_binary(e, OP_SAR, &down);
	if (!place->is_signed && !is_binary(e, OP_SHR, &down))
		return false;
	place->size = 8 - down / 8;
	return is_binary(e->binary.left, OP_SHL, &up) && up == down &&
	       (down == 32 || down == 48 || down == 56) &&
	       is_register(m, e->binary.left->binary.left, place);
}

static bool is_memory(const struct maker *m, const struct expr *e, struct place *place)
{
	const struct expr *address = e->mach.base;
	int64_t displacement = 0;

	if (e->kind != EXPR_MACH || e->mach.mach != MACH_READ || e->mach.space != SPACE_USER)
		return false;
	if (is_binary(address, OP_ADD, &displacement))
		address = address->binary.left;
	place->in_memory = true;
	place->is_signed = e->mach.is_signed;
	place->size = e->mach.size;
	place->displacement = displacement;
	return displacement == place->displacement && is_register(m, address, place);
}

static bool place_of(const struct maker *m, const struct expr *e, struct place *place)
{
	*place = (struct place){ .size = 8 };
	place->is_constant = is_number(e, &place->constant);
	return place->is_constant || is_register(m, e, place) || is_part(m, e, place) ||
	       is_memory(m, e, place);
}

static void put_place(struct format *format, const struct place *place)
{
	uint8_t source = place->size | (place->is_signed ? ARGFMT_NEGATIVE : 0);
	struct argfmt_row *row;

	if (place->in_memory) {
		row = format_row(format, ARGFMT_PEEK, place->at, 8);
		row->more = place->size;
		row->text = place->displacement;
		source |= ARGFMT_FIELD;
	}
	row = format_row(format, ARGFMT_NUMBER, place->in_memory ? 0 : place->at, source);
	row->arg = 16 | ARGFMT_PREFIX;
}

/* One variable of the list; @value NULL: @text stands for it. */
static bool put_variable(struct maker *m, const char *before, const char *name, const char *text,
			 const struct expr *value)
{
	struct arena *arena = m->format->arena;
	struct place place;

	if (value && !place_of(m, value, &place))
		return false;
	if (value && place.is_constant)
		text = arena_printf(arena, "%#llx", (unsigned long long)place.constant);
	else if (value)
		text = "";
	text = arena_printf(arena, "%s%s=%s", before, name, text);
	format_text(m->format, text, 0);
	m->chars += strlen(text) + HEX_CHARS;
	if (value && !place.is_constant)
		put_place(m->format, &place);
	return true;
}

static bool put_list(struct maker *m, const char *list)
{
	name_vec names = { 0 };

	tvar_listed(&m->tvar, &m->build, list, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.data[i], *text;
		struct expr *value;

		if (tvar_is_entry_value(&m->tvar, name))
			return false;
		text = tvar_conversion(&m->tvar, &m->build, name, 0, &value);
		if (!put_variable(m, i ? " " : "", name, text, value))
			return false;
	}
	return true;
}

/* The rows of $$name at the site in hand. */
static bool put_text(struct maker *m, const char *name)
{
	const char *text = tvar_site_text(m->tvar.site, name);

	if (text) {
		format_text(m->format, text, 0);
		m->chars = strlen(text);
	} else if (!tvar_is_list(m->tvar.handler, m->tvar.site, name) || !put_list(m, name)) {
		return false;
	}
	format_row(m->format, ARGFMT_END, 0, 8);
	return true;
}

/* ---- which texts ---- */

struct text_search {
	struct handler *handler;
	name_vec names;
	struct expr *first;
	struct arena *arena;
};

static bool search_expr(struct walk *walk, struct expr **slot)
{
	struct text_search *search = walk->context;
	const struct site *site = search->handler->sites.data[0];
	const char *name = (*slot)->target.name;

	if (!site_text_fits(*slot) ||
	    (!tvar_is_list(search->handler, site, name) && !tvar_site_text(site, name)))
		return true;
	search->first = *slot;
	for (size_t i = 0; i < search->names.count; i++)
		if (strcmp(search->names.data[i], name) == 0)
			return true;
	*vec_push(search->arena, &search->names) = name;
	return true;
}

static bool can_share(struct elab *elab, const struct handler *handler)
{
	if (handler->sites.count < SITES_LEAST || handler->trigger != TRIGGER_KERNEL ||
	    elab_is_listing(elab) || !elab_kernel_at_least(elab_session(elab), 5, 17))
		return false;
	for (size_t i = 0; i < handler->sites.count; i++)
		if (handler->sites.data[i]->entry != SITE_PT_REGS)
			return false;
	return true;
}

/* ---- the tables ---- */

/* The rows of all texts at one site, as number @at of each table. */
static bool put_site(struct maker *m, const name_vec *names, struct format *formats,
		     struct site_text_table *tables, uint32_t at)
{
	for (size_t i = 0; i < names->count; i++) {
		m->format = &formats[i];
		m->chars = 0;
		format_begin(m->format, at);
		if (!put_text(m, names->data[i]))
			return false;
		if (m->chars > tables[i].most)
			tables[i].most = m->chars;
	}
	return true;
}

bool site_text_make(struct elab *elab, struct handler *handler, site_vec *rest)
{
	struct session *session = elab_session(elab);
	struct text_search search = { .handler = handler, .arena = session->arena };
	struct walk walk = { .expr_before = search_expr, .context = &search };
	struct maker maker = { .tvar = { .elab = elab, .session = session, .handler = handler } };
	site_vec kept = { 0 };

	if (!can_share(elab, handler))
		return false;
	walk_stmt(&walk, &handler->body);
	if (!search.names.count)
		return false;
	struct site_text_table *tables =
		arena_alloc(session->arena, search.names.count * sizeof(*tables));
	struct format *formats = arena_alloc(session->arena, search.names.count * sizeof(*formats));

	maker.build = build_at(session, search.first);
	for (size_t i = 0; i < search.names.count; i++) {
		tables[i] = (struct site_text_table){ .name = search.names.data[i] };
		formats[i] = (struct format){ .arena = session->arena };
	}
	for (size_t i = 0; i < handler->sites.count; i++) {
		maker.tvar.site = handler->sites.data[i];
		*vec_push(session->arena, put_site(&maker, &search.names, formats, tables,
						   kept.count) ? &kept : rest) = maker.tvar.site;
	}
	if (kept.count < 2)
		return false;
	for (size_t i = 0; i < search.names.count; i++)
		tables[i].table = format_finish(&formats[i], session);
	handler->sites = kept;
	if (kept.data[0]->attach.name)
		handler->name = kept.data[0]->attach.name;
	handler->texts = tables;
	handler->text_count = search.names.count;
	return true;
}

struct expr *site_text_call(const struct handler *handler, const struct build *b,
			    const char *name)
{
	for (size_t i = 0; i < handler->text_count; i++) {
		const struct site_text_table *table = &handler->texts[i];
		struct expr *args[2];

		if (strcmp(table->name, name) != 0)
			continue;
		args[0] = build_number(b, table->table);
		args[1] = build_number(b, table->most);
		return build_call(b, "__sitefmt", args, 2);
	}
	return NULL;
}
