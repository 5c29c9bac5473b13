/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places in user space. With uprobe.multi one link holds all places of a file; it is used for a
 * single place too, because it detaches three times as fast as a perf event, which older kernels
 * need for each place.
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

extern const struct attach_mech attach_mech_UPROBE;

#define REF_CTR_SHIFT 32	/* PERF_UPROBE_REF_CTR_OFFSET_SHIFT */

static const char *uprobe_missing(const struct program_site *site, char *buf, size_t size)
{
	(void)site;
	return attach_feature_missing(FEATURE_UPROBE, buf, size);
}

static int uprobe_prepare(struct bpf_program *program, const struct program_site *site)
{
	int rc = bpf_program__set_type(program, BPF_PROG_TYPE_KPROBE);

	(void)site;
	if (!rc)
		rc = bpf_program__set_expected_attach_type(
			program, feature_has(FEATURE_UPROBE_MULTI)
					 ? (enum bpf_attach_type)BPFSYS_UPROBE_MULTI
					 : (enum bpf_attach_type)0);
	return rc;
}

static bool uprobe_together(const struct program_site *a, const struct program_site *b)
{
	return a->pid == b->pid && a->is_return == b->is_return && strcmp(a->path, b->path) == 0;
}

static int32_t uprobe_pid(const struct attach *attach, const struct program_site *site)
{
	return site->pid < 0 ? attach->target : site->pid;
}

/* Offsets in another build of the file would be other functions. */
static int uprobe_check_file(struct attach *attach, const struct program_site *site)
{
	char found[BUILD_ID_TEXT];
	int rc;

	if (!*site->build_id)
		return 0;
	rc = build_id_read(site->path, found);
	if (rc == -ENODATA)
		rc = 0;
	if (rc) {
		snprintf(attach->reason, sizeof(attach->reason), "cannot read %s", site->path);
		return rc;
	}
	if (strcmp(found, site->build_id) == 0)
		return 0;
	snprintf(attach->reason, sizeof(attach->reason),
		 "%s is another build (%.16s…) than the one the program was made for (%.16s…)",
		 site->path, *found ? found : "no build-id", site->build_id);
	return -ESTALE;
}

static int uprobe_attach_multi(struct attach *attach, const struct attach_batch *batch)
{
	const struct program_site *sites = attach->program->sites;
	const struct program_site *first = &sites[batch->sites[0]];
	uint64_t *numbers = calloc(batch->count, 3 * sizeof(*numbers));
	uint64_t *offsets = numbers, *ref_ctrs = numbers + batch->count;
	uint64_t *cookies = ref_ctrs + batch->count;
	struct bpfsys_uprobes uprobes = {
		.path = first->path, .offsets = offsets, .cookies = cookies, .count = batch->count,
		.pid = uprobe_pid(attach, first), .is_return = first->is_return,
	};
	int rc;

	if (!numbers)
		return -ENOMEM;
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct program_site *site = &sites[batch->sites[i]];

		offsets[i] = site->offset;
		cookies[i] = batch->sites[i];
		ref_ctrs[i] = site->ref_ctr_offset;
		if (site->ref_ctr_offset)
			uprobes.ref_ctr_offsets = ref_ctrs;
	}
	rc = attach_keep(attach, bpfsys_link_uprobes(batch->prog_fd, &uprobes));
	free(numbers);
	return rc;
}

static int uprobe_attach_one(struct attach *attach, uint32_t index, int prog_fd)
{
	const struct program_site *site = &attach->program->sites[index];
	int32_t pid = uprobe_pid(attach, site);
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.config = site->ref_ctr_offset << REF_CTR_SHIFT,
		.config1 = (uint64_t)(uintptr_t)site->path,
		.config2 = site->offset,
	};
	int type = attach_pmu_type("uprobe");

	if (type < 0)
		return type;
	attr.type = (uint32_t)type;
	if (site->is_return)
		attr.config |= 1ull << attach_pmu_return_bit("uprobe");
	/* Without a process the event needs a CPU, but the probe is hit on all. */
	return attach_perf(attach, &attr, pid ? pid : -1, pid ? -1 : 0, prog_fd, index);
}

static int uprobe_attach(struct attach *attach, const struct attach_batch *batch)
{
	int rc = uprobe_check_file(attach, &attach->program->sites[batch->sites[0]]);

	if (rc)
		return rc;
	if (feature_has(FEATURE_UPROBE_MULTI))
		return uprobe_attach_multi(attach, batch);
	return uprobe_attach_one(attach, batch->sites[0], batch->prog_fd);
}

/* Perf events take one place each. */
static bool uprobe_batches(const struct program_site *a, const struct program_site *b)
{
	return feature_has(FEATURE_UPROBE_MULTI) && uprobe_together(a, b);
}

const struct attach_mech attach_mech_UPROBE = {
	.in_kernel = true,
	.newest_first = true,
	.newest_returns_first = true,
	.missing = uprobe_missing,
	.prepare = uprobe_prepare,
	.together = uprobe_batches,
	.attach = uprobe_attach,
};
