/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of a program, for -p3. One instruction a line; %n registers, $n string slots, names of
 * globals, functions and prints instead of their numbers; `!bN` the catch block of what may fault.
 */
#include <string.h>

#include "translator/ir/ir.h"

struct printer {
	FILE *out;
	const struct ir_program *program;
	const struct ir_func *func;
};

static void print_text(FILE *out, const char *text, size_t length)
{
	fputc('"', out);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c == '\n')
			fputs("\\n", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 32 || c > 126)
			fprintf(out, "\\%03o", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void print_operand(const struct printer *p, uint32_t o)
{
	uint32_t index = OPERAND_INDEX(o);
	const char *name = NULL;

	switch (OPERAND_TAG(o)) {
	case OPERAND_REG:
		if (index < p->func->reg_names.count)
			name = p->func->reg_names.data[index];
		fprintf(p->out, "%%%u%s%s", index, name ? ":" : "", name ? name : "");
		break;
	case OPERAND_SLOT:
		fprintf(p->out, "$%u", index);
		break;
	case OPERAND_LONG:
		fprintf(p->out, "%lld", (long long)p->program->longs.data[index]);
		break;
	case OPERAND_TEXT:
		print_text(p->out, p->program->texts.data[index],
			   strlen(p->program->texts.data[index]));
		break;
	case OPERAND_WILD:
		fputc('*', p->out);
		break;
	case OPERAND_NONE:
		fputs("none", p->out);
		break;
	default:
		if (o == ITER_BY_VALUE)
			fputs("by-value", p->out);
		else
			fprintf(p->out, "#%u", o);
	}
}

/* An operand that stands for something with a name, by its letter in the signature. */
static void print_named(const struct printer *p, char kind, uint32_t o)
{
	const struct ir_program *program = p->program;

	if (kind == 'g' && o < program->globals.count)
		fputs(program->globals.data[o].name, p->out);
	else if (kind == 'f' && o < program->funcs.count)
		fputs(program->funcs.data[o]->name, p->out);
	else if (kind == 'n' && o < program->texts.count)
		fputs(program->texts.data[o], p->out);
	else if (kind == 'b')
		fprintf(p->out, "b%u", o);
	else if (kind == 'p')
		fprintf(p->out, "print%u", o);
	else if (kind == 't')
		fprintf(p->out, "iter%u", o);
	else
		print_operand(p, o);
}

static uint32_t key_count(const struct printer *p, const struct ir_insn *insn)
{
	const char *at = strchr(ir_ops[insn->op].args, 'g');
	uint32_t index = at ? 1 + (at - ir_ops[insn->op].args) : UINT32_MAX;

	if (index >= insn->operands.count)
		return 0;
	uint32_t global = insn->operands.data[index];

	return global < p->program->globals.count ? p->program->globals.data[global].key_count : 0;
}

static void print_insn(const struct printer *p, const struct ir_insn *insn)
{
	const struct ir_op_info *info = &ir_ops[insn->op];
	const struct program_place *place = &p->program->places.data[insn->place];
	const char *args = info->args;
	uint32_t keys = key_count(p, insn);

	fputc('\t', p->out);
	if (OPERAND_TAG(insn->operands.data[0]) != OPERAND_NONE) {
		print_operand(p, insn->operands.data[0]);
		fputs(" = ", p->out);
	}
	fputs(info->name, p->out);
	for (size_t i = 1; i < insn->operands.count; i++) {
		while (*args == 'k' && !keys)
			args++;
		fputs(i > 1 ? ", " : " ", p->out);
		print_named(p, *args, insn->operands.data[i]);
		if (*args == 'k' ? !--keys : *args && *args != 'a')
			args++;
	}
	if (insn->catch_block)
		fprintf(p->out, " !b%u", insn->catch_block);
	if (insn->place && (info->effects & (FAULT | WRITES)))
		fprintf(p->out, "\t; %u:%u", place->line, place->column);
	fputc('\n', p->out);
}

static void print_func(const struct printer *p)
{
	const struct ir_func *func = p->func;
	static const char *const results[] = { "", ":long", ":string" };

	fprintf(p->out, "%s %s(", func->is_handler ? "handler" : "function", func->name);
	for (size_t i = 0; i < func->params.count; i++) {
		fputs(i ? ", " : "", p->out);
		print_operand(p, func->params.data[i]);
	}
	fprintf(p->out, ")%s%s%s%s\n", results[func->result], func->in_kernel ? " kernel" : "",
		func->in_user ? " user" : "", func->is_recursive ? " recursive" : "");
	for (size_t i = 0; i < func->slot_widths.count; i++)
		fprintf(p->out, "%s$%zu[%u]", i ? " " : "\t; ", i, func->slot_widths.data[i]);
	if (func->slot_widths.count)
		fputc('\n', p->out);
	for (size_t b = 0; b < func->blocks.count; b++) {
		const struct ir_block *block = &func->blocks.data[b];

		fprintf(p->out, "b%zu:", b);
		if (block->loop)
			fprintf(p->out, "\t; loop %u", block->loop);
		fputc('\n', p->out);
		for (size_t i = 0; i < block->insns.count; i++)
			print_insn(p, &block->insns.data[i]);
	}
}

static void print_global(FILE *out, const struct program_global *global)
{
	static const char *const types[] = { "long", "string", "stats" };
	static const char *const homes[] = { "vm", "data", "map" };

	fprintf(out, "global %s:%s", global->name, types[global->type]);
	if (global->type == PROGRAM_STRING)
		fprintf(out, "(%u)", global->width);
	for (uint32_t i = 0; i < global->key_count; i++)
		fprintf(out, "%s%s(%u)%s", i ? ", " : " [", types[global->keys[i].type],
			global->keys[i].width, i + 1 == global->key_count ? "]" : "");
	fprintf(out, " %s", homes[global->home]);
	if (global->home == HOME_DATA)
		fprintf(out, "%u", global->slot);
	if (global->is_array)
		fprintf(out, " max=%u", global->max_entries);
	if (global->type == PROGRAM_STATS)
		fprintf(out, " words=%#x buckets=%u", global->agg.words, global->agg.buckets);
	fprintf(out, "%s%s%s%s%s\n", global->wraps ? " wraps" : "",
		global->swapped ? " swapped" : "", global->ordered ? " ordered" : "",
		global->fronted ? " fronted" : "", global->autoprint ? " autoprint" : "");
}

static void print_piece(FILE *out, const struct program_piece *piece)
{
	static const char *const sizes[] = { "", "n", "*" };

	if (!piece->conv) {
		fputc(' ', out);
		print_text(out, piece->literal, piece->literal_length);
		return;
	}
	fputs(" %", out);
	if (piece->flag)
		fputc(piece->flag, out);
	if (piece->width_kind == 1)
		fprintf(out, "%d", piece->width);
	else
		fputs(sizes[piece->width_kind], out);
	if (piece->precision_kind)
		fputc('.', out);
	if (piece->precision_kind == 1)
		fprintf(out, "%d", piece->precision);
	else
		fputs(sizes[piece->precision_kind], out);
	fputc(piece->conv, out);
}

static void print_tables(const struct printer *p)
{
	static const char *const actions[] = { "", " warn", " log", " system", " printk" };

	for (size_t i = 0; i < p->program->globals.count; i++)
		print_global(p->out, &p->program->globals.data[i]);
	for (size_t i = 0; i < p->program->prints.count; i++) {
		const struct program_print *print = &p->program->prints.data[i];

		fprintf(p->out, "print%zu:%s%s", i, actions[print->action],
			print->is_hist ? " histogram" : "");
		for (uint32_t j = 0; j < print->piece_count; j++)
			print_piece(p->out, &print->pieces[j]);
		fputc('\n', p->out);
	}
}

static void print_handler(const struct printer *p, const struct ir_handler *handler)
{
	static const char *const triggers[] = { "begin", "end", "error", "never", "timer", "kernel",
		"input", "procfs" };

	fprintf(p->out, "probe %s: %s", handler->program.name,
		triggers[handler->program.trigger]);
	if (handler->program.priority)
		fprintf(p->out, "(%d)", handler->program.priority);
	if (handler->section)
		fprintf(p->out, " section %s", handler->section);
	fprintf(p->out, " -> %s, %zu site%s\n", handler->func->name, handler->sites.count,
		handler->sites.count == 1 ? "" : "s");
}

void ir_print(FILE *out, const struct ir_program *program)
{
	struct printer p = { .out = out, .program = program };

	print_tables(&p);
	for (size_t i = 0; i < program->handlers.count; i++)
		print_handler(&p, program->handlers.data[i]);
	for (size_t i = 0; i < program->funcs.count; i++) {
		p.func = program->funcs.data[i];
		fputc('\n', out);
		print_func(&p);
	}
}
