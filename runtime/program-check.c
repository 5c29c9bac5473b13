/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "runtime/program-check.h"
#include "runtime/regex.h"



static const char *check_agg(const struct abi_agg *agg)
{
	if (!(agg->words & (AGG_COUNT | AGG_HIST)) || agg->words >= AGG_HIST * 2 || agg->shift > 62)
		return "an aggregate keeps impossible words";
	if (!(agg->words & AGG_HIST))
		return agg->hist == ABI_HIST_NONE ? NULL : "an aggregate has a stray histogram";
	if (agg->hist == ABI_HIST_LOG)
		return agg->buckets == ABI_HIST_LOG_BUCKETS ? NULL : "a histogram has a wrong size";
	if (agg->hist != ABI_HIST_LINEAR || agg->step <= 0 || agg->high <= agg->low)
		return "a histogram has impossible limits";
	uint64_t range = (uint64_t)agg->high - (uint64_t)agg->low;

	if (range / agg->step > PROGRAM_MAX_BUCKETS || agg->buckets != range / agg->step + 3)
		return "a histogram has a wrong size";
	return NULL;
}

static const char *check_keys(const struct program_global *global)
{
	if (global->key_count > PROGRAM_MAX_KEYS || !global->is_array != !global->key_count)
		return "a variable has a wrong number of keys";
	for (uint32_t i = 0; i < global->key_count; i++) {
		const struct program_key *key = &global->keys[i];

		if (key->type != PROGRAM_LONG && key->type != PROGRAM_STRING)
			return "a key has no type";
		if (!key->width || key->width % 8 || key->width > PROGRAM_MAX_WIDTH ||
		    (key->type == PROGRAM_LONG && key->width != 8))
			return "a key has a wrong width";
	}
	return NULL;
}

static const char *check_global(const struct program *program, const struct program_global *global)
{
	const char *error = check_keys(global);

	if (error)
		return error;
	if (global->type > PROGRAM_STATS || global->home > HOME_MAP)
		return "a variable has no type or home";
	if (global->type == PROGRAM_STATS && (error = check_agg(&global->agg)))
		return error;
	if (global->type == PROGRAM_STRING &&
	    (!global->width || global->width > PROGRAM_MAX_WIDTH))
		return "a variable has a wrong width";
	if (global->home == HOME_DATA &&
	    (global->type != PROGRAM_LONG || global->is_array || global->slot >= PROGRAM_MAX_SLOTS))
		return "a variable's slot is out of range";
	if (global->max_entries > INT32_MAX || (global->is_array && !global->max_entries))
		return "an array has no size";
	return global->place < program->place_count ? NULL : "a place is out of range";
}

static const char *check_print(const struct program_print *print)
{
	uint32_t used = 0;

	if (print->action > ACTION_PRINTK)
		return "a print has no action";
	for (uint32_t i = 0; i < print->piece_count; i++) {
		const struct program_piece *piece = &print->pieces[i];

		if (piece->width_kind > 2 || piece->precision_kind > 2)
			return "a format is damaged";
		if (!piece->conv)
			continue;
		if (piece->conv > 127 || !strchr("duoxXpcsbmM", piece->conv) || piece->flag > 127 ||
		    print->is_hist)
			return "a format has an unknown conversion";
		if (piece->width > PROGRAM_MAX_FIELD || piece->precision > PROGRAM_MAX_FIELD ||
		    piece->width < 0 || piece->precision < 0)
			return "a format has an impossible width";
		used += piece->width_kind == 2;
		used += piece->precision_kind == 2;
		if (used >= print->arg_count ||
		    (print->arg_types[used] == PROGRAM_STRING) != !!strchr("smM", piece->conv))
			return "a format does not fit its arguments";
		used++;
	}
	if (used != print->arg_count)
		return "a format does not fit its arguments";
	for (uint32_t i = 0; i < print->arg_count; i++)
		if (print->arg_types[i] > PROGRAM_STRING ||
		    print->arg_widths[i] > PROGRAM_MAX_WIDTH)
			return "a print's argument has no type";
	return NULL;
}

static const char *check_handler(const struct program *program,
				 const struct program_handler *handler)
{
	if (handler->trigger > TRIGGER_PROCFS)
		return "a handler has no trigger";
	if (handler->place >= program->place_count)
		return "a place is out of range";
	if (handler->trigger == TRIGGER_KERNEL || handler->trigger == TRIGGER_NEVER)
		return NULL;
	if (handler->func >= program->func_count || !program->funcs[handler->func].block_count ||
	    program->funcs[handler->func].param_count)
		return "a handler has no code";
	return NULL;
}

static const char *check_limits(const struct program *program)
{
	if (program->max_string < 1 || program->max_string > PROGRAM_MAX_WIDTH)
		return "MAXSTRINGLEN is out of range";
	if (program->max_map_entries < 1 || program->max_map_entries > INT32_MAX)
		return "MAXMAPENTRIES is out of range";
	if (program->hist_width < 1 || program->hist_width > PROGRAM_MAX_HIST_WIDTH ||
	    program->hist_elision > PROGRAM_MAX_HIST_WIDTH)
		return "bad picture of histograms";
	if (program->scratch_bytes > PROGRAM_MAX_WIDTH * 16 || program->ring_bytes < 0)
		return "a buffer's size is out of range";
	return program->place_count ? NULL : "the program has no places";
}

/* The tables that hold nothing but indexes. */
static const char *check_references(const struct program *program)
{
	for (uint32_t i = 0; i < program->site_count; i++) {
		const struct program_site *site = &program->sites[i];

		if (site->handler >= program->handler_count || site->mech >= MECH_COUNT)
			return "a site has no handler";
		if (site->place >= program->place_count)
			return "a place is out of range";
	}
	for (uint32_t i = 0; i < program->need_count; i++)
		if (program->needs[i].place >= program->place_count)
			return "a place is out of range";
	for (uint32_t i = 0; i < program->regex_count; i++) {
		const struct program_regex *regex = &program->regexes[i];
		const char *error = regex_table_check(regex->table, regex->table_size);

		if (error)
			return error;
	}
	return NULL;
}

const char *program_check(const struct program *program, struct program_fault *fault)
{
	struct program_fault ignored;
	const char *error = check_limits(program);

	fault = fault ? fault : &ignored;
	memset(fault, 0, sizeof(*fault));
	for (uint32_t i = 0; !error && i < program->global_count; i++)
		error = check_global(program, &program->globals[i]);
	for (uint32_t i = 0; !error && i < program->print_count; i++)
		error = check_print(&program->prints[i]);
	for (uint32_t i = 0; !error && i < program->handler_count; i++)
		error = check_handler(program, &program->handlers[i]);
	if (!error)
		error = check_references(program);
	for (uint32_t i = 0; !error && i < program->func_count; i++) {
		fault->func = i;
		error = program_check_func(program, fault);
	}
	return error;
}
