/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * @entry(…), and parameters in return probes. A twin handler at the function's entry keeps the
 * value in an array of elaboration's own; the return handler takes it out before its body runs. The
 * key is the thread and, in user space, the canonical frame address, which tells the activations of
 * a recursive function apart: it is what the stack pointer holds when the function has returned.
 */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/probes/probe-kind.h"
#include "translator/session.h"

enum { REG_SP = 7 };		/* x86-64, DWARF numbering */

bool tvar_is_entry_value(const struct tvar *t, const char *name)
{
	const struct probe_kind *kind = t->handler->kind;

	return t->site && t->site->is_return && kind->entry && strcmp(name, "return") != 0 &&
	       strncmp(name, "__", 2) != 0 &&
	       !(kind->keeps_arguments && kind->keeps_arguments(t->site));
}

static struct handler *twin_of(struct tvar *t, const struct build *b, const char **why)
{
	struct handler *h = t->handler, *twin;

	if (h->entry_twin)
		return h->entry_twin;
	*why = "only a return probe has an entry";
	if (!t->site || !t->site->is_return || !h->kind->entry)
		return NULL;
	twin = elab_handler_new(t->elab, h->kind, h->point);
	twin->body = build_block(b, NULL, 0);
	for (size_t i = 0; i < h->sites.count; i++) {
		struct site *entry = h->kind->entry(t->elab, h->sites.data[i]);

		if (!entry) {
			*why = "the function's entry cannot be probed";
			return NULL;
		}
		*vec_push(t->session->arena, &twin->sites) = entry;
	}
	twin->trigger = h->trigger;
	twin->name = twin->sites.data[0]->attach.name;
	if (h->kind->twin && !h->kind->twin(t->elab, twin))
		return NULL;
	h->entry_twin = twin;
	return twin;
}

static size_t keys_at(const struct build *b, const struct site *site, struct expr **keys)
{
	keys[0] = build_call(b, "tid", NULL, 0);
	if (!site->user_space)
		return 1;
	keys[1] = site->is_return ? build_register(b, REG_SP) : access_cfa(b, site);
	return 2;
}

static struct stmt *delete_stmt(const struct build *b, struct expr *element)
{
	struct stmt *s = build_expr_stmt(b, element);

	s->kind = STMT_DELETE;
	return s;
}

/*
 * The return of a call whose entry was not seen (it began before the probe was there, or another
 * probe had its CPU) has nothing to work on: its handler ends. What was read is compared with a
 * local that nobody sets, 0 or "" as the type is: only if it equals that is the key looked up once
 * more.
 */
static struct stmt *next_unless_seen(struct tvar *t, const struct build *b, struct global *saved)
{
	const char *none = arena_printf(t->session->arena, "%s_none", saved->name + 1);
	struct expr *keys[2];
	size_t count = keys_at(b, t->site, keys);
	struct expr *some = build_binary(b, OP_NE, build_symbol(b, saved->name + 1),
					 build_symbol(b, none));

	return build_next_unless(b, build_binary(b, OP_LOGICAL_OR, some,
						 build_in(b, saved, keys, count)));
}

struct expr *tvar_entry(struct tvar *t, const struct build *b, struct expr *expr, const char **why)
{
	struct handler *twin = twin_of(t, b, why);
	struct arena *arena = t->session->arena;
	struct expr *keys[2];

	if (!twin)
		return NULL;
	struct global *saved = elab_global_new(t->elab, "__entry", true, b->span);
	size_t count = keys_at(b, twin->sites.data[0], keys);
	struct expr *store = build_assign(b, build_index(b, saved, keys, count), expr);

	*vec_push(arena, &twin->body->block) = build_expr_stmt(b, store);
	struct expr *local = build_symbol(b, saved->name + 1);
	bool first = !t->handler->prologue.count;

	count = keys_at(b, t->site, keys);
	*vec_push(arena, &t->handler->prologue) =
		build_expr_stmt(b, build_assign(b, local, build_index(b, saved, keys, count)));
	if (first)
		*vec_push(arena, &t->handler->prologue) = next_unless_seen(t, b, saved);
	count = keys_at(b, t->site, keys);
	*vec_push(arena, &t->handler->prologue) =
		delete_stmt(b, build_index(b, saved, keys, count));
	return build_symbol(b, saved->name + 1);
}
