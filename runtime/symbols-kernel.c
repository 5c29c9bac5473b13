/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of kernel addresses. /proc/kallsyms is read when the first is asked for. A symbol ends
 * where the next begins, as SystemTap has it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/buf.h"
#include "runtime/symbols.h"

#define KALLSYMS "/proc/kallsyms"
#define READ_BYTES (1u << 20)
#define OWN_FRAMES 12			/* the machinery is not deeper */

struct kernel_name {
	uint64_t address;
	uint32_t name, module;		/* in the text; 0: the kernel proper */
};

struct kernel_symbols {
	bool was_read;
	struct buf text;		/* the file, its words ended by NULs */
	struct kernel_name *names;	/* by address */
	size_t count;
};

struct kernel_symbols *kernel_symbols_new(void)
{
	struct kernel_symbols *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		abort();
	return kernel;
}

void kernel_symbols_free(struct kernel_symbols *kernel)
{
	if (!kernel)
		return;
	buf_free(&kernel->text);
	free(kernel->names);
	free(kernel);
}

static void text_read(struct buf *text)
{
	int fd = open(KALLSYMS, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		return;
	while ((size = read(fd, buf_reserve(text, READ_BYTES), READ_BYTES)) > 0)
		text->size += (size_t)size;
	close(fd);
	buf_char(text, '\0');
}

static int name_compare(const void *a, const void *b)
{
	const struct kernel_name *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* Of several names for one place the first in the file. */
	return x->name < y->name ? -1 : x->name > y->name;
}

static char *word_end(char *at)
{
	while (*at && *at != '\n' && *at != '\t' && *at != ' ')
		at++;
	return at;
}

/* "address type name [\t[module]]" at @at; gives where the next line begins. */
static char *line_take(struct kernel_symbols *kernel, char *at)
{
	struct kernel_name *entry = &kernel->names[kernel->count];
	char *end, *name;

	entry->address = strtoull(at, &end, 16);
	entry->module = 0;
	name = *end == ' ' && end[1] && end[2] == ' ' ? end + 3 : end;
	end = word_end(name);
	entry->name = (uint32_t)(name - kernel->text.data);
	if (end > name && (int64_t)entry->address < 0)
		kernel->count++;
	if (*end == '\t' && end[1] == '[') {
		*end = '\0';
		entry->module = (uint32_t)(end + 2 - kernel->text.data);
		end = word_end(end + 2);
		if (end[-1] == ']')
			end[-1] = '\0';
	}
	while (*end && *end != '\n')
		end++;
	if (*end)
		*end++ = '\0';
	return end;
}

static void symbols_read(struct kernel_symbols *kernel)
{
	size_t lines = 0;

	kernel->was_read = true;
	text_read(&kernel->text);
	for (size_t i = 0; i < kernel->text.size; i++)
		lines += kernel->text.data[i] == '\n';
	kernel->names = calloc(lines + 1, sizeof(*kernel->names));
	if (!kernel->names)
		abort();
	if (!kernel->text.size)
		return;
	for (char *at = kernel->text.data; *at;)
		at = line_take(kernel, at);
	qsort(kernel->names, kernel->count, sizeof(*kernel->names), name_compare);
}

/* Index of the last name at or below @address; kernel->count: there is none. */
static size_t name_below(const struct kernel_symbols *kernel, uint64_t address)
{
	size_t low = 0, high = kernel->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (kernel->names[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return kernel->count;
	low--;
	while (low && kernel->names[low - 1].address == kernel->names[low].address)
		low--;
	return low;
}

bool kernel_symbols_find(struct kernel_symbols *kernel, uint64_t address, struct symbol *symbol)
{
	size_t at, next;

	if (!kernel->was_read)
		symbols_read(kernel);
	*symbol = (struct symbol){ .address = address };
	at = name_below(kernel, address);
	if (at == kernel->count || (int64_t)address >= 0)
		return false;
	for (next = at; next < kernel->count; next++)
		if (kernel->names[next].address > kernel->names[at].address)
			break;
	symbol->name = kernel->text.data + kernel->names[at].name;
	symbol->module = kernel->names[at].module ?
				 kernel->text.data + kernel->names[at].module : "kernel";
	symbol->offset = address - kernel->names[at].address;
	if (next < kernel->count)
		symbol->size = kernel->names[next].address - kernel->names[at].address;
	return true;
}

/* Is this a function that brings an event to a handler, or the handler? */
static bool name_is_own(const char *name)
{
	static const char *const beginnings[] = {
		"bpf_prog_", "bpf_trampoline_", "bpf_trace_run", "__bpf_trace_", "__traceiter_",
		"trace_call_bpf", "__bpf_prog_", "bpf_get_stack", "bpf_overflow_handler",
	};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (!strncmp(name, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

size_t kernel_symbols_own(struct kernel_symbols *kernel, const uint64_t *frames, size_t count)
{
	size_t own = 0;

	for (size_t i = 0; i < count && i < OWN_FRAMES; i++) {
		struct symbol symbol;

		if (kernel_symbols_find(kernel, frames[i], &symbol) && name_is_own(symbol.name))
			own = i + 1;
	}
	return own < count ? own : 0;
}
