/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The path of a file: names from a directory entry up to the root, put together from the end.
 * Where the members of the kernel's structures are is given as ABI_PATH_ says.
 */
#include "runtime/kern/walk.h"

static inline u64 pointer_at(u64 address)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

static inline u64 member(struct kern_work *work, u64 address, u32 which)
{
	return address + ABI_PATH_OFFSET(STATE(work, WORK_LONG + 2), which);
}

/* The name before what there is already; 0: it does not fit. */
static inline u64 name_put(struct kern_work *work, u64 name)
{
	u64 length = pointer_at(name) >> 32, text = pointer_at(name + 8), at = STATE(work, WORK_AT);

	if (length >= at)
		return 0;
	at -= length;
	bpf_probe_read_kernel(area(work, AREA_A) + limited(at), limited(length), (void *)text);
	byte_put(work, AREA_A, at - 1, '/');
	STATE(work, WORK_AT) = at - 1;
	return 1;
}

/* WORK_LONG: directory entry, mount, places, root; WORK_AT: start of what there is. One name or
 * mount a step. */
static __attribute__((noinline)) long path_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);
	u64 dentry = STATE(work, WORK_LONG), mount = STATE(work, WORK_LONG + 1), parent;

	(void)n;
	if (!dentry || dentry == STATE(work, WORK_LONG + 3))
		return walk_done(work);
	if (mount && dentry == pointer_at(member(work, mount, ABI_PATH_MNT))) {
		parent = pointer_at(member(work, mount, ABI_PATH_MNT_PARENT));
		if (!parent || parent == mount)
			return walk_done(work);
		STATE(work, WORK_LONG) =
			pointer_at(member(work, mount, ABI_PATH_MNT_MOUNTPOINT));
		STATE(work, WORK_LONG + 1) = parent;
		return 0;
	}
	parent = pointer_at(member(work, dentry, ABI_PATH_D_PARENT));
	if (parent == dentry || !name_put(work, member(work, dentry, ABI_PATH_D_NAME)))
		return walk_done(work);
	STATE(work, WORK_LONG) = parent;
	return 0;
}

KERN s64 sonde_path(struct kern_work *work)
{
	u64 length;

	STATE(work, WORK_AT) = kern_most;
	walk(work, path_step);
	length = limited(kern_most - STATE(work, WORK_AT));
	bpf_probe_read_kernel(area(work, AREA_OUT), length,
			      area(work, AREA_A) + limited(STATE(work, WORK_AT)));
	return length;
}
