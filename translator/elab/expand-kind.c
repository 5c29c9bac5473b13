/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probe points against the forms of the probe kinds. */
#include <string.h>

#include "translator/elab/expand.h"
#include "translator/probes/probe-kind.h"
#include "translator/util/intern.h"

/* One element of a form: name, "(num)" "(str)" "(str|num)", optional when in brackets. */
struct form_part {
	const char *name;
	bool takes_number, takes_string, optional;
	bool any;		/* "<name>": any word */
};

#define FORM_PARTS 10

static size_t parse_form(struct session *session, const char *pattern, struct form_part *parts)
{
	size_t count = 0;
	bool optional = false;

	for (const char *p = pattern; *p && count < FORM_PARTS;) {
		if (*p == '.' || *p == '[') {
			optional |= *p++ == '[';
			continue;
		}
		if (*p == ']') {
			optional = false;
			p++;
			continue;
		}
		size_t name = strcspn(p, ".([]"), arg = p[name] == '(' ? strcspn(p + name, ")") : 0;
		struct form_part *part = &parts[count++];
		const char *inside = arena_strndup(session->arena, p + name, arg);

		*part = (struct form_part){
			.name = intern_strn(session->names, p, name),
			.takes_number = strstr(inside, "num"),
			.takes_string = strstr(inside, "str"),
			.optional = optional,
			.any = *p == '<',
		};
		p += name + (arg ? arg + 1 : 0);
	}
	return count;
}

static bool match_part(const struct form_part *form, const struct point_part *part,
		       struct probe_match *match)
{
	bool takes = form->takes_number || form->takes_string;

	if (form->any) {
		match->args[match->arg_count++] =
			(struct probe_arg){ .functor = form->name, .text = part->functor };
		return !part->arg;
	}
	if (part->functor != form->name &&
	    (!has_wildcard(part->functor) || !glob_match(part->functor, form->name)))
		return false;
	if (!part->arg)
		return !takes;
	if (part->arg->kind == EXPR_NUMBER ? !form->takes_number : !form->takes_string)
		return false;
	struct probe_arg *arg = &match->args[match->arg_count++];

	*arg = (struct probe_arg){ .functor = form->name };
	if (part->arg->kind == EXPR_NUMBER) {
		arg->number = part->arg->number;
		arg->has_number = true;
	} else {
		arg->text = part->arg->string.text;
	}
	return true;
}

/* From form part @i and point part @j on. */
static bool match_rest(const struct form_part *form, size_t count, size_t i,
		       const struct point *point, size_t j, struct probe_match *match)
{
	size_t args = match->arg_count;

	if (i == count)
		return j == point->parts.count;
	if (j < point->parts.count && match->arg_count < 8 &&
	    match_part(&form[i], &point->parts.data[j], match)) {
		if (match_rest(form, count, i + 1, point, j + 1, match))
			return true;
	}
	match->arg_count = args;
	return form[i].optional && match_rest(form, count, i + 1, point, j, match);
}

static bool match_form(struct session *session, const struct probe_form *form,
		       const struct point *point, struct probe_match *match)
{
	struct form_part parts[FORM_PARTS];
	size_t count = parse_form(session, form->pattern, parts);

	*match = (struct probe_match){ .form = form, .point = point };
	return match_rest(parts, count, 0, point, 0, match);
}

/* With wildcards in it: the point that this form stands for. */
static const struct point *plain_point(struct session *session, const struct probe_form *form,
				       const struct point *point)
{
	struct form_part parts[FORM_PARTS];
	size_t count = parse_form(session, form->pattern, parts);
	struct point *plain = arena_new_of(session->arena, struct point);

	*plain = *point;
	memset(&plain->parts, 0, sizeof(plain->parts));
	for (size_t i = 0; i < point->parts.count; i++) {
		*vec_push(session->arena, &plain->parts) = point->parts.data[i];
		if (count == point->parts.count && !parts[i].any)
			plain->parts.data[i].functor = parts[i].name;
	}
	return plain;
}

