/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: a program survives packing, ELF and reading; damaged bytes give an error
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/program-fields.h"
#include "translator/ir/ir.h"
#include "translator/session.h"

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static void add_globals(struct ir_program *program)
{
	struct arena *arena = program->session->arena;
	static const struct program_key keys[] = { { PROGRAM_LONG, 8 }, { PROGRAM_STRING, 16 } };
	struct program_global *global = vec_push(arena, &program->globals);

	*global = (struct program_global){ .name = "n", .type = PROGRAM_LONG, .home = HOME_DATA };
	global = vec_push(arena, &program->globals);
	*global = (struct program_global){ .name = "a", .map_name = "v1_a", .type = PROGRAM_STATS,
		.home = HOME_MAP, .is_array = true, .max_entries = 100, .keys = keys,
		.key_count = 2, .agg = { .words = AGG_COUNT | AGG_HIST, .hist = ABI_HIST_LOG,
					 .buckets = ABI_HIST_LOG_BUCKETS } };
}

/* n++; a[n, "x"] <<< 7; printf("%d\n", n) */
static void add_handler(struct ir_program *program)
{
	struct arena *arena = program->session->arena;
	static const struct program_piece pieces[] = {
		{ .conv = 'd' }, { .literal = "\n", .literal_length = 1 } };
	static const uint32_t types[] = { PROGRAM_LONG }, widths[] = { 8 };
	struct ir_func *func = ir_func_new(program, "h0_begin");
	struct ir_builder b = { .program = program, .func = func };
	struct ir_handler *handler = arena_new_of(arena, struct ir_handler);
	uint32_t n, none = OPERAND(OPERAND_NONE, 0);

	*vec_push(arena, &program->prints) = (struct program_print){ .pieces = pieces,
		.piece_count = 2, .arg_types = types, .arg_widths = widths, .arg_count = 1 };
	func->is_handler = func->in_user = true;
	b.block = ir_block_new(&b);
	n = ir_reg_new(&b);
	ir_emit(&b, IR_RMW, n, (uint32_t[]){ 0, IR_ADD, ir_long(program, 1) }, 3);
	ir_emit(&b, IR_AGG, none,
		(uint32_t[]){ 1, n, ir_text(program, "x"), ir_long(program, 7) }, 4);
	ir_emit(&b, IR_PRINT, none, (uint32_t[]){ 0, n }, 2);
	ir_emit(&b, IR_RET, none, NULL, 0);
	handler->func = func;
	handler->program.name = "begin";
	handler->program.trigger = TRIGGER_BEGIN;
	vec_push(arena, &handler->sites)->name = "begin";
	*vec_push(arena, &program->handlers) = handler;
}

static struct ir_program *make(struct session *session)
{
	struct ir_program *program;

	session->arena = arena_new();
	program = ir_program_new(session);
	program->head.max_string = 512;
	program->head.max_map_entries = 2048;
	program->head.hist_width = 50;
	add_globals(program);
	add_handler(program);
	return program;
}

static bool same_packed(const struct program *a, const uint8_t *bytes, size_t size)
{
	size_t again_size;
	uint8_t *again = program_pack(a, &again_size);
	bool same = again && again_size == size && !memcmp(again, bytes, size);

	free(again);
	return same;
}

static void test_elf(const struct program *tables, const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("program", MFD_CLOEXEC);
	const char *error = NULL;
	struct program *read_back;
	off_t length;
	void *image;

	ok(!program_write(tables, NULL, 0, fd), "written as ELF");
	length = lseek(fd, 0, SEEK_END);
	image = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	read_back = program_read(image, length, &error);
	ok(read_back && same_packed(read_back, bytes, size), "read out of ELF");
	program_free(read_back);
	/* The file as an object: a second section is added, the first is found. */
	lseek(fd, 0, SEEK_SET);
	ok(!program_write(tables, image, length, fd), "appended to an object");
	for (off_t cut = 0; cut < length; cut++)
		program_free(program_read(image, cut, &error));
	ok(error != NULL, "a file that is cut short is refused");
	munmap(image, length);
	close(fd);
}

/* Sets the check sum right, so that the damage is found by the checks behind it. */
static void seal(uint8_t *bytes, size_t size)
{
	uint32_t sum = program_checksum(bytes + PROGRAM_HEADER_SIZE, size - PROGRAM_HEADER_SIZE);

	memcpy(bytes + PROGRAM_HEADER_SIZE - sizeof(sum), &sum, sizeof(sum));
}

static void test_damage(const uint8_t *bytes, size_t size)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	const char *error = NULL;
	size_t refused = 0;

	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *copy = malloc(cut + 1);
		struct program *program;

		memcpy(copy, bytes, cut);
		program = program_unpack(copy, cut, &error);
		refused += !program;
		program_free(program);
		free(copy);
	}
	ok(refused == size, "every truncation is refused");
	refused = 0;
	for (size_t at = 8; at < size * sizeof(values); at++) {
		uint8_t *copy = malloc(size);
		struct program *program;

		memcpy(copy, bytes, size);
		copy[at / sizeof(values)] = values[at % sizeof(values)];
		seal(copy, size);
		program = program_unpack(copy, size, &error);
		refused += !program;
		program_free(program);
		free(copy);
	}
	ok(refused > 0, "damaged bytes are read or refused, not believed");
}

int main(void)
{
	struct session session = { 0 };
	struct ir_program *program = make(&session);
	const char *error = NULL;
	struct program tables, *copy;
	size_t size;
	uint8_t *bytes;

	ir_verify(program);
	ir_finish(program, &tables);
	bytes = program_pack(&tables, &size);
	ok(bytes != NULL, "packed");
	copy = program_unpack(bytes, size, &error);
	ok(copy && !error, "unpacked");
	ok(copy && same_packed(copy, bytes, size), "the same when packed again");
	ok(copy && !strcmp(copy->globals[1].name, "a") && copy->globals[1].keys[1].width == 16 &&
		   copy->funcs[0].blocks[0].insns[1].op == IR_AGG,
	   "tables hold what was put in");
	program_free(copy);
	test_elf(&tables, bytes, size);
	test_damage(bytes, size);
	free(bytes);
	arena_free(session.arena);
	printf("1..%d\n", tests);
	return failures != 0;
}
