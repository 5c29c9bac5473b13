/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/stack-priv.h"

#define NO_SPACE UINT64_MAX		/* some process's, nobody knows whose */

enum what { WHAT_STACK, WHAT_KERNEL, WHAT_USER, WHAT_OPEN, WHAT_UOPEN, WHAT_CLOSE };

struct form {
	char letter;
	enum what what;
	enum symbol_style style;
};

static const struct form forms[] = {
#define FORM(id, letter, what, style, help) { letter, WHAT_##what, STYLE_##style },
#include "runtime/stack-forms.def"
};

/* Text on its way; `at` moves on. */
struct reader {
	struct stacks *stacks;
	const char *at, *end;
};

/* ---- stacks by number ---- */

static void known_grow(struct stacks *stacks)
{
	size_t room = stacks->known_room ? 2 * stacks->known_room : 256;
	struct stack **fresh = calloc(room, sizeof(*fresh)), *next;

	if (!fresh)
		abort();
	for (size_t i = 0; i < stacks->known_room; i++)
		for (struct stack *stack = stacks->known[i]; stack; stack = next) {
			next = stack->chain;
			stack->chain = fresh[stack->number & (room - 1)];
			fresh[stack->number & (room - 1)] = stack;
		}
	free(stacks->known);
	stacks->known = fresh;
	stacks->known_room = room;
}

const struct stack *stack_keep(struct stacks *stacks, uint64_t number, uint64_t space,
			       const uint64_t *frames, size_t count)
{
	struct stack *stack = malloc(sizeof(*stack) + count * sizeof(*frames)), **bucket;

	if (!stack)
		abort();
	if (stacks->known_count >= stacks->known_room)
		known_grow(stacks);
	bucket = &stacks->known[number & (stacks->known_room - 1)];
	*stack = (struct stack){ .chain = *bucket, .number = number, .space = space,
				 .count = (uint32_t)count };
	memcpy(stack->frames, frames, count * sizeof(*frames));
	*bucket = stack;
	stacks->known_count++;
	return stack;
}

/* From the kernel's map. Of a kernel stack the frames of the machinery are left out. */
static const struct stack *stack_fetch(struct stacks *stacks, uint64_t number)
{
	struct stack_trace *trace = stacks->trace;
	size_t own = 0, count;

	if (!trace || bpf_map_lookup_elem(stacks->stacks_fd, &number, trace))
		return NULL;
	count = (stacks->trace_bytes - sizeof(*trace)) / sizeof(uint64_t);
	count = trace->count < count ? trace->count : count;
	if (!trace->space)
		own = kernel_symbols_own(stacks->kernel, trace->frames, count);
	return stack_keep(stacks, number, trace->space, trace->frames + own, count - own);
}

const struct stack *stack_find(struct stacks *stacks, uint64_t number)
{
	struct stack *stack = NULL;

	if (stacks->known_room)
		stack = stacks->known[number & (stacks->known_room - 1)];
	while (stack && stack->number != number)
		stack = stack->chain;
	return stack ? stack : stack_fetch(stacks, number);
}

/* ---- texts ---- */

static void address_find(struct stacks *stacks, uint64_t space, uint64_t address,
			 enum symbol_style style, struct symbol *symbol)
{
	*symbol = (struct symbol){ .address = address };
	if (space)
		space_symbol(stacks, space == NO_SPACE ? 0 : space, address,
			     symbol_style_has_line(style), symbol);
	else
		kernel_symbols_find(stacks->kernel, address, symbol);
}

static void address_print(struct stacks *stacks, uint64_t space, uint64_t address,
			  enum symbol_style style, struct buf *out)
{
	struct symbol symbol = { .address = address };

	if (style != STYLE_HEX && style != STYLE_CALLERS)
		address_find(stacks, space, address, style, &symbol);
	symbol_print(out, style, &symbol);
}

/* A frame's place is behind a call, which may be the last thing that its function does. */
static void frame_print(struct stacks *stacks, const struct stack *stack, uint32_t index,
			enum symbol_style style, struct buf *out)
{
	bool behind_call = index && stack->frames[index];
	struct symbol symbol = { .address = stack->frames[index] };

