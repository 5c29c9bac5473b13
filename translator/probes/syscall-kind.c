/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds of arguments: how each looks as text. A set of syscall-sets.def is a kind, too. */
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "translator/probes/syscall-format.h"
#include "translator/util/arena.h"

/* What libc's headers leave to the kernel's. */
#define CLONE_DETACHED 0x00400000
#define MS_MGC_VAL 0xc0ed0000
#define MSG_EXCEPT 020000
#define SOL_TCP 6
#define SOL_UDP 17
#define PR_SET_PTRACER 0x59616d61
#define FUTEX_FD 2
#define __WNOTHREAD 0x20000000
#define AT_RECURSIVE 0x8000
#define AT_STATX_FORCE_SYNC 0x2000
#define AT_STATX_DONT_SYNC 0x4000

enum { FLAGS = ARGFMT_FLAGS, ENUM = 0, ENUM_D = ARGFMT_DECIMAL };

#define ALL 0xffffffffu
#define SET(name, size, how) static const struct syscall_name set_##name[] = {
#define END() { 0 } };
#define V(x) { x, x, #x, true },
#define F(mask, x) { mask, x, #x, false },
#define N(value, name) { value, value, name, true },
/* In a set of flags a bit stands for itself, in others all bits count. */
struct syscall_name {
	uint32_t mask, value;
	const char *name;
	bool whole;
};
#include "translator/probes/syscall-sets.def"

static const struct syscall_set {
	const char *name;
	int size;
	uint32_t how;
	const struct syscall_name *names;
} sets[] = {
#define SET(name, size, how) { #name, size, how, set_##name },
#define END()
#define V(x)
#define F(mask, x)
#define N(value, name)
#include "translator/probes/syscall-sets.def"
};

static const struct syscall_set *set_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (!strcmp(sets[i].name, name))
			return &sets[i];
	return NULL;
}

/* The place of a set's first name; *count: how many it has. */
static uint32_t set_place(struct format *format, const struct syscall_set *set, uint32_t *count)
{
	uint32_t first = format_set_find(format, set);

	for (*count = 0; set->names[*count].name; ++*count)
		;
	if (first != UINT32_MAX)
		return first;
	first = format->names.count;
	for (const struct syscall_name *n = set->names; n->name; n++)
		format_name(format,
			    !n->whole ? n->mask : set->how == FLAGS && n->value ? n->mask : ALL,
			    n->value, n->name);
	format_set_add(format, set, first);
	return first;
}

static void put_names(struct format *format, const struct syscall_set *set, uint16_t at,
		      uint8_t source)
{
	uint32_t count, first = set_place(format, set, &count);
	struct argfmt_row *row = format_row(format, ARGFMT_NAMES, at, source);

	row->arg = count;
	row->more = set->how;
	row->text = first;
}

static void put_set(struct format *format, const struct syscall_kind *kind, uint16_t at,
		    uint8_t source, uint16_t length_at)
{
	(void)length_at;
	put_names(format, set_of(kind->recipe ? kind->recipe : kind->name), at, source);
}

static void put_number(struct format *format, const struct syscall_kind *kind, uint16_t at,
		       uint8_t source, uint16_t length_at)
{
	(void)length_at;
	format_row(format, ARGFMT_NUMBER, at, source)->arg = kind->param;
}

static void put_row(struct format *format, const struct syscall_kind *kind, uint16_t at,
		    uint8_t source, uint16_t length_at)
{
	(void)length_at;
	format_row(format, kind->param, at, source);
}

#define BUFFER_MOST 50			/* characters of a buffer that are shown */

static void put_buffer(struct format *format, const struct syscall_kind *kind, uint16_t at,
		       uint8_t source, uint16_t length_at)
{
	struct argfmt_row *row = format_row(format, ARGFMT_BUFFER, at, source);

	(void)kind;
	row->arg = length_at;
	row->more = BUFFER_MOST;
}

/* ---- structures ---- */

/* A row that fetches; what follows it is left out where it cannot: fetch_end(). */
static size_t fetch_begin(struct format *format, uint32_t size, uint16_t at, uint8_t source,
			  uint16_t length_at)
{
	struct argfmt_row *row = format_row(format, ARGFMT_FETCH, at, source);

	row->more = size;
	row->text = length_at;
	return format->rows.count - 1;
}

static void fetch_end(struct format *format, size_t fetch)
{
	format->rows.data[fetch].arg |= format->rows.count - fetch - 1;
}

static void put_field(struct format *format, const char *kind_name, uint16_t at, uint32_t digits)
{
	const struct syscall_kind *kind = syscall_kind_of(format->arena, kind_name);
	uint8_t source = kind->size < 0 ? -kind->size | ARGFMT_NEGATIVE : kind->size;
	size_t row = format->rows.count;

	kind->put(format, kind, at, source | ARGFMT_FIELD, 0);
	format->rows.data[row].more |= digits;
}

