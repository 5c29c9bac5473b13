/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -p1: statements and declarations. */
#include <inttypes.h>

#include "translator/parse/ast.h"

static void indent_to(FILE *out, int indent)
{
	for (int i = 0; i < indent; i++)
		fputs("  ", out);
}

/* A statement in a place of its own: a branch, a loop's body. */
static void print_inner(FILE *out, const struct stmt *stmt, int indent)
{
	if (stmt->kind == STMT_BLOCK) {
		putc(' ', out);
		ast_print_stmt(out, stmt, indent);
		return;
	}
	putc('\n', out);
	indent_to(out, indent + 1);
	ast_print_stmt(out, stmt, indent + 1);
}

static void print_empty(FILE *out, const struct stmt *stmt, int indent)
{
	(void)stmt;
	(void)indent;
	putc(';', out);
}

static void print_block(FILE *out, const struct stmt *stmt, int indent)
{
	fputs("{\n", out);
	for (size_t i = 0; i < stmt->block.count; i++) {
		indent_to(out, indent + 1);
		ast_print_stmt(out, stmt->block.data[i], indent + 1);
		putc('\n', out);
	}
	indent_to(out, indent);
	putc('}', out);
}

static void print_expression(FILE *out, const struct stmt *stmt, int indent)
{
	(void)indent;
	ast_print_expr(out, stmt->expr);
	putc(';', out);
}

static void print_if(FILE *out, const struct stmt *stmt, int indent)
{
	fputs("if (", out);
	ast_print_expr(out, stmt->branch.cond);
	putc(')', out);
	print_inner(out, stmt->branch.yes, indent);
	if (!stmt->branch.no)
		return;
	if (stmt->branch.yes->kind == STMT_BLOCK) {
		putc(' ', out);
	} else {
		putc('\n', out);
		indent_to(out, indent);
	}
	fputs("else", out);
	if (stmt->branch.no->kind == STMT_IF) {
		putc(' ', out);
		ast_print_stmt(out, stmt->branch.no, indent);
	} else {
		print_inner(out, stmt->branch.no, indent);
	}
}

static void print_while(FILE *out, const struct stmt *stmt, int indent)
{
	fputs("while (", out);
	ast_print_expr(out, stmt->loop.cond);
	putc(')', out);
	print_inner(out, stmt->loop.body, indent);
}

static void print_for(FILE *out, const struct stmt *stmt, int indent)
{
	fputs("for (", out);
	if (stmt->loop.init)
		ast_print_expr(out, stmt->loop.init);
	fputs("; ", out);
	if (stmt->loop.cond)
		ast_print_expr(out, stmt->loop.cond);
	fputs("; ", out);
	if (stmt->loop.step)
		ast_print_expr(out, stmt->loop.step);
	putc(')', out);
	print_inner(out, stmt->loop.body, indent);
}

static void print_slice(FILE *out, const expr_vec *slice)
{
	for (size_t i = 0; i < slice->count; i++) {
		fputs(i ? ", " : "[", out);
		if (slice->data[i])
			ast_print_expr(out, slice->data[i]);
		else
			putc('*', out);
	}
	fputs(slice->count ? "]" : "", out);
}

static void print_foreach(FILE *out, const struct stmt *stmt, int indent)
{
	static const char *const ops[] = {
		[STAT_COUNT] = " @count", [STAT_SUM] = " @sum", [STAT_MIN] = " @min",
		[STAT_MAX] = " @max",	  [STAT_AVG] = " @avg", [STAT_VARIANCE] = " @variance",
		[STAT_NONE] = "",
	};
	const char *direction = stmt->foreach.descending ? "-" : "+";

	fputs("foreach (", out);
	if (stmt->foreach.value.name)
		fprintf(out, "%s = ", stmt->foreach.value.name);
	for (size_t i = 0; i < stmt->foreach.keys.count; i++)
		fprintf(out, "%s%s%s", i ? ", " : "[", stmt->foreach.keys.data[i].name,
			stmt->foreach.sort == SORT_KEY && stmt->foreach.sort_key == (int)i
				? direction : "");
	fputs("] in ", out);
	ast_print_expr(out, stmt->foreach.array);
	print_slice(out, &stmt->foreach.slice);
	if (stmt->foreach.sort == SORT_VALUE)
		fprintf(out, "%s%s", ops[stmt->foreach.sort_op], direction);
	if (stmt->foreach.limit) {
		fputs(" limit ", out);
		ast_print_expr(out, stmt->foreach.limit);
	}
	putc(')', out);
	print_inner(out, stmt->foreach.body, indent);
}

static void print_word(FILE *out, const struct stmt *stmt, int indent)
{
	(void)indent;
	fputs(stmt->kind == STMT_BREAK	    ? "break;"
	      : stmt->kind == STMT_CONTINUE ? "continue;"
					    : "next;", out);
}

