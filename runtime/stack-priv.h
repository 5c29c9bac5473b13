/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside stack*.c. */
#ifndef SONDE_STACK_PRIV_H
#define SONDE_STACK_PRIV_H

#include "runtime/buf.h"
#include "runtime/kern/stack.h"
#include "runtime/stack.h"
#include "runtime/symbols.h"

struct space;
struct tracker;
struct user_file;
struct user_ops;

/* A stack whose frames are known. */
struct stack {
	struct stack *chain;
	uint64_t number, space;
	uint32_t count;
	bool whole;			/* ends where the thread begins */
	uint64_t frames[];
};

struct stacks {
	struct kernel_symbols *kernel;
	const struct user_ops *user;	/* the plug-in, opened on first use */
	bool user_tried;
	struct tracker *tracker;	/* NULL: no handler asks for user stacks */
	struct space *space_list;
	struct mapped_file *files;
	int stacks_fd, rows_fd, spaces_fd;
	pid_t target;
	struct stack **known;		/* hash table */
	size_t known_count, known_room;	/* room: a power of two, or 0 */
	struct stack_trace *trace;	/* room for a value of sonde_stacks */
	uint32_t trace_bytes;
};

/* A file that processes have mapped, or what cannot be opened. */
struct mapped_file {
	struct mapped_file *next;
	char *path;
	uint64_t device, inode;
	struct user_file *elf;		/* NULL: it is none */
};

struct mapping {
	uint64_t start, end, offset, inode, device;
	uint64_t time;			/* when, as perf events have it; 0 */
	bool executable;
	char *path;			/* "": none */
	struct mapped_file *file;
	bool file_tried;
};

/* An address space: what a process had mapped when we last looked. */
struct space {
	struct space *next;
	uint64_t number;
	pid_t pid;
	struct mapping *mappings;	/* by address */
	size_t count, room;
	bool complete;			/* the process is gone: nothing new will come */
};

/* ---- stack-space.c ---- */
/* NULL: nothing is known of it. */
struct space *space_find(struct stacks *stacks, uint64_t number);
/* The first sight of an address space: of process @pid. */
struct space *space_see(struct stacks *stacks, uint64_t number, pid_t pid);
/* The mapping of @address; the process is looked at again when it is not known. */
struct mapping *space_mapping(struct stacks *stacks, struct space *space, uint64_t address);
/* Its file, opened. NULL: it is no ELF file, or cannot be read. */
struct user_file *mapping_file(struct stacks *stacks, struct space *space,
			       struct mapping *mapping);
void space_symbol(struct stacks *stacks, uint64_t number, uint64_t address, bool line,
		  struct symbol *symbol);
void spaces_free(struct stacks *stacks);
/* Adds a copy with this path, in place of what it covers. */
void mapping_insert(struct space *space, const struct mapping *mapping, const char *path);
void mappings_copy(struct space *to, const struct space *from);
void mappings_free(struct space *space);
/* Drops what is older than @time. */
void mappings_outdate(struct space *space, uint64_t time);

/* ---- stack-track.c ---- */
struct tracker *tracker_new(void);
void tracker_free(struct tracker *tracker);
void tracker_poll(struct tracker *tracker);
/* The mappings of space->pid as last seen; false: it was not seen. */
bool tracker_look(struct tracker *tracker, struct space *space);

/* ---- stack.c ---- */
/* The stack of that number, or NULL: it was lost. */
const struct stack *stack_find(struct stacks *stacks, uint64_t number);
/* Keeps a copy of the frames under @number. */
const struct stack *stack_keep(struct stacks *stacks, uint64_t number, uint64_t space,
			       const uint64_t *frames, size_t count);

#endif