static int resolve_match(struct elab *elab, const struct expansion *x,
			 const struct probe_kind *kind, const struct probe_match *match)
{
	struct expansion current = *x;
	int made;

	elab->expansion = &current;
	made = kind->resolve(elab, match);
	elab->expansion = NULL;
	return made;
}

int expand_kinds(struct elab *elab, const struct expansion *x, const struct point *point)
{
	struct session *session = elab->session;
	struct probe_match match;
	bool wild = false;
	int total = EXPAND_NO_FORM;

	for (size_t i = 0; i < point->parts.count; i++)
		wild |= has_wildcard(point->parts.data[i].functor);
	for (size_t k = 0; probe_kinds[k]; k++) {
		for (const struct probe_form *form = probe_kinds[k]->forms; form->pattern; form++) {
			if (!match_form(session, form, point, &match))
				continue;
			if (!wild)
				return resolve_match(elab, x, probe_kinds[k], &match);
			size_t mark = diags_mark(session->diags);
			size_t handlers = elab->program->handlers.count;

			match.point = plain_point(session, form, point);
			int made = resolve_match(elab, x, probe_kinds[k], &match);

			if (made <= 0) {
				diags_rewind(session->diags, mark);
				elab->program->handlers.count = handlers;
			}
			total = (total < 0 ? 0 : total) + (made > 0 ? made : 0);
		}
	}
	return total;
}

/* "timer.s" of "timer.s(num)". */
static const char *form_name(struct session *session, const char *pattern)
{
	struct form_part parts[FORM_PARTS];
	size_t count = parse_form(session, pattern, parts);
	const char *name = "";

	for (size_t i = 0; i < count; i++)
		name = arena_printf(session->arena, "%s%s%s", name, i ? "." : "", parts[i].name);
	return name;
}

static void suggest(struct elab *elab, const struct point *point)
{
	struct session *session = elab->session;
	const char *name = point_functors(session, point, 0, point->parts.count);
	name_vec names = { 0 }, shown = { 0 };

	for (size_t k = 0; probe_kinds[k]; k++) {
		for (const struct probe_form *form = probe_kinds[k]->forms; form->pattern; form++) {
			*vec_push(session->arena, &names) = form_name(session, form->pattern);
			*vec_push(session->arena, &shown) = form->pattern;
		}
	}
	const library_alias_vec *library = library_aliases(session->library);

	for (size_t i = 0; i < library->count; i++) {
		*vec_push(session->arena, &names) = library->data[i].name;
		*vec_push(session->arena, &shown) = library->data[i].name;
	}
	for (size_t i = 0; i < elab->user_files.count; i++) {
		const struct file *file = elab->user_files.data[i];

		for (size_t j = 0; j < file->aliases.count; j++) {
			const struct point *alias = file->aliases.data[j]->alias_names.data[0];

			*vec_push(session->arena, &names) =
				point_functors(session, alias, 0, alias->parts.count);
			*vec_push(session->arena, &shown) = vec_last(&names);
		}
	}
	const char *near = diag_nearest(name, names.data, names.count);

	for (size_t i = 0; near && i < names.count; i++) {
		if (strcmp(names.data[i], near) != 0)
			continue;
		diag_hint(session->diags, "did you mean '%s'?", shown.data[i]);
		return;
	}
}

static const struct { const char *pattern, *why; } refused[] = {
#define REFUSED(pattern, why) { pattern, why },
#include "translator/elab/refused-probe.def"
};

int expand_unknown(struct elab *elab, const struct point *point)
{
	struct session *session = elab->session;
	const char *name = point_functors(session, point, 0, point->parts.count);

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (glob_match(refused[i].pattern, name))
			return diag(session->diags, DIAG_PROBE_NOT_YET, point->span, name,
				    refused[i].why) - 1;
	diag(session->diags, DIAG_PROBE_UNKNOWN, point->span, point_text(session, point));
	suggest(elab, point);
	return -1;
}
