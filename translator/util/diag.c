/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "translator/util/arena.h"
#include "runtime/nearest.h"
#include "translator/util/diag.h"
#include "translator/util/vec.h"

struct diag_row {
	enum diag_severity severity;
	const char *name, *format;
};

static const struct diag_row rows[DIAG_COUNT] = {
#define DIAG(id, severity, name, format) [DIAG_##id] = { DIAG_##severity, name, format },
#include "translator/util/diag.def"
#undef DIAG
};

struct note {
	struct span span;
	const char *text;
};

struct diagnostic {
	enum diag_id id;
	struct span span;
	const char *text, *hint;
	VEC(struct note) notes;
};

struct diags {
	struct arena *arena;
	VEC(struct diagnostic) kept;
	bool last_dropped;	/* notes and hints of a message that was not kept go nowhere */
	size_t printed;
	bool hide_warnings, warnings_are_errors;
};

struct diags *diags_new(struct arena *arena)
{
	struct diags *diags = arena_new_of(arena, struct diags);

	diags->arena = arena;
	return diags;
}

static bool is_known(const struct diags *diags, enum diag_id id, struct span span, const char *text)
{
	for (size_t i = 0; i < diags->kept.count; i++) {
		const struct diagnostic *d = &diags->kept.data[i];

		if (d->id == id && d->span.source == span.source && d->span.begin == span.begin &&
		    d->span.origin == span.origin && !strcmp(d->text, text))
			return true;
	}
	return false;
}

bool diag_v(struct diags *diags, enum diag_id id, struct span span, va_list args)
{
	struct diagnostic *d;
	char *text;

	diags->last_dropped = true;
	if (rows[id].severity == DIAG_WARNING && diags->hide_warnings &&
	    !diags->warnings_are_errors)
		return false;
	text = arena_vprintf(diags->arena, rows[id].format, args);
	if (is_known(diags, id, span, text))
		return false;
	d = vec_push(diags->arena, &diags->kept);
	d->id = id;
	d->span = span;
	d->text = text;
	diags->last_dropped = false;
	return false;
}

bool diag(struct diags *diags, enum diag_id id, struct span span, ...)
{
	va_list args;

	va_start(args, span);
	diag_v(diags, id, span, args);
	va_end(args);
	return false;
}

void diag_hint(struct diags *diags, const char *format, ...)
{
	va_list args;

	if (diags->last_dropped || !diags->kept.count)
		return;
	va_start(args, format);
	vec_last(&diags->kept).hint = arena_vprintf(diags->arena, format, args);
	va_end(args);
}

void diag_note(struct diags *diags, struct span span, const char *format, ...)
{
	struct note *note;
	va_list args;

	if (diags->last_dropped || !diags->kept.count)
		return;
	note = vec_push(diags->arena, &vec_last(&diags->kept).notes);
	note->span = span;
	va_start(args, format);
	note->text = arena_vprintf(diags->arena, format, args);
	va_end(args);
}

static bool is_error(const struct diags *diags, enum diag_id id)
{
	return rows[id].severity == DIAG_ERROR || diags->warnings_are_errors;
}

const char *diag_nearest(const char *word, const char *const *candidates, size_t count)
{
	return nearest_text(word, candidates, count);
}

int diags_errors(const struct diags *diags)
{
	int errors = 0;

	for (size_t i = 0; i < diags->kept.count; i++)
		errors += is_error(diags, diags->kept.data[i].id);
	return errors;
}

struct diag_list {
	VEC(struct diagnostic) taken;
};

struct diag_list *diags_take(struct diags *diags, size_t mark)
{
	struct diag_list *list = arena_new_of(diags->arena, struct diag_list);

	for (size_t i = mark; i < diags->kept.count; i++)
		*vec_push(diags->arena, &list->taken) = diags->kept.data[i];
	diags_rewind(diags, mark);
	return list;
}

void diags_put(struct diags *diags, const struct diag_list *list)
{
	for (size_t i = 0; i < list->taken.count; i++) {
		const struct diagnostic *d = &list->taken.data[i];

		if (!is_known(diags, d->id, d->span, d->text))
			*vec_push(diags->arena, &diags->kept) = *d;
	}
}

size_t diags_mark(const struct diags *diags)
{
	return diags->kept.count;
}

void diags_rewind(struct diags *diags, size_t mark)
{
	if (mark < diags->kept.count)
		diags->kept.count = mark;
	if (diags->printed > diags->kept.count)
		diags->printed = diags->kept.count;
	diags->last_dropped = true;
}

void diags_set_warnings(struct diags *diags, bool shown, bool as_errors)
{
	diags->hide_warnings = !shown;
	diags->warnings_are_errors = as_errors;
}

/* Escape sequences of one printing; all empty without colour. */
struct palette {
	const char *bold, *error, *warning, *caret, *reset;
};

