/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aliases: from the points a script names to the forms of probe kinds. An alias brings in a
 * prologue or an epilogue; a suffix that the alias itself does not have goes to the points
 * it stands for; `?` drops what does not resolve, `!` also ends the list when it does.
 */
#include <string.h>

#include "translator/elab/build.h"
#include "translator/elab/expand.h"
#include "translator/util/intern.h"

static int expand_points(struct elab *elab, struct expansion *x, const point_vec *points,
			 const struct point *use, size_t suffix_from);

struct alias_match {
	struct probe *alias;
	const char *name;
	size_t parts;		/* of the point that the name covers; the rest is a suffix */
};
typedef VEC(struct alias_match) alias_match_vec;

/* Parts that aliases may cover: those before the first with an argument. */
static size_t plain_parts(const struct point *point)
{
	size_t count = 0;

	while (count < point->parts.count && !point->parts.data[count].arg)
		count++;
	return count;
}

static void match_file_aliases(struct elab *elab, struct file *file, const char *pattern,
			       size_t parts, const struct source *from, alias_match_vec *out)
{
	for (size_t i = 0; i < file->aliases.count; i++) {
		struct probe *alias = file->aliases.data[i];

		if (alias->is_private && file->source != from)
			continue;
		for (size_t j = 0; j < alias->alias_names.count; j++) {
			const struct point *point = alias->alias_names.data[j];
			const char *name = point_functors(elab->session, point, 0,
							  point->parts.count);

			if (glob_match(pattern, name))
				*vec_push(elab->session->arena, out) =
					(struct alias_match){ alias, name, parts };
		}
	}
}

/* All aliases whose whole name is matched by the first @parts parts of @point. */
static void match_aliases(struct elab *elab, const struct point *point, size_t parts,
			  alias_match_vec *out)
{
	const char *pattern = point_functors(elab->session, point, 0, parts);
	const struct source *from = point->span.source;
	const library_alias_vec *library = library_aliases(elab->session->library);
	struct tapset *last = NULL;

	for (size_t i = 0; i < elab->user_files.count; i++)
		match_file_aliases(elab, elab->user_files.data[i], pattern, parts, from, out);
	for (size_t i = 0; i < library->count; i++) {
		struct tapset *tapset = library->data[i].tapset;

		/* the index lists a file's aliases in a row: each file once */
		if (tapset == last || !glob_match(pattern, library->data[i].name))
			continue;
		last = tapset;
		match_file_aliases(elab, library_file(elab->session->library, tapset), pattern,
				   parts, from, out);
	}
}

static bool is_looping(struct elab *elab, const struct expansion *x, const struct alias_match *m,
		       const struct point *point)
{
	for (const struct expansion *step = x; step; step = step->up) {
		if (step->probe != m->alias)
			continue;
		diag(elab->session->diags, DIAG_PROBE_LOOP, point->span, m->name);
		return true;
	}
	return false;
}

static int expand_alias(struct elab *elab, const struct expansion *x, const struct point *point,
			const struct alias_match *match)
{
	struct session *session = elab->session;
	struct origin *origin = arena_new_of(session->arena, struct origin);
	const char *name = match->name;

	if (is_looping(elab, x, match, point))
		return -1;
	if (match->parts < point->parts.count) {
		struct point suffix = *point;

		suffix.parts.data += match->parts;
		suffix.parts.count -= match->parts;
		suffix.optional = suffix.sufficient = false;
		suffix.condition = NULL;
		name = arena_printf(session->arena, "%s.%s", name, point_text(session, &suffix));
	}
	*origin = (struct origin){ "probe alias", match->name, point->span };
	struct expansion next = {
		.up = x,
		.probe = match->alias,
		.point = point,
		.origin = origin,
		.alias_name = x->alias_name ? x->alias_name : name,
		.condition = x->condition,
	};

	return expand_points(elab, &next, &match->alias->points, point, match->parts);
}

/* Whole names first; else the longest alias that the point goes on from. */
static void find_aliases(struct elab *elab, const struct point *point, bool whole,
			 alias_match_vec *out)
{
	size_t plain = plain_parts(point);

	if (whole) {
		if (plain == point->parts.count)
			match_aliases(elab, point, plain, out);
		return;
	}
	size_t most = plain == point->parts.count ? plain - 1 : plain;

	for (size_t parts = most; parts > 0 && !out->count; parts--)
		match_aliases(elab, point, parts, out);
}