/* Text in which %OFFSETkind is a field, %OFFSETkind:N one of at least N digits. */
static void put_recipe(struct format *format, const char *recipe)
{
	while (*recipe) {
		size_t plain = strcspn(recipe, "%");
		char *end;

		format_text(format, arena_strndup(format->arena, recipe, plain), 0);
		recipe += plain;
		if (!*recipe)
			return;
		uint16_t at = strtoul(recipe + 1, &end, 10);
		size_t length = strspn(end, "abcdefghijklmnopqrstuvwxyz");
		const char *kind = arena_strndup(format->arena, end, length);
		uint32_t digits = 0;

		recipe = end + length;
		if (*recipe == ':') {
			digits = strtoul(recipe + 1, &end, 10);
			recipe = end;
		}
		put_field(format, kind, at, digits);
	}
}

static void put_struct(struct format *format, const struct syscall_kind *kind, uint16_t at,
		       uint8_t source, uint16_t length_at)
{
	size_t fetch = fetch_begin(format, kind->param, at, source, length_at);

	put_recipe(format, kind->recipe);
	fetch_end(format, fetch);
}

static void put_signals(struct format *format, const struct syscall_kind *kind, uint16_t at,
			uint8_t source, uint16_t length_at)
{
	uint32_t count, first = set_place(format, set_of("signal"), &count);

	(void)kind;
	(void)length_at;
	format_row(format, ARGFMT_BITS, at, source)->text = first;
}

/* ---- addresses of sockets ---- */

/* Left out unless the family is @family; family_end() says where it ends. */
static size_t family_begin(struct format *format, uint32_t family)
{
	struct argfmt_row *row = format_row(format, ARGFMT_SKIP, 0, 2 | ARGFMT_FIELD);

	row->text = 0xffff;
	row->more = family;
	row->arg = ARGFMT_NOT;
	return format->rows.count - 1;
}

static void family_end(struct format *format, size_t begin)
{
	fetch_end(format, begin);
}

static void put_swapped(struct format *format, uint16_t at, uint32_t base)
{
	format_row(format, ARGFMT_NUMBER, at, 2 | ARGFMT_FIELD | ARGFMT_SWAPPED)->arg = base;
}

static void put_port(struct format *format)
{
	put_swapped(format, 2, 10);
}

static void put_ip4(struct format *format)
{
	put_recipe(format, "%4byte.%5byte.%6byte.%7byte");
}

static void put_ip6(struct format *format)
{
	for (int i = 0; i < 8; i++) {
		if (i)
			format_text(format, ":", 0);
		put_swapped(format, 8 + i * 2, 16);
	}
}

enum { SOCKADDR_MOST = 110 };

static void put_sockaddr(struct format *format, const struct syscall_kind *kind, uint16_t at,
			 uint8_t source, uint16_t length_at)
{
	static const uint32_t known[] = { AF_INET, AF_INET6, AF_UNIX };
	size_t fetch = fetch_begin(format, SOCKADDR_MOST, at, source, length_at), family;

	(void)kind;
	family = family_begin(format, AF_INET);
	format_text(format, "{AF_INET, ", 0);
	put_ip4(format);
	format_text(format, ", ", 0);
	put_port(format);
	family_end(format, family);
	family = family_begin(format, AF_INET6);
	format_text(format, "{AF_INET6, ", 0);
	put_ip6(format);
	format_text(format, ", ", 0);
	put_port(format);
	family_end(format, family);
	family = family_begin(format, AF_UNIX);
	format_text(format, "{AF_UNIX, ", 0);
	format_row(format, ARGFMT_INLINE, 2, 8 | ARGFMT_FIELD)->more = SOCKADDR_MOST - 2;
	family_end(format, family);
	for (size_t i = 0; i < 3; i++) {
		struct argfmt_row *row = format_row(format, ARGFMT_SKIP, 0, 2 | ARGFMT_FIELD);

		row->text = 0xffff;
		row->more = known[i];
		row->arg = (2 - i) + 3;
	}
	format_text(format, "{unknown address family (", 0);
	format_row(format, ARGFMT_NUMBER, 0, 2 | ARGFMT_FIELD)->arg = 10;
	format_text(format, ")", 0);
	format_text(format, "}", 0);
	fetch_end(format, fetch);
}

static void put_sa_ip(struct format *format, const struct syscall_kind *kind, uint16_t at,
		      uint8_t source, uint16_t length_at)
{
	size_t fetch = fetch_begin(format, SOCKADDR_MOST, at, source, length_at), family;

	(void)kind;
	family = family_begin(format, AF_INET);
	put_ip4(format);
	family_end(format, family);
	family = family_begin(format, AF_INET6);
	put_ip6(format);
	family_end(format, family);
	fetch_end(format, fetch);
}

static void put_sa_port(struct format *format, const struct syscall_kind *kind, uint16_t at,
			uint8_t source, uint16_t length_at)
{
	size_t fetch = fetch_begin(format, SOCKADDR_MOST, at, source, length_at);

	(void)kind;
	for (int i = 0; i < 2; i++) {
		size_t family = family_begin(format, i ? AF_INET6 : AF_INET);

		put_port(format);
		family_end(format, family);
	}
	fetch_end(format, fetch);
}

