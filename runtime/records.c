/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/abi.h"
#include "runtime/buf.h"
#include "runtime/errors.h"
#include "runtime/format.h"
#include "runtime/hist.h"
#include "runtime/program.h"
#include "runtime/records.h"
#include "runtime/sink.h"
#include "runtime/stack.h"

struct records {
	const struct program *program;
	struct sink *sink;
	struct abi_session *session;
	struct stacks *stacks;
	struct buf text;
	struct buf *wholes;		/* of each argument: its text, tokens expanded */
	struct format_arg *args;
	uint32_t arg_most;
	unsigned long damaged;
};

/* The rest of a record; what cannot be read is NULL. */
struct cursor {
	const unsigned char *at;
	size_t left;
};

static const void *cursor_take(struct cursor *cursor, size_t size)
{
	const void *at = cursor->at;

	if (size > cursor->left)
		return NULL;
	cursor->at += size;
	cursor->left -= size;
	return at;
}

static bool take_long(struct cursor *cursor, struct format_arg *arg)
{
	const void *bytes = cursor_take(cursor, sizeof(arg->number));

	if (!bytes)
		return false;
	memcpy(&arg->number, bytes, sizeof(arg->number));
	return true;
}

static bool take_text(struct cursor *cursor, struct format_arg *arg)
{
	const void *head = cursor_take(cursor, sizeof(struct abi_text));
	struct abi_text text;

	if (!head)
		return false;
	memcpy(&text, head, sizeof(text));
	arg->text = cursor_take(cursor, text.stride);
	arg->length = text.length;
	return arg->text && text.length <= text.stride;
}

/* A scalar string's length may count more than its text when a NUL came meanwhile; the text ends
 * there. */
static void text_cut(struct format_arg *arg, uint32_t conv)
{
	if (conv != 'm' && conv != 'M')
		arg->length = (uint32_t)strnlen(arg->text, arg->length);
}

/* Tokens become the text they stand for. */
static void text_expand(struct records *records, uint32_t index)
{
	struct format_arg *arg = &records->args[index];
	struct buf *whole = &records->wholes[index];

	if (!records->stacks || !stacks_marked(arg->text, arg->length))
		return;
	buf_clear(whole);
	stacks_expand(records->stacks, arg->text, arg->length, whole);
	arg->text = whole->data ? whole->data : "";
	arg->length = (uint32_t)whole->size;
}

static uint32_t conversion_of(const struct program_print *print, uint32_t arg)
{
	for (uint32_t i = 0; i < print->piece_count; i++) {
		const struct program_piece *piece = &print->pieces[i];
		uint32_t uses = piece->conv ? 1u + (piece->width_kind == 2) +
						      (piece->precision_kind == 2)
					    : 0;

		if (arg < uses)
			return arg == uses - 1 ? piece->conv : 'd';
		arg -= uses;
	}
	return 0;
}

static bool args_take(struct records *records, const struct program_print *print,
		      struct cursor *cursor)
{
	for (uint32_t i = 0; i < print->arg_count; i++) {
		struct format_arg *arg = &records->args[i];

		*arg = (struct format_arg){ 0 };
		if (print->arg_types[i] == PROGRAM_LONG) {
			if (!take_long(cursor, arg))
				return false;
			continue;
		}
		if (!take_text(cursor, arg))
			return false;
		text_cut(arg, conversion_of(print, i));
		text_expand(records, i);
	}
	return true;
}

/* A histogram: which global's, and its buckets. */
static bool hist_take(struct records *records, struct cursor *cursor)
{
	const struct program *program = records->program;
	const unsigned char *head = cursor_take(cursor, sizeof(uint64_t));
	const struct abi_agg *agg;
	uint64_t index, *words;

	if (!head)
		return false;
	memcpy(&index, head, sizeof(index));
	if (index >= program->global_count)
		return false;
	agg = &program->globals[index].agg;
	if (!(agg->words & AGG_HIST) || cursor->left != agg->buckets * sizeof(*words))
		return false;
	words = calloc(abi_agg_words(agg), sizeof(*words));
	if (!words)
		return false;
	memcpy(words + abi_agg_offset(agg, AGG_HIST), cursor->at, cursor->left);
	hist_print(&records->text, agg, words, program);
	free(words);
	return true;
}

static bool item_decode(struct records *records, struct cursor *cursor)
{
	const void *head = cursor_take(cursor, sizeof(struct abi_item));
	const struct program_print *print;
	struct abi_item item;
	struct cursor args;

	if (!head)
		return false;
	memcpy(&item, head, sizeof(item));
	args = (struct cursor){ cursor_take(cursor, item.size), item.size };
	if (!args.at || item.print >= records->program->print_count)
		return false;
	print = &records->program->prints[item.print];
	buf_clear(&records->text);
	if (print->is_hist ? !hist_take(records, &args) : !args_take(records, print, &args))
		return false;
	format_print(&records->text, print, records->args, records->sink->escape);
	record_actions[print->action].run(records->sink, records->text.data, records->text.size);
	return true;
}

