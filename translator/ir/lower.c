/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program: handlers, one lowering for each way in which the kernel may enter them; then the
 * functions that they turned out to call; then what can only be told from the whole.
 */
#include <ctype.h>
#include <string.h>

#include "translator/elab/walk.h"
#include "translator/ir/intrinsics.h"
#include "translator/ir/lower-priv.h"
#include "translator/ir/lower.h"
#include "translator/session.h"
#include "translator/util/diag.h"

/* ---- functions ---- */

struct dependence {
	bool found;
	VEC(const struct function *) seen;
	struct arena *arena;
};

static void find_dependence(struct walk *walk, struct expr **slot);

static void function_walk(struct dependence *d, const struct function *function)
{
	struct walk walk = { .expr = find_dependence, .context = d };
	struct stmt *body = function->body;

	for (size_t i = 0; i < d->seen.count; i++)
		if (d->seen.data[i] == function)
			return;
	*vec_push(d->arena, &d->seen) = function;
	if (body)
		walk_stmt(&walk, &body);
}

static void find_dependence(struct walk *walk, struct expr **slot)
{
	static const bool of_context[] = { [MACH_REG] = true, [MACH_ARG] = true,
		[MACH_RETVAL] = true, [MACH_PERF] = true, [MACH_WRITE] = false };
	struct dependence *d = walk->context;
	const struct expr *expr = *slot;

	if (expr->kind == EXPR_MACH)
		d->found |= of_context[expr->mach.mach];
	if (expr->kind == EXPR_REG_OP)
		d->found |= !expr->regop.is_deref;
	if (expr->kind != EXPR_CALL)
		return;
	if (expr->call.intrinsic)
		d->found |= expr->call.intrinsic->how == HOW_SITE;
	for (size_t i = 0; i < expr->call.targets.count; i++)
		function_walk(d, expr->call.targets.data[i]);
}

static const char *identifier(struct lower *l, const char *stem, size_t number, const char *name)
{
	char *made = arena_printf(l->session->arena, "%s%zu_%.40s", stem, number, name);

	for (char *at = made; *at; at++)
		if (!isalnum((unsigned char)*at))
			*at = '_';
	return made;
}

/* The function for the handler in hand; its body is lowered later. */
struct ir_func *lower_function(struct lower *l, struct function *function)
{
	struct dependence d = { .arena = l->session->arena };
	struct lower_func *made;
	uint32_t hash = finder_hash((uintptr_t)function, 0);

	for (uint32_t at = finder_first(&l->func_finder, hash); at;
	     at = finder_next(&l->func_finder, at)) {
		made = l->funcs.data[at - 1];
		if (made->function == function && (!made->depends || made->handler == l->handler))
			return made->func;
	}
	function_walk(&d, function);
	made = arena_new_of(l->session->arena, struct lower_func);
	made->function = function;
	made->handler = l->handler;
	made->depends = d.found;
	made->func = ir_func_new(l->program,
				 identifier(l, "f", l->funcs.count, function->name));
	finder_add(&l->func_finder, l->session->arena, hash);
	*vec_push(l->session->arena, &l->funcs) = made;
	return made->func;
}

static void begin_body(struct lower *l, struct ir_func *func, struct lower_handler *handler,
		       struct function *function)
{
	memset(&l->b, 0, sizeof(l->b));
	l->b.program = l->program;
	l->b.func = func;
	l->handler = handler;
	l->function = function;
	l->loop = NULL;
	l->frame = NULL;
	l->depth = 0;
	memset(&l->temps, 0, sizeof(l->temps));
	memset(&l->var_regs, 0, sizeof(l->var_regs));
	lower_enter(l, ir_block_new(&l->b));
}

/* Variables are taken at depth 0, what statements take is of depth 1 and given back. */
static void finish_body(struct lower *l, struct stmt *body)
{
	l->depth = 1;
	lower_stmt(l, body);
	if (!ir_block_ended(&l->b))
		lower_leave(l, NOTHING);
	for (size_t i = 0; i < l->b.func->blocks.count; i++) {
		l->b.block = i;
		if (!ir_block_ended(&l->b))
			lower_leave(l, NOTHING);
	}
}

