/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: where a structure has a member, from BTF read in pieces, beside libbpf; damaged files
//# need: btf
//# link: sonde
#include "runtime/btf-member.h"

#include <bpf/btf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPES 400

static int points, bad;

static void ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, what);
	bad |= !good;
}

/* What struct @type has as its last member, of bytes and with a name, and where; -1: nothing. */
static long last_member(const struct btf *btf, int type, const char **name)
{
	const struct btf_type *t = btf__type_by_id(btf, (uint32_t)type);
	const struct btf_member *member = btf_members(t);
	long at = -1;

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const char *text = btf__name_by_offset(btf, member[i].name_off);

		if (!*text || btf_member_bitfield_size(t, i))
			continue;
		*name = text;
		at = btf_member_bit_offset(t, i) / 8;
	}
	return at;
}

/* Every so many structures, from first to last. */
static void beside_libbpf(const struct btf *btf)
{
	uint32_t count = btf__type_cnt(btf), wrong = 0, seen = 0;

	for (uint32_t i = 1; i < count; i += count / TYPES + 1) {
		while (i < count && !btf_is_struct(btf__type_by_id(btf, i)))
			i++;
		if (i >= count)
			break;
		const char *type = btf__name_by_offset(btf, btf__type_by_id(btf, i)->name_off);
		const char *member = NULL;
		long want = -1;

		/* Of several of one name the first counts. */
		if (*type && btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) == (int)i)
			want = last_member(btf, (int)i, &member);
		if (want < 0 || strlen(type) > 60 || strlen(member) > 60)
			continue;
		seen++;
		wrong += btf_member_offset(BTF_OF_KERNEL, type, member) != want;
	}
	printf("# %u structures\n", seen);
	ok(seen > 10 && !wrong, "members as libbpf finds them");
}

/* The beginning of the kernel's, cut off or spoilt. */
static void damaged(void)
{
	enum { SIZE = 65536 };
	unsigned char *data = malloc(SIZE);
	FILE *from = fopen(BTF_OF_KERNEL, "r"), *to;
	size_t size = from ? fread(data, 1, SIZE, from) : 0;

	for (size_t keep = 0; keep < size; keep = keep * 2 + 1) {
		to = fopen("cut", "w");
		fwrite(data, 1, keep, to);
		fclose(to);
		if (btf_member_offset("cut", "task_struct", "comm") != -1)
			ok(0, "cut off");
	}
	for (size_t at = 24; at < 4096; at += 97) {
		memset(data + at, 0xff, 8);
		to = fopen("cut", "w");
		fwrite(data, 1, size, to);
		fclose(to);
		btf_member_offset("cut", "task_struct", "comm");
	}
	free(data);
	fclose(from);
	ok(1, "damaged files");
}

int main(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const char *name = NULL;
	int task;

	if (!btf)
		return 2;
	task = btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT);
	ok(task > 0 && btf_member_offset(BTF_OF_KERNEL, "task_struct", "comm") > 0, "the name");
	ok(last_member(btf, task, &name) ==
		   btf_member_offset(BTF_OF_KERNEL, "task_struct", name ? name : ""),
	   "the last member");
	ok(btf_member_offset(BTF_OF_KERNEL, "task_struct", "no_such_member") == -1, "no member");
	ok(btf_member_offset(BTF_OF_KERNEL, "no_such_struct", "comm") == -1, "no structure");
	ok(btf_member_offset("/nonexistent", "task_struct", "comm") == -1, "no file");
	beside_libbpf(btf);
	damaged();
	btf__free(btf);
	printf("1..%d\n", points);
	return bad;
}
