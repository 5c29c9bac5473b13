/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing a number in a kernel map's element where it is, so that kernel handlers on other CPUs
 * lose nothing: user space cannot do that by system calls, which replace whole elements. A BPF
 * program of a dozen instructions does it, run here and now by BPF_PROG_RUN. Its operands are in a
 * one-element map that is mapped into this process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "runtime/vm-maps-kernel.h"

enum { STATUS_NOT_RUN, STATUS_ABSENT, STATUS_DONE, STATUS_LOCKED };
#define LOCK_TRIES 1000

struct rmw_transfer {
	uint64_t status;
	uint64_t operand;	/* what is added; what is stored */
	uint64_t old;		/* before; swap: what it must be */
	unsigned char key[];
};

/* As in linux/filter.h, which user space does not have. */
#define INSN(code_, dst, src, off_, imm_) \
	((struct bpf_insn){ .code = (code_), .dst_reg = (dst), .src_reg = (src), .off = (off_), \
			    .imm = (imm_) })
#define MOVE(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define MOVE_IMM(dst, imm) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define ADD_IMM(dst, imm) INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm)
#define LOAD_MAP(dst, fd) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define CALL_HELPER(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define LOAD64(dst, src, off) INSN(BPF_LDX | BPF_MEM | BPF_DW, dst, src, off, 0)
#define STORE64(dst, off, src) INSN(BPF_STX | BPF_MEM | BPF_DW, dst, src, off, 0)
#define STORE64_IMM(dst, off, imm) INSN(BPF_ST | BPF_MEM | BPF_DW, dst, 0, off, imm)
#define STORE32_IMM(dst, off, imm) INSN(BPF_ST | BPF_MEM | BPF_W, dst, 0, off, imm)
#define ATOMIC64(dst, off, src, op) INSN(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, off, op)
#define SKIP_IF_NOT_ZERO(reg, off) INSN(BPF_JMP | BPF_JNE | BPF_K, reg, 0, off, 0)
#define ADD(dst, src) INSN(BPF_ALU64 | BPF_ADD | BPF_X, dst, src, 0, 0)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define R(n) BPF_REG_##n
#define FIELD(name) ((int16_t)offsetof(struct rmw_transfer, name))

/* Up to the atomic instruction: r6 the operands, r7 the element. */
#define PROLOGUE_COUNT 19
static void prologue_make(struct bpf_insn *at, int transfer_fd, int map_fd)
{
	const struct bpf_insn code[] = {
		STORE32_IMM(R(10), -4, 0),
		MOVE(R(2), R(10)),
		ADD_IMM(R(2), -4),
		LOAD_MAP(R(1), transfer_fd),
		CALL_HELPER(BPF_FUNC_map_lookup_elem),
		SKIP_IF_NOT_ZERO(R(0), 1),
		EXIT,
		MOVE(R(6), R(0)),
		STORE64_IMM(R(6), FIELD(status), STATUS_ABSENT),
		MOVE(R(2), R(6)),
		ADD_IMM(R(2), FIELD(key)),
		LOAD_MAP(R(1), map_fd),
		CALL_HELPER(BPF_FUNC_map_lookup_elem),
		SKIP_IF_NOT_ZERO(R(0), 2),
		MOVE_IMM(R(0), 0),
		EXIT,
		MOVE(R(7), R(0)),
	};

	_Static_assert(sizeof(code) / sizeof(*code) == PROLOGUE_COUNT, "PROLOGUE_COUNT");
	memcpy(at, code, sizeof(code));
}

static int program_load(const struct bpf_insn *prologue, const struct bpf_insn *code, size_t count)
{
	struct bpf_insn all[PROLOGUE_COUNT + 32];
	int fd;

	memcpy(all, prologue, PROLOGUE_COUNT * sizeof(*all));
	memcpy(all + PROLOGUE_COUNT, code, count * sizeof(*all));
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "sonde_rmw", "GPL", all,
			   PROLOGUE_COUNT + count, NULL);
	return fd < 0 ? -errno : fd;
}

/* As kernel handlers do it there (kern/lock.bpf.c). */
static int locked_load(const struct bpf_insn *prologue, int16_t offset, const struct rmw *rmw)
{
	const struct bpf_insn code[] = {
		STORE64_IMM(R(10), -16, (int32_t)rmw->lock),
		STORE64_IMM(R(10), -24, 1),
		STORE64_IMM(R(6), FIELD(status), STATUS_LOCKED),
		MOVE(R(2), R(10)),
		ADD_IMM(R(2), -16),
		MOVE(R(3), R(10)),
		ADD_IMM(R(3), -24),
		MOVE_IMM(R(4), BPF_NOEXIST),
		LOAD_MAP(R(1), rmw->locks_fd),
		CALL_HELPER(BPF_FUNC_map_update_elem),
		SKIP_IF_NOT_ZERO(R(0), 11),
		LOAD64(R(3), R(7), offset),
		STORE64(R(6), FIELD(old), R(3)),
		LOAD64(R(2), R(6), FIELD(operand)),
		ADD(R(3), R(2)),
		STORE64(R(7), offset, R(3)),
		MOVE(R(2), R(10)),
		ADD_IMM(R(2), -16),
		LOAD_MAP(R(1), rmw->locks_fd),
		CALL_HELPER(BPF_FUNC_map_delete_elem),
		STORE64_IMM(R(6), FIELD(status), STATUS_DONE),
		MOVE_IMM(R(0), 0),
		EXIT,
	};

	return program_load(prologue, code, sizeof(code) / sizeof(*code));
}

