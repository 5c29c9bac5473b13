/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bpf() commands that the oldest libbpf we build with (1.1) lacks or hides: multi links, perf
 * links with cookies, run-time statistics, link details. Each returns a file descriptor that the
 * caller closes (or 0) or a negative errno. Nothing is kept.
 */
#ifndef SONDE_RUNTIME_BPF_SYSCALL_H
#define SONDE_RUNTIME_BPF_SYSCALL_H

#include <stdbool.h>
#include <stdint.h>

/* Values of enum bpf_attach_type that old headers lack. */
#define BPFSYS_KPROBE_MULTI 42
#define BPFSYS_UPROBE_MULTI 48

/* Many places of one file, one link (Linux 6.6). Arrays of @count; ref_ctr_offsets may be NULL. */
struct bpfsys_uprobes {
	const char *path;
	const uint64_t *offsets, *ref_ctr_offsets, *cookies;
	uint32_t count;
	int32_t pid;		/* 0: every process */
	bool is_return;
};
int bpfsys_link_uprobes(int prog_fd, const struct bpfsys_uprobes *uprobes);

/* Many kernel functions, one link (Linux 5.18). */
struct bpfsys_kprobes {
	const char *const *symbols;
	const uint64_t *cookies;
	uint32_t count;
	bool is_return;
};
int bpfsys_link_kprobes(int prog_fd, const struct bpfsys_kprobes *kprobes);

/* A perf event calls the program, which sees @cookie (Linux 5.15). */
int bpfsys_link_perf(int prog_fd, int perf_fd, uint64_t cookie);

/* @name NULL: a tracing program, which knows its own place. */
int bpfsys_raw_tracepoint(const char *name, int prog_fd);

/* Runs left out because a program was running on that CPU already, or 0. */
uint64_t bpfsys_prog_missed(int prog_fd);

/* Hits that the link's own mechanism left out (Linux 6.7), or 0. */
uint64_t bpfsys_link_missed(int link_fd);

#endif
