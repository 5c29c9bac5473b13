/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/bpf-syscall.h"
#include "runtime/btf-member.h"
#include "runtime/program.h"
#include "runtime/say.h"

typedef bool feature_probe(long argument);

static feature_probe probe_helper, probe_atomics, probe_file, probe_pmu, probe_kprobe_multi,
	probe_uprobe_multi, probe_fentry, probe_task_name;

struct feature_row {
	const char *name;
	feature_probe *probe;
	long argument;
	const char *since, *what;
};

static const struct feature_row rows[] = {
#define FEATURE(id, name, probe, argument, since, what) \
	[FEATURE_##id] = { name, probe_##probe, argument, since, what },
#include "runtime/features.def"
};

#define INSN(c, d, s, o, i) { .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) }
#define MOV_IMM(reg, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static bool probe_file(long argument)
{
	return access((const char *)argument, F_OK) == 0;
}

static bool probe_task_name(long argument)
{
	(void)argument;
	return btf_task_name_here() >= 0;
}

/* A source of perf events. */
static bool probe_pmu(long argument)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type",
		 (const char *)argument);
	return access(path, F_OK) == 0;
}

/* Loads a program of type kprobe that calls nothing but the helper; without right arguments the
 * verifier refuses it, but it says "unknown func" only when the helper is not there. */
static bool probe_helper(long argument)
{
	const struct bpf_insn code[] = {
		MOV_IMM(BPF_REG_1, 0), MOV_IMM(BPF_REG_2, 0), MOV_IMM(BPF_REG_3, 0),
		MOV_IMM(BPF_REG_4, 0), MOV_IMM(BPF_REG_5, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, (int)argument), MOV_IMM(BPF_REG_0, 0), EXIT,
	};
	char log[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = sizeof(log),
		    .log_level = 1);
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", code,
			       sizeof(code) / sizeof(code[0]), &opts);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	return *log && !strstr(log, "invalid func ") && !strstr(log, "unknown func ") &&
	       !strstr(log, "program of this type cannot use helper ");
}

static bool probe_atomics(long argument)
{
	const struct bpf_insn code[] = {
		INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 1),
		MOV_IMM(BPF_REG_1, 1),
		INSN(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_10, BPF_REG_1, -8, BPF_ADD | BPF_FETCH),
		MOV_IMM(BPF_REG_0, 0), EXIT,
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", code,
			       sizeof(code) / sizeof(code[0]), NULL);

	(void)argument;
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static const struct bpf_insn code_empty[] = { MOV_IMM(BPF_REG_0, 0), EXIT };

static int load_empty(enum bpf_prog_type type, unsigned int attach_type, int btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts,
		    .expected_attach_type = (enum bpf_attach_type)attach_type,
		    .attach_btf_id = (unsigned int)btf_id);

	return bpf_prog_load(type, NULL, "GPL", code_empty, 2, &opts);
}

/* A function that does not exist: a kernel that has the link looks for it (ESRCH, ENOENT), one
 * that has not refuses before. */
static bool probe_kprobe_multi(long argument)
{
	const char *const symbols[] = { "no such function" };
	const struct bpfsys_kprobes kprobes = { .symbols = symbols, .count = 1 };
	int fd = load_empty(BPF_PROG_TYPE_KPROBE, BPFSYS_KPROBE_MULTI, 0), link;

	(void)argument;
	if (fd < 0)
		return false;
	link = bpfsys_link_kprobes(fd, &kprobes);
	close(fd);
	if (link >= 0)
		close(link);
	return link >= 0 || link == -ESRCH || link == -ENOENT;
}

/* A directory is no file to probe: EBADF from kernels that look at it. */
static bool probe_uprobe_multi(long argument)
{
	const uint64_t offset = 0;
	const struct bpfsys_uprobes uprobes = { .path = "/", .offsets = &offset, .count = 1 };
	int fd = load_empty(BPF_PROG_TYPE_KPROBE, BPFSYS_UPROBE_MULTI, 0), link;

	(void)argument;
	if (fd < 0)
		return false;
	link = bpfsys_link_uprobes(fd, &uprobes);
	close(fd);
	if (link >= 0)
		close(link);
	return link == -EBADF;
}

/* Loads and attaches: some kernels load such programs but have no trampolines, some refuse to
 * load them. */
static bool probe_fentry(long argument)
{
	int id, fd, link;

	(void)argument;
	if (!feature_has(FEATURE_BTF))
		return false;
	id = libbpf_find_vmlinux_btf_id("bpf_fentry_test1", BPF_TRACE_FENTRY);
	if (id <= 0)
		return false;
	fd = load_empty(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, id);
	if (fd < 0)
		return false;
	link = bpfsys_raw_tracepoint(NULL, fd);
	close(fd);
	if (link >= 0)
		close(link);
	return link >= 0;
}

bool feature_has(enum feature feature)
{
	static enum { UNKNOWN, HAS, LACKS } answers[FEATURE_COUNT];

	if (answers[feature] == UNKNOWN) {
		const struct feature_row *row = &rows[feature];

		answers[feature] = row->probe(row->argument) ? HAS : LACKS;
		say_verbose(2, "This kernel %s %s.", answers[feature] == HAS ? "has" : "lacks",
			    row->what);
	}
	return answers[feature] == HAS;
}

enum feature feature_find(const char *name)
{
	enum feature feature = 0;

	while (feature < FEATURE_COUNT && strcmp(rows[feature].name, name) != 0)
		feature++;
	return feature;
}

const char *feature_text(enum feature feature, char *buf, unsigned long size)
{
	snprintf(buf, size, "%s (in Linux since %s)", rows[feature].what, rows[feature].since);
	return buf;
}

static void feature_missing(const struct program *program, const struct program_need *need,
			    enum feature feature)
{
	struct utsname kernel;
	char text[160], where[512] = "";

	if (need->place < program->place_count) {
		const struct program_place *place = &program->places[need->place];

		snprintf(where, sizeof(where), ": needed by %s at %s:%u:%u", place->token,
			 place->file, place->line, place->column);
	}
	uname(&kernel);
	if (feature == FEATURE_COUNT)
		say_error("this program needs \"%s\", which this version of sonde does not know%s",
			  need->feature, where);
	else
		say_error("this kernel (%s) lacks %s%s", kernel.release,
			  feature_text(feature, text, sizeof(text)), where);
}

bool features_check(const struct program *program)
{
	bool all = true;

	for (uint32_t i = 0; i < program->need_count; i++) {
		enum feature feature = feature_find(program->needs[i].feature);

		if (feature != FEATURE_COUNT && feature_has(feature))
			continue;
		feature_missing(program, &program->needs[i], feature);
		all = false;
	}
	return all;
}