static bool output_decode(struct records *records, uint32_t handler, struct cursor *cursor)
{
	(void)handler;
	while (cursor->left)
		if (!item_decode(records, cursor))
			return false;
	return true;
}

static bool frames_take(struct cursor *cursor, struct abi_error *error)
{
	struct abi_frames frames;
	const void *bytes = cursor_take(cursor, sizeof(frames));

	if (!bytes)
		return false;
	memcpy(&frames, bytes, sizeof(frames));
	error_add_frames(error, &frames);
	return true;
}

static bool error_decode(struct records *records, uint32_t handler, struct cursor *cursor)
{
	const void *head = cursor_take(cursor, sizeof(struct abi_error));
	struct abi_error error;
	uint32_t length;

	if (!head)
		return false;
	memcpy(&error, head, sizeof(error));
	if (error.frames_at && !frames_take(cursor, &error))
		return false;
	length = error.fault == FAULT_USER ? error.text.length : 0;
	if (length > cursor->left)
		return false;
	if (records->session->suppress_errors || !error_is_counted(error.fault))
		return true;
	records->args[0] = (struct format_arg){ .text = (const char *)cursor->at,
		.length = (uint32_t)strnlen((const char *)cursor->at, length) };
	text_expand(records, 0);
	buf_clear(&records->text);
	error_describe(&records->text, records->program, handler, &error, records->args[0].text,
		       records->args[0].length);
	sink_message(records->sink, SINK_ERROR, records->text.data, records->text.size);
	return true;
}

static bool exit_decode(struct records *records, uint32_t handler, struct cursor *cursor)
{
	(void)handler;
	(void)cursor;
	records->session->exit_called = 1;
	return true;
}

static bool stack_decode(struct records *records, uint32_t handler, struct cursor *cursor)
{
	(void)handler;
	return records->stacks && stacks_take_sample(records->stacks, cursor->at, cursor->left);
}

static bool space_decode(struct records *records, uint32_t handler, struct cursor *cursor)
{
	(void)handler;
	return records->stacks && stacks_take_space(records->stacks, cursor->at, cursor->left);
}

typedef bool decode_fn(struct records *records, uint32_t handler, struct cursor *cursor);

static decode_fn *const decoders[] = {
	[RECORD_OUTPUT] = output_decode,
	[RECORD_ERROR] = error_decode,
	[RECORD_EXIT] = exit_decode,
	[RECORD_STACK] = stack_decode,
	[RECORD_SPACE] = space_decode,
};

int records_decode(struct records *records, const void *record, size_t size)
{
	struct cursor cursor = { record, size };
	const void *bytes = cursor_take(&cursor, sizeof(struct abi_record));
	struct abi_record head;

	if (bytes) {
		memcpy(&head, bytes, sizeof(head));
		if (head.size <= cursor.left &&
		    head.kind < sizeof(decoders) / sizeof(*decoders)) {
			cursor.left = head.size;
			if (decoders[head.kind](records, head.handler, &cursor))
				return 0;
		}
	}
	records->damaged++;
	return -EPROTO;
}

static void action_warn(struct sink *sink, const char *text, size_t size)
{
	sink_message(sink, SINK_WARNING, text, size);
}

static void action_log(struct sink *sink, const char *text, size_t size)
{
	sink_text(sink, text, size);
	sink_text(sink, "\n", 1);
}

const struct record_action record_actions[] = {
	[ACTION_STDOUT] = { "stdout", sink_text },
	[ACTION_WARN] = { "warn", action_warn },
	[ACTION_LOG] = { "log", action_log },
	[ACTION_SYSTEM] = { "system", sink_system },
	[ACTION_PRINTK] = { "printk", sink_printk },
};

unsigned long records_damaged(const struct records *records)
{
	return records->damaged;
}

struct records *records_new(const struct program *program, struct sink *sink,
			    struct abi_session *session, struct stacks *stacks)
{
	struct records *records = calloc(1, sizeof(*records));
	uint32_t most = 1;

	if (!records)
		return NULL;
	for (uint32_t i = 0; i < program->print_count; i++)
		if (program->prints[i].arg_count > most)
			most = program->prints[i].arg_count;
	records->args = calloc(most, sizeof(*records->args));
	records->wholes = calloc(most, sizeof(*records->wholes));
	records->arg_most = most;
	if (!records->args || !records->wholes) {
		records_free(records);
		return NULL;
	}
	records->program = program;
	records->sink = sink;
	records->session = session;
	records->stacks = stacks;
	return records;
}

void records_free(struct records *records)
{
	if (!records)
		return;
	buf_free(&records->text);
	for (uint32_t i = 0; records->wholes && i < records->arg_most; i++)
		buf_free(&records->wholes[i]);
	free(records->wholes);
	free(records->args);
	free(records);
}
