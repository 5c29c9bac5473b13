/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intrinsics: helpers, functions of runtime/kern, fields of the session, and the back end's own
 * rows. */
#include <stddef.h>
#include <string.h>

#include <linux/bpf.h>

#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"
#include "runtime/btf-member.h"
#include "runtime/kern/work.h"
#include "translator/ir/intrinsics.h"

static const struct intrinsic *intrinsic_of(const struct fn *f, const struct flat_insn *insn)
{
	return intrinsic_find(f->flat->program->texts.data[insn->operands[1]]);
}

/* ---- functions of runtime/kern, by how they are called ---- */

struct kcall {
	const char *symbol;	/* the row's */
	const char *function;	/* where it has another name; or NULL */
	emitter emit;
	bool works;		/* with the string library's working memory */
	bool traces;		/* with memory for a stack */
	enum abi_fault fault;	/* what WORK_FAILED raises */
	int64_t detail;
};
static const struct kcall *kcall_find(const char *symbol);

/* What these helpers give stays the same through a run: asked again, they are not called again. */
static void call_once(struct gen *g, LLVMValueRef call, int64_t helper)
{
	unsigned int none = LLVMGetEnumAttributeKindForName("memory", 6);

	if (helper != BPF_FUNC_get_current_pid_tgid && helper != BPF_FUNC_get_current_uid_gid &&
	    helper != BPF_FUNC_get_current_task_btf)
		return;
	/* LLVM before 16 has another name for it. */
	if (!none)
		none = LLVMGetEnumAttributeKindForName("readnone", 8);
	LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex,
				 LLVMCreateEnumAttribute(g->context, none, 0));
}

/* Some kernels (5.19 to 6.3) do not clear what follows the name. */
static void comm_helped(struct gen *g, LLVMValueRef space)
{
	words_clear(g, space, 0, 16);
	HELPER(g, BPF_FUNC_get_current_comm, space, const32(g, 16));
}

/* The name of the current task, zeros behind it, from the task's own memory, for half the price of
 * asking. Where struct task_struct has it the runtime writes there before loading: the verifier
 * wants a constant. */
static void comm_read(struct fn *f, LLVMValueRef space)
{
	struct gen *g = f->g;
	LLVMValueRef place = LLVMGetNamedGlobal(g->module, "sonde_comm_at"), task;

	need(g, "task_name", f->insn->place);
	place = place ? ptr_cast(g, place) : rodata(g, "sonde_comm_at", const64(g, 0));
	task = HELPER(g, BPF_FUNC_get_current_task_btf);
	call_once(g, task, BPF_FUNC_get_current_task_btf);
	task = LLVMBuildAdd(g->builder, task, load_volatile(g, g->i64, place, 0), "");
	task = LLVMBuildIntToPtr(g->builder, task, g->ptr, "");
	for (uint32_t i = 0; i < 16; i += 8)
		store(g, load_volatile(g, g->i64, task, i), space, i);
}

static bool comm_readable(struct gen *g)
{
	const struct target_kernel *kernel = &g->session->kernel;

	if (!g->comm_known)
		g->comm_known = !kernel->btf_path ||
				btf_task_name(kernel->btf_path, kernel->release) < 0 ? -1 : 1;
	return g->comm_known > 0;
}

static void kcall_comm(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	uint32_t slot = OPERAND_INDEX(o[0]), width = f->flat->slots.data[slot].width;
	LLVMValueRef space = width < 16 ? lent_space(f, 16) : slot_pointer(f, slot);
	struct str from = { space, NULL, 16, true, NULL };

	if (comm_readable(g))
		comm_read(f, space);
	else
		comm_helped(g, space);
	from.length = KERN(g, "sonde_str_length", space, const64(g, 2));
	if (width < 16) {
		str_copy(f, slot, &from);
		return;
	}
	if (f->strings_on_stack)
		words_clear(g, space, 16, ABI_ROUND8(width));
	slot_set_length(f, slot, from.length);
}

static void kcall_exit(struct fn *f, const uint32_t *o)
{
	(void)o;
	KERN(f->g, "sonde_exit", map_ring(f->g), const64(f->g, f->index));
}

/* Longs in, a long out. */
static void kcall_longs(struct fn *f, const uint32_t *o)
{
	LLVMValueRef args[8];
	uint32_t count = 0;

	for (uint32_t i = 2; i < f->insn->operand_count && count < 8; i++)
		args[count++] = long_operand(f, o[i]);
	long_result(f, o[0], kern_call(f->g, intrinsic_of(f, f->insn)->text, args, count));
}

static void kcall_strlen(struct fn *f, const uint32_t *o)
{
	long_result(f, o[0], str_operand(f, o[2]).length);
}

