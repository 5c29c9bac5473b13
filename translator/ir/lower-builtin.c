/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intrinsics: most are one CALLI; those whose row says HOW_LOWER or HOW_SITE become plain IR here,
 * by the name that the row gives.
 */
#include <string.h>

#include "translator/elab/format-table.h"
#include "translator/elab/width.h"
#include "translator/ir/intrinsics.h"
#include "translator/ir/lower-priv.h"
#include "translator/session.h"
#include "translator/util/diag.h"

static struct expr *argument(struct expr *call, size_t index)
{
	return call->call.args.data[index];
}

/* A number that is known now; functions with constant arguments have been folded. */
static int64_t literal(struct lower *l, struct expr *call, size_t index)
{
	uint32_t value = lower_value(l, argument(call, index));

	if (OPERAND_TAG(value) == OPERAND_LONG)
		return l->program->longs.data[OPERAND_INDEX(value)];
	diag(l->session->diags, DIAG_LOWER_LITERAL, argument(call, index)->span, index + 1,
	     call->call.name);
	return 1;
}

/* ---- HOW_LOWER ---- */

static uint32_t builtin_page_size(struct lower *l, struct expr *call)
{
	(void)call;
	return lower_number(l, 4096);
}

/* What stat() says of a file, when the program is loaded. */
static uint32_t file_fact(struct lower *l, struct expr *call, const char *symbol)
{
	return lower_symref(l, symbol, argument(call, 0)->string.text, 0);
}

static uint32_t builtin_file_inode(struct lower *l, struct expr *call)
{
	return file_fact(l, call, SYMREF_INODE);
}

static uint32_t builtin_file_device(struct lower *l, struct expr *call)
{
	return file_fact(l, call, SYMREF_DEVICE);
}

/* Cannot be caught. Blocks after it are not reached. */
static uint32_t builtin_abort(struct lower *l, struct expr *call)
{
	uint32_t rest = ir_block_new(&l->b);
	uint32_t name = OPERAND_INDEX(lower_text(l, "__exit"));

	lower_place_expr(l, call);
	EMIT(l, IR_CALLI, NOTHING, name);
	EMIT(l, IR_RAISE, NOTHING, FAULT_ABORT)->catch_block = 0;
	lower_enter(l, rest);
	return NOTHING;
}

static uint32_t builtin_error(struct lower *l, struct expr *call)
{
	uint32_t text = lower_value(l, argument(call, 0)), rest = ir_block_new(&l->b);

	lower_place_expr(l, call);
	EMIT(l, IR_ERROR, NOTHING, text);
	lower_enter(l, rest);
	return NOTHING;
}

static uint32_t print_with(struct lower *l, struct expr *call, uint32_t action)
{
	uint32_t text = lower_value(l, argument(call, 0));

	lower_place_expr(l, call);
	lower_print_text(l, action, text);
	return NOTHING;
}

static uint32_t builtin_warn(struct lower *l, struct expr *call)
{
	return print_with(l, call, ACTION_WARN);
}

static uint32_t builtin_log(struct lower *l, struct expr *call)
{
	return print_with(l, call, ACTION_LOG);
}

static uint32_t builtin_printk(struct lower *l, struct expr *call)
{
	return print_with(l, call, ACTION_PRINTK);
}

static uint32_t builtin_system(struct lower *l, struct expr *call)
{
	return print_with(l, call, ACTION_SYSTEM);
}

static uint32_t builtin_read(struct lower *l, struct expr *call)
{
	enum mem_space space = literal(l, call, 0) ? SPACE_USER : SPACE_KERNEL;
	int64_t size = literal(l, call, 1), is_signed = literal(l, call, 2);
	uint32_t address = lower_value(l, argument(call, 3));

	lower_place_expr(l, call);
	return lower_read(l, space, size, is_signed, address);
}

static uint32_t builtin_write(struct lower *l, struct expr *call)
{
	uint32_t space = literal(l, call, 0) != 0, size = literal(l, call, 1);
	uint32_t address = lower_stable(l, argument(call, 2), argument(call, 3));
	uint32_t value = lower_value(l, argument(call, 3));

	lower_place_expr(l, call);
	EMIT(l, IR_WRITE, NOTHING, space, size, address, value);
	return NOTHING;
}

static uint32_t builtin_sread(struct lower *l, struct expr *call)
{
	uint32_t space = literal(l, call, 0) != 0;
	uint32_t address = lower_stable(l, argument(call, 1), argument(call, 2));
	uint32_t length = lower_value(l, argument(call, 2)), width = lower_max_string(l), result;

	/* A constant length bounds the string: buffers are as small as that. */
	if (OPERAND_TAG(length) == OPERAND_LONG) {
		int64_t most = l->program->longs.data[OPERAND_INDEX(length)];

		if (most >= 0 && most + 1 < width)
			width = most + 1;
	}
	result = lower_temp_slot(l, width);
	lower_place_expr(l, call);
	EMIT(l, IR_SREAD, result, space, address, length);
	return result;
}