/* What the aliases found make; one that does not resolve is an error, found by a wildcard or
 * not. */
static int expand_matches(struct elab *elab, const struct expansion *x, const struct point *point,
			  const alias_match_vec *matches)
{
	int total = 0;
	bool failed = false;

	for (size_t i = 0; i < matches->count; i++) {
		int made = expand_alias(elab, x, point, &matches->data[i]);

		failed |= made < 0;
		total += made > 0 ? made : 0;
	}
	return failed ? -1 : total;
}

static bool is_wild(const struct point *point)
{
	for (size_t i = 0; i < point->parts.count; i++)
		if (has_wildcard(point->parts.data[i].functor))
			return true;
	return false;
}

/* Sites made for one point; 0: nothing there; -1: an error. What is wrong has been reported. */
static int expand_point(struct elab *elab, struct expansion *x, const struct point *point)
{
	alias_match_vec matches = { 0 };
	bool wild = is_wild(point);
	int errors = diags_errors(elab->session->diags), total = 0, made;

	x->current = point;
	find_aliases(elab, point, true, &matches);
	if (matches.count)
		total = expand_matches(elab, x, point, &matches);
	if (!matches.count || wild) {
		made = expand_kinds(elab, x, point);
		if (made == EXPAND_NO_FORM && !matches.count) {
			find_aliases(elab, point, false, &matches);
			if (!matches.count) {
				return expand_unknown(elab, point);
			}
			made = expand_matches(elab, x, point, &matches);
		}
		if (made == -1 && total == 0)
			total = -1;
		else if (made > 0 && total >= 0)
			total += made;
	}
	if (total <= 0 && errors == diags_errors(elab->session->diags))
		diag(elab->session->diags, DIAG_PROBE_UNRESOLVED, point->span,
		     point_text(elab->session, point));
	return total;
}

/* @point of an alias with what the use of the alias adds: suffix, condition. */
static struct point *point_with_suffix(struct elab *elab, const struct expansion *x,
				       const struct point *point, const struct point *use,
				       size_t suffix_from)
{
	struct arena *arena = elab->session->arena;
	struct point *copy = arena_new_of(arena, struct point);

	*copy = *point;
	memset(&copy->parts, 0, sizeof(copy->parts));
	for (size_t i = 0; i < point->parts.count; i++)
		*vec_push(arena, &copy->parts) = point->parts.data[i];
	for (size_t i = suffix_from; use && i < use->parts.count; i++)
		*vec_push(arena, &copy->parts) = use->parts.data[i];
	if (x->origin && !copy->span.origin)
		copy->span.origin = x->origin;
	return copy;
}

static int expand_points(struct elab *elab, struct expansion *x, const point_vec *points,
			 const struct point *use, size_t suffix_from)
{
	struct diags *diags = elab->session->diags;
	struct expr *outer = x->condition;
	int total = 0;
	bool failed = false;

	for (size_t i = 0; i < points->count; i++) {
		struct point *point =
			point_with_suffix(elab, x, points->data[i], use, suffix_from);
		size_t mark = diags_mark(diags), handlers = elab->program->handlers.count;
		bool optional = point->optional || point->sufficient;

		x->condition = outer;
		if (point->condition) {
			if (!check_condition(elab, point->condition))
				return -1;
			struct build b = build_at(elab->session, point->condition);

			x->condition = outer ? build_binary(&b, OP_LOGICAL_AND, outer,
							    point->condition) :
					       point->condition;
		}
		int made = expand_point(elab, x, point);

		if (made > 0) {
			total += made;
			if (point->sufficient)
				break;
		} else if (optional) {
			diags_rewind(diags, mark);
			elab->program->handlers.count = handlers;
		} else {
			failed = true;
		}
	}
	x->condition = outer;
	return failed ? -1 : total;
}

bool expand_probe(struct elab *elab, struct probe *probe)
{
	struct expansion x = { .probe = probe };

	return expand_points(elab, &x, &probe->points, NULL, 0) >= 0;
}
