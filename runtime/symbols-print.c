/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "runtime/buf.h"
#include "runtime/symbols.h"

enum part {
	PART_BLANK = 1,		/* before all */
	PART_HEX = 2,		/* "0x… : " before a name */
	PART_NAME = 4,
	PART_OFFSET = 8,
	PART_SIZE = 16,
	PART_LINE = 32,		/* " at file:line" */
	PART_MODULE = 64,
	PART_BASE = 128,	/* of the module's path */
	PART_END = 256,		/* of line */
	PART_ALWAYS = 512,	/* the address whatever else is known */
};

static const unsigned int parts[STYLE_COUNT] = {
	[STYLE_SYMBOL] = PART_NAME,
	[STYLE_DATA] = PART_NAME | PART_OFFSET | PART_SIZE | PART_MODULE,
	[STYLE_BRIEF] = PART_NAME | PART_OFFSET | PART_END,
	[STYLE_SIMPLE] = PART_NAME | PART_OFFSET | PART_MODULE | PART_BASE | PART_END,
	[STYLE_FULL] = PART_BLANK | PART_HEX | PART_NAME | PART_OFFSET | PART_SIZE | PART_MODULE |
		       PART_END,
	[STYLE_FULLER] = PART_BLANK | PART_HEX | PART_NAME | PART_OFFSET | PART_SIZE | PART_LINE |
			 PART_MODULE | PART_END,
	[STYLE_SYMS] = PART_BLANK | PART_HEX | PART_ALWAYS | PART_NAME | PART_OFFSET | PART_SIZE |
		       PART_MODULE | PART_END,
};

static void hex_print(struct buf *out, uint64_t number)
{
	buf_printf(out, "0x%llx", (unsigned long long)number);
}

static void offset_print(struct buf *out, unsigned int style, const struct symbol *symbol)
{
	buf_char(out, '+');
	hex_print(out, symbol->offset);
	if (style & PART_SIZE) {
		buf_char(out, '/');
		hex_print(out, symbol->size);
	}
}

static void line_print(struct buf *out, const struct symbol *symbol)
{
	if (!symbol->file)
		return;
	buf_printf(out, " at %s", symbol->file);
	if (symbol->line)
		buf_printf(out, ":%u", symbol->line);
}

static const char *module_text(unsigned int style, const struct symbol *symbol)
{
	const char *slash = strrchr(symbol->module, '/');

	return style & PART_BASE && slash ? slash + 1 : symbol->module;
}

/* A known name. */
static void named_print(struct buf *out, unsigned int style, const struct symbol *symbol)
{
	if (style & PART_HEX) {
		hex_print(out, symbol->address);
		buf_text(out, " : ");
	}
	buf_text(out, symbol->name + (*symbol->name == '.'));
	if (style & PART_OFFSET)
		offset_print(out, style, symbol);
	if (style & PART_LINE)
		line_print(out, symbol);
	if (style & PART_MODULE && symbol->module)
		buf_printf(out, " [%s]", module_text(style, symbol));
}

static void nameless_print(struct buf *out, unsigned int style, const struct symbol *symbol)
{
	if (style & PART_ALWAYS) {
		hex_print(out, symbol->address);
		buf_text(out, " : ");
	}
	hex_print(out, symbol->address);
	if (!(style & PART_MODULE) || !symbol->module)
		return;
	buf_printf(out, " [%s", module_text(style, symbol));
	offset_print(out, style, symbol);
	buf_char(out, ']');
	if (style & PART_LINE)
		line_print(out, symbol);
}

static void fileline_print(struct buf *out, enum symbol_style style, const struct symbol *symbol)
{
	bool file = symbol->file && style != STYLE_LINE, line = symbol->line && style != STYLE_FILE;

	if (file)
		buf_text(out, symbol->file);
	else if (line && style == STYLE_FILELINE)
		buf_text(out, "??");
	if (line)
		buf_printf(out, style == STYLE_LINE ? "%u" : ":%u", symbol->line);
	if (!file && !line)
		hex_print(out, symbol->address);
}

bool symbol_style_has_line(enum symbol_style style)
{
	return style == STYLE_FILE || style == STYLE_LINE || style == STYLE_FILELINE ||
	       style == STYLE_FULLER;
}

void symbol_print(struct buf *out, enum symbol_style style, const struct symbol *symbol)
{
	unsigned int what = parts[style];

	if (style == STYLE_FILE || style == STYLE_LINE || style == STYLE_FILELINE) {
		fileline_print(out, style, symbol);
		return;
	}
	if (style == STYLE_MODULE) {
		buf_text(out, symbol->module ? symbol->module : "<unknown>");
		return;
	}
	if (what & PART_BLANK)
		buf_char(out, ' ');
	if (what & PART_NAME && symbol->name)
		named_print(out, what, symbol);
	else
		nameless_print(out, what, symbol);
	if (what & PART_END)
		buf_char(out, '\n');
	if (style == STYLE_HEX)
		buf_char(out, ' ');
}
