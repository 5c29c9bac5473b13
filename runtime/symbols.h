/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses as text, in the formats that SystemTap's runtime has.
 *   symbols-print.c   the formats
 *   symbols-kernel.c  names of kernel addresses, from /proc/kallsyms
 *   symbols-user.h    names in processes: a plug-in, so that nothing else maps libdw
 *
 * Texts of a struct symbol belong to whoever found it and stay until that is freed.
 */
#ifndef SONDE_SYMBOLS_H
#define SONDE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct kernel_symbols;

struct symbol {
	uint64_t address;
	const char *name;		/* NULL: not known */
	const char *module;		/* kernel, name of a module, path of a file; NULL */
	uint64_t offset, size;		/* in the symbol; without a name: in the module */
	const char *file;		/* source; NULL */
	uint32_t line;			/* 0: not known */
};

enum symbol_style {
	STYLE_HEX,		/* 0x… and a blank */
	STYLE_CALLERS,		/* 0x…, a blank between them */
	STYLE_SYMBOL,		/* name */
	STYLE_DATA,		/* name+offset/size [module] */
	STYLE_FILE,
	STYLE_LINE,
	STYLE_FILELINE,		/* file:line */
	STYLE_MODULE,		/* module */
	STYLE_BRIEF,		/* name+offset, a line */
	STYLE_SIMPLE,		/* name+offset [base name of the module], a line */
	STYLE_FULL,		/*  0x… : name+offset/size [module], a line */
	STYLE_FULLER,		/* the same with " at file:line" */
	STYLE_SYMS,		/*  0x… : DATA, a line */
	STYLE_COUNT
};

/* Appends @symbol. What is not known is left out; without a name the address stands there. */
void symbol_print(struct buf *out, enum symbol_style style, const struct symbol *symbol);
/* Does the style show file or line? */
bool symbol_style_has_line(enum symbol_style style);

/* Reads the names on first use. Never NULL. */
struct kernel_symbols *kernel_symbols_new(void);
void kernel_symbols_free(struct kernel_symbols *kernel);
/* Sets all of *symbol; false: no name is known. */
bool kernel_symbols_find(struct kernel_symbols *kernel, uint64_t address, struct symbol *symbol);
/* How many frames from the innermost on are of the machinery that runs the handler. */
size_t kernel_symbols_own(struct kernel_symbols *kernel, const uint64_t *frames, size_t count);

#endif
