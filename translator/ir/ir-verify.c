/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks between stages: the same rules that the runtime applies to a file that it reads, over all
 * functions. Then what only the translator knows: handlers' entries, loops, catch blocks.
 */
#include <stdlib.h>

#include "runtime/program-check.h"
#include "translator/ir/ir.h"

static const char *check_loops(const struct ir_func *func)
{
	for (size_t i = 0; i < func->loops.count; i++) {
		const struct ir_loop *loop = &func->loops.data[i];

		if (loop->header >= func->blocks.count || loop->exit >= func->blocks.count ||
		    loop->parent > i)
			return "a loop has no header or exit, or is inside itself";
	}
	for (size_t i = 0; i < func->blocks.count; i++)
		if (func->blocks.data[i].loop > func->loops.count)
			return "a block is in an unknown loop";
	return NULL;
}

static const char *check_handler(const struct ir_handler *handler)
{
	bool user = handler->program.trigger != TRIGGER_KERNEL;

	if (!handler->func || user != (handler->entry == ENTRY_USER))
		return "a handler's entry does not fit its trigger";
	if (!(user ? handler->func->in_user : handler->func->in_kernel))
		return "a handler's code is meant for the other place";
	if (!user && (!handler->section || !handler->symbol))
		return "a kernel handler has no section";
	return NULL;
}

static void fail(struct ir_program *program, const char *error, const char *where)
{
	fprintf(stderr, "internal error: %s (%s); the program was:\n", error, where);
	ir_print(stderr, program);
	abort();
}

void ir_verify(struct ir_program *program)
{
	struct program tables;
	struct program_fault fault;
	const char *error;

	for (size_t i = 0; i < program->funcs.count; i++)
		if ((error = check_loops(program->funcs.data[i])))
			fail(program, error, program->funcs.data[i]->name);
	for (size_t i = 0; i < program->handlers.count; i++)
		if ((error = check_handler(program->handlers.data[i])))
			fail(program, error, program->handlers.data[i]->program.name);
	ir_tables(program, &tables);
	error = program_check(&tables, &fault);
	if (error && !fault.in_func)
		fail(program, error, "tables");
	if (error) {
		char where[256];

		snprintf(where, sizeof(where), "function %s, block %u, instruction %u",
			 tables.funcs[fault.func].name, fault.block, fault.insn);
		fail(program, error, where);
	}
}
