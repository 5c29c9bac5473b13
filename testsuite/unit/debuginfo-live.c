/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: what locations say about a stopped program is what its variables hold
//# target: vars
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "debuginfo-kit.h"

static pid_t pid;
static struct user_regs_struct regs;
static uint64_t bias;

static uint64_t peek(uint64_t addr, int size)
{
	uint64_t v = 0;

	for (int i = 0; i < size; i++) {
		uint64_t word;

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, pid, (void *)((addr + i) & ~7ull), NULL);
		if (errno)
			return 0xdeadbeef;
		v |= (word >> 8 * ((addr + i) & 7) & 0xff) << 8 * i;
	}
	return v;
}

static uint64_t reg(int n)
{
	int at = dreg_pt_regs_offset(62, n);

	return at < 0 ? 0xdeadbeef : *(unsigned long long *)((char *)&regs + at);
}

static uint64_t extend(uint64_t v, int size, bool sign)
{
	int shift = 64 - 8 * size;

	if (!size || size >= 8)
		return v;
	return sign ? (uint64_t)((int64_t)(v << shift) >> shift) : v << shift >> shift;
}

static uint64_t evaluate(const struct dexpr *e)
{
	switch (e->op) {
	case DEXPR_CONST: return e->value;
	case DEXPR_ADDR: return e->value + bias;
	case DEXPR_REG: return reg(e->reg);
	case DEXPR_DEREF: return peek(evaluate(e->a), e->size);
	case DEXPR_ADD: return evaluate(e->a) + evaluate(e->b);
	case DEXPR_SUB: return evaluate(e->a) - evaluate(e->b);
	case DEXPR_MUL: return evaluate(e->a) * evaluate(e->b);
	case DEXPR_SHL: return evaluate(e->a) << evaluate(e->b);
	case DEXPR_SAR: return (int64_t)evaluate(e->a) >> evaluate(e->b);
	case DEXPR_ZEXT: return extend(evaluate(e->a), e->size, false);
	case DEXPR_SEXT: return extend(evaluate(e->a), e->size, true);
	default: return 0xdeadbeef;
	}
}

static uint64_t value_of(const struct dloc *l, struct dtype *t)
{
	uint64_t v = 0xdeadbeef;

	t = dtype_strip(t);
	if (l->kind == DLOC_MEMORY)
		v = peek(evaluate(l->expr), t->size);
	else if (l->kind == DLOC_REGISTER)
		v = reg(l->reg);
	else if (l->kind == DLOC_VALUE)
		v = evaluate(l->expr);
	return extend(v, t->size, t->is_signed);
}

static uint64_t variable(struct dscope *sc, const char *name)
{
	struct dvar *v = dscope_lookup(sc, name);

	return v ? value_of(dscope_location(sc, v), v->type) : 0xdeadbeef;
}

/* r->MEMBER, with bit-fields taken apart. */
static uint64_t member(struct dscope *sc, uint64_t base, const char *type, const char *name)
{
	struct dtype *t = dtype_find(dmodule_open(ds, "./target"), type), *mt;
	struct dmember m;
	uint64_t v;
	int bits;

	(void)sc;
	if (!t || !dtype_member(t, name, &m))
		return 0xdeadbeef;
	mt = dtype_strip(m.type);
	bits = m.bit_size ? (int)m.bit_size : 8 * (int)mt->size;
	v = peek(base + m.bit_offset / 8, 8) >> m.bit_offset % 8;
	if (bits < 64)
		v = mt->is_signed ? (uint64_t)((int64_t)(v << (64 - bits)) >> (64 - bits))
			: v << (64 - bits) >> (64 - bits);
	return v;
}

