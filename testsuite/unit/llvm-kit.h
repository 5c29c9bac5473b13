/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of the LLVM back end: makes programs by the IR builder, one uprobe handler on victim(),
 * loads and runs them with libbpf. A failed load prints the verifier's log.
 */
#ifndef SONDE_LLVM_KIT_H
#define SONDE_LLVM_KIT_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <gelf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "backends/backend.h"
#include "runtime/abi.h"
#include "runtime/paths.h"
#include "translator/ir/ir.h"
#include "translator/session.h"
#include "translator/util/arena.h"
#include "translator/util/diag.h"

#define NONE OPERAND(OPERAND_NONE, 0)
#define EMIT(op, result, ...)                                                                \
	ir_emit(&kit.b, IR_##op, result, (uint32_t[]){ __VA_ARGS__ },                         \
		sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define EMIT0(op, result) ir_emit(&kit.b, IR_##op, result, NULL, 0)
#define LONG(v) ir_long(kit.program, v)
#define TEXT(t) ir_text(kit.program, t)
#define REG() ir_reg_new(&kit.b)
#define SLOT(w) ir_slot_new(&kit.b, w)

static struct {
	struct session session;
	struct ir_program *program;
	struct ir_handler *handler;
	struct ir_builder b;
	struct bpf_object *object;
	struct bpf_link *link;
	char *bss;
	size_t session_at, globals_at;
	const void *image;
	size_t image_size;
	unsigned char records[1 << 16];
	size_t records_size;
	struct ring_buffer *ring;
	int tests, failures;
	double emit_ms;
} kit;

static inline void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++kit.tests, what);
	kit.failures += !good;
}

static inline void same(long got, long want, const char *what)
{
	ok(got == want, what);
	if (got != want)
		printf("# got %ld, want %ld\n", got, want);
}

__attribute__((noinline)) long victim(long a, long b);
__attribute__((noinline)) long victim(long a, long b)
{
	asm volatile("" : "+r"(a), "+r"(b));
	return (long)((unsigned long)a + (unsigned long)b);
}

static inline void kit_begin(void)
{
	static struct utsname host;

	memset(&kit.session, 0, sizeof(kit.session));
	uname(&host);
	kit.session.arena = arena_new();
	kit.session.diags = diags_new(kit.session.arena);
	kit.session.max_string = 512;
	kit.session.kernel.release = getenv("KIT_RELEASE") ? getenv("KIT_RELEASE") : host.release;
	kit.program = ir_program_new(&kit.session);
	kit.program->head.max_action = 100000;
	kit.program->head.max_nesting = 10;
	kit.program->head.max_string = 512;
	kit.program->head.max_map_entries = 2048;
	kit.program->head.hist_width = 50;
	kit.program->head.max_skipped = 100;
	kit.handler = arena_new_of(kit.session.arena, struct ir_handler);
	*vec_push(kit.session.arena, &kit.program->handlers) = kit.handler;
	kit.handler->program.trigger = TRIGGER_KERNEL;
	kit.handler->program.name = "victim";
	kit.handler->entry = ENTRY_PT_REGS;
	kit.handler->section = "uprobe";
	kit.handler->symbol = "handler_0";
	vec_push(kit.session.arena, &kit.handler->sites);
	kit.handler->func = ir_func_new(kit.program, "handler_0");
	kit.handler->func->is_handler = kit.handler->func->in_kernel = true;
	kit.b = (struct ir_builder){ .program = kit.program, .func = kit.handler->func };
	kit.b.block = ir_block_new(&kit.b);
	kit.records_size = 0;
}

static inline uint32_t kit_global(struct program_global global)
{
	*vec_push(kit.session.arena, &kit.program->globals) = global;
	return kit.program->globals.count - 1;
}

static inline uint32_t kit_scalar(void)
{
	return kit_global((struct program_global){ .name = "n", .home = HOME_DATA,
						   .slot = kit.program->globals.count });
}

static inline uint32_t kit_array(const char *name, uint32_t type, uint32_t max,
				 const struct program_key *keys, uint32_t count)
{
	return kit_global((struct program_global){ .name = name, .map_name = name, .home = HOME_MAP,
		.type = type, .is_array = count > 0, .max_entries = max, .keys = keys,
		.key_count = count, .width = 32, .ordered = false });
}

static const struct program_key key_long[] = { { PROGRAM_LONG, 8 } };
static const struct program_key key_text[] __attribute__((unused)) = { { PROGRAM_STRING, 16 } };

/* printf of @count arguments, one conversion each. */
static inline uint32_t kit_print(uint32_t count, const uint32_t *types, const uint32_t *widths)
{
	struct program_piece *pieces =
		arena_alloc(kit.session.arena, (count + 1) * sizeof(*pieces));

	for (uint32_t i = 0; i < count; i++)
		pieces[i].conv = types[i] == PROGRAM_STRING ? 's' : 'd';
	*vec_push(kit.session.arena, &kit.program->prints) =
		(struct program_print){ .pieces = pieces,
					.piece_count = count,
					.arg_types = types,
					.arg_widths = widths,
					.arg_count = count };
	return kit.program->prints.count - 1;
}

static inline int kit_record(void *ctx, void *data, size_t size)
{
	(void)ctx;
	if (kit.records_size + ABI_ROUND8(size) <= sizeof(kit.records))
		memcpy(kit.records + kit.records_size, data, size);
	kit.records_size += ABI_ROUND8(size);
	return 0;
}