/* ---- HOW_SITE ---- */

/* From so many sites on, their texts are a table rather than a tree. */
#define TABLE_LEAST 8

static const struct site *first_site(const struct lower *l)
{
	return l->handler->sites.count ? l->handler->sites.data[0] : NULL;
}

typedef uint32_t site_value_fn(struct lower *l, const struct site *site);

/* What differs from site to site: a tree of comparisons of the site's number. */
static void site_tree(struct lower *l, uint32_t cookie, const uint32_t *values, size_t from,
		      size_t to, uint32_t result, uint32_t after)
{
	bool same = true;

	for (size_t i = from + 1; i < to; i++)
		same &= values[i] == values[from];
	if (same) {
		EMIT(l, lower_is_string(result) ? IR_SMOV : IR_MOV, result, values[from]);
		lower_jump(l, after);
		return;
	}
	size_t middle = from + (to - from) / 2;
	uint32_t below = ir_block_new(&l->b), above = ir_block_new(&l->b);
	uint32_t limit = lower_number(l, l->handler->first_site + middle);

	EMIT(l, IR_BR, NOTHING, lower_arith(l, IR_LT, cookie, limit), below, above);
	lower_enter(l, below);
	site_tree(l, cookie, values, from, middle, result, after);
	lower_enter(l, above);
	site_tree(l, cookie, values, middle, to, result, after);
}

/* Of many sites: a table of texts. */
static uint32_t site_text(struct lower *l, const struct expr *call, const uint32_t *values,
			  size_t count, uint32_t width)
{
	struct format format = { .arena = l->session->arena };
	uint32_t operands[] = { OPERAND_INDEX(lower_text(l, "__sitetext")), 0,
				lower_number(l, width - 1) };
	uint32_t result = lower_temp_slot(l, width);

	for (size_t i = 0; i < count; i++) {
		format_begin(&format, i);
		format_text(&format, l->program->texts.data[OPERAND_INDEX(values[i])], 0);
		format_row(&format, ARGFMT_END, 0, 8);
	}
	operands[1] = lower_number(l, format_finish(&format, l->session));
	lower_place_expr(l, call);
	lower_emit(l, IR_CALLI, result, operands, 3);
	return result;
}

static uint32_t site_value(struct lower *l, const struct expr *call, site_value_fn *of)
{
	size_t count = l->handler->sites.count;
	uint32_t *values = arena_alloc(l->session->arena, (count + 1) * sizeof(*values));
	uint32_t cookie, result, after, width = 1;
	bool same = true;

	for (size_t i = 0; i < count; i++) {
		values[i] = of(l, l->handler->sites.data[i]);
		same &= values[i] == values[0];
		if (lower_is_string(values[i]) && lower_width(l, values[i]) > width)
			width = lower_width(l, values[i]);
	}
	if (same || l->handler->entry == SITE_USER)
		return values[0];
	if (lower_is_string(values[0]) && count >= TABLE_LEAST)
		return site_text(l, call, values, count, width);
	result = lower_is_string(values[0]) ? lower_temp_slot(l, width) : lower_temp_reg(l);
	cookie = lower_temp_reg(l);
	after = ir_block_new(&l->b);
	EMIT(l, IR_COOKIE, cookie);
	site_tree(l, cookie, values, 0, count, result, after);
	lower_enter(l, after);
	return result;
}

static uint32_t text_or_empty(struct lower *l, const char *text)
{
	return lower_text(l, text ? text : "");
}

static uint32_t site_name(struct lower *l, const struct site *site)
{
	return text_or_empty(l, site->attach.name ? site->attach.name : lower_handler_name(l));
}

static uint32_t site_function(struct lower *l, const struct site *site)
{
	return text_or_empty(l, site->attach.function);
}

static uint32_t site_module(struct lower *l, const struct site *site)
{
	if (site->user_space)
		return text_or_empty(l, site->attach.path);
	return lower_text(l, site->entry == SITE_USER ? "" : "kernel");
}

static uint32_t site_is_return(struct lower *l, const struct site *site)
{
	return lower_number(l, site->is_return);
}

static uint32_t site_user_space(struct lower *l, const struct site *site)
{
	return lower_number(l, site->user_space);
}

static uint32_t site_has_regs(struct lower *l, const struct site *site)
{
	return lower_number(l, site->entry == SITE_PT_REGS || site->entry == SITE_PERF);
}

static uint32_t builtin_pp(struct lower *l, struct expr *call)
{
	return site_value(l, call, site_name);
}

static uint32_t builtin_pn(struct lower *l, struct expr *call)
{
	const struct handler *handler = l->handler->handler;

	(void)call;
	return text_or_empty(l, handler->alias ? handler->alias : handler->name);
}

static uint32_t builtin_probefunc(struct lower *l, struct expr *call)
{
	return site_value(l, call, site_function);
}

static uint32_t builtin_probemod(struct lower *l, struct expr *call)
{
	return site_value(l, call, site_module);
}

