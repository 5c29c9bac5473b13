/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The builder, and the program's tables as the runtime reads them. */
#include <string.h>

#include "translator/ir/ir.h"
#include "translator/session.h"
#include "translator/util/hash.h"

struct ir_program *ir_program_new(struct session *session)
{
	struct arena *arena = session->arena;
	struct ir_program *program = arena_new_of(arena, struct ir_program);
	struct program_place *nowhere;

	program->session = session;
	finder_add(&program->place_finder, arena, 0);
	nowhere = vec_push(arena, &program->places);
	vec_push(arena, &program->spans);
	nowhere->token = nowhere->file = "";
	return program;
}

struct ir_func *ir_func_new(struct ir_program *program, const char *name)
{
	struct ir_func *func = arena_new_of(program->session->arena, struct ir_func);

	func->name = name;
	func->index = program->funcs.count;
	*vec_push(program->session->arena, &program->funcs) = func;
	return func;
}

uint32_t ir_block_new(struct ir_builder *b)
{
	vec_push(b->program->session->arena, &b->func->blocks)->loop = b->loop;
	return b->func->blocks.count - 1;
}

uint32_t ir_reg_new(struct ir_builder *b)
{
	*vec_push(b->program->session->arena, &b->func->reg_names) = NULL;
	return OPERAND(OPERAND_REG, b->func->reg_count++);
}

uint32_t ir_slot_new(struct ir_builder *b, uint32_t width)
{
	*vec_push(b->program->session->arena, &b->func->slot_widths) = width;
	return OPERAND(OPERAND_SLOT, b->func->slot_widths.count - 1);
}

uint32_t ir_long(struct ir_program *program, int64_t value)
{
	struct arena *arena = program->session->arena;
	uint32_t hash = finder_hash(value, 0);

	for (uint32_t at = finder_first(&program->long_finder, hash); at;
	     at = finder_next(&program->long_finder, at))
		if (program->longs.data[at - 1] == value)
			return OPERAND(OPERAND_LONG, at - 1);
	finder_add(&program->long_finder, arena, hash);
	*vec_push(arena, &program->longs) = value;
	return OPERAND(OPERAND_LONG, program->longs.count - 1);
}

uint32_t ir_text(struct ir_program *program, const char *text)
{
	struct arena *arena = program->session->arena;
	uint32_t hash = hash_bytes(text, strlen(text));

	for (uint32_t at = finder_first(&program->text_finder, hash); at;
	     at = finder_next(&program->text_finder, at))
		if (!strcmp(program->texts.data[at - 1], text))
			return OPERAND(OPERAND_TEXT, at - 1);
	finder_add(&program->text_finder, arena, hash);
	*vec_push(arena, &program->texts) = text;
	return OPERAND(OPERAND_TEXT, program->texts.count - 1);
}

uint32_t ir_place(struct ir_program *program, const char *kind, struct span token)
{
	struct arena *arena = program->session->arena;
	struct program_place made = { .token = kind, .file = "" };
	uint32_t hash;

	if (token.source) {
		struct position at = source_position(token.source, token.begin);

		made.token = arena_printf(arena, "%s '%.*s'", kind, (int)(token.end - token.begin),
					  token.source->text + token.begin);
		made.file = token.source->name;
		made.line = at.line;
		made.column = at.column;
	}
	hash = finder_hash(made.line, made.column);
	for (uint32_t at = finder_first(&program->place_finder, hash); at;
	     at = finder_next(&program->place_finder, at)) {
		const struct program_place *place = &program->places.data[at - 1];

		if (place->line == made.line && place->column == made.column &&
		    !strcmp(place->file, made.file) && !strcmp(place->token, made.token))
			return at - 1;
	}
	finder_add(&program->place_finder, arena, hash);
	*vec_push(arena, &program->places) = made;
	*vec_push(arena, &program->spans) = token;
	return program->places.count - 1;
}

struct ir_insn *ir_emit(struct ir_builder *b, enum ir_op op, uint32_t result,
			const uint32_t *operands, uint32_t count)
{
	struct arena *arena = b->program->session->arena;
	struct ir_insn *insn = vec_push(arena, &b->func->blocks.data[b->block].insns);

	insn->op = op;
	insn->place = b->place;
	insn->catch_block = ir_ops[op].effects & FAULT ? b->catch_block : 0;
	*vec_push(arena, &insn->operands) = result;
	for (uint32_t i = 0; i < count; i++)
		*vec_push(arena, &insn->operands) = operands[i];
	return insn;
}