static void print_value(FILE *out, const struct stmt *stmt, int indent)
{
	(void)indent;
	fputs(stmt->kind == STMT_RETURN ? "return" : "delete", out);
	if (stmt->expr) {
		putc(' ', out);
		ast_print_expr(out, stmt->expr);
	}
	putc(';', out);
}

static void print_try(FILE *out, const struct stmt *stmt, int indent)
{
	fputs("try ", out);
	ast_print_stmt(out, stmt->attempt.body, indent);
	fputs(" catch ", out);
	if (stmt->attempt.name)
		fprintf(out, "(%s) ", stmt->attempt.name);
	ast_print_stmt(out, stmt->attempt.handler, indent);
}

static void print_embedded(FILE *out, const struct stmt *stmt, int indent)
{
	(void)indent;
	fprintf(out, "%%{%s%%}", stmt->embedded);
}

static void (*const stmt_printers[STMT_KIND_COUNT])(FILE *out, const struct stmt *stmt,
						    int indent) = {
	[STMT_EMPTY] = print_empty,   [STMT_BLOCK] = print_block, [STMT_EXPR] = print_expression,
	[STMT_IF] = print_if,	      [STMT_WHILE] = print_while, [STMT_FOR] = print_for,
	[STMT_FOREACH] = print_foreach, [STMT_BREAK] = print_word, [STMT_CONTINUE] = print_word,
	[STMT_RETURN] = print_value,  [STMT_NEXT] = print_word,	  [STMT_DELETE] = print_value,
	[STMT_TRY] = print_try,	      [STMT_EMBEDDED] = print_embedded,
};

void ast_print_stmt(FILE *out, const struct stmt *stmt, int indent)
{
	stmt_printers[stmt->kind](out, stmt, indent);
}

static const char *type_suffix(enum type type)
{
	return type == TYPE_LONG ? ":long" : type == TYPE_STRING ? ":string" : "";
}

static void print_global(FILE *out, const struct global *global)
{
	fprintf(out, "%sglobal %s%s", global->is_private ? "private " : "", global->name,
		global->wraps ? "%" : "");
	if (global->max_entries)
		fprintf(out, "[%" PRId64 "]", global->max_entries);
	if (global->init) {
		fputs(" = ", out);
		/* The only place but a probe point where a number has its own sign. */
		if (global->init->kind == EXPR_NUMBER)
			fprintf(out, "%" PRId64, global->init->number);
		else
			ast_print_expr(out, global->init);
	}
	putc('\n', out);
}

static void print_body(FILE *out, const struct stmt *body)
{
	if (!body)
		return;
	putc(' ', out);
	ast_print_stmt(out, body, 0);
}

static void print_probe(FILE *out, const struct probe *probe)
{
	fputs("probe ", out);
	for (size_t i = 0; i < probe->alias_names.count; i++) {
		bool last = i + 1 == probe->alias_names.count;

		ast_print_point(out, probe->alias_names.data[i]);
		fputs(last && probe->alias_is_epilogue ? " += " : " = ", out);
	}
	for (size_t i = 0; i < probe->points.count; i++) {
		fputs(i ? ", " : "", out);
		ast_print_point(out, probe->points.data[i]);
	}
	if (probe->predicate) {
		fputs(" /", out);
		ast_print_expr(out, probe->predicate);
		putc('/', out);
	}
	print_body(out, probe->body);
	if (probe->alias_epilogue) {
		putc(',', out);
		print_body(out, probe->alias_epilogue);
	}
	putc('\n', out);
}

static void print_function(FILE *out, const struct function *function)
{
	fprintf(out, "%sfunction %s%s (", function->is_private ? "private " : "", function->name,
		function->type_declared ? type_suffix(function->type) : "");
	for (size_t i = 0; i < function->params.count; i++)
		fprintf(out, "%s%s%s", i ? ", " : "", function->params.data[i]->name,
			type_suffix(function->params.data[i]->type));
	putc(')', out);
	if (function->priority > 0)
		fprintf(out, ":%" PRId64, function->priority);
	if (function->embedded)
		fprintf(out, " %%{%s%%}", function->embedded);
	print_body(out, function->body);
	putc('\n', out);
}

void ast_print_file(FILE *out, const struct file *file)
{
	fprintf(out, "# file %s\n", file->source->name);
	for (size_t i = 0; i < file->embedded.count; i++)
		fprintf(out, "%%{%s%%}\n", file->embedded.data[i]);
	for (size_t i = 0; i < file->globals.count; i++)
		print_global(out, file->globals.data[i]);
	for (size_t i = 0; i < file->aliases.count; i++)
		print_probe(out, file->aliases.data[i]);
	for (size_t i = 0; i < file->probes.count; i++)
		print_probe(out, file->probes.data[i]);
	for (size_t i = 0; i < file->functions.count; i++)
		print_function(out, file->functions.data[i]);
	putc('\n', out);
}
