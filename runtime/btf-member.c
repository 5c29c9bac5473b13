/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/btf-member.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A piece of the file. */
struct window {
	int fd;
	uint64_t from;
	size_t size;
	char data[16384];
};

struct search {
	struct window window;
	struct btf_header header;
};

/* @size bytes at @offset of the file, or NULL. */
static const void *window_at(struct window *window, uint64_t offset, size_t size)
{
	if (offset >= window->from && offset + size <= window->from + window->size)
		return window->data + (offset - window->from);
	window->from = offset;
	window->size = 0;
	/* A read of this file gives a page at most. */
	while (window->size < sizeof(window->data)) {
		ssize_t got = pread(window->fd, window->data + window->size,
				    sizeof(window->data) - window->size,
				    (off_t)(offset + window->size));

		if (got <= 0)
			break;
		window->size += (size_t)got;
	}
	return size <= window->size ? window->data : NULL;
}

/* What names @text in the types: its place among the strings. 0: it is not there. */
static uint32_t string_find(struct search *search, const char *text)
{
	uint64_t start = search->header.hdr_len + (uint64_t)search->header.str_off;
	uint64_t end = start + search->header.str_len, at = start;
	char wanted[64] = { 0 };
	size_t size = strlen(text) + 2;

	if (size > sizeof(wanted))
		return 0;
	memcpy(wanted + 1, text, size - 2);
	while (at + size <= end) {
		const char *data = window_at(&search->window, at, size), *found;
		size_t all;

		if (!data)
			return 0;
		all = search->window.size - (size_t)(data - search->window.data);
		found = memmem(data, all, wanted, size);
		if (found)
			return (uint32_t)(at - start + (uint64_t)(found - data) + 1);
		at += all - size + 1;
	}
	return 0;
}

/* Bytes that follow the head of a type. -1: unknown. */
static int64_t type_rest(const struct btf_type *type)
{
	static const struct {
		uint8_t fixed, each;
		bool known;
	} rows[32] = {
		[BTF_KIND_INT] = { 4, 0, true }, [BTF_KIND_PTR] = { 0, 0, true },
		[BTF_KIND_ARRAY] = { 12, 0, true }, [BTF_KIND_STRUCT] = { 0, 12, true },
		[BTF_KIND_UNION] = { 0, 12, true }, [BTF_KIND_ENUM] = { 0, 8, true },
		[BTF_KIND_FWD] = { 0, 0, true }, [BTF_KIND_TYPEDEF] = { 0, 0, true },
		[BTF_KIND_VOLATILE] = { 0, 0, true }, [BTF_KIND_CONST] = { 0, 0, true },
		[BTF_KIND_RESTRICT] = { 0, 0, true }, [BTF_KIND_FUNC] = { 0, 0, true },
		[BTF_KIND_FUNC_PROTO] = { 0, 8, true }, [BTF_KIND_VAR] = { 4, 0, true },
		[BTF_KIND_DATASEC] = { 0, 12, true }, [BTF_KIND_FLOAT] = { 0, 0, true },
		[BTF_KIND_DECL_TAG] = { 4, 0, true }, [BTF_KIND_TYPE_TAG] = { 0, 0, true },
		[BTF_KIND_ENUM64] = { 0, 12, true },
	};
	uint32_t kind = BTF_INFO_KIND(type->info);

	if (!rows[kind].known)
		return -1;
	return rows[kind].fixed + (int64_t)rows[kind].each * BTF_INFO_VLEN(type->info);
}

static long member_find(struct search *search, uint64_t at, const struct btf_type *type,
			uint32_t name)
{
	bool has_fields = BTF_INFO_KFLAG(type->info);
	uint32_t count = BTF_INFO_VLEN(type->info);

	for (uint32_t i = 0; i < count; i++) {
		struct btf_member member;
		const void *data = window_at(&search->window, at + i * sizeof(member),
					     sizeof(member));

		if (!data)
			return -1;
		memcpy(&member, data, sizeof(member));
		if (member.name_off != name)
			continue;
		if ((has_fields && BTF_MEMBER_BITFIELD_SIZE(member.offset)) || member.offset % 8)
			return -1;
		return (has_fields ? BTF_MEMBER_BIT_OFFSET(member.offset) : member.offset) / 8;
	}
	return -1;
}

static long type_search(struct search *search, uint32_t name, uint32_t member)
{
	uint64_t at = search->header.hdr_len + (uint64_t)search->header.type_off;
	uint64_t end = at + search->header.type_len;

	while (at + sizeof(struct btf_type) <= end) {
		struct btf_type type;
		const void *data = window_at(&search->window, at, sizeof(type));
		int64_t rest;

		if (!data)
			return -1;
		memcpy(&type, data, sizeof(type));
		at += sizeof(type);
		if (type.name_off == name && BTF_INFO_KIND(type.info) == BTF_KIND_STRUCT)
			return member_find(search, at, &type, member);
		rest = type_rest(&type);
		if (rest < 0)
			return -1;
		at += (uint64_t)rest;
	}
	return -1;
}

long btf_member_offset(const char *path, const char *type, const char *member)
{
	struct search search = { .window.fd = open(path, O_RDONLY | O_CLOEXEC) };
	const struct btf_header *header;
	uint32_t type_name, member_name;
	long offset = -1;

	if (search.window.fd < 0)
		return -1;
	header = window_at(&search.window, 0, sizeof(*header));
	if (header && header->magic == BTF_MAGIC && header->version == BTF_VERSION) {
		search.header = *header;
		type_name = string_find(&search, type);
		member_name = type_name ? string_find(&search, member) : 0;
		if (member_name)
			offset = type_search(&search, type_name, member_name);
	}
	close(search.window.fd);
	return offset;
}

long btf_task_name(const char *path, const char *release)
{
	unsigned int major, minor;
	long offset;

	if (sscanf(release, "%u.%u", &major, &minor) != 2 || major < 5 ||
	    (major == 5 && minor < 17))
		return -1;
	offset = btf_member_offset(path, "task_struct", "comm");
	return offset > 0 && offset % 8 == 0 ? offset : -1;
}

long btf_task_name_here(void)
{
	static long offset = -2;	/* -2: not asked */
	struct utsname kernel;

	if (offset == -2) {
		uname(&kernel);
		offset = btf_task_name(BTF_OF_KERNEL, kernel.release);
	}
	return offset;
}
