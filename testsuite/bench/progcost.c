/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a handler costs by itself: the kernel's run-time statistics of the BPF program over CALLS
 * calls, least of ROUNDS, net of an empty handler measured in the same run. Also how long LLVM
 * took. Root. Built as a unit test is: testsuite/bench/README.md.
 */
#include "testsuite/unit/llvm-kit.h"

#define CALLS 200000
#define ROUNDS 5

static double empty;

static double measure(void)
{
	struct bpf_program *program = bpf_object__next_program(kit.object, NULL);
	struct bpf_prog_info info, before;
	double least = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		uint32_t length = sizeof(before);

		memset(&before, 0, sizeof(before));
		bpf_obj_get_info_by_fd(bpf_program__fd(program), &before, &length);
		for (int i = 0; i < CALLS; i++) {
			victim(i, 2);
			if (kit.ring && i % 5000 == 0) {
				kit.records_size = 0;
				ring_buffer__consume(kit.ring);
			}
		}
		length = sizeof(info);
		memset(&info, 0, sizeof(info));
		bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length);
		double ns = (double)(info.run_time_ns - before.run_time_ns) /
			    (info.run_cnt - before.run_cnt);
		least = ns < least ? ns : least;
	}
	return least;
}

static void report(const char *name)
{
	double ns;

	EMIT(RET, NONE);
	if (kit_go(name)) {
		ns = measure();
		if (!empty)
			empty = ns;
		printf("%-28s %6.1f ns   (emitted in %.1f ms, %lu lost)\n", name, ns - empty,
		       kit.emit_ms, (unsigned long)kit_session()->lost);
	}
	kit_end();
}

static uint32_t scalar_agg(uint32_t words)
{
	return kit_global((struct program_global){ .name = "s", .map_name = "s", .home = HOME_MAP,
		.type = PROGRAM_STATS, .agg = { .words = words, .buckets = 128,
						.hist = words & AGG_HIST ? ABI_HIST_LOG : 0 } });
}

static void bench_agg(const char *name, uint32_t words)
{
	uint32_t r;

	kit_begin();
	r = REG();
	EMIT(REG, r, 5);
	EMIT(AGG, NONE, scalar_agg(words), r);
	report(name);
}

static uint32_t pid_key(void)
{
	uint32_t r = REG(), pid = REG();

	ir_emit(&kit.b, IR_CALLI, r, (uint32_t[]){ OPERAND_INDEX(TEXT("__pid_tgid")) }, 1);
	EMIT(SHR, pid, r, LONG(32));
	return pid;
}

static void bench_array(const char *name, uint32_t type)
{
	uint32_t a, key;

	kit_begin();
	a = kit_array("a", type, 65536, key_long, 1);
	kit.program->globals.data[a].agg = (struct abi_agg){ .words = AGG_COUNT | AGG_SUM };
	key = pid_key();
	if (type == PROGRAM_STATS)
		EMIT(AGG, NONE, a, key, LONG(3));
	else
		EMIT(RMW, NONE, a, key, IR_ADD, LONG(1));
	report(name);
}

static void bench_print(void)
{
	static const uint32_t types[] = { PROGRAM_LONG }, widths[] = { 8 };
	uint32_t r;

	kit_begin();
	r = REG();
	EMIT(REG, r, 5);
	EMIT(PRINT, NONE, kit_print(1, types, widths), r);
	report("printf of one integer");
}

/* printf("%d %s %d", pid(), execname(), a) */
static void bench_print_name(void)
{
	static const uint32_t types[] = { PROGRAM_LONG, PROGRAM_STRING, PROGRAM_LONG };
	static const uint32_t widths[] = { 8, 16, 8 };
	uint32_t r, pid, s;

	kit_begin();
	r = REG();
	pid = pid_key();
	s = SLOT(16);
	ir_emit(&kit.b, IR_CALLI, s, (uint32_t[]){ OPERAND_INDEX(TEXT("__comm")) }, 1);
	EMIT(REG, r, 5);
	EMIT(PRINT, NONE, kit_print(3, types, widths), pid, s, r);
	report("printf pid, execname, integer");
}

int main(void)
{
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	uint32_t n;

	kit_begin();
	report("empty");
	kit_begin();
	n = kit_scalar();
	EMIT(RMW, NONE, n, IR_ADD, LONG(1));
	report("n++");
	bench_agg("s <<< x, count", AGG_COUNT);
	bench_agg("s <<< x, count sum min max", AGG_COUNT | AGG_SUM | AGG_MIN | AGG_MAX);
	bench_agg("s <<< x, histogram", AGG_COUNT | AGG_HIST);
	bench_array("a[pid()]++", PROGRAM_LONG);
	bench_array("a[pid()] <<< 3", PROGRAM_STATS);
	bench_print();
	bench_print_name();
	close(stats);
	return kit_exit();
}