	if (style != STYLE_HEX && style != STYLE_CALLERS) {
		address_find(stacks, stack->space, stack->frames[index] - behind_call, style,
			     &symbol);
		symbol.address += behind_call;
		symbol.offset += behind_call;
	}
	symbol_print(out, style, &symbol);
}

static void stack_print(struct stacks *stacks, const struct stack *stack, enum symbol_style style,
			uint32_t most, struct buf *out)
{
	for (uint32_t i = 0; i < stack->count && i < most; i++) {
		if (i && style == STYLE_CALLERS)
			buf_char(out, ' ');
		frame_print(stacks, stack, i, style, out);
	}
}

/* ---- tokens ---- */

static const struct form *form_find(char letter)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i].letter == letter)
			return &forms[i];
	return NULL;
}

static bool take_number(struct reader *from, uint64_t *number)
{
	*number = 0;
	if (from->end - from->at < STACK_DIGITS)
		return false;
	for (int i = 0; i < STACK_DIGITS; i++) {
		unsigned int digit = (unsigned char)from->at[i] - (unsigned int)STACK_DIGIT;

		if (digit > 63)
			return false;
		*number |= (uint64_t)digit << 6 * i;
	}
	from->at += STACK_DIGITS;
	return true;
}

/* The rest of a stack's token, shown in @style. */
static bool expand_stack_as(struct reader *from, const struct form *form, enum symbol_style style,
			    struct buf *out)
{
	const struct stack *stack;
	uint32_t most = UINT32_MAX;
	uint64_t number;

	if (!take_number(from, &number))
		return false;
	if (form->style == STYLE_CALLERS && from->at < from->end) {
		int digit = *from->at++ - STACK_DIGIT;

		if (digit > 0 && digit < 63)
			most = (uint32_t)digit;
	}
	if (!number)
		return true;
	stack = stack_find(from->stacks, number);
	if (stack)
		stack_print(from->stacks, stack, style, most, out);
	else if (style != STYLE_HEX && style != STYLE_CALLERS)
		buf_text(out, " <stack was lost>\n");
	return true;
}

static bool expand_stack(struct reader *from, const struct form *form, struct buf *out)
{
	return expand_stack_as(from, form, form->style, out);
}

static bool expand_kernel(struct reader *from, const struct form *form, struct buf *out)
{
	uint64_t address;

	if (!take_number(from, &address))
		return false;
	address_print(from->stacks, 0, address, form->style, out);
	return true;
}

static bool expand_user(struct reader *from, const struct form *form, struct buf *out)
{
	uint64_t address, space;

	if (!take_number(from, &address) || !take_number(from, &space))
		return false;
	address_print(from->stacks, space, address, form->style, out);
	return true;
}

/* The addresses of plain text, each with its name. */
static void words_print(struct stacks *stacks, uint64_t space, const char *text, size_t length,
			struct buf *out)
{
	const char *end = text + length;

	while (text < end) {
		char word[24] = "";
		size_t size = 0;

		while (text < end && *text == ' ')
			text++;
		for (; text < end && *text != ' '; text++)
			if (size < sizeof(word) - 1)
				word[size++] = *text;
		if (size)
			address_print(stacks, space, strtoull(word, NULL, 16), STYLE_SYMS, out);
	}
}

/* Up to the end of the brackets. Stacks know their address space themselves. */
static bool expand_syms(struct reader *from, uint64_t space, struct buf *out)
{
	while (from->at < from->end) {
		const char *mark = memchr(from->at, STACK_MARK, (size_t)(from->end - from->at));
		const struct form *form;

		if (!mark || from->end - mark < 2)
			return false;
		words_print(from->stacks, space, from->at, (size_t)(mark - from->at), out);
		form = form_find(mark[1]);
		from->at = mark + 2;
		if (form && form->what == WHAT_CLOSE)
			return true;
		if (!form || form->what != WHAT_STACK ||
		    !expand_stack_as(from, form, STYLE_SYMS, out))
			return false;
	}
	return false;
}

