/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/load.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/features.h"
#include "runtime/program.h"
#include "runtime/say.h"

#define CAPABILITY_PERFMON 38
#define CAPABILITY_BPF 39

/* Have we what loading and attaching takes? Asked at once, rather than from a failure somewhere. */
static bool load_is_permitted(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };
	uint64_t effective;

	if (syscall(SYS_capget, &header, data))
		return true;	/* the kernel itself will say */
	effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	return effective >> CAP_SYS_ADMIN & 1 ||
	       (effective >> CAPABILITY_BPF & effective >> CAPABILITY_PERFMON & 1);
}

/* Kernels before 5.11 count maps against this limit. Later ones do not care, and it may not be
 * raised. */
static void load_raise_limits(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY }, files;

	setrlimit(RLIMIT_MEMLOCK, &all);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int load_prepare(struct load *load, const struct load_config *config)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sonde");
	int rc;

	load->object = bpf_object__open_mem(config->image, config->size, &opts);
	if (!load->object) {
		rc = -errno;
		load_log_report(load, rc);
		return rc;
	}
	rc = load_choose(load);
	if (!rc)
		rc = load_data_prepare(load, config);
	if (rc)
		return rc;
	rc = load_maps_prepare(load, config->ring_bytes);
	if (rc)
		load_log_report(load, rc);
	return rc;
}

/* One attempt. -EAGAIN: another mechanism is to be tried for some sites. */
static int load_try(struct load *load, const struct load_config *config)
{
	const char *program;
	int rc;

	load_log_begin();
	rc = load_prepare(load, config);
	if (rc)
		return rc;
	rc = bpf_object__load(load->object);
	if (!rc)
		return load_maps_finish(load, true);
	load_maps_finish(load, false);
	program = load_log_program();
	if (program && load_exclude(load, program)) {
		say_verbose(1, "The kernel does not take %s; trying another way.", program);
		return -EAGAIN;
	}
	load_log_report(load, rc);
	return rc;
}

static int load_kernel_part(struct load *load, const struct load_config *config)
{
	const struct program *program = load->program;
	struct bpf_map *ring;
	int rc;

	if (!load_is_permitted()) {
		say_error("tracing takes root, or the capabilities CAP_BPF and CAP_PERFMON");
		return -EPERM;
	}
	load_raise_limits();
	if (!features_check(program))
		return -ENOTSUP;
	load->programs = calloc(program->site_count + 1, sizeof(struct bpf_program *));
	load->excluded = calloc(program->site_count + 1, sizeof(bool));
	if (!load->programs || !load->excluded)
		return -ENOMEM;
	while ((rc = load_try(load, config)) == -EAGAIN) {
		bpf_object__close(load->object);
		load->object = NULL;
	}
	load_log_end();
	if (rc)
		return rc;
	ring = bpf_object__find_map_by_name(load->object, "sonde_ring");
	if (ring)
		load->ring_fd = bpf_map__fd(ring);
	rc = load_data_map(load);
	if (rc)
		say_error("the session's memory cannot be mapped: %s", strerror(-rc));
	return rc;
}

int load_open(struct load *load, const struct program *program, const struct load_config *config)
{
	load->program = program;
	load->ring_fd = -1;
	if (program->has_bpf)
		return load_kernel_part(load, config);
	load->session = malloc(sizeof(*load->session));
	if (!load->session)
		return -ENOMEM;
	*load->session = config->session;
	return 0;
}

void load_close(struct load *load)
{
	if (load->data)
		munmap(load->data, load->data_size);
	else
		free(load->session);
	if (load->object) {
		load_maps_finish(load, false);
		bpf_object__close(load->object);
	}
	free(load->programs);
	free(load->excluded);
	memset(load, 0, sizeof(*load));
}
