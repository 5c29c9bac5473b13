/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stacks and symbols: tokens for what user space puts in their place (runtime/kern/stack.h). */
#include <linux/bpf.h>

#include "backends/llvm/emit.h"
#include "backends/llvm/element.h"
#include "runtime/kern/stack.h"

#define STACKS_ENTRIES 16384		/* different stacks */
#define ROWS_ENTRIES 65536		/* places that user stacks go through */
#define SPACES_ENTRIES 16384

static uint64_t frames_most(const struct gen *g)
{
	return g->program->head.max_backtrace;
}

uint32_t trace_bytes(const struct gen *g)
{
	(void)g;
	return STACK_TRACE_BYTES(STACK_FRAMES_MOST) + STACK_REGS * 8;
}

static LLVMValueRef map_hash(struct gen *g, const char *name, uint32_t value, uint32_t entries)
{
	const struct map_spec spec = { name, BPF_MAP_TYPE_HASH, 8, value, entries, 0 };
	LLVMValueRef map = LLVMGetNamedGlobal(g->module, name);

	return map ? LLVMConstPointerCast(map, g->ptr) : map_define(g, &spec);
}

static LLVMValueRef map_stacks(struct gen *g)
{
	return map_hash(g, "sonde_stacks", STACK_TRACE_BYTES(frames_most(g)), STACKS_ENTRIES);
}

static LLVMValueRef map_rows(struct gen *g)
{
	return map_hash(g, "sonde_rows", 8, ROWS_ENTRIES);
}

/*
 * Where the stack begins, by mechanism. Programs of tracepoints and trampolines find themselves and
 * what called them on it. A breakpoint has been stepped over, a trampoline been called (5 bytes),
 * when the kernel looks where we are.
 */
static uint64_t stack_how(const struct fn *f)
{
	static const struct {
		uint64_t entry, exit;
	} rows[] = {
		[MECH_KPROBE] = { STACK_BACK, 0 },
		[MECH_FENTRY] = { 2 + 5 * STACK_BACK, 2 },
		[MECH_FEXIT] = { 2, 3 },
		[MECH_RAWTP] = { 2, 2 },
	};
	const struct program_site *site = &f->handler->sites.data[0];
	bool knows = f->g->kernel >= KERNEL(5, 15);

	if (!f->handler->sites.count || site->mech >= sizeof(rows) / sizeof(*rows))
		return 0;
	if (knows && !site->is_return && (site->mech == MECH_KPROBE || site->mech == MECH_FENTRY))
		return (rows[site->mech].entry & STACK_SKIP) | STACK_FUNCTION;
	return site->is_return ? rows[site->mech].exit : rows[site->mech].entry;
}

/* A token of @length bytes at @from into the slot of @operand. */
static void token_result(struct fn *f, uint32_t operand, LLVMValueRef from, uint32_t length)
{
	struct str token = { from, const64(f->g, length), length + 1, true, NULL };

	if (OPERAND_TAG(operand) == OPERAND_SLOT)
		str_copy(f, OPERAND_INDEX(operand), &token);
}

void kcall_backtrace(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef token = lent_space(f, ABI_ROUND8(STACK_TOKEN + 1)), number;

	number = KERN(g, "sonde_backtrace", fn_pointer(f, VAR_CTX), map_stacks(g),
		      scratch_at(f, f->scratch.trace), const64(g, frames_most(g)),
		      const64(g, stack_how(f)));
	KERN(g, "sonde_token", token, long_operand(f, o[2]), number);
	token_result(f, o[0], token, STACK_TOKEN);
}

void kcall_stack_at(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;

	long_result(f, o[0],
		    KERN(g, "sonde_stack_at", fn_pointer(f, VAR_CTX),
			 scratch_at(f, f->scratch.trace), const64(g, frames_most(g)),
			 const64(g, stack_how(f)), long_operand(f, o[2])));
}

void kcall_symbol(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef token = lent_space(f, ABI_ROUND8(STACK_TOKEN_USER + 1));

	if (f->insn->operand_count > 4) {
		KERN(g, "sonde_token_user", token, long_operand(f, o[2]), long_operand(f, o[3]),
		     long_operand(f, o[4]));
		token_result(f, o[0], token, STACK_TOKEN_USER);
		return;
	}
	KERN(g, "sonde_token", token, long_operand(f, o[2]), long_operand(f, o[3]));
	token_result(f, o[0], token, STACK_TOKEN);
}

/* ---- of the user ---- */

void kcall_space(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;

	long_result(f, o[0],
		    KERN(g, "sonde_space", map_ring(g),
			 map_hash(g, "sonde_spaces", 8, SPACES_ENTRIES), long_operand(f, o[2]),
			 long_operand(f, o[3])));
}

/* Where the user's registers are when this handler runs. */
static uint64_t regs_how(const struct fn *f)
{
	const struct program_site *site = &f->handler->sites.data[0];
	uint64_t how = f->g->kernel >= KERNEL(5, 15) ? STACK_HELPER : 0;

	if (f->handler->sites.count && site->mech == MECH_UPROBE)
		return STACK_CONTEXT;
	return f->handler->entry == ENTRY_PERF ? how | STACK_CONTEXT | STACK_TASK : how;
}

static LLVMValueRef trace_regs(struct fn *f)
{
	return scratch_at(f, f->scratch.trace + STACK_TRACE_BYTES(STACK_FRAMES_MOST));
}

static LLVMValueRef sample_bytes(struct gen *g)
{
	return const64(g, g->program->head.stack_bytes & ~4095ll);
}

void kcall_user_address(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;

	long_result(f, o[0],
		    KERN(g, "sonde_user_address", fn_pointer(f, VAR_CTX), trace_regs(f),
			 const64(g, regs_how(f)), long_operand(f, o[2])));
}

void kcall_ubacktrace(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;
	LLVMValueRef token = stack_space(g, ABI_ROUND8(STACK_TOKEN + 1)), number;

	number = KERN(g, "sonde_ubacktrace", fn_pointer(f, VAR_CTX), map_ring(g), map_stacks(g),
		      map_rows(g), scratch_at(f, f->scratch.trace),
		      const64(g, frames_most(g)), const64(g, regs_how(f)), long_operand(f, o[3]),
		      long_operand(f, o[4]), sample_bytes(g), long_operand(f, o[5]),
		      long_operand(f, o[6]));
	KERN(g, "sonde_token", token, long_operand(f, o[2]), number);
	token_result(f, o[0], token, STACK_TOKEN);
}

void kcall_ustack_at(struct fn *f, const uint32_t *o)
{
	struct gen *g = f->g;

	long_result(f, o[0],
		    KERN(g, "sonde_ustack_at", fn_pointer(f, VAR_CTX), map_ring(g), map_rows(g),
			 scratch_at(f, f->scratch.trace), const64(g, frames_most(g)),
			 const64(g, regs_how(f)),
			 long_operand(f, o[3]), long_operand(f, o[4]), sample_bytes(g),
			 long_operand(f, o[2]), long_operand(f, o[5]), long_operand(f, o[6])));
}
