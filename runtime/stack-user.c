/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User stacks that a kernel handler could not follow: it sends registers and memory. The frames are
 * found here, and the way from each to the next is left in the kernel's map sonde_rows, so that the
 * next time the handler finds them itself.
 */
#include <bpf/bpf.h>
#include <string.h>

#include "runtime/stack-priv.h"
#include "runtime/symbols-user.h"

/* Places of the registers in the kernel's struct pt_regs, by DWARF number. */
static const uint8_t reg_places[UNWIND_REGS] = {
	10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16,
};

struct sample {
	struct stacks *stacks;
	struct space *space;
	const struct stack_sample *head;
	const unsigned char *memory;
};

static bool memory_read(void *context, uint64_t address, uint64_t *word)
{
	const struct sample *sample = context;
	uint64_t offset = address - sample->head->start;

	if (address < sample->head->start || sample->head->size < sizeof(*word) ||
	    offset > sample->head->size - sizeof(*word))
		return false;
	memcpy(word, sample->memory + offset, sizeof(*word));
	return true;
}

/* What a return probe has put in the place of a return address leads nowhere. */
static void return_restore(const struct sample *sample, struct unwind_state *state)
{
	uint64_t slot = state->regs[UNWIND_SP] - sizeof(uint64_t);

	for (size_t i = 0; i < RETURNS_MOST; i++)
		if (sample->head->returns[i].slot == slot && sample->head->returns[i].address) {
			state->regs[UNWIND_PC] = sample->head->returns[i].address;
			return;
		}
}

/* The chain of frame pointers, for code that no table describes. */
static enum unwind_result step_by_pointer(struct sample *sample, struct unwind_state *state,
					  uint64_t *row)
{
	uint64_t bp = state->regs[UNWIND_BP], sp = state->regs[UNWIND_SP], saved, pc;

	*row = 0;
	if (!(state->known >> UNWIND_BP & 1) || bp < sp || bp & 7 ||
	    !memory_read(sample, bp, &saved) || !memory_read(sample, bp + 8, &pc))
		return UNWIND_LOST;
	*row = ROW_BP | ROW_SAVED | 16ull << 32 | (uint64_t)(uint16_t)-16 << 16;
	state->regs[UNWIND_BP] = saved;
	state->regs[UNWIND_SP] = bp + 16;
	state->regs[UNWIND_PC] = pc;
	state->known = 1u << UNWIND_BP | 1u << UNWIND_SP | 1u << UNWIND_PC;
	return pc ? UNWIND_STEP : UNWIND_END;
}

static enum unwind_result step(struct sample *sample, struct unwind_state *state, bool behind_call,
			       uint64_t *row)
{
	uint64_t pc = state->regs[UNWIND_PC], place;
	struct mapping *mapping = space_mapping(sample->stacks, sample->space, pc);
	enum unwind_result result = UNWIND_UNKNOWN;
	struct user_file *file;

	*row = 0;
	if (!mapping || !mapping->executable)
		return UNWIND_LOST;
	file = mapping_file(sample->stacks, sample->space, mapping);
	if (file && sample->stacks->user->address(file, pc - mapping->start + mapping->offset,
						  &place))
		result = sample->stacks->user->step(file, place, behind_call, state, memory_read,
						    sample, row);
	return result == UNWIND_UNKNOWN ? step_by_pointer(sample, state, row) : result;
}

static void row_keep(struct sample *sample, uint64_t pc, bool behind_call, uint64_t row)
{
	uint64_t key = stack_row_key(sample->head->space, pc, behind_call);

	if (row && sample->stacks->rows_fd >= 0)
		bpf_map_update_elem(sample->stacks->rows_fd, &key, &row, BPF_ANY);
}

static size_t frames_find(struct sample *sample, uint64_t *frames, size_t most)
{
	struct unwind_state state = { .known = (1u << UNWIND_REGS) - 1 };
	bool behind_call = false;
	size_t count = 0;

	for (int i = 0; i < UNWIND_REGS; i++)
		state.regs[i] = sample->head->regs[reg_places[i]];
	while (count < most) {
		uint64_t pc = state.regs[UNWIND_PC], sp = state.regs[UNWIND_SP], row;
		enum unwind_result result;

		frames[count++] = pc;
		result = step(sample, &state, behind_call, &row);
		row_keep(sample, pc, behind_call, row);
		if ((result != UNWIND_STEP && result != UNWIND_SIGNAL) ||
		    (result == UNWIND_STEP && state.regs[UNWIND_SP] <= sp))
			break;
		behind_call = result == UNWIND_STEP;
		if (behind_call)
			return_restore(sample, &state);
	}
	return count;
}

bool stacks_take_sample(struct stacks *stacks, const void *bytes, size_t size)
{
	struct stack_sample head = { 0 };
	struct sample sample = { .stacks = stacks, .head = &head };
	size_t rest = sizeof(head) - sizeof(head.record);
	uint64_t frames[STACK_FRAMES_MOST];
	size_t most = STACK_FRAMES_MOST, count;

	if (size < rest)
		return false;
	memcpy((char *)&head + sizeof(head.record), bytes, rest);
	if (head.size > size - rest)
		return false;
	sample.memory = (const unsigned char *)bytes + rest;
	sample.space = space_see(stacks, head.space, (pid_t)(head.process >> 32));
	if (stacks->trace && (stacks->trace_bytes - sizeof(*stacks->trace)) / 8 < most)
		most = (stacks->trace_bytes - sizeof(*stacks->trace)) / 8;
	count = frames_find(&sample, frames, most);
	stack_keep(stacks, head.number, head.space, frames, count);
	return true;
}

bool stacks_take_space(struct stacks *stacks, const void *bytes, size_t size)
{
	uint64_t words[2];

	if (size < sizeof(words))
		return false;
	memcpy(words, bytes, sizeof(words));
	space_see(stacks, words[0], (pid_t)(words[1] >> 32));
	return true;
}
