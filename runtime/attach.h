/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaching kernel handlers to their sites. Each mechanism of mech.def has a row (struct
 * attach_mech):
 *   attach.c          batches of sites, failures, detaching
 *   attach-user.c     rows of what runs in user space (begin, end, timer): nothing to attach
 *   attach-uprobe.c   attach-kprobe.c   attach-tracing.c (fentry, fexit, raw tracepoints)
 *   attach-perf.c     perf events, and the helpers for them that the others use
 *   attach-watch.c    hardware breakpoints
 *
 * load.c asks a row whether this kernel has it, and lets it prepare the program, before loading;
 * then attach_all() attaches in batches. The descriptors of all attachments are in struct attach
 * until attach_close(). Functions return 0 or a negative errno; attach_reason() words it.
 */
#ifndef SONDE_RUNTIME_ATTACH_H
#define SONDE_RUNTIME_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/program.h"

struct attach_closer;
struct bpf_program;
struct load;

struct attach {
	const struct program *program;
	const struct load *load;
	int32_t target;			/* sites of pid -1 */
	int *fds;
	size_t fd_count, fd_room;
	struct attach_closer *closer;	/* while detaching */
	uint32_t attached, failed;	/* sites */
	int *failures;			/* by site: 0, or why not */
	char reason[256];		/* more than errno says about the last failure, or "" */
};

/* Sites of one BPF program that are attached by one call. */
struct attach_batch {
	const uint32_t *sites;		/* indexes into the program's sites */
	uint32_t count;
	int prog_fd;
};

struct attach_mech {
	bool in_kernel;			/* it has a BPF program */
	/* of several programs at one place the kernel runs first what was attached last; at
	 * returns */
	bool newest_first, newest_returns_first;
	/* NULL: this kernel has it. Otherwise what is missing. */
	const char *(*missing)(const struct program_site *site, char *buf, size_t size);
	/* Sets the program's type and place before it is loaded. */
	int (*prepare)(struct bpf_program *program, const struct program_site *site);
	/* May two sites of one program be in one batch? NULL: never. */
	bool (*together)(const struct program_site *a, const struct program_site *b);
	/* Among many sites: is this one hopeless? It would make the whole batch fail, and a batch
	 * takes the kernel long. 0, or why not; attach->reason is set. NULL: never. */
	int (*check)(struct attach *attach, const struct program_site *site);
	int (*attach)(struct attach *attach, const struct attach_batch *batch);
};

extern const struct attach_mech *const attach_mechs[MECH_COUNT];

/* Attaches the sites that @load chose. Failures of single sites are warnings, or quiet when
 * optional; a handler left without any site is an error: -ENOENT. */
int attach_all(struct attach *attach);
/* Detaches everything, many at a time: _begin() starts it in the background, attach_close()
 * waits for it (and begins it if need be) and frees. */
void attach_close_begin(struct attach *attach);
void attach_close(struct attach *attach);
/* Hits that mechanisms counted as missed. */
uint64_t attach_missed(const struct attach *attach);

/* For the rows. attach_keep() takes over @fd (a negative one is an error, passed on). */
int attach_keep(struct attach *attach, int fd);
const char *attach_feature_missing(int feature, char *buf, size_t size);

struct perf_event_attr;
/* Opens a perf event, calls the program of @prog_fd on it and keeps both. */
int attach_perf(struct attach *attach, struct perf_event_attr *attr, int32_t pid, int cpu,
		int prog_fd, uint64_t cookie);
/* The same on every CPU, or in the process of the batch's site. */
int attach_perf_everywhere(struct attach *attach, struct perf_event_attr *attr,
			   const struct attach_batch *batch);
/* Number of a dynamic perf event source, such as "uprobe"; and of its bit for returns. */
int attach_pmu_type(const char *source);
int attach_pmu_return_bit(const char *source);

#endif
