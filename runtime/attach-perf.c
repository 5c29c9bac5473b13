/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Perf events on every CPU, or of one process; what other rows need of perf events. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/attach.h"
#include "runtime/bpf-syscall.h"

extern const struct attach_mech attach_mech_PERF;

/* ---- event sources ---- */

static int source_number(const char *source, const char *file, const char *format)
{
	char path[128];
	int number = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/%s", source, file);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (fscanf(f, format, &number) != 1)
		number = -EINVAL;
	fclose(f);
	return number;
}

int attach_pmu_type(const char *source)
{
	return source_number(source, "type", "%d");
}

int attach_pmu_return_bit(const char *source)
{
	int bit = source_number(source, "format/retprobe", "config:%d");

	return bit < 0 ? 0 : bit;
}

int attach_perf(struct attach *attach, struct perf_event_attr *attr, int32_t pid, int cpu,
		int prog_fd, uint64_t cookie)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	int link, rc;

	if (fd < 0)
		return -errno;
	link = bpfsys_link_perf(prog_fd, fd, cookie);
	if (link >= 0) {
		/* The link holds the event. */
		rc = attach_keep(attach, link);
		if (!rc && ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
			rc = -errno;
		close(fd);
		return rc;
	}
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog_fd) < 0 ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return attach_keep(attach, fd);
}

/* ---- every CPU ---- */

/* Attaches on each CPU of a list such as "0-3,5". */
static int perf_on_list(struct attach *attach, struct perf_event_attr *attr, const char *list,
			const struct attach_batch *batch)
{
	int rc = 0;

	while (!rc && *list >= '0' && *list <= '9') {
		char *end;
		long cpu = strtol(list, &end, 10), last = cpu;

		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		for (; !rc && cpu <= last; cpu++)
			rc = attach_perf(attach, attr, -1, (int)cpu, batch->prog_fd,
					 batch->sites[0]);
		list = *end == ',' ? end + 1 : end;
	}
	return rc;
}

int attach_perf_everywhere(struct attach *attach, struct perf_event_attr *attr,
			   const struct attach_batch *batch)
{
	const struct program_site *site = &attach->program->sites[batch->sites[0]];
	int32_t pid = site->pid < 0 ? attach->target : site->pid;
	char list[4096];
	FILE *f;

	attr->size = sizeof(*attr);
	if (pid)
		return attach_perf(attach, attr, pid, -1, batch->prog_fd, batch->sites[0]);
	f = fopen("/sys/devices/system/cpu/online", "re");
	if (!f || !fgets(list, sizeof(list), f))
		snprintf(list, sizeof(list), "0-%ld", sysconf(_SC_NPROCESSORS_ONLN) - 1);
	if (f)
		fclose(f);
	return perf_on_list(attach, attr, list, batch);
}

static const char *perf_missing(const struct program_site *site, char *buf, size_t size)
{
	(void)site;
	(void)buf;
	(void)size;
	return NULL;
}

static int perf_prepare(struct bpf_program *program, const struct program_site *site)
{
	(void)site;
	return bpf_program__set_type(program, BPF_PROG_TYPE_PERF_EVENT);
}

static int perf_attach(struct attach *attach, const struct attach_batch *batch)
{
	const struct program_site *site = &attach->program->sites[batch->sites[0]];
	struct perf_event_attr attr = {
		.type = site->perf_type,
		.config = site->perf_config,
		.sample_period = site->perf_period,	/* or its union's sample_freq */
		.freq = site->perf_is_freq,
		.inherit = 0,
	};
	int rc = attach_perf_everywhere(attach, &attr, batch);

	if (rc == -ENOENT || rc == -EOPNOTSUPP || rc == -ENODEV)
		snprintf(attach->reason, sizeof(attach->reason),
			 "this machine has no such event (type %u, config %llu)", site->perf_type,
			 (unsigned long long)site->perf_config);
	return rc;
}

const struct attach_mech attach_mech_PERF = {
	.in_kernel = true,
	.missing = perf_missing,
	.prepare = perf_prepare,
	.attach = perf_attach,
};
