/* SPDX-License-Identifier: GPL-2.0-or-later */
//# root
//# about: kernel handlers made by the LLVM back end load and count, print, fail and loop as they
//should # root
#include "testsuite/unit/llvm-kit.h"

static void test_scalar(void)
{
	uint32_t n, r;

	kit_begin();
	n = kit_scalar();
	r = REG();
	EMIT(RMW, r, n, IR_ADD, LONG(1));
	EMIT(RET, NONE);
	if (kit_go("n++")) {
		for (int i = 0; i < 1000; i++)
			victim(1, 2);
		same(kit_value(n), 1000, "n++ counts every call");
	}
	kit_end();
}

static void test_print(void)
{
	static const uint32_t types[] = { PROGRAM_LONG }, widths[] = { 8 };
	uint32_t p, r;

	kit_begin();
	p = kit_print(1, types, widths);
	r = REG();
	EMIT(REG, r, 5);		/* rdi: the first argument */
	EMIT(PRINT, NONE, p, r);
	EMIT(RET, NONE);
	if (kit_go("printf of one integer")) {
		victim(42, 2);
		ring_buffer__consume(kit.ring);
		same(kit.records_size, 24, "one record");
		same(*(long *)(kit.records + 16), 42, "the first argument is in it");
	}
	kit_end();
}

static void test_array(void)
{
	uint32_t a, r, key;

	kit_begin();
	a = kit_array("a", PROGRAM_LONG, 100, key_long, 1);
	key = REG();
	r = NONE;
	EMIT(REG, key, 5);
	EMIT(RMW, r, a, key, IR_ADD, LONG(3));
	EMIT(RET, NONE);
	if (kit_go("a[k] += 3")) {
		int fd = bpf_object__find_map_fd_by_name(kit.object, "a");
		long k = 7, v[2] = { 0 };

		for (int i = 0; i < 10; i++)
			victim(i % 2 ? 7 : 8, 0);
		bpf_map_lookup_elem(fd, &k, v);
		same(v[1], 15, "an element is created and added to");
		same(v[0] > 0, 1, "and has a creation number");
	}
	kit_end();
}

static void test_divide(void)
{
	uint32_t n, q, a, b;

	kit_begin();
	n = kit_scalar();
	a = REG();
	b = REG();
	q = REG();
	EMIT(REG, a, 5);
	EMIT(REG, b, 4);
	EMIT(DIV, q, a, b);
	EMIT(STORE, NONE, n, q);
	EMIT(RET, NONE);
	kit.program->head.max_errors = 10;
	if (kit_go("division")) {
		kit_session()->max_errors = 10;
		victim(-10, 3);
		same(kit_value(n), -3, "signed division truncates");
		victim(INT64_MIN, -1);
		same(kit_value(n), INT64_MIN, "the least number by -1 does not trap");
		victim(5, 0);
		ring_buffer__consume(kit.ring);
		same(kit_session()->errors, 1, "division by zero is an error");
		same(((struct abi_error *)(kit.records + 8))->fault, FAULT_DIVISION,
		     "and is reported");
	}
	kit_end();
}

/* for (i = 0; i < rdi; i++) n += i */
static void test_loop(void)
{
	uint32_t n, i, limit, c, header, body, exit;

	kit_begin();
	n = kit_scalar();
	i = REG();
	limit = REG();
	c = REG();
	EMIT(MOV, i, LONG(0));
	EMIT(REG, limit, 5);
	vec_push(kit.session.arena, &kit.b.func->loops);
	kit.b.loop = 1;
	header = ir_block_new(&kit.b);
	body = ir_block_new(&kit.b);
	kit.b.loop = 0;
	exit = ir_block_new(&kit.b);
	kit.b.func->loops.data[0] = (struct ir_loop){ .header = header, .exit = exit };
	EMIT(JMP, NONE, header);
	kit.b.block = header;
	EMIT(ACTION, NONE, 1);
	EMIT(LT, c, i, limit);
	EMIT(BR, NONE, c, body, exit);
	kit.b.block = body;
	EMIT(RMW, NONE, n, IR_ADD, i);
	EMIT(ADD, i, i, LONG(1));
	EMIT(JMP, NONE, header);
	kit.b.block = exit;
	EMIT(RMW, NONE, n, IR_ADD, i);
	EMIT(RET, NONE);
	if (kit_go("loop")) {
		victim(10, 0);
		same(kit_value(n), 55, "a loop runs as often as it says");
		victim(0, 0);
		same(kit_value(n), 55, "or not at all");
		victim(1000, 0);
		same(kit_value(n), 55 + 500500, "or a thousand times");
		kit_session()->max_errors = 10;
		victim(1 << 30, 0);
		ring_buffer__consume(kit.ring);
		same(((struct abi_error *)(kit.records + 8))->fault, FAULT_ACTIONS,
		     "MAXACTION ends it");
	}
	kit_end();
}

int main(void)
{
	test_scalar();
	test_print();
	test_array();
	test_divide();
	test_loop();
	return kit_exit();
}
