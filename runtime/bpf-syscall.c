/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/bpf-syscall.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* BPF_LINK_CREATE as Linux 6.6 has it, whatever the headers say. */
struct link_create {
	uint32_t prog_fd, target_fd, attach_type, flags;
	union {
		struct {
			uint64_t cookie;
		} perf;
		struct {
			uint32_t flags, count;
			uint64_t symbols, addresses, cookies;
		} kprobes;
		struct {
			uint64_t path, offsets, ref_ctr_offsets, cookies;
			uint32_t count, flags, pid;
		} uprobes;
	};
};

#define MULTI_RETURN 1

static int bpfsys_call(int command, void *attr, size_t size)
{
	long rc = syscall(__NR_bpf, command, attr, size);

	return rc < 0 ? -errno : (int)rc;
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

int bpfsys_link_uprobes(int prog_fd, const struct bpfsys_uprobes *uprobes)
{
	struct link_create attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.attach_type = BPFSYS_UPROBE_MULTI;
	attr.uprobes.path = address(uprobes->path);
	attr.uprobes.offsets = address(uprobes->offsets);
	attr.uprobes.ref_ctr_offsets = address(uprobes->ref_ctr_offsets);
	attr.uprobes.cookies = address(uprobes->cookies);
	attr.uprobes.count = uprobes->count;
	attr.uprobes.flags = uprobes->is_return ? MULTI_RETURN : 0;
	attr.uprobes.pid = (uint32_t)uprobes->pid;
	return bpfsys_call(BPF_LINK_CREATE, &attr, sizeof(attr));
}

int bpfsys_link_kprobes(int prog_fd, const struct bpfsys_kprobes *kprobes)
{
	struct link_create attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.attach_type = BPFSYS_KPROBE_MULTI;
	attr.kprobes.flags = kprobes->is_return ? MULTI_RETURN : 0;
	attr.kprobes.count = kprobes->count;
	attr.kprobes.symbols = address(kprobes->symbols);
	attr.kprobes.cookies = address(kprobes->cookies);
	return bpfsys_call(BPF_LINK_CREATE, &attr, sizeof(attr.kprobes) + 16);
}

int bpfsys_link_perf(int prog_fd, int perf_fd, uint64_t cookie)
{
	struct link_create attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.target_fd = (uint32_t)perf_fd;
	attr.attach_type = BPF_PERF_EVENT;
	attr.perf.cookie = cookie;
	return bpfsys_call(BPF_LINK_CREATE, &attr, sizeof(attr.perf) + 16);
}

int bpfsys_raw_tracepoint(const char *name, int prog_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.name = address(name);
	attr.raw_tracepoint.prog_fd = (uint32_t)prog_fd;
	return bpfsys_call(BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr.raw_tracepoint));
}

static int bpfsys_info(int fd, void *info, size_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memset(info, 0, size);
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = (uint32_t)size;
	attr.info.info = address(info);
	return bpfsys_call(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info));
}

uint64_t bpfsys_prog_missed(int prog_fd)
{
	struct bpf_prog_info info;

	return bpfsys_info(prog_fd, &info, sizeof(info)) ? 0 : info.recursion_misses;
}

/* struct bpf_link_info: type, id, program, then a union by type. Where `missed` is in it. */
struct link_info {
	uint32_t type, id, prog_id, pad;
	union {
		struct {
			uint64_t addresses;
			uint32_t count, flags;
			uint64_t missed, cookies;
		} kprobes;
		struct {
			uint32_t type, pad;
			uint64_t name;
			uint32_t name_length, offset;
			uint64_t address, missed, cookie;
		} perf;
		uint64_t words[8];
	};
};

#define LINK_PERF_EVENT 7
#define LINK_KPROBE_MULTI 8
#define PERF_EVENT_KPROBE 3
#define PERF_EVENT_KRETPROBE 4

uint64_t bpfsys_link_missed(int link_fd)
{
	struct link_info info;

	if (bpfsys_info(link_fd, &info, sizeof(info)))
		return 0;
	if (info.type == LINK_KPROBE_MULTI)
		return info.kprobes.missed;
	if (info.type == LINK_PERF_EVENT &&
	    (info.perf.type == PERF_EVENT_KPROBE || info.perf.type == PERF_EVENT_KRETPROBE))
		return info.perf.missed;
	return 0;
}
