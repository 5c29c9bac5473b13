/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The emitters of emit.def. Each gets an instruction's operands, the result first; f->insn is the
 * instruction. */
#ifndef SONDE_LLVM_EMIT_H
#define SONDE_LLVM_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include <llvm-c/Core.h>

struct fn;
struct gen;

typedef void (*emitter)(struct fn *f, const uint32_t *o);

void emit_mov(struct fn *f, const uint32_t *o);
void emit_smov(struct fn *f, const uint32_t *o);
void emit_binary(struct fn *f, const uint32_t *o);
void emit_divide(struct fn *f, const uint32_t *o);
void emit_shift(struct fn *f, const uint32_t *o);
void emit_unary(struct fn *f, const uint32_t *o);
void emit_compare(struct fn *f, const uint32_t *o);
void emit_seq(struct fn *f, const uint32_t *o);
void emit_scmp(struct fn *f, const uint32_t *o);
void emit_scat(struct fn *f, const uint32_t *o);
void emit_regex(struct fn *f, const uint32_t *o);
void emit_jmp(struct fn *f, const uint32_t *o);
void emit_br(struct fn *f, const uint32_t *o);
void emit_ret(struct fn *f, const uint32_t *o);
void emit_action(struct fn *f, const uint32_t *o);
void emit_raise(struct fn *f, const uint32_t *o);
void emit_error(struct fn *f, const uint32_t *o);
void emit_catch(struct fn *f, const uint32_t *o);
void emit_load(struct fn *f, const uint32_t *o);
void emit_sload(struct fn *f, const uint32_t *o);
void emit_store(struct fn *f, const uint32_t *o);
void emit_sstore(struct fn *f, const uint32_t *o);
void emit_rmw(struct fn *f, const uint32_t *o);
void emit_has(struct fn *f, const uint32_t *o);
void emit_delete(struct fn *f, const uint32_t *o);
void emit_clear(struct fn *f, const uint32_t *o);
void emit_agg(struct fn *f, const uint32_t *o);
/* -t: this run took @spent nanoseconds. */
void agg_timing(struct fn *f, uint32_t global, LLVMValueRef spent);
void emit_stat(struct fn *f, const uint32_t *o);
void emit_bucket(struct fn *f, const uint32_t *o);
void emit_iter(struct fn *f, const uint32_t *o);
void emit_iternext(struct fn *f, const uint32_t *o);
void emit_iterkey(struct fn *f, const uint32_t *o);
void emit_iterskey(struct fn *f, const uint32_t *o);
void emit_iterval(struct fn *f, const uint32_t *o);
void emit_itersval(struct fn *f, const uint32_t *o);
void emit_iterend(struct fn *f, const uint32_t *o);
void emit_print(struct fn *f, const uint32_t *o);
void emit_sprint(struct fn *f, const uint32_t *o);
void emit_printhist(struct fn *f, const uint32_t *o);
void emit_sprinthist(struct fn *f, const uint32_t *o);
void emit_reg(struct fn *f, const uint32_t *o);
void emit_arg(struct fn *f, const uint32_t *o);
void emit_read(struct fn *f, const uint32_t *o);
void emit_peek(struct fn *f, const uint32_t *o);
void emit_sread(struct fn *f, const uint32_t *o);
void emit_write(struct fn *f, const uint32_t *o);
void emit_symaddr(struct fn *f, const uint32_t *o);
void emit_cookie(struct fn *f, const uint32_t *o);
/* Of the site that fired, among the program's. */
LLVMValueRef site_number(struct fn *f);
void emit_calli(struct fn *f, const uint32_t *o);
/* stack.c: enum flat_op */
void emit_push(struct fn *f, const uint32_t *o);
void emit_note(struct fn *f, const uint32_t *o);
void emit_again(struct fn *f, const uint32_t *o);
void emit_pop(struct fn *f, const uint32_t *o);
void emit_back(struct fn *f, const uint32_t *o);

/* insn.c: signed quotient or remainder; @b is not 0. */
LLVMValueRef divide_signed(struct gen *g, LLVMValueRef a, LLVMValueRef b, bool remainder);

/* ---- backtrace.c: what intrinsics call ---- */
void kcall_backtrace(struct fn *f, const uint32_t *o);
void kcall_stack_at(struct fn *f, const uint32_t *o);
void kcall_symbol(struct fn *f, const uint32_t *o);
void kcall_space(struct fn *f, const uint32_t *o);
void kcall_ubacktrace(struct fn *f, const uint32_t *o);
void kcall_ustack_at(struct fn *f, const uint32_t *o);
void kcall_user_address(struct fn *f, const uint32_t *o);

#endif
