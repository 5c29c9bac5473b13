/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a structure of the running kernel has a member. Reads no more of the kernel's BTF than it
 * must: what all of the kernel uses stands at the beginning, and parsing it all takes milliseconds.
 */
#ifndef SONDE_BTF_MEMBER_H
#define SONDE_BTF_MEMBER_H

#define BTF_OF_KERNEL "/sys/kernel/btf/vmlinux"

/* The offset in bytes of @member (no bit-field) in struct @type, both at most 60 bytes; -1 when
 * the BTF file @path does not say. */
long btf_member_offset(const char *path, const char *type, const char *member);

/* Where struct task_struct has the name that execname() reads, if handlers may read it there: a
 * whole number of words, with nothing but zeros behind it, as from Linux 5.17. -1: they may not.
 * @release: of the kernel whose BTF is @path. */
long btf_task_name(const char *path, const char *release);
/* The same of the kernel that runs, asked once. */
long btf_task_name_here(void);

#endif
