/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probe points as text; what a probe condition may hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/elab/expand.h"
#include "translator/util/intern.h"

const char *point_text(struct session *session, const struct point *point)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return "?";
	ast_print_point(out, point);
	fclose(out);
	const char *name = intern_str(session->names, text);

	free(text);
	return name;
}

const char *point_functors(struct session *session, const struct point *point, size_t from,
			   size_t count)
{
	const char *text = "";

	for (size_t i = from; i < from + count; i++)
		text = arena_printf(session->arena, "%s%s%s", text, i > from ? "." : "",
				    point->parts.data[i].functor);
	return intern_str(session->names, text);
}

bool has_wildcard(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* One of […] at @pattern; sets *next behind it. An unclosed '[' stands for itself. */
static bool class_match(const char *pattern, char c, const char **next)
{
	const char *p = pattern + 1;
	bool negated = *p == '!' || *p == '^', found = false;

	p += negated;
	for (const char *first = p; *p && (*p != ']' || p == first); p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			found |= p[0] <= c && c <= p[2];
			p += 2;
		} else {
			found |= *p == c;
		}
	}
	if (!*p) {
		*next = pattern + 1;
		return c == '[';
	}
	*next = p + 1;
	return found != negated;
}

bool glob_match(const char *pattern, const char *text)
{
	for (; *pattern; text++) {
		const char *next = pattern + 1;

		if (*pattern == '*') {
			bool across = pattern[1] == '*';

			for (const char *t = text;; t++) {
				if (glob_match(pattern + 1 + across, t))
					return true;
				if (!*t || (*t == '.' && !across))
					return false;
			}
		}
		if (!*text)
			return false;
		if (*pattern == '[' ? !class_match(pattern, *text, &next) :
				      *pattern != '?' && *pattern != *text)
			return false;
		if (*pattern == '?' && *text == '.')
			return false;
		pattern = next;
	}
	return !*text;
}

/* ---- conditions ---- */

struct condition_walk {
	struct elab *elab;
	bool failed;
};

static bool condition_expr(struct walk *walk, struct expr **slot)
{
	struct condition_walk *check = walk->context;
	struct expr *e = *slot;
	const char *what = NULL;

	switch (e->kind) {
	case EXPR_ASSIGN:
	case EXPR_PREINC:
	case EXPR_POSTINC:
		what = "change a variable";
		break;
	case EXPR_CALL:
	case EXPR_PRINT:
		what = "call a function";
		break;
	case EXPR_TARGET:
	case EXPR_CAST:
	case EXPR_ENTRY:
		what = "use target variables";
		break;
	case EXPR_SYMBOL:
		if (!names_global(check->elab, e->symbol.name, e->tok.source))
			what = arena_printf(check->elab->session->arena,
					    "refer to '%s', which is no global", e->symbol.name);
		break;
	default:
		break;
	}
	if (what) {
		diag(check->elab->session->diags, DIAG_SEM_CONDITION, e->span, what);
		check->failed = true;
	}
	return !what;
}

bool check_condition(struct elab *elab, struct expr *condition)
{
	struct condition_walk check = { .elab = elab };
	struct walk walk = { .expr_before = condition_expr, .context = &check };

	walk_expr(&walk, &condition);
	return !check.failed;
}
