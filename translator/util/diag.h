/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: each kind is a row of diag.def with a stable id. They are collected while a stage
 * runs, so that one run reports several, and printed with the line, a caret range, the chain of
 * expansions and one hint.
 */
#ifndef SONDE_UTIL_DIAG_H
#define SONDE_UTIL_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "translator/util/source.h"

struct arena;

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

enum diag_id {
#define DIAG(id, severity, name, format) DIAG_##id,
#include "translator/util/diag.def"
#undef DIAG
	DIAG_COUNT
};

struct diags;

struct diags *diags_new(struct arena *arena);
/* Formats the row's text with the arguments and keeps it. Returns false, so that a check can end
 * with `return diag(…)`. A repeated message at the same place is kept once. */
bool diag(struct diags *diags, enum diag_id id, struct span span, ...);
bool diag_v(struct diags *diags, enum diag_id id, struct span span, va_list args);
/* Adds to the last diagnostic: one hint line ("did you mean 'x'?"). */
void diag_hint(struct diags *diags, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds to the last diagnostic: another place, shown with its line ("first used as string here"). */
void diag_note(struct diags *diags, struct span span, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

int diags_errors(const struct diags *diags);
/* A mark to return to: what was reported since is dropped (for ?, ! and @defined trials). */
size_t diags_mark(const struct diags *diags);
void diags_rewind(struct diags *diags, size_t mark);
/* Takes out what was reported since the mark, and puts it back when it turns out to matter. */
struct diag_list;
struct diag_list *diags_take(struct diags *diags, size_t mark);
void diags_put(struct diags *diags, const struct diag_list *list);
/* -w drops warnings, -W counts them as errors. */
void diags_set_warnings(struct diags *diags, bool shown, bool as_errors);
/* Prints what has not been printed yet. @color: escape sequences. */
void diags_print(struct diags *diags, FILE *out, bool color);
/* All that was printed, without colors; in the arena. */
const char *diags_text(const struct diags *diags);

/* The candidate nearest to @word by edit distance, or NULL if none is near enough. */
const char *diag_nearest(const char *word, const char *const *candidates, size_t count);

#endif
