/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/kernel-memory.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES 4096		/* read at once */

/* What the program is asked for, its arguments as those of a raw tracepoint. */
enum request_kind { REQUEST_BYTES, REQUEST_STRING, REQUEST_TASK };
struct request {
	uint64_t kind, address, size;
};

static struct {
	int prog_fd;
	void *page;		/* the map's, where the program puts what it has read */
	bool tried;
} reader = { .prog_fd = -1 };

#define INSN(code_, dst, src, off_, imm_) \
	((struct bpf_insn){ .code = (code_), .dst_reg = (dst), .src_reg = (src), .off = (off_), \
			    .imm = (imm_) })
#define MOVE(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define MOVE_NUMBER(dst, imm) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define ADD_NUMBER(dst, imm) INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm)
#define LOAD(dst, src, off) INSN(BPF_LDX | BPF_MEM | BPF_DW, dst, src, off, 0)
#define STORE(dst, src, off) INSN(BPF_STX | BPF_MEM | BPF_DW, dst, src, off, 0)
#define STORE_ZERO(dst, off) INSN(BPF_ST | BPF_MEM | BPF_DW, dst, 0, off, 0)
#define LOAD_MAP(dst, fd) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define JUMP_IF(op, reg, imm, off) INSN(BPF_JMP | (op) | BPF_K, reg, 0, off, imm)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int program_load(int map_fd)
{
	const struct bpf_insn insns[] = {
		MOVE(BPF_REG_6, BPF_REG_1),
		STORE_ZERO(BPF_REG_10, -8),
		MOVE(BPF_REG_2, BPF_REG_10),
		ADD_NUMBER(BPF_REG_2, -8),
		LOAD_MAP(BPF_REG_1, map_fd),
		CALL(BPF_FUNC_map_lookup_elem),
		JUMP_IF(BPF_JNE, BPF_REG_0, 0, 1),
		EXIT(),
		MOVE(BPF_REG_7, BPF_REG_0),
		LOAD(BPF_REG_8, BPF_REG_6, offsetof(struct request, kind)),
		JUMP_IF(BPF_JNE, BPF_REG_8, REQUEST_TASK, 4),
		CALL(BPF_FUNC_get_current_task),
		STORE(BPF_REG_7, BPF_REG_0, 0),
		MOVE_NUMBER(BPF_REG_0, 0),
		EXIT(),
		MOVE(BPF_REG_1, BPF_REG_7),
		LOAD(BPF_REG_2, BPF_REG_6, offsetof(struct request, size)),
		LOAD(BPF_REG_3, BPF_REG_6, offsetof(struct request, address)),
		MOVE_NUMBER(BPF_REG_0, -EINVAL),
		JUMP_IF(BPF_JLE, BPF_REG_2, PAGE_BYTES, 1),
		EXIT(),
		JUMP_IF(BPF_JNE, BPF_REG_8, REQUEST_STRING, 2),
		CALL(BPF_FUNC_probe_read_kernel_str),
		EXIT(),
		CALL(BPF_FUNC_probe_read_kernel),
		EXIT(),
	};

	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "sonde_read", "GPL", insns,
			     sizeof(insns) / sizeof(*insns), NULL);
}

static bool reader_ready(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int map_fd;

	if (reader.tried)
		return reader.prog_fd >= 0;
	reader.tried = true;
	map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sonde_read", 4, PAGE_BYTES, 1, &options);
	if (map_fd < 0)
		return false;
	/* The mapping and the program keep the map. */
	reader.page = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, map_fd, 0);
	if (reader.page != MAP_FAILED)
		reader.prog_fd = program_load(map_fd);
	close(map_fd);
	return reader.prog_fd >= 0;
}

/* What the program gives, or a negative errno. */
static int reader_run(struct request request)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &request,
		    .ctx_size_in = sizeof(request));
	int rc;

	if (!reader_ready())
		return -EPERM;
	rc = bpf_prog_test_run_opts(reader.prog_fd, &options);
	return rc < 0 ? rc : (int)options.retval;
}

int kernel_memory_read(uint64_t address, void *into, size_t size)
{
	char *to = into;

	while (size) {
		size_t part = size < PAGE_BYTES ? size : PAGE_BYTES;
		int rc = reader_run((struct request){ REQUEST_BYTES, address, part });

		if (rc < 0)
			return rc;
		memcpy(to, reader.page, part);
		to += part;
		address += part;
		size -= part;
	}
	return 0;
}

int kernel_memory_string(uint64_t address, char *into, size_t size)
{
	size_t length = 0;

	while (length + 1 < size) {
		size_t part = size - length < PAGE_BYTES ? size - length : PAGE_BYTES;
		int rc = reader_run((struct request){ REQUEST_STRING, address + length, part });

		if (rc < 0)
			return rc;
		if (!rc)
			break;
		memcpy(into + length, reader.page, (size_t)rc);
		length += (size_t)rc - 1;
		if ((size_t)rc < part)
			break;
	}
	if (size)
		into[length] = '\0';
	return (int)length;
}

uint64_t kernel_memory_task(void)
{
	uint64_t task = 0;

	if (reader_run((struct request){ REQUEST_TASK, 0, 0 }) == 0)
		memcpy(&task, reader.page, sizeof(task));
	return task;
}
