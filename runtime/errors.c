/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "runtime/abi.h"
#include "runtime/buf.h"
#include "runtime/errors.h"
#include "runtime/format.h"
#include "runtime/program.h"

struct fault_row {
	const char *text;
	void (*print)(struct buf *out, const struct program *program,
		      const struct abi_error *error);
	bool uncatchable, silent;
};

static void overflow_print(struct buf *out, const struct program *program,
			   const struct abi_error *error)
{
	const struct program_global *global;

	if (error->detail >= program->global_count) {
		buf_text(out, "Array overflow, check MAXMAPENTRIES");
		return;
	}
	global = &program->globals[error->detail];
	if (global->type == PROGRAM_STATS)
		buf_printf(out, "aggregation overflow in %s", global->name);
	else if (global->size_given)
		buf_printf(out, "Array overflow, check size limit (%u)", global->max_entries);
	else
		buf_text(out, "Array overflow, check MAXMAPENTRIES");
}

static void address_print(struct buf *out, const struct program *program,
			  const struct abi_error *error)
{
	(void)program;
	buf_printf(out, "read fault at 0x%016" PRIx64, (uint64_t)error->detail);
}

static void string_print(struct buf *out, const struct program *program,
			 const struct abi_error *error)
{
	static const char *const texts[STRING_FAULT_COUNT] = {
		[STRING_FAULT_RANGE] = "string position out of range",
		[STRING_FAULT_MATCH] = "no such sub-match",
	};

	(void)program;
	buf_text(out, texts[error->detail < STRING_FAULT_COUNT ? error->detail : 0]);
}

static const struct fault_row faults[FAULT_COUNT] = {
	[FAULT_NONE] = { .text = "unknown error" },
	[FAULT_USER] = { .text = "" },
	[FAULT_DIVISION] = { .text = "division by 0" },
	[FAULT_EMPTY_AGGREGATE] = { .text = "empty aggregate" },
	[FAULT_OVERFLOW] = { .print = overflow_print },
	[FAULT_ADDRESS] = { .print = address_print },
	[FAULT_ACTIONS] = { .text = "MAXACTION exceeded", .uncatchable = true },
	[FAULT_NESTING] = { .text = "MAXNESTING exceeded" },
	[FAULT_HIST_INDEX] = { .text = "histogram index out of range" },
	[FAULT_OVERLOADS] = { .text = "all functions exhausted" },
	[FAULT_ABORT] = { .text = "aborted", .uncatchable = true, .silent = true },
	[FAULT_STRING] = { .print = string_print },
};

static const struct fault_row *fault_find(uint32_t fault)
{
	return &faults[fault < FAULT_COUNT ? fault : FAULT_NONE];
}

bool error_is_catchable(uint32_t fault)
{
	return !fault_find(fault)->uncatchable;
}

bool error_is_counted(uint32_t fault)
{
	return !fault_find(fault)->silent;
}

void error_what(struct buf *out, const struct program *program, const struct abi_error *error,
		const char *text, uint32_t length)
{
	const struct fault_row *row = fault_find(error->fault);

	if (error->fault == FAULT_USER)
		buf_add(out, text, length);
	else if (row->print)
		row->print(out, program, error);
	else
		buf_text(out, row->text);
}

static void place_print(struct buf *out, const struct program *program, const char *lead,
			uint32_t place, const char *trail)
{
	const struct program_place *p;

	if (place >= program->place_count)
		return;
	p = &program->places[place];
	buf_printf(out, " %s %s at %s:%u:%u%s", lead, p->token, p->file, p->line, p->column, trail);
}

void error_add_frames(struct abi_error *error, const struct abi_frames *frames)
{
	uint32_t chain[ABI_CHAIN_MAX], before = error->frames_at - 1, i = 0;
	uint32_t count = frames->count < ABI_CHAIN_MAX ? frames->count : ABI_CHAIN_MAX;

	for (; i < before && i < ABI_CHAIN_MAX; i++)
		chain[i] = error->chain[i];
	for (uint32_t from = 0; from < count && i < ABI_CHAIN_MAX; from++)
		chain[i++] = frames->chain[from];
	for (uint32_t behind = before; behind < ABI_CHAIN_MAX && i < ABI_CHAIN_MAX; behind++)
		chain[i++] = error->chain[behind];
	memcpy(error->chain, chain, sizeof(chain));
	error->chain_length += frames->count;
}

void error_describe(struct buf *out, const struct program *program, uint32_t handler,
		    const struct abi_error *error, const char *text, uint32_t length)
{
	uint32_t depth = error->chain_length < ABI_CHAIN_MAX ? error->chain_length : ABI_CHAIN_MAX;

	error_what(out, program, error, text, length);
	place_print(out, program, "near", error->place, "");
	for (uint32_t i = 0; i < depth; i++)
		place_print(out, program, "(called from", error->chain[i], ")");
	if (error->chain_length > depth)
		buf_printf(out, " (and %u calls more)", error->chain_length - depth);
	if (handler < program->handler_count)
		buf_printf(out, " in probe %s", program->handlers[handler].name);
}
