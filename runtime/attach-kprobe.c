/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel functions by breakpoint: kprobe.multi where the kernel has it and the place is a
 * function's beginning (or return), a perf event otherwise.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/attach.h"
#include "runtime/bpf-syscall.h"
#include "runtime/build-id.h"
#include "runtime/features.h"
#include "runtime/traceable.h"

extern const struct attach_mech attach_mech_KPROBE;

static const char *kprobe_missing(const struct program_site *site, char *buf, size_t size)
{
	(void)site;
	return attach_feature_missing(FEATURE_KPROBE, buf, size);
}

static bool kprobe_is_multi(const struct program_site *site)
{
	return *site->symbol && !site->offset && feature_has(FEATURE_KPROBE_MULTI);
}

static int kprobe_prepare(struct bpf_program *program, const struct program_site *site)
{
	int rc = bpf_program__set_type(program, BPF_PROG_TYPE_KPROBE);

	if (!rc)
		rc = bpf_program__set_expected_attach_type(
			program, kprobe_is_multi(site) ? (enum bpf_attach_type)BPFSYS_KPROBE_MULTI
						       : (enum bpf_attach_type)0);
	return rc;
}

static bool kprobe_together(const struct program_site *a, const struct program_site *b)
{
	return a->is_return == b->is_return && kprobe_is_multi(a) && kprobe_is_multi(b);
}

static int kprobe_attach_multi(struct attach *attach, const struct attach_batch *batch)
{
	const struct program_site *sites = attach->program->sites;
	const char **symbols = calloc(batch->count, sizeof(*symbols));
	uint64_t *cookies = calloc(batch->count, sizeof(*cookies));
	struct bpfsys_kprobes kprobes = {
		.symbols = symbols, .cookies = cookies, .count = batch->count,
		.is_return = sites[batch->sites[0]].is_return,
	};
	int rc = -ENOMEM;

	if (!symbols || !cookies)
		goto out;
	for (uint32_t i = 0; i < batch->count; i++) {
		symbols[i] = sites[batch->sites[i]].symbol;
		cookies[i] = batch->sites[i];
	}
	rc = attach_keep(attach, bpfsys_link_kprobes(batch->prog_fd, &kprobes));
out:
	free(cookies);
	free(symbols);
	return rc;
}

static int kprobe_check(struct attach *attach, const struct program_site *site)
{
	if (!kprobe_is_multi(site) || traceable_has(site->symbol))
		return 0;
	snprintf(attach->reason, sizeof(attach->reason),
		 "the kernel does not let it be traced, or has it inlined only");
	return -EINVAL;
}

/* Offsets in another build of the kernel would be other instructions. */
static int kprobe_check_build(struct attach *attach, const struct program_site *site)
{
	char found[BUILD_ID_TEXT];

	if (!*site->build_id || build_id_of_kernel(found) || strcmp(found, site->build_id) == 0)
		return 0;
	snprintf(attach->reason, sizeof(attach->reason),
		 "the kernel is another build (%.16s…) than the one the program was made for "
		 "(%.16s…)", found, site->build_id);
	return -ESTALE;
}

static int kprobe_attach(struct attach *attach, const struct attach_batch *batch)
{
	const struct program_site *site = &attach->program->sites[batch->sites[0]];
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.config1 = *site->symbol ? (uint64_t)(uintptr_t)site->symbol : 0,
		.config2 = site->offset,
	};
	int type, rc = kprobe_check_build(attach, site);

	if (rc)
		return rc;
	if (kprobe_is_multi(site))
		return kprobe_attach_multi(attach, batch);
	type = attach_pmu_type("kprobe");
	if (type < 0)
		return type;
	attr.type = (uint32_t)type;
	if (site->is_return)
		attr.config |= 1ull << attach_pmu_return_bit("kprobe");
	return attach_perf(attach, &attr, -1, 0, batch->prog_fd, batch->sites[0]);
}

const struct attach_mech attach_mech_KPROBE = {
	.in_kernel = true,
	.newest_first = true,
	.missing = kprobe_missing,
	.prepare = kprobe_prepare,
	.together = kprobe_together,
	.check = kprobe_check,
	.attach = kprobe_attach,
};
