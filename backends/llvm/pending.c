/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/llvm/element.h"
#include "backends/llvm/emit.h"
#define P(n) void n(struct fn *f, const uint32_t *o){(void)o;refuse(f->g,f->insn->place,#n,"not yet");}
P(emit_regex) P(emit_error) P(emit_catch) P(emit_sload) P(emit_sstore) P(emit_clear) P(emit_stat) P(emit_bucket)
P(emit_iter) P(emit_iternext) P(emit_iterkey) P(emit_iterskey) P(emit_iterval) P(emit_itersval) P(emit_iterend)
P(emit_sprint) P(emit_printhist) P(slice_has) P(slice_delete)
void order_push(struct fn *f, uint32_t global, LLVMValueRef key, LLVMValueRef sequence, LLVMValueRef if_made){(void)f;(void)global;(void)key;(void)sequence;(void)if_made;}
void order_drop_oldest(struct fn *f, uint32_t global){(void)f;(void)global;}
void agg_reset(struct fn *f, uint32_t global){(void)f;(void)global;}
