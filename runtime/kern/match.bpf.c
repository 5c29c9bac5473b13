/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks the tables of regular expressions (runtime/regex.h), a byte of the text at a step. */
#include "runtime/regex.h"
#include "runtime/kern/walk.h"

/* What is needed of the head, kept in the state. */
enum { MATCH_CLASSES = 24, MATCH_NEXT, MATCH_ACTIONS, MATCH_FINALS, MATCH_COMMANDS, MATCH_REGISTERS,
	MATCH_AT, MATCH_POSITION, MATCH_WORD = WORK_SET,
	MATCH_CELL };

static inline u64 table_word(struct kern_work *work, u64 offset, u64 index)
{
	/* Not on the stack: that is small, and the handler's is part of it. */
	STATE(work, MATCH_WORD) = 0;
	bpf_probe_read_kernel(&work->state[MATCH_WORD], 2,
			      (void *)(STATE(work, WORK_TABLE) + offset + index * 2));
	return STATE(work, MATCH_WORD);
}

static inline u64 table_class(struct kern_work *work, u8 byte)
{
	STATE(work, MATCH_WORD) = 0;
	bpf_probe_read_kernel(&work->state[MATCH_WORD], 1,
			      (void *)(STATE(work, WORK_TABLE) +
				       offsetof(struct regex_head, class_of) + byte));
	return STATE(work, MATCH_WORD);
}

static inline volatile u16 *register_of(struct kern_work *work, u64 index)
{
	barrier_of(index);
	return &work->registers[index & (WORK_REGISTERS - 1)];
}

/* One command of a list: number MATCH_AT, done for MATCH_POSITION. */
static __attribute__((noinline)) long command_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 at = STATE(work, MATCH_AT), command, from, value;

	(void)n;
	if (!kern_loops && at >= STATE(work, WORK_END))
		return 1;
	command = table_word(work, STATE(work, MATCH_COMMANDS), at);
	STATE(work, MATCH_AT) = at + 1;
	from = command & 0xff;
	if (from == REGEX_HERE)
		value = STATE(work, MATCH_POSITION);
	else if (from == REGEX_UNSET)
		value = REGEX_NONE;
	else
		value = *register_of(work, from);
	*register_of(work, command >> 8) = value;
	return 0;
}

static inline void commands_run(struct kern_work *work, u64 list, u64 position)
{
	struct kern_work *ctx = work;
	u64 count;

	if (!list)
		return;
	count = table_word(work, STATE(work, MATCH_COMMANDS), list);
	STATE(work, MATCH_AT) = list + 1;
	STATE(work, MATCH_POSITION) = position;
	if (count > REGEX_MAX_COMMANDS)
		count = REGEX_MAX_COMMANDS;
	STATE(work, WORK_END) = list + 1 + count;
	if (kern_loops)
		bpf_loop(count, command_step, &ctx, 0);
	else
		sonde_walk((void *)command_step, STATE(work, WORK_CLAIM));
}

/* Of the state and what comes next in the text: the index in the tables. */
static inline u64 match_cell(struct kern_work *work)
{
	u64 at = STATE(work, WORK_AT), class = STATE(work, MATCH_CLASSES) - 1;

	if (at < STATE(work, WORK_LENGTH))
		class = table_class(work, byte_at(work, AREA_A, at));
	return STATE(work, WORK_IN) * STATE(work, MATCH_CLASSES) + class;
}

/* Little is kept from one statement to the next: it would be on the stack. */
static __attribute__((noinline)) long match_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 final, at;

	(void)n;
	if (!STATE(work, WORK_IN))
		return walk_done(work);
	final = table_word(work, STATE(work, MATCH_FINALS), STATE(work, WORK_IN));
	if (final) {
		STATE(work, WORK_RESULT) = 1;
		if (!STATE(work, MATCH_REGISTERS))
			return walk_done(work);
		commands_run(work, final - 1, 0);
	}
	if (STATE(work, WORK_AT) > STATE(work, WORK_LENGTH))
		return walk_done(work);
	STATE(work, MATCH_CELL) = match_cell(work);
	at = STATE(work, WORK_AT) + 1;
	if (STATE(work, MATCH_REGISTERS))
		commands_run(work,
			     table_word(work, STATE(work, MATCH_ACTIONS), STATE(work, MATCH_CELL)),
			     at > STATE(work, WORK_LENGTH) ? at - 1 : at);
	STATE(work, WORK_IN) =
		table_word(work, STATE(work, MATCH_NEXT), STATE(work, MATCH_CELL));
	STATE(work, WORK_AT) = STATE(work, WORK_AT) + 1;
	return 0;
}

/* The last successful match is kept, with its text: for matched(). */
static inline void match_keep(struct kern_work *work, u64 groups)
{
	u64 length = limited(STATE(work, WORK_LENGTH));

	STATE(work, WORK_MATCHES) = groups + 1;
	bpf_probe_read_kernel(work->matches, sizeof(work->matches), work->registers);
	bpf_probe_read_kernel(area(work, AREA_MATCHED), length, area(work, AREA_A));
	STATE(work, WORK_FITS) = length;
}

KERN s64 sonde_match(struct kern_work *work, const void *table)
{
	const volatile struct regex_head *head = (const void *)area(work, AREA_OUT);

	bpf_probe_read_kernel(area(work, AREA_OUT), offsetof(struct regex_head, class_of), table);
	STATE(work, WORK_TABLE) = (u64)table;
	STATE(work, MATCH_CLASSES) = head->classes;
	STATE(work, MATCH_NEXT) = head->next;
	STATE(work, MATCH_ACTIONS) = head->actions;
	STATE(work, MATCH_FINALS) = head->finals;
	STATE(work, MATCH_COMMANDS) = head->commands;
	STATE(work, MATCH_REGISTERS) = head->registers;
	STATE(work, WORK_GROUPS) = head->groups + 1;
	STATE(work, WORK_AT) = STATE(work, WORK_RESULT) = 0;
	STATE(work, WORK_IN) = 1;
	if (head->registers) {
		for (int i = 0; i < WORK_REGISTERS; i++)
			*(volatile u16 *)&work->registers[i] = REGEX_NONE;
		commands_run(work, head->initial, 0);
	}
	if (!walk(work, match_step))
		return WORK_FAILED;
	if (!STATE(work, WORK_RESULT))
		return 0;
	if (head->registers)
		match_keep(work, head->groups);
	return 1;
}

KERN s64 sonde_matched(struct kern_work *work)
{
	u64 group = STATE(work, WORK_LONG), begin, end;

	if (group >= STATE(work, WORK_MATCHES) || group >= WORK_REGISTERS / 2)
		return WORK_FAILED;
	group = limited(group) & (WORK_REGISTERS / 2 - 1);
	begin = *(volatile u16 *)&work->matches[2 * group];
	end = *(volatile u16 *)&work->matches[2 * group + 1];
	if (begin == REGEX_NONE || end == REGEX_NONE || begin > end)
		return 0;
	end = limited(end - begin);
	bpf_probe_read_kernel(area(work, AREA_OUT), end, area(work, AREA_MATCHED) + limited(begin));
	return end;
}

KERN s64 sonde_ngroups(struct kern_work *work)
{
	return STATE(work, WORK_GROUPS);
}