static void lower_function_body(struct lower *l, struct lower_func *lf)
{
	struct function *function = lf->function;
	struct ir_func *func = lf->func;

	begin_body(l, func, lf->handler, function);
	func->is_recursive = function->is_recursive;
	func->result = function->type == TYPE_STRING ? 2 : function->type == TYPE_LONG ? 1 : 0;
	if (func->result == 2)
		func->result_width = function->width ? function->width : lower_max_string(l);
	lower_place(l, TOK_IDENTIFIER, function->span);
	func->place = l->b.place;
	lower_locals(l, &function->locals);
	lower_locals(l, &function->params);
	for (size_t i = 0; i < function->params.count; i++)
		*vec_push(l->session->arena, &func->params) =
			lower_local(function->params.data[i]);
	/* Calls that cannot recurse are bounded by the script's length. */
	if (func->is_recursive)
		lower_action(l, 1);
	finish_body(l, function->body);
}

/* ---- handlers ---- */

static uint32_t handler_place(struct lower *l, const struct handler *handler)
{
	const struct point *point = handler->point;

	if (!point || !point->parts.count)
		return 0;
	return ir_place(l->program, "identifier", point->parts.data[0].span);
}

/* Where its "probe" stands: what -t shows. */
static uint32_t probe_place(struct lower *l, const struct handler *handler)
{
	if (!handler->probe || !handler->probe->span.source)
		return handler_place(l, handler);
	return ir_place(l->program, "keyword", handler->probe->span);
}

static const char *section_of(const struct site *site)
{
	return site->section ? site->section : "";
}

static struct ir_handler *add_handler(struct lower *l, struct lower_handler *lh,
				      const struct site *first)
{
	struct ir_handler *made = arena_new_of(l->session->arena, struct ir_handler);
	const struct handler *handler = lh->handler;

	made->program = (struct program_handler){ .name = handler->name,
		.origin = handler->origin ? handler->origin : "", .trigger = handler->trigger,
		.priority = handler->priority, .place = probe_place(l, handler) };
	made->func = lh->func;
	made->entry = (enum ir_entry)lh->entry;
	if (lh->entry != SITE_USER) {
		made->section = section_of(first);
		made->symbol = identifier(l, "probe", l->program->handlers.count, handler->name);
	}
	*vec_push(l->session->arena, &l->program->handlers) = made;
	return made;
}

_Static_assert((int)SITE_USER == (int)ENTRY_USER && (int)SITE_PT_REGS == (int)ENTRY_PT_REGS &&
	       (int)SITE_ARGS == (int)ENTRY_ARGS && (int)SITE_PERF == (int)ENTRY_PERF,
	       "entries are numbered alike");

/* One handler of the program for each section; the sites of a section stand together, so that a
 * site's number is lh->first_site plus its place in lh->sites. */
static void add_sections(struct lower *l, struct lower_handler *lh, uint32_t *site_count)
{
	struct arena *arena = l->session->arena;
	uint32_t place = handler_place(l, lh->handler);
	site_vec in = lh->sites, out = { 0 };

	lh->first_site = *site_count;
	for (size_t i = 0; i < in.count; i++) {
		struct ir_handler *made;

		if (!in.data[i])
			continue;
		const struct site *first = in.data[i];

		made = add_handler(l, lh, first);
		for (size_t j = i; j < in.count; j++) {
			struct program_site *site;

			if (!in.data[j] || strcmp(section_of(in.data[j]), section_of(first)))
				continue;
			site = vec_push(arena, &made->sites);
			*site = in.data[j]->attach;
			site->program = made->symbol;
			site->is_return = in.data[j]->is_return;
			site->name = site->name ? site->name : lh->handler->name;
			site->place = place;
			*vec_push(arena, &out) = in.data[j];
			if (j > i)
				in.data[j] = NULL;
		}
	}
	lh->sites = out;
	*site_count += out.count;
}

static void lower_handler_body(struct lower *l, struct lower_handler *lh)
{
	begin_body(l, lh->func, lh, NULL);
	lh->func->is_handler = true;
	lower_locals(l, &lh->handler->locals);
	finish_body(l, lh->handler->body);
}

/* The sites of @handler that are entered as @entry says: a function of their own. */
static void lower_entry(struct lower *l, const struct handler *handler, enum site_entry entry,
			uint32_t *site_count)
{
	struct lower_handler *lh = arena_new_of(l->session->arena, struct lower_handler);

	lh->handler = handler;
	lh->entry = entry;
	for (size_t i = 0; i < handler->sites.count; i++)
		if (handler->sites.data[i]->entry == entry)
			*vec_push(l->session->arena, &lh->sites) = handler->sites.data[i];
	lh->func = ir_func_new(l->program,
			       identifier(l, "h", l->program->funcs.count, handler->name));
	add_sections(l, lh, site_count);
	lower_handler_body(l, lh);
}

