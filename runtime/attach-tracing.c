/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trampolines of kernel functions (fentry, fexit) and raw tracepoints: one place a program. */
#include <bpf/libbpf.h>
#include <errno.h>

#include "runtime/attach.h"
#include "runtime/bpf-syscall.h"
#include "runtime/features.h"

extern const struct attach_mech attach_mech_FENTRY, attach_mech_FEXIT, attach_mech_RAWTP;

static const char *fentry_missing(const struct program_site *site, char *buf, size_t size)
{
	(void)site;
	return attach_feature_missing(FEATURE_FENTRY, buf, size);
}

static int tracing_prepare(struct bpf_program *program, const struct program_site *site,
			   enum bpf_attach_type type)
{
	int rc = bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);

	if (!rc)
		rc = bpf_program__set_expected_attach_type(program, type);
	if (!rc)
		rc = bpf_program__set_attach_target(program, 0, site->symbol);
	return rc;
}

static int fentry_prepare(struct bpf_program *program, const struct program_site *site)
{
	return tracing_prepare(program, site, BPF_TRACE_FENTRY);
}

static int fexit_prepare(struct bpf_program *program, const struct program_site *site)
{
	return tracing_prepare(program, site, BPF_TRACE_FEXIT);
}

static int tracing_attach(struct attach *attach, const struct attach_batch *batch)
{
	return attach_keep(attach, bpfsys_raw_tracepoint(NULL, batch->prog_fd));
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
	.missing = fentry_missing,
	.prepare = fentry_prepare,
	.attach = tracing_attach,
};

const struct attach_mech attach_mech_FEXIT = {
	.in_kernel = true,
	.missing = fentry_missing,
	.prepare = fexit_prepare,
	.attach = tracing_attach,
};

const struct attach_mech attach_mech_RAWTP = {
	.in_kernel = true,
	.missing = rawtp_missing,
	.prepare = rawtp_prepare,
	.attach = rawtp_attach,
};
