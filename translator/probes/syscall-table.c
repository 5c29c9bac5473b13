/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-up of calls, and the arguments of a call as calls.def writes them. */
#include "translator/probes/syscall-table.h"

#include <stdlib.h>
#include <string.h>

#include "translator/util/arena.h"

static const struct syscall_call rows[] = {
#define CALL(call, alias, name, base, args) { #call, #alias, name, args, base, 0 },
#include "translator/probes/syscall-calls.def"
};

static const struct syscall_number x86_64_numbers[] = {
#define NUMBER(number, call) { number, #call },
#include "translator/probes/syscall-x86_64.def"
};

static const struct syscall_machine machines[] = {
	{ "x86_64", { 112, 104, 96, 56, 72, 64 }, 120, 80, x86_64_numbers,
	  sizeof(x86_64_numbers) / sizeof(x86_64_numbers[0]) },
};

const struct syscall_machine *syscall_machine_of(const char *arch)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (!strcmp(machines[i].arch, arch))
			return &machines[i];
	return NULL;
}

static int compare_rows(const void *a, const void *b)
{
	return strcmp((*(const struct syscall_call *const *)a)->call,
		      (*(const struct syscall_call *const *)b)->call);
}

static bool has_number(const struct syscall_machine *machine, const char *call)
{
	for (size_t i = 0; i < machine->count; i++)
		if (!strcmp(machine->numbers[i].call, call))
			return true;
	return false;
}

/* Calls that @machine does not have: they never happen. */
static void add_others(struct arena *arena, const struct syscall_machine *machine,
		       syscall_vec *calls)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (has_number(machine, rows[i].call))
			continue;
		struct syscall_call *call = arena_new_of(arena, struct syscall_call);

		*call = rows[i];
		call->number = SYSCALL_NEVER;
		*vec_push(arena, calls) = call;
	}
}

const syscall_vec *syscall_calls(struct arena *arena, const struct syscall_machine *machine)
{
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	const struct syscall_call **sorted = arena_alloc(arena, sizeof(*sorted) * count);
	syscall_vec *calls = arena_new_of(arena, syscall_vec);

	for (size_t i = 0; i < count; i++)
		sorted[i] = &rows[i];
	qsort(sorted, count, sizeof(*sorted), compare_rows);
	for (size_t i = 0; i < machine->count; i++) {
		struct syscall_call wanted = { .call = machine->numbers[i].call };
		const struct syscall_call *key = &wanted, **found;
		struct syscall_call *call;

		found = bsearch(&key, sorted, count, sizeof(*sorted), compare_rows);
		if (!found)
			continue;
		call = arena_new_of(arena, struct syscall_call);
		*call = **found;
		call->number = machine->numbers[i].number;
		*vec_push(arena, calls) = call;
	}
	add_others(arena, machine, calls);
	return calls;
}

/* ---- arguments ---- */

static const char *word(struct arena *arena, const char **text, const char *end)
{
	size_t length = strcspn(*text, end);
	const char *copy = length ? arena_strndup(arena, *text, length) : NULL;

	*text += length;
	return copy;
}

static bool take(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

/* "LONG/STRING/PLAIN" */
static void parse_names(struct arena *arena, const char **text, struct syscall_arg *arg)
{
	arg->number = word(arena, text, "/:");
	if (!take(text, '/'))
		return;
	arg->string = word(arena, text, "/:");
	if (!arg->string)
		arg->string = arena_printf(arena, "%s_str", arg->number);
	if (take(text, '/'))
		arg->plain = word(arena, text, ":");
}

/* "N&M" or "N=V/M" */
static void parse_test(const char **text, struct syscall_arg *arg)
{
	char *end;

	arg->test = strtol(*text, &end, 10) - 1;
	arg->test_any = *end == '&';
	if (!arg->test_any)
		arg->test_value = strtoul(end + 1, &end, 0);
	arg->test_mask = strtoul(end + 1, &end, 0);
	*text = end;
}

static void parse_arg(struct arena *arena, const char *text, int place, struct syscall_arg *arg)
{
	*arg = (struct syscall_arg){ .index = place, .length = -1, .test = -1 };
	if (text[0] >= '1' && text[0] <= '6' && text[1] == '=') {
		arg->index = text[0] - '1';
		text += 2;
	}
	parse_names(arena, &text, arg);
	take(&text, ':');
	const char *kind = word(arena, &text, "#!?");

	if (take(&text, '#'))
		arg->length = *text++ - '1';
	while (*text) {
		if (take(&text, '?'))
			parse_test(&text, arg);
		arg->hidden |= take(&text, '!');
	}
	if (!strcmp(kind, "s") && arg->string && !arg->plain)
		arg->plain = arena_printf(arena, "%s_unquoted", arg->string);
	arg->kind = syscall_kind_of(arena, kind);
}

void syscall_args(struct arena *arena, const struct syscall_call *call, syscall_arg_vec *args)
{
	const char *text = call->args;

	for (int place = 0; *text; place++) {
		const char *item = word(arena, &text, " ");

		parse_arg(arena, item, place, vec_push(arena, args));
		text += strspn(text, " ");
	}
}

/* ---- the kernel's names ---- */

struct params_row {
	const char *call, *text;
};

static const struct params_row params_rows[] = {
#define PARAMS(call, text) { #call, text },
#include "translator/probes/syscall-params.def"
};

static int compare_params(const void *a, const void *b)
{
	return strcmp(((const struct params_row *)a)->call, ((const struct params_row *)b)->call);
}

/* The row of a call; compat_CALL, which other machines have, is as CALL. */
static const char *params_text(const char *call)
{
	struct params_row wanted = { strncmp(call, "compat_", 7) ? call : call + 7, NULL };
	const struct params_row *row = bsearch(&wanted, params_rows,
					       sizeof(params_rows) / sizeof(params_rows[0]),
					       sizeof(params_rows[0]), compare_params);

	return row ? row->text : "";
}

void syscall_params(struct arena *arena, const struct syscall_call *call, syscall_arg_vec *args)
{
	const char *text = params_text(call->call);

	for (int place = 0; *text; place++) {
		struct syscall_arg *arg = vec_push(arena, args);
		const char *name = word(arena, &text, ":*"), *kind = "p";

		*arg = (struct syscall_arg){ .number = name, .index = place, .length = -1,
					     .test = -1 };
		if (take(&text, '*'))
			arg->target = word(arena, &text, " ");
		else if (take(&text, ':'))
			kind = word(arena, &text, " ");
		arg->kind = syscall_kind_of(arena, kind);
		take(&text, ' ');
	}
}