/* What only IPv6 has, at offset kind->param. */
static void put_sa_six(struct format *format, const struct syscall_kind *kind, uint16_t at,
		       uint8_t source, uint16_t length_at)
{
	size_t fetch = fetch_begin(format, SOCKADDR_MOST, at, source, length_at);
	size_t family = family_begin(format, AF_INET6);

	format_row(format, ARGFMT_NUMBER, kind->param, 4 | ARGFMT_FIELD)->arg = 10;
	family_end(format, family);
	fetch_end(format, fetch);
}

/* A handler that is none has neither flags nor a mask. */
static void put_sigaction(struct format *format, const struct syscall_kind *kind, uint16_t at,
			  uint8_t source, uint16_t length_at)
{
	size_t fetch, skip;
	struct argfmt_row *row;

	(void)kind;
	format_text(format, "{", source);
	fetch = fetch_begin(format, 32, at, 8, length_at);
	put_field(format, "sighandler", 0, 0);
	row = format_row(format, ARGFMT_SKIP, 0, 8 | ARGFMT_FIELD);
	skip = format->rows.count - 1;
	row->text = ALL & ~1u;
	put_recipe(format, ", %8saflags, %24signals");
	fetch_end(format, skip);
	fetch_end(format, fetch);
	format_text(format, "}", 0);
}

#define NUMBER_KIND(name, size, base) { name, size, put_number, NULL, base, -1, 0 }
#define STRUCT_KIND(name, bytes, recipe) { name, 8, put_struct, recipe, bytes, -1, 0 }

#define MEMORY_KIND(name, offset, size) { name, 8, put_number, NULL, 10, offset, size }

static const struct syscall_kind kinds[] = {
	NUMBER_KIND("d", -4, 10 | ARGFMT_SIGNED),
	NUMBER_KIND("u", 4, 10),
	NUMBER_KIND("ld", -8, 10 | ARGFMT_SIGNED),
	NUMBER_KIND("lu", 8, 10),
	NUMBER_KIND("x", 4, 16 | ARGFMT_PREFIX),
	NUMBER_KIND("lx", 8, 16 | ARGFMT_PREFIX),
	NUMBER_KIND("o", 4, 8 | ARGFMT_PREFIX),
	NUMBER_KIND("p", 8, 16 | ARGFMT_PREFIX),
	NUMBER_KIND("hu", 2, 10),
	NUMBER_KIND("byte", 1, 10),
	{ "s", 8, put_row, NULL, ARGFMT_STRING, -1, 0 },
	{ "argv", 8, put_row, NULL, ARGFMT_STRINGS, -1, 0 },
	{ "envc", 8, put_row, NULL, ARGFMT_COUNT, -1, 0 },
	{ "buf", 8, put_buffer, NULL, 0, -1, 0 },
	STRUCT_KIND("ts", 16, "[%0ld.%8ld:9]"),
	STRUCT_KIND("ts2", 32, "[%0ld.%8ld:9][%16ld.%24ld:9]"),
	STRUCT_KIND("tv", 16, "[%0ld.%8ld:6]"),
	STRUCT_KIND("tv2", 32, "[%0ld.%8ld:6][%16ld.%24ld:6]"),
	STRUCT_KIND("itv", 32, "[%0ld.%8ld:6,%16ld.%24ld:6]"),
	STRUCT_KIND("its", 32, "[%0ld.%8ld:9,%16ld.%24ld:9]"),
	STRUCT_KIND("tz", 8, "{%0d,%4d}"),
	STRUCT_KIND("rlim", 16, "[%0ld,%8ld]"),
	STRUCT_KIND("pipefds", 8, "[%0d, %4d]"),
	STRUCT_KIND("sigset", 8, "%0signals"),
	MEMORY_KIND("pipe0", 0, 4),
	MEMORY_KIND("pipe1", 4, 4),
	MEMORY_KIND("time0", 0, 8),
	MEMORY_KIND("time8", 8, 8),
	{ "signals", 8, put_signals, NULL, 0, -1, 0 },
	{ "sigact", 8, put_sigaction, NULL, 0, -1, 0 },
	{ "sockaddr", 8, put_sockaddr, NULL, 0, -1, 0 },
	{ "safamily", 2, put_set, "family", 0, -1, 0 },
	STRUCT_KIND("sa_af", 2, "%0safamily"),
	{ "sa_ip", 8, put_sa_ip, NULL, 0, -1, 0 },
	{ "sa_port", 8, put_sa_port, NULL, 0, -1, 0 },
	{ "sa_flow", 8, put_sa_six, NULL, 4, -1, 0 },
	{ "sa_scope", 8, put_sa_six, NULL, 24, -1, 0 },
};

const struct syscall_kind *syscall_kind_of(struct arena *arena, const char *name)
{
	const struct syscall_set *set;
	struct syscall_kind *made;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	set = set_of(name);
	if (!set) {
		fprintf(stderr, "syscall table: no kind '%s'\n", name);
		abort();
	}
	made = arena_new_of(arena, struct syscall_kind);
	*made = (struct syscall_kind){ set->name, set->size, put_set, NULL, 0, -1, 0 };
	return made;
}