static inline size_t kit_symbol(const char *name)
{
	Elf *elf = elf_memory((char *)kit.image, kit.image_size);
	Elf_Scn *section = NULL;
	size_t found = -1ul;
	GElf_Shdr header;
	GElf_Sym sym;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++)
				if (gelf_getsym(elf_getdata(section, NULL), i, &sym) &&
				    !strcmp(elf_strptr(elf, header.sh_link, sym.st_name), name))
					found = sym.st_value;
	elf_end(elf);
	return found;
}

static inline int kit_print_log(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG && !getenv("KIT_DEBUG"))
		return 0;
	return vfprintf(stderr, format, args);
}

static inline bool kit_emit(void)
{
	static const struct backend *backend;
	struct timespec from, to;
	char path[4096];
	void *plugin;

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (!backend) {
		path_plugin("sonde-backend-llvm.so", path, sizeof(path));
		plugin = dlopen(path, RTLD_NOW);
		if (!plugin) {
			printf("# %s\n", dlerror());
			return false;
		}
		backend = dlsym(plugin, BACKEND_SYMBOL);
	}
	void *image = NULL;
	bool good = backend->emit(&kit.session, kit.program, &image, &kit.image_size);

	kit.image = image;
	clock_gettime(CLOCK_MONOTONIC, &to);
	kit.emit_ms = (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6;
	if (!good)
		diags_print(kit.session.diags, stdout, false);
	if (good && getenv("KIT_SAVE")) {
		FILE *out = fopen(getenv("KIT_SAVE"), "w");

		fwrite(kit.image, 1, kit.image_size, out);
		fclose(out);
	}
	return good;
}

static inline void kit_sizes(void)
{
	struct bpf_map *map;
	int cpus = libbpf_num_possible_cpus();

	bpf_object__for_each_map(map, kit.object)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_ARRAY &&
		    bpf_map__map_flags(map) & BPF_F_MMAPABLE && !strchr(bpf_map__name(map), '.'))
			bpf_map__set_max_entries(map, cpus);
		if (!strcmp(bpf_map__name(map), "sonde_scratch"))
			bpf_map__set_max_entries(map, cpus * ABI_SCRATCH_PER_CPU);
	}
}

static inline bool kit_load(void)
{
	struct bpf_map *map;
	size_t size;
	int error;

	libbpf_set_print(kit_print_log);
	kit.object = bpf_object__open_mem(kit.image, kit.image_size, NULL);
	if (!kit.object)
		return false;
	kit_sizes();
	error = bpf_object__load(kit.object);
	if (error) {
		printf("# load: %s\n", strerror(-error));
		return false;
	}
	elf_version(EV_CURRENT);
	bpf_object__for_each_map(map, kit.object)
	{
		if (strstr(bpf_map__name(map), ".bss")) {
			bpf_map__initial_value(map, &size);
			kit.bss = mmap(NULL, (bpf_map__value_size(map) + 4095) & ~4095ul,
				       PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
		}
	}
	kit.session_at = kit_symbol("sonde_session");
	kit.globals_at = kit_symbol("sonde_globals");
	((struct abi_session *)(kit.bss + kit.session_at))->state = STATE_RUNNING;
	map = bpf_object__find_map_by_name(kit.object, "sonde_ring");
	kit.ring = map ? ring_buffer__new(bpf_map__fd(map), kit_record, NULL, NULL) : NULL;
	return true;
}

static inline struct abi_session *kit_session(void)
{
	return (struct abi_session *)(kit.bss + kit.session_at);
}

static inline long kit_value(uint32_t global)
{
	return ((long *)(kit.bss + kit.globals_at))[kit.program->globals.data[global].slot];
}

static inline bool kit_attach(void)
{
	struct bpf_program *program = bpf_object__next_program(kit.object, NULL);
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long begin = 0, offset, at = (unsigned long)victim;
	char line[512], perms[8];

	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to, off;

		if (sscanf(line, "%lx-%lx %7s %lx", &from, &to, perms, &off) == 4 && at >= from &&
		    at < to) {
			begin = from;
			offset = off;
		}
	}
	fclose(maps);
	if (!begin)
		return false;
	kit.link = bpf_program__attach_uprobe(program, false, -1, "/proc/self/exe",
					      at - begin + offset);
	return kit.link;
}

/* Emits, loads, attaches; false and a failed test if one of them does not work. */
static inline bool kit_go(const char *what)
{
	ir_verify(kit.program);
	if (getenv("KIT_ONLY") && strcmp(getenv("KIT_ONLY"), what))
		return false;
	if (!kit_emit() || !kit_load() || !kit_attach()) {
		ok(false, what);
		return false;
	}
	return true;
}

static inline void kit_end(void)
{
	if (kit.ring)
		ring_buffer__free(kit.ring);
	if (kit.link)
		bpf_link__destroy(kit.link);
	if (kit.object)
		bpf_object__close(kit.object);
	kit.ring = NULL;
	kit.link = NULL;
	kit.object = NULL;
	arena_free(kit.session.arena);
}

static inline int kit_exit(void)
{
	printf("1..%d\n", kit.tests);
	return kit.failures != 0;
}

#endif