bool ir_block_ended(const struct ir_builder *b)
{
	const struct ir_block *block = &b->func->blocks.data[b->block];

	return block->insns.count && ir_ops[vec_last(&block->insns).op].effects & TERM;
}

/* ---- the tables ---- */

static void block_fill(struct arena *arena, const struct ir_block *from, struct program_block *to)
{
	struct program_insn *insns = arena_alloc(arena, from->insns.count * sizeof(*insns));

	for (size_t i = 0; i < from->insns.count; i++) {
		const struct ir_insn *insn = &from->insns.data[i];

		insns[i] = (struct program_insn){ .op = insn->op,
			.operand_count = insn->operands.count, .place = insn->place,
			.catch_block = insn->catch_block, .operands = insn->operands.data };
	}
	to->insns = insns;
	to->insn_count = from->insns.count;
}

static void func_fill(struct arena *arena, const struct ir_func *from, bool with_code,
		      struct program_func *to)
{
	*to = (struct program_func){ .name = from->name, .reg_count = from->reg_count,
		.iter_count = from->iter_count, .slot_widths = from->slot_widths.data,
		.slot_count = from->slot_widths.count, .params = from->params.data,
		.param_count = from->params.count, .result = from->result,
		.result_width = from->result_width };
	if (!with_code)
		return;
	struct program_block *blocks = arena_alloc(arena, from->blocks.count * sizeof(*blocks));

	for (size_t i = 0; i < from->blocks.count; i++)
		block_fill(arena, &from->blocks.data[i], &blocks[i]);
	to->blocks = blocks;
	to->block_count = from->blocks.count;
}

static void funcs_fill(struct ir_program *program, bool kernel_too, struct program *out)
{
	struct arena *arena = program->session->arena;
	struct program_func *funcs = arena_alloc(arena, program->funcs.count * sizeof(*funcs));

	for (size_t i = 0; i < program->funcs.count; i++) {
		const struct ir_func *func = program->funcs.data[i];

		func_fill(arena, func, kernel_too || func->in_user, &funcs[i]);
	}
	out->funcs = funcs;
	out->func_count = program->funcs.count;
}

static void handlers_fill(struct ir_program *program, struct program *out)
{
	struct arena *arena = program->session->arena;
	struct program_handler *handlers =
		arena_alloc(arena, program->handlers.count * sizeof(*handlers));
	VEC(struct program_site) sites = { 0 };

	for (size_t i = 0; i < program->handlers.count; i++) {
		struct ir_handler *handler = program->handlers.data[i];

		handlers[i] = handler->program;
		handlers[i].func = handler->func ? handler->func->index : 0;
		for (size_t j = 0; j < handler->sites.count; j++) {
			struct program_site *site = vec_push(arena, &sites);

			*site = handler->sites.data[j];
			site->handler = i;
		}
		out->has_bpf |= handler->entry != ENTRY_USER;
	}
	out->handlers = handlers;
	out->handler_count = program->handlers.count;
	out->sites = sites.data;
	out->site_count = sites.count;
}

static void tables_fill(struct ir_program *program, bool kernel_too, struct program *out)
{
	*out = program->head;
	out->version = PROGRAM_VERSION;
	out->longs = program->longs.data;
	out->long_count = program->longs.count;
	out->texts = program->texts.data;
	out->text_count = program->texts.count;
	out->places = program->places.data;
	out->place_count = program->places.count;
	out->globals = program->globals.data;
	out->global_count = program->globals.count;
	out->prints = program->prints.data;
	out->print_count = program->prints.count;
	out->symrefs = program->symrefs.data;
	out->symref_count = program->symrefs.count;
	out->regexes = program->regexes.data;
	out->regex_count = program->regexes.count;
	out->needs = program->needs.data;
	out->need_count = program->needs.count;
	funcs_fill(program, kernel_too, out);
	handlers_fill(program, out);
}

void ir_finish(struct ir_program *program, struct program *out)
{
	tables_fill(program, false, out);
}

void ir_tables(struct ir_program *program, struct program *out)
{
	tables_fill(program, true, out);
}
