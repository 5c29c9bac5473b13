/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trampolines of kernel functions (fentry, fexit), hooks of security modules and raw tracepoints:
 * one place a program. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/attach.h"
#include "runtime/bpf-syscall.h"
#include "runtime/features.h"

extern const struct attach_mech attach_mech_FENTRY, attach_mech_FEXIT, attach_mech_RAWTP;
extern const struct attach_mech attach_mech_LSM;

static const char *fentry_missing(const struct program_site *site, char *buf, size_t size)
{
	(void)site;
	return attach_feature_missing(FEATURE_FENTRY, buf, size);
}

static int typed_prepare(struct bpf_program *program, const char *place,
			 enum bpf_prog_type program_type, enum bpf_attach_type type)
{
	int rc = bpf_program__set_type(program, program_type);

	if (!rc)
		rc = bpf_program__set_expected_attach_type(program, type);
	if (!rc)
		rc = bpf_program__set_attach_target(program, 0, place);
	return rc;
}

static int fentry_prepare(struct bpf_program *program, const struct program_site *site)
{
	return typed_prepare(program, site->symbol, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY);
}

static int fexit_prepare(struct bpf_program *program, const struct program_site *site)
{
	return typed_prepare(program, site->symbol, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT);
}

static int tracing_attach(struct attach *attach, const struct attach_batch *batch)
{
	return attach_keep(attach, bpfsys_raw_tracepoint(NULL, batch->prog_fd));
}

/* A kernel that was booted without BPF among its security modules would never call the hook. */
static const char *lsm_missing(const struct program_site *site, char *buf, size_t size)
{
	char modules[512] = "bpf";
	FILE *f = fopen("/sys/kernel/security/lsm", "re");

	if (f && !fgets(modules, sizeof(modules), f))
		snprintf(modules, sizeof(modules), "bpf");
	if (f)
		fclose(f);
	for (char *rest = modules, *word; (word = strsep(&rest, ",\n"));)
		if (strcmp(word, "bpf") == 0)
			return fentry_missing(site, buf, size);
	snprintf(buf, size, "BPF among its security modules (boot it with lsm=…,bpf)");
	return buf;
}

static int lsm_prepare(struct bpf_program *program, const struct program_site *site)
{
	/* the place goes by the hook's name, which its function has */
	return typed_prepare(program, site->function, BPF_PROG_TYPE_LSM, BPF_LSM_MAC);
}

static const char *rawtp_missing(const struct program_site *site, char *buf, size_t size)
{
	(void)site;
	(void)buf;
	(void)size;
	return NULL;
}

static int rawtp_prepare(struct bpf_program *program, const struct program_site *site)
{
	(void)site;
	return bpf_program__set_type(program, BPF_PROG_TYPE_RAW_TRACEPOINT);
}

static int rawtp_attach(struct attach *attach, const struct attach_batch *batch)
{
	const struct program_site *site = &attach->program->sites[batch->sites[0]];

	return attach_keep(attach, bpfsys_raw_tracepoint(site->symbol, batch->prog_fd));
}

const struct attach_mech attach_mech_FENTRY = {
	.in_kernel = true,
	.newest_first = true,
	.newest_returns_first = true,
	.missing = fentry_missing,
	.prepare = fentry_prepare,
	.attach = tracing_attach,
};

const struct attach_mech attach_mech_FEXIT = {
	.in_kernel = true,
	.newest_first = true,
	.newest_returns_first = true,
	.missing = fentry_missing,
	.prepare = fexit_prepare,
	.attach = tracing_attach,
};

const struct attach_mech attach_mech_LSM = {
	.in_kernel = true,
	.newest_first = true,
	.newest_returns_first = true,
	.missing = lsm_missing,
	.prepare = lsm_prepare,
	.attach = tracing_attach,
};

const struct attach_mech attach_mech_RAWTP = {
	.in_kernel = true,
	.missing = rawtp_missing,
	.prepare = rawtp_prepare,
	.attach = rawtp_attach,
};