static void start(void)
{
	pid = fork();
	if (!pid) {
		freopen("/dev/null", "w", stdout);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl("./target", "./target", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void find_bias(struct dmodule *m)
{
	char path[64], line[512];
	unsigned long lo;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strstr(line, m->path) || sscanf(line, "%lx-", &lo) != 1)
			continue;
		bias = lo - dmodule_link_base(m);
		break;
	}
	if (f)
		fclose(f);
}

/* Runs to the site; the instruction there is put back. */
static bool run_to(const struct dsite *site)
{
	void *at = (void *)(site->vaddr + bias);
	long old = ptrace(PTRACE_PEEKTEXT, pid, at, NULL);
	int status;

	ptrace(PTRACE_POKETEXT, pid, at, (void *)((old & ~0xffl) | 0xcc));
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		return false;
	ptrace(PTRACE_POKETEXT, pid, at, (void *)old);
	ptrace(PTRACE_GETREGS, pid, NULL, &regs);
	regs.rip--;
	ptrace(PTRACE_SETREGS, pid, NULL, &regs);
	return true;
}

static void test_entry(struct dmodule *m)
{
	const struct dsite *site = dfunc_site(kit_func(m, "walk"));
	struct dscope *sc = dscope_at_site(m, site);
	uint64_t r, inner;

	ok(sc && run_to(site), "stopped at walk");
	r = variable(sc, "r");
	is_number(variable(sc, "n"), 3, "$n");
	is_number(variable(sc, "small"), 9, "$small, 16 bits");
	is_number(peek(variable(sc, "text"), 8), *(long *)"./target", "$text");
	is_number(peek(r, 5), *(long *)"first\0\0", "$r->name");
	inner = member(sc, r, "struct rec", "link");
	is_number((int64_t)member(sc, inner, "struct inner", "low"), -2, "a signed bit-field");
	is_number(member(sc, inner, "struct inner", "mid"), 21, "an unsigned bit-field");
	is_number(member(sc, inner, "struct inner", "wide"), 1234567890123, "behind them");
	is_number(member(sc, r, "struct rec", "as_int"), 0x01020304, "in an anonymous union");
	is_number(member(sc, r, "struct rec", "colour"), 200, "an enum");
	is_number(variable(sc, "counter"), 42, "a global");
}

static void test_inside(struct dmodule *m)
{
	struct dinline_list copies = { 0 };
	struct dsite_list sites = { 0 };
	struct dscope *sc;
	struct dquery q;

	if (dfunc_inlines(kit_func(m, "square"), &copies) == 1 &&
	    (sc = dscope_at_site(m, &copies.data[0]->site)) &&
	    dfunc_site(kit_func(m, "walk"))->func->is_optimized) {
		ok(run_to(&copies.data[0]->site), "stopped at the copy of square");
		/* clang computes x only later, and says so. */
		if (dscope_location(sc, dscope_lookup(sc, "x"))->kind != DLOC_NONE)
			is_number(variable(sc, "x"), 1, "$x of the inlined copy");
	}
	dquery_parse(ds, "walk@vars.c:59", &q);
	ok(dline_sites(m, &q, false, &sites) == 1 && run_to(&sites.data[0]), "stopped at line 59");
	sc = dscope_at_site(m, &sites.data[0]);
	is_number(variable(sc, "total"), 12 + 1 + 9 + 25, "$total, a local");
}

static void test_return(struct dmodule *m)
{
	struct dfunc *f = kit_func(m, "make_pair");
	struct dtype *t = dfunc_return_type(f);
	struct dloc *l = dloc_return_value(m, t);
	struct dsite back = { 0 };

	ok(run_to(dfunc_site(f)), "stopped at make_pair");
	/* At the entry, or behind "push %rbp; mov %rsp,%rbp". */
	back.vaddr = peek(evaluate(dscope_cfa(dscope_at_site(m, dfunc_site(f)))) - 8, 8) - bias;
	ok(run_to(&back), "stopped behind its return, which the CFA found");
	ok(l->kind == DLOC_PIECES && l->npieces == 2, "two registers");
	is_number(reg(l->pieces[1].loc->reg), 2, "the second member in rdx");
	ok(reg(l->pieces[0].loc->reg) > 1234567890123, "the first in rax");
}

int main(void)
{
	struct dmodule *m;

	kit_begin("");
	m = dmodule_open(ds, "./target");
	if (!m) {
		printf("Bail out! %s\n", dsession_error(ds));
		return 1;
	}
	start();
	find_bias(m);
	test_entry(m);
	test_inside(m);
	test_return(m);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return kit_end();
}
