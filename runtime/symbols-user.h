/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that processes have mapped: names, source lines and how to unwind, by libdw. A plug-in,
 * sonde-symbols.so, opened when the first stack or address of a process is to be shown, so that
 * nothing else maps libdw. Addresses are the file's own (vaddr of its program headers).
 *   symbols-elf.c     the plug-in: names and lines
 *   symbols-table.c   the plug-in: symbols by address
 *   symbols-unwind.c  the plug-in: one frame to the next
 */
#ifndef SONDE_SYMBOLS_USER_H
#define SONDE_SYMBOLS_USER_H

#include <stdbool.h>
#include <stdint.h>

struct symbol;
struct user_file;

#define UNWIND_REGS 17		/* DWARF numbers of x86-64: 6 rbp, 7 rsp, 16 the return address */
enum { UNWIND_BP = 6, UNWIND_SP = 7, UNWIND_PC = 16 };

struct unwind_state {
	uint64_t regs[UNWIND_REGS];
	uint32_t known;			/* a bit for each */
};

/* A word of the process's memory as it was. */
typedef bool unwind_read(void *context, uint64_t address, uint64_t *word);

enum unwind_result {
	UNWIND_STEP,			/* the state is the caller's */
	UNWIND_SIGNAL,			/* the same, and the caller was interrupted */
	UNWIND_END,			/* the thread began here */
	UNWIND_LOST,			/* memory that is not there */
	UNWIND_UNKNOWN			/* the file says nothing about this place */
};

struct user_ops {
	/* @fd is the plug-in's then. @name: for messages and debuginfo look-up. NULL: no ELF. */
	struct user_file *(*open)(const char *name, int fd);
	void (*close)(struct user_file *file);
	/* The address of a place in the file. false: it is not loaded. */
	bool (*address)(struct user_file *file, uint64_t offset, uint64_t *address);
	/* Fills name, offset and size; with @line file and line. false: there is no name. Texts
	 * live as long as the file. */
	bool (*find)(struct user_file *file, uint64_t address, bool line, struct symbol *symbol);
	/* @behind_call: the place is behind a call. *row: the way as a row of sonde_rows, 0 if
	 * it is none. */
	enum unwind_result (*step)(struct user_file *file, uint64_t address, bool behind_call,
				   struct unwind_state *state, unwind_read *read, void *context,
				   uint64_t *row);
};

/* The plug-in's one symbol, of this name. */
extern const struct user_ops sonde_user_ops;
#define USER_OPS "sonde_user_ops"

#endif