static bool expand_open(struct reader *from, const struct form *form, struct buf *out)
{
	(void)form;
	return expand_syms(from, 0, out);
}

static bool expand_uopen(struct reader *from, const struct form *form, struct buf *out)
{
	uint64_t space;

	(void)form;
	return take_number(from, &space) && take_number(from, &space) &&
	       expand_syms(from, space, out);
}

static bool expand_nothing(struct reader *from, const struct form *form, struct buf *out)
{
	(void)from;
	(void)form;
	(void)out;
	return false;
}

static bool (*const expanders[])(struct reader *from, const struct form *form, struct buf *out) = {
	[WHAT_STACK] = expand_stack, [WHAT_KERNEL] = expand_kernel, [WHAT_USER] = expand_user,
	[WHAT_OPEN] = expand_open, [WHAT_UOPEN] = expand_uopen, [WHAT_CLOSE] = expand_nothing,
};

bool stacks_marked(const char *text, size_t length)
{
	return length && memchr(text, STACK_MARK, length);
}

/* What looks like a token and is none is text like any other: it may come from a process. */
void stacks_expand(struct stacks *stacks, const char *text, size_t length, struct buf *out)
{
	struct reader from = { stacks, text, text + length };

	while (from.at < from.end) {
		const char *mark = memchr(from.at, STACK_MARK, (size_t)(from.end - from.at));
		const struct form *form;
		size_t before = out->size;

		if (!mark || from.end - mark < 2) {
			buf_add(out, from.at, (size_t)(from.end - from.at));
			return;
		}
		buf_add(out, from.at, (size_t)(mark - from.at));
		before = out->size;
		from.at = mark + 2;
		form = form_find(mark[1]);
		if (form && expanders[form->what](&from, form, out))
			continue;
		out->size = before;
		buf_char(out, STACK_MARK);
		from.at = mark + 1;
	}
}

void stacks_symbol(struct stacks *stacks, uint32_t letter, uint64_t address, struct buf *out)
{
	const struct form *form = form_find((char)letter);

	if (form)
		address_print(stacks, form->what == WHAT_USER ? NO_SPACE : 0, address, form->style,
			      out);
}

void stacks_syms(struct stacks *stacks, const char *text, size_t length, bool user, struct buf *out)
{
	words_print(stacks, user ? NO_SPACE : 0, text, length, out);
}

/* ---- life ---- */

struct stacks *stacks_new(void)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		abort();
	stacks->kernel = kernel_symbols_new();
	stacks->stacks_fd = stacks->rows_fd = stacks->spaces_fd = -1;
	return stacks;
}

static int descriptor_copy(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

void stacks_bind(struct stacks *stacks, const struct stacks_maps *maps)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	stacks->stacks_fd = descriptor_copy(maps->stacks);
	stacks->rows_fd = descriptor_copy(maps->rows);
	stacks->spaces_fd = descriptor_copy(maps->spaces);
	if (maps->spaces >= 0)
		stacks->tracker = tracker_new();
	if (stacks->stacks_fd < 0 || bpf_obj_get_info_by_fd(stacks->stacks_fd, &info, &size) ||
	    info.value_size < sizeof(*stacks->trace))
		return;
	stacks->trace_bytes = info.value_size;
	stacks->trace = malloc(info.value_size);
}

void stacks_poll(struct stacks *stacks)
{
	tracker_poll(stacks->tracker);
}

void stacks_set_target(struct stacks *stacks, pid_t pid)
{
	stacks->target = pid;
}

void stacks_free(struct stacks *stacks)
{
	const int fds[] = { stacks ? stacks->stacks_fd : -1, stacks ? stacks->rows_fd : -1,
			    stacks ? stacks->spaces_fd : -1 };
	struct stack *next;

	if (!stacks)
		return;
	for (size_t i = 0; i < stacks->known_room; i++)
		for (struct stack *stack = stacks->known[i]; stack; stack = next) {
			next = stack->chain;
			free(stack);
		}
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	spaces_free(stacks);
	tracker_free(stacks->tracker);
	kernel_symbols_free(stacks->kernel);
	free(stacks->known);
	free(stacks->trace);
	free(stacks);
}