/* A function of the string library: arguments into the work, the result out of it. */
static void kcall_work(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	const struct kcall *row = kcall_find(intrinsic_of(f, f->insn)->text);
	uint32_t strings = 0, longs = 0;
	LLVMValueRef result, work = work_pointer(f), failed;

	for (uint32_t i = 2; i < f->insn->operand_count; i++) {
		enum operand_tag tag = OPERAND_TAG(o[i]);

		if (tag == OPERAND_SLOT || tag == OPERAND_TEXT) {
			struct str from = str_operand(f, o[i]);

			work_argument(f, strings++, &from);
		} else {
			work_state(f, WORK_LONG + longs++, long_operand(f, o[i]));
		}
	}
	result = KERN(g, row->symbol, work);
	failed = LLVMBuildICmp(g->builder, LLVMIntEQ, result, const64(g, WORK_FAILED), "");
	if (row->fault == FAULT_ADDRESS)
		raise_if(f, failed, FAULT_ADDRESS, long_operand(f, o[3]));
	else if (row->fault)
		raise_if(f, failed, row->fault, const64(g, row->detail));
	if (OPERAND_TAG(o[0]) == OPERAND_SLOT)
		work_result(f, OPERAND_INDEX(o[0]), result);
	else
		long_result(f, o[0], result);
}

/* Text by a table, of its @number; @registers: an address. */
static void format_walk(struct fn *f, const uint32_t *o, LLVMValueRef number,
			LLVMValueRef registers)
{
	struct gen *g = f->g;
	const struct kcall *row = kcall_find(intrinsic_of(f, f->insn)->text);
	int64_t place = f->flat->program->longs.data[OPERAND_INDEX(o[2])];
	const struct session_table *table = &g->session->tables.data[place];
	LLVMValueRef data = LLVMConstStringInContext(g->context, (const char *)table->data,
						     table->size, true);
	LLVMValueRef result, failed, address;

	work_state(f, WORK_LONG, number);
	work_state(f, WORK_LONG + 1, registers);
	result = KERN(g, row->function ? row->function : row->symbol, work_pointer(f),
		      rodata(g, "argfmt", data));
	failed = LLVMBuildICmp(g->builder, LLVMIntEQ, result, const64(g, WORK_FAILED), "");
	address = load_volatile(g, g->i64, work_pointer(f), WORK_LONG * 8);
	raise_if(f, failed, FAULT_ADDRESS, address);
	work_result(f, OPERAND_INDEX(o[0]), result);
}

static void kcall_argfmt(struct fn *f, const uint32_t *o)
{
	format_walk(f, o, long_operand(f, o[3]), long_operand(f, o[4]));
}

/* Of the site that fired. */
static void kcall_sitefmt(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef first = const64(g, f->first_site);
	LLVMValueRef number = LLVMBuildSub(g->builder, site_number(f), first, "");

	format_walk(f, o, number,
		    LLVMBuildPtrToInt(g->builder, fn_pointer(f, VAR_CTX), g->i64, ""));
}

static void kcall_zone(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef session = bss_global(g, "sonde_session", sizeof(struct abi_session));
	LLVMValueRef space = lent_space(f, 8);
	struct str from = { space, NULL, 8, true, NULL };

	store(g, load_volatile(g, g->i64, session, offsetof(struct abi_session, zone)), space, 0);
	from.length = KERN(g, "sonde_str_length", space, const64(g, 1));
	str_copy(f, OPERAND_INDEX(o[0]), &from);
}

