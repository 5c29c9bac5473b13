/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing to target variables: memory of processes, in guru mode. */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/probes/probe-kind.h"
#include "translator/session.h"

static struct expr *write_to(const struct build *b, const struct expr *place, struct expr *value)
{
	struct expr *write = build_mach(b, MACH_WRITE, 0);

	write->mach.space = place->mach.space;
	write->mach.size = place->mach.size;
	write->mach.base = place->mach.base;
	write->mach.value = value;
	return write;
}

/* A bit-field is read as (unit << a) >> b (access.c): the unit is read, changed and written. */
static struct expr *write_bits(const struct build *b, const struct expr *place, struct expr *value)
{
	const struct expr *up = place->binary.left, *down = place->binary.right;
	struct arena *arena = b->session->arena;

	if (up->kind != EXPR_BINARY || up->binary.op != OP_SHL ||
	    up->binary.left->kind != EXPR_MACH || up->binary.left->mach.mach != MACH_READ)
		return NULL;
	struct expr *unit = expr_copy(arena, up->binary.left);
	int64_t offset = down->number - up->binary.right->number;
	uint64_t mask = (~0ULL >> down->number) << offset;
	struct expr *bits = build_binary(b, OP_AND,
					 build_binary(b, OP_SHL, value, build_number(b, offset)),
					 build_number(b, (int64_t)mask));
	struct expr *rest = build_binary(b, OP_AND, unit, build_number(b, (int64_t)~mask));
	struct expr *write = write_to(b, up->binary.left, build_binary(b, OP_OR, rest, bits));

	return build_binary(b, place->binary.op,
			    build_binary(b, OP_SHL, write, build_number(b, down->number - offset)),
			    build_number(b, down->number));
}

/* Why a place is no place to write to; "" if it is one. @write is NULL if it is not in memory. */
static const char *why_not(const struct tvar *t, const struct expr *target,
			   const struct expr *write)
{
	const struct expr *read = write && write->kind == EXPR_BINARY
		? write->binary.left->binary.left : write;

	if (target->kind == EXPR_TARGET && target->target.pretty)
		return "it is a text";
	if (target->kind == EXPR_TARGET && strncmp(target->target.name, "$$", 2) == 0)
		return "it is a text";
	if (target->kind == EXPR_TARGET && tvar_is_entry_value(t, target->target.name + 1))
		return "a return probe knows only what it was at entry";
	if (!write)
		return "it is no number in memory, and BPF programs cannot change registers";
	if (read->mach.space == SPACE_KERNEL)
		return "BPF programs cannot write to the kernel's memory";
	return !t->handler || t->handler->trigger == TRIGGER_KERNEL ? ""
		: "a handler that runs in user space is in none of the processes";
}

/* `$x = v`: a write to the place that $x was read from. */
void tvar_write(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot, *left = e->binary.left;
	struct span span = left->span;

	tvar_node(t, &e->binary.right);
	if (tvar_is_value(t, left) &&
	    (e->binary.op == OP_ASSIGN || e->binary.op == OP_CAT_ASSIGN)) {
		struct build b = build_at(t->session, e);

		*slot = build_call(&b, e->binary.op == OP_ASSIGN ? "__set_value"
								  : "__add_value",
				   &e->binary.right, 1);
		return;
	}
	if (!t->session->options.guru && !left->span.source->privileged) {
		tvar_fail(t, slot, DIAG_VAR_WRITE_GURU, span);
		return;
	}
	if (e->binary.op != OP_ASSIGN) {
		tvar_fail(t, slot, DIAG_SEM_TARGET_LVALUE, span, op_spelling[e->binary.op]);
		return;
	}
	tvar_node(t, &e->binary.left);
	struct expr *place = e->binary.left, *write = NULL;
	struct build b = build_at(t->session, e);

	if (place->type == TYPE_ERROR)
		return;
	if (place->kind == EXPR_MACH && place->mach.mach == MACH_READ)
		write = write_to(&b, place, e->binary.right);
	else if (place->kind == EXPR_BINARY)
		write = write_bits(&b, place, e->binary.right);
	if (write && !*why_not(t, left, write))
		*slot = write;
	else
		tvar_fail(t, slot, DIAG_VAR_WRITE, span, why_not(t, left, write));
}

/* `$x++`: not even with -g. */
void tvar_step(struct tvar *t, struct expr **slot)
{
	struct expr *e = *slot;
	const struct span span = e->unary.operand->span;

	if (!t->session->options.guru && !span.source->privileged)
		tvar_fail(t, slot, DIAG_VAR_WRITE_GURU, span);
	else
		tvar_fail(t, slot, DIAG_SEM_TARGET_LVALUE, span, op_spelling[e->unary.op]);
}

bool tvar_autocast_write(struct elab *elab, struct handler *handler, struct expr **slot)
{
	struct tvar t = { .elab = elab, .session = elab_session(elab), .handler = handler };

	if (handler && handler->sites.count)
		t.site = handler->sites.data[0];
	tvar_write(&t, slot);
	return !t.failed;
}