/* In the order of the sites: of alternatives, the first that the kernel has is taken. */
static void lower_handler(struct lower *l, const struct handler *handler, uint32_t *site_count)
{
	uint32_t done = 0;

	for (size_t i = 0; i < handler->sites.count; i++) {
		enum site_entry entry = handler->sites.data[i]->entry;

		if (!(done >> entry & 1))
			lower_entry(l, handler, entry, site_count);
		done |= 1u << entry;
	}
}

/* ---- the whole ---- */

static void mark_callees(struct ir_program *program, struct ir_func *func, bool kernel, bool user)
{
	if ((!kernel || func->in_kernel) && (!user || func->in_user))
		return;
	func->in_kernel |= kernel;
	func->in_user |= user;
	for (size_t b = 0; b < func->blocks.count; b++)
		for (size_t i = 0; i < func->blocks.data[b].insns.count; i++) {
			const struct ir_insn *insn = &func->blocks.data[b].insns.data[i];

			if (insn->op == IR_CALL)
				mark_callees(program, program->funcs.data[insn->operands.data[1]],
					     kernel, user);
		}
}

/* Depth of calls below @func; recursion is not followed. */
static unsigned int call_depth(const struct ir_program *program, const struct ir_func *func,
			       unsigned int depth)
{
	unsigned int deepest = 0;

	if (depth > program->funcs.count)
		return 0;
	for (size_t b = 0; b < func->blocks.count; b++)
		for (size_t i = 0; i < func->blocks.data[b].insns.count; i++) {
			const struct ir_insn *insn = &func->blocks.data[b].insns.data[i];
			const struct ir_func *callee;
			unsigned int below;

			if (insn->op != IR_CALL)
				continue;
			callee = program->funcs.data[insn->operands.data[1]];
			below = 1 + (callee->is_recursive ?
					     0 : call_depth(program, callee, depth + 1));
			deepest = below > deepest ? below : deepest;
		}
	return deepest;
}

/* As SystemTap: the deepest chain of calls, and ten more where functions call themselves. */
static int64_t nesting_limit(const struct ir_program *program)
{
	unsigned int deepest = 0;
	bool recursive = false;

	for (size_t i = 0; i < program->funcs.count; i++) {
		unsigned int depth = call_depth(program, program->funcs.data[i], 0);

		deepest = depth > deepest ? depth : deepest;
		recursive |= program->funcs.data[i]->is_recursive;
	}
	return deepest + (recursive ? 10 : 1);
}

static bool kernel_prints(const struct ir_program *program)
{
	for (size_t f = 0; f < program->funcs.count; f++) {
		const struct ir_func *func = program->funcs.data[f];

		for (size_t b = 0; func->in_kernel && b < func->blocks.count; b++)
			for (size_t i = 0; i < func->blocks.data[b].insns.count; i++) {
				enum ir_op op = func->blocks.data[b].insns.data[i].op;

				if (op == IR_PRINT || op == IR_PRINTHIST)
					return true;
			}
	}
	return false;
}

static void settle(struct lower *l)
{
	struct ir_program *program = l->program;

	for (size_t i = 0; i < program->handlers.count; i++) {
		struct ir_handler *handler = program->handlers.data[i];
		bool user = handler->entry == ENTRY_USER;

		mark_callees(program, handler->func, !user, user);
	}
	if (!l->session->options.unoptimized)
		ir_optimize(program);
	lower_globals_settle(l);
	lower_timing(l);
	if (!program->head.max_nesting)
		program->head.max_nesting = nesting_limit(program);
	program->head.kernel_silent = !kernel_prints(program);
}

struct ir_program *lower(struct session *session, const struct elab_program *program)
{
	int errors = diags_errors(session->diags);
	struct lower l = { .session = session, .elab = program };
	uint32_t sites = 0;

	lower_max_string_option(session);
	l.program = ir_program_new(session);
	if (!lower_limits(&l))
		return NULL;
	lower_globals(&l);
	for (size_t i = 0; i < program->handlers.count; i++)
		if (program->handlers.data[i]->trigger != TRIGGER_NEVER)
			lower_handler(&l, program->handlers.data[i], &sites);
	for (size_t i = 0; i < l.funcs.count; i++)
		lower_function_body(&l, l.funcs.data[i]);
	if (diags_errors(session->diags) > errors || !lower_regex_tables(&l))
		return NULL;
	settle(&l);
	ir_verify(l.program);
	return l.program;
}