static const struct kcall kcalls[] = {
	{ "sonde_comm", .emit = kcall_comm, .works = false },
	{ "sonde_exit", .emit = kcall_exit, .works = false },
	{ "sonde_wall_ns", .emit = kcall_longs, .works = false },
	{ "sonde_strlen", .emit = kcall_strlen, .works = false },
	{ "sonde_zone", .emit = kcall_zone, .works = false },
	{ "sonde_backtrace", .emit = kcall_backtrace, .traces = true },
	{ "sonde_stack_at", .emit = kcall_stack_at, .traces = true },
	{ "sonde_symbol", .emit = kcall_symbol, .works = false },
	{ "sonde_space", .emit = kcall_space, .works = false },
	{ "sonde_ubacktrace", .emit = kcall_ubacktrace, .traces = true },
	{ "sonde_ustack_at", .emit = kcall_ustack_at, .traces = true },
	{ "sonde_user_address", .emit = kcall_user_address, .traces = true },
	{ "sonde_argfmt", .emit = kcall_argfmt, .works = true, .fault = FAULT_ADDRESS },
	{ "sonde_argtext", .emit = kcall_argfmt, .works = true, .fault = FAULT_ADDRESS },
	{ "sonde_argresult", .emit = kcall_argfmt, .works = true, .fault = FAULT_ADDRESS },
	{ "sonde_sitefmt", .emit = kcall_sitefmt, .works = true, .fault = FAULT_ADDRESS,
	  .function = "sonde_argfmt" },
	{ "sonde_sitetext", .emit = kcall_sitefmt, .works = true, .fault = FAULT_ADDRESS,
	  .function = "sonde_argtext" },
	{ "sonde_substr", .emit = kcall_work, .works = true },
	{ "sonde_strpos", .emit = kcall_work, .works = true, .fault = FAULT_STRING },
	{ "sonde_stringat", .emit = kcall_work, .works = true },
	{ "sonde_strtol", .emit = kcall_work, .works = true },
	{ "sonde_tokenize", .emit = kcall_work, .works = true, .fault = FAULT_STRING },
	{ "sonde_tokenize_next", .emit = kcall_work, .works = true, .fault = FAULT_STRING },
	{ "sonde_str_replace", .emit = kcall_work, .works = true, .fault = FAULT_STRING },
	{ "sonde_text", .emit = kcall_work, .works = true, .fault = FAULT_STRING },
	{ "sonde_chr", .emit = kcall_work, .works = true },
	{ "sonde_path", .emit = kcall_work, .works = true },
	{ "sonde_bytes_quoted", .emit = kcall_work, .works = true, .fault = FAULT_ADDRESS },
	{ "sonde_matched", .emit = kcall_work, .works = true, .fault = FAULT_STRING,
	  .detail = STRING_FAULT_MATCH },
	{ "sonde_ngroups", .emit = kcall_work, .works = true },
};

static const struct kcall *kcall_find(const char *symbol)
{
	for (size_t i = 0; i < sizeof(kcalls) / sizeof(*kcalls); i++)
		if (!strcmp(kcalls[i].symbol, symbol))
			return &kcalls[i];
	return NULL;
}

/* ---- by how a row is lowered ---- */

static void refuse_intrinsic(struct fn *f, const struct intrinsic *row)
{
	refuse(f->g, f->insn->place, row->name,
	       "it works in user-space handlers only (begin, end, timers)");
}

static void call_helper(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	LLVMValueRef args[5], value;
	uint32_t count = 0;

	for (uint32_t i = 2; i < f->insn->operand_count && count < 5; i++)
		args[count++] = long_operand(f, o[i]);
	value = helper_call(f->g, row->arg, args, count);
	call_once(f->g, value, row->arg);
	if (OPERAND_TAG(o[0]) == OPERAND_REG)
		long_result(f, o[0], value);
}

static void call_kern(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	const struct kcall *kcall = kcall_find(row->text);

	if (kcall)
		kcall->emit(f, o);
	else
		refuse(f->g, f->insn->place, row->name,
		       "it is not available in kernel handlers yet");
}

static void call_session(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	struct gen *g = f->g;

	long_result(f, o[0],
		    load_volatile(g, g->i64,
				  bss_global(g, "sonde_session", sizeof(struct abi_session)),
				  row->arg));
}

static void call_emit(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	bool helper_regs = !strcmp(row->text, "helper_regs");

	/* the other is __in_user */
	long_result(f, o[0], const64(f->g, helper_regs && f->g->kernel >= KERNEL(5, 15)));
}

static void call_refuse(struct fn *f, const struct intrinsic *row, const uint32_t *o)
{
	(void)o;
	refuse_intrinsic(f, row);
}

static void (*const hows[])(struct fn *f, const struct intrinsic *row, const uint32_t *o) = {
	[HOW_HELPER] = call_helper, [HOW_KCALL] = call_kern, [HOW_SESSION] = call_session,
	[HOW_EMIT] = call_emit, [HOW_LOWER] = call_refuse, [HOW_SITE] = call_refuse,
	[HOW_USER] = call_refuse,
};

void plan_intrinsic(struct fn *f, const struct flat_insn *insn)
{
	const struct intrinsic *row = intrinsic_of(f, insn);
	const struct kcall *kcall = row && row->how == HOW_KCALL ? kcall_find(row->text) : NULL;

	if (kcall && kcall->works)
		f->works = f->builds_strings = true;
	if (kcall && kcall->traces)
		f->traces = true;
	if (kcall && kcall->fault)
		f->can_fault = true;
}

void emit_calli(struct fn *f, const uint32_t *o)
{
	const struct intrinsic *row = intrinsic_of(f, f->insn);

	if (row)
		hows[row->how](f, row, o);
	else
		refuse(f->g, f->insn->place, f->flat->program->texts.data[o[1]], "no such builtin");
}
