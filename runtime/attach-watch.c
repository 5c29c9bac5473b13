/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hardware breakpoints: on every CPU for kernel data, in a process for its own. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/attach.h"
#include "runtime/target.h"

extern const struct attach_mech attach_mech_WATCH;

/* Address of a kernel symbol, 0 when it is not known or not shown. */
static uint64_t kernel_address(const char *symbol)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long address = 0;
	char *line = NULL;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0) {
		char name[256];
		unsigned long long at;

		if (sscanf(line, "%llx %*c %255s", &at, name) == 2 && strcmp(name, symbol) == 0) {
			address = at;
			break;
		}
	}
	free(line);
	if (f)
		fclose(f);
	return address;
}

/* Where @path begins in the memory of @pid; a command that waits to be started will have it where
 * programs are loaded when nothing is randomized (target_start() sees to that). */
static uint64_t process_address(int32_t pid, const char *path)
{
	unsigned long long start, offset, address = 0;
	char maps[64], *line = NULL;
	size_t room = 0;
	FILE *f;

	snprintf(maps, sizeof(maps), "/proc/%d/maps", pid);
	f = fopen(maps, "re");
	while (!address && f && getline(&line, &room, f) > 0) {
		const char *name = strchr(line, '/');

		line[strcspn(line, "\n")] = '\0';
		if (name && strcmp(name, path) == 0 &&
		    sscanf(line, "%llx-%*x %*s %llx", &start, &offset) == 2 && !offset)
			address = start;
	}
	free(line);
	if (f)
		fclose(f);
	return address ? address : TARGET_FIXED_BASE;
}

static const char *watch_missing(const struct program_site *site, char *buf, size_t size)
{
	(void)site;
	(void)buf;
	(void)size;
	return NULL;
}

static int watch_prepare(struct bpf_program *program, const struct program_site *site)
{
	(void)site;
	return bpf_program__set_type(program, BPF_PROG_TYPE_PERF_EVENT);
}

static int watch_failed(struct attach *attach, const char *format, const char *what, int rc)
{
	snprintf(attach->reason, sizeof(attach->reason), format, what);
	return rc;
}

static int watch_attach(struct attach *attach, const struct attach_batch *batch)
{
	const struct program_site *site = &attach->program->sites[batch->sites[0]];
	int32_t pid = site->pid < 0 ? attach->target : site->pid;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.sample_period = 1,
		.bp_type = (uint32_t)site->perf_config,
		.bp_addr = site->offset,
		.bp_len = site->perf_period,
		.inherit = site->pid != 0,	/* all threads */
		.exclude_kernel = site->pid != 0,
	};
	uint64_t base = 0;
	int rc;

	if (site->pid && !pid)
		return watch_failed(attach, "%s", "the data of a process needs -c or -x", -ESRCH);
	if (*site->symbol)
		base = kernel_address(site->symbol);
	else if (*site->path)
		base = process_address(pid, site->path);
	if ((*site->symbol || *site->path) && !base)
		return watch_failed(attach, "the address of %s is not known",
				    *site->symbol ? site->symbol : site->path, -ENOENT);
	attr.bp_addr += base;
	rc = attach_perf_everywhere(attach, &attr, batch);
	if (rc == -ENOSPC)
		return watch_failed(attach, "%s", "the processor's breakpoint registers are all in "
				    "use", rc);
	return rc;
}

const struct attach_mech attach_mech_WATCH = {
	.in_kernel = true,
	.missing = watch_missing,
	.prepare = watch_prepare,
	.attach = watch_attach,
};