static const struct palette plain = { "", "", "", "", "" };
static const struct palette colored = {
	"\033[1m", "\033[1;31m", "\033[1;35m", "\033[1;32m", "\033[0m",
};

enum { TAB_WIDTH = 8, LINE_SHOWN = 160, ORIGINS_SHOWN = 8, DIAGS_SHOWN = 100 };

/* Bytes of a line as a terminal may show them: tabs expanded, control characters as '?'. */
static int put_line(FILE *out, const char *line, size_t length)
{
	int column = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == '\t') {
			do
				putc(' ', out);
			while (++column % TAB_WIDTH);
			continue;
		}
		putc(c < ' ' || c == 0x7f ? '?' : c, out);
		column += (c & 0xc0) != 0x80;	/* UTF-8 continuation bytes take no column */
	}
	return column;
}

/* The display column of byte @offset of the line. */
static int display_column(const char *line, size_t offset)
{
	int column = 0;

	for (size_t i = 0; i < offset; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == '\t')
			column += TAB_WIDTH - column % TAB_WIDTH;
		else
			column += (c & 0xc0) != 0x80;
	}
	return column;
}

static void print_excerpt(FILE *out, struct span span, const struct palette *p)
{
	struct position at = source_position(span.source, span.begin);
	size_t length, from = at.column - 1, to, first = 0;
	const char *line = source_line(span.source, at.line, &length);
	int start, width;

	if (from > length)
		from = length;
	to = from + (span.end > span.begin ? span.end - span.begin : 1);
	if (to > length)
		to = length;
	if (from > LINE_SHOWN / 2)	/* a very long line: show the part around the place */
		first = from - LINE_SHOWN / 2;
	if (to > first + LINE_SHOWN)
		to = first + LINE_SHOWN;
	fprintf(out, "%5u | ", at.line);
	put_line(out, line + first, length - first > LINE_SHOWN ? LINE_SHOWN : length - first);
	start = display_column(line + first, from - first);
	width = display_column(line + first, to - first) - start;
	fprintf(out, "\n      | %*s%s", start, "", p->caret);
	do
		putc('^', out);
	while (--width > 0);
	fprintf(out, "%s\n", p->reset);
}

static void print_place(FILE *out, struct span span, const struct palette *p)
{
	struct position at;

	if (!span.source)
		return;
	at = source_position(span.source, span.begin);
	fprintf(out, "%s%s:%u:%u: %s", p->bold, span.source->name, at.line, at.column, p->reset);
}

static void print_origins(FILE *out, const struct origin *origin, const struct palette *p)
{
	for (int shown = 0; origin; origin = origin->where.origin) {
		if (shown++ == ORIGINS_SHOWN) {
			fputs("(and further out)\n", out);
			return;
		}
		print_place(out, origin->where, p);
		fprintf(out, "in %s '%s'\n", origin->what, origin->name);
		if (origin->where.source)
			print_excerpt(out, origin->where, p);
	}
}

static void print_one(FILE *out, const struct diags *diags, const struct diagnostic *d,
		      const struct palette *p)
{
	bool error = is_error(diags, d->id);

	print_place(out, d->span, p);
	fprintf(out, "%s%s:%s %s [%s]\n", error ? p->error : p->warning,
		error ? "error" : "warning", p->reset, d->text, rows[d->id].name);
	if (d->span.source)
		print_excerpt(out, d->span, p);
	print_origins(out, d->span.origin, p);
	for (size_t i = 0; i < d->notes.count; i++) {
		const struct note *note = &d->notes.data[i];

		print_place(out, note->span, p);
		fprintf(out, "note: %s\n", note->text);
		if (note->span.source)
			print_excerpt(out, note->span, p);
	}
	if (d->hint)
		fprintf(out, "hint: %s\n", d->hint);
}

/* What is no script at all, a core file say, has tens of thousands. */
void diags_print(struct diags *diags, FILE *out, bool color)
{
	size_t more = 0;

	for (; diags->printed < diags->kept.count; diags->printed++)
		if (diags->printed < DIAGS_SHOWN)
			print_one(out, diags, &diags->kept.data[diags->printed],
				  color ? &colored : &plain);
		else
			more++;
	if (more)
		fprintf(out, "(%zu more of these are not shown)\n", more);
	fflush(out);
}

const char *diags_text(const struct diags *diags)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = diags->kept.count ? open_memstream(&text, &size) : NULL;
	const char *copy;

	if (!out)
		return "";
	for (size_t i = 0; i < diags->kept.count && i < DIAGS_SHOWN; i++)
		print_one(out, diags, &diags->kept.data[i], &plain);
	fclose(out);
	copy = arena_strndup(diags->arena, text, size);
	free(text);
	return copy;
}