static int add_load(const struct bpf_insn *prologue, int16_t offset, const struct rmw *rmw)
{
	const struct bpf_insn fetch[] = {
		LOAD64(R(2), R(6), FIELD(operand)),
		ATOMIC64(R(7), offset, R(2), BPF_ADD | BPF_FETCH),
		STORE64(R(6), FIELD(old), R(2)),
		STORE64_IMM(R(6), FIELD(status), STATUS_DONE),
		MOVE_IMM(R(0), 0),
		EXIT,
	};
	/* Before 5.12: adding is atomic, what was there before is read beside it. */
	const struct bpf_insn plain[] = {
		LOAD64(R(2), R(6), FIELD(operand)),
		LOAD64(R(3), R(7), offset),
		STORE64(R(6), FIELD(old), R(3)),
		ATOMIC64(R(7), offset, R(2), BPF_ADD),
		STORE64_IMM(R(6), FIELD(status), STATUS_DONE),
		MOVE_IMM(R(0), 0),
		EXIT,
	};
	int fd;

	if (rmw->locks_fd >= 0)
		return locked_load(prologue, offset, rmw);
	fd = program_load(prologue, fetch, sizeof(fetch) / sizeof(*fetch));

	return fd >= 0 ? fd : program_load(prologue, plain, sizeof(plain) / sizeof(*plain));
}

static int swap_load(const struct bpf_insn *prologue, int16_t offset)
{
	const struct bpf_insn code[] = {
		LOAD64(R(2), R(6), FIELD(operand)),
		LOAD64(R(0), R(6), FIELD(old)),
		ATOMIC64(R(7), offset, R(2), BPF_CMPXCHG),
		STORE64(R(6), FIELD(old), R(0)),
		STORE64_IMM(R(6), FIELD(status), STATUS_DONE),
		MOVE_IMM(R(0), 0),
		EXIT,
	};

	return program_load(prologue, code, sizeof(code) / sizeof(*code));
}

void rmw_init(struct rmw *rmw, int locks_fd, uint32_t lock)
{
	*rmw = (struct rmw){ .map_fd = -1, .add_fd = -1, .swap_fd = -1, .transfer_fd = -1,
			     .locks_fd = locks_fd, .lock = lock };
}

void rmw_close(struct rmw *rmw)
{
	if (rmw->transfer)
		munmap(rmw->transfer, rmw->transfer_size);
	if (rmw->transfer_fd >= 0)
		close(rmw->transfer_fd);
	if (rmw->add_fd >= 0)
		close(rmw->add_fd);
	if (rmw->swap_fd >= 0)
		close(rmw->swap_fd);
	rmw_init(rmw, rmw->locks_fd, rmw->lock);
}

static bool rmw_open(struct rmw *rmw, int fd, uint32_t key_size, uint32_t offset)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	struct bpf_insn prologue[PROLOGUE_COUNT];
	uint32_t size = sizeof(struct rmw_transfer) + ABI_ROUND8(key_size);

	if (rmw->map_fd == fd)
		return rmw->add_fd >= 0;
	rmw_close(rmw);
	rmw->map_fd = fd;
	rmw->transfer_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sonde_transfer", sizeof(uint32_t),
					  size, 1, &options);
	if (rmw->transfer_fd < 0)
		return false;
	rmw->transfer_size = size;
	rmw->transfer = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, rmw->transfer_fd, 0);
	if (rmw->transfer == MAP_FAILED) {
		rmw->transfer = NULL;
		return false;
	}
	prologue_make(prologue, rmw->transfer_fd, fd);
	rmw->add_fd = add_load(prologue, (int16_t)offset, rmw);
	rmw->swap_fd = swap_load(prologue, (int16_t)offset);
	return rmw->add_fd >= 0;
}

static enum rmw_state rmw_run(const struct rmw *rmw, int program, uint32_t key_size,
			      const void *key)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	volatile uint64_t *status = &rmw->transfer->status;

	memcpy(rmw->transfer->key, key, key_size);
	*status = STATUS_NOT_RUN;
	if (bpf_prog_test_run_opts(program, &options) || *status == STATUS_NOT_RUN)
		return RMW_IMPOSSIBLE;
	if (*status == STATUS_LOCKED)
		return RMW_LOCKED;
	return *status == STATUS_DONE ? RMW_DONE : RMW_ABSENT;
}

enum rmw_state rmw_add(struct rmw *rmw, int fd, uint32_t key_size, uint32_t offset, const void *key,
		       int64_t delta, int64_t *result)
{
	enum rmw_state state = RMW_LOCKED;

	if (!rmw_open(rmw, fd, key_size, offset))
		return RMW_IMPOSSIBLE;
	rmw->transfer->operand = (uint64_t)delta;
	for (uint32_t i = 0; i < LOCK_TRIES && state == RMW_LOCKED; i++)
		state = rmw_run(rmw, rmw->add_fd, key_size, key);
	if (state == RMW_DONE)
		*result = (int64_t)(rmw->transfer->old + (uint64_t)delta);
	return state;
}

enum rmw_state rmw_swap(struct rmw *rmw, int fd, uint32_t key_size, uint32_t offset,
			const void *key, int64_t *old, int64_t fresh)
{
	enum rmw_state state;

	if (!rmw_open(rmw, fd, key_size, offset) || rmw->swap_fd < 0)
		return RMW_IMPOSSIBLE;
	rmw->transfer->operand = (uint64_t)fresh;
	rmw->transfer->old = (uint64_t)*old;
	state = rmw_run(rmw, rmw->swap_fd, key_size, key);
	if (state == RMW_DONE)
		*old = (int64_t)rmw->transfer->old;
	return state;
}