static uint32_t builtin_is_return(struct lower *l, struct expr *call)
{
	return site_value(l, call, site_is_return);
}

static uint32_t builtin_user_probe(struct lower *l, struct expr *call)
{
	return site_value(l, call, site_user_space);
}

static uint32_t builtin_user_mode(struct lower *l, struct expr *call)
{
	(void)call;
	return lower_user_mode(l);
}

static uint32_t builtin_has_regs(struct lower *l, struct expr *call)
{
	return site_value(l, call, site_has_regs);
}

/* Where the probed place is: a function or what follows it, or where the processor was. */
static uint32_t site_address(struct lower *l, const struct site *site)
{
	const char *symbol = site->attach.symbol;
	bool function = !site->user_space && symbol && *symbol &&
			(site->attach.mech == MECH_KPROBE || site->attach.mech == MECH_FENTRY ||
			 site->attach.mech == MECH_FEXIT);

	if (function)
		return lower_symref(l, symbol, "", (int64_t)site->attach.offset);
	if (site->attach.mech == MECH_KPROBE)		/* .absolute */
		return lower_number(l, (int64_t)site->attach.offset);
	if (site->entry == SITE_PERF || (site->entry == SITE_PT_REGS && site->user_space))
		return lower_program_counter(l);
	return lower_number(l, 0);
}

static uint32_t builtin_probe_address(struct lower *l, struct expr *call)
{
	return site_value(l, call, site_address);
}

static uint32_t builtin_reg(struct lower *l, struct expr *call)
{
	return lower_register(l, call, literal(l, call, 0));
}

/* Argument @number of a system call. */
static uint32_t syscall_argument(struct lower *l, struct expr *call, const uint16_t *offsets,
				 int64_t number)
{
	uint32_t address;

	if (number < 0 || number > 5)
		return lower_argument(l, call, -1);
	address = lower_arith(l, IR_ADD, lower_argument(l, call, 0),
			      lower_number(l, offsets[number]));
	return lower_read(l, SPACE_KERNEL, 8, false, address);
}

static uint32_t builtin_arg(struct lower *l, struct expr *call)
{
	const struct site *site = first_site(l);
	int64_t number = literal(l, call, 0);

	return site && site->arguments ? syscall_argument(l, call, site->arguments, number)
				       : lower_argument(l, call, number);
}

static uint32_t builtin_retval(struct lower *l, struct expr *call)
{
	const struct site *site = first_site(l);

	return lower_return_value(l, call, site && site->arguments && site->is_return ? 1 : -1);
}

static const struct {
	const char *name;
	uint32_t (*lower)(struct lower *l, struct expr *call);
} rows[] = {
	{ "file_inode", builtin_file_inode }, { "file_device", builtin_file_device },
	{ "page_size", builtin_page_size }, { "abort", builtin_abort },
	{ "error", builtin_error }, { "warn", builtin_warn }, { "log", builtin_log },
	{ "printk", builtin_printk }, { "system", builtin_system }, { "read", builtin_read },
	{ "write", builtin_write }, { "sread", builtin_sread }, { "pp", builtin_pp },
	{ "pn", builtin_pn }, { "probefunc", builtin_probefunc },
	{ "probemod", builtin_probemod }, { "is_return", builtin_is_return },
	{ "user_probe", builtin_user_probe }, { "user_mode", builtin_user_mode },
	{ "has_regs", builtin_has_regs },
	{ "probe_address", builtin_probe_address }, { "reg", builtin_reg }, { "arg", builtin_arg },
	{ "retval", builtin_retval },
};

static uint32_t lower_row(struct lower *l, struct expr *call)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].name, call->call.intrinsic->text))
			return rows[i].lower(l, call);
	diag(l->session->diags, DIAG_LOWER_UNSUPPORTED, call->span, call->call.name);
	return NOTHING;
}

uint32_t lower_builtin(struct lower *l, struct expr *expr, bool wanted)
{
	const struct intrinsic *intrinsic = expr->call.intrinsic;
	uint32_t operands[1 + PROGRAM_MAX_KEYS], result = NOTHING;
	size_t count = expr->call.args.count;

	if (intrinsic->how == HOW_LOWER || intrinsic->how == HOW_SITE)
		return lower_row(l, expr);
	/* known as soon as the handler is: what only the other place can do goes away */
	if (l->b.func->is_handler && !strcmp(intrinsic->name, "__in_user"))
		return lower_number(l, l->handler->entry == SITE_USER);
	lower_args(l, &expr->call.args, operands + 1);
	operands[0] = OPERAND_INDEX(lower_text(l, intrinsic->name));
	if (wanted && expr->type == TYPE_STRING)
		result = lower_temp_slot(l, width_of_expr(l->session, expr));
	else if (wanted && expr->type == TYPE_LONG)
		result = lower_temp_reg(l);
	lower_place_expr(l, expr);
	lower_emit(l, IR_CALLI, result, operands, 1 + count);
	return result;
}
