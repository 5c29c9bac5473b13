/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: cut and corrupted ELF files give errors, never a crash or a hang
//# target: vars
//# timeout: 120
#include <unistd.h>

#include "debuginfo-kit.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/debuginfo/sdt.h"

static char *whole;
static size_t size;
static uint64_t state = 88172645463325252ull;

static uint32_t random_number(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 16) % below;
}

static bool read_target(void)
{
	FILE *f = fopen("./target", "rb");

	whole = malloc(1 << 20);
	size = f ? fread(whole, 1, 1 << 20, f) : 0;
	if (f)
		fclose(f);
	return size > 1000;
}

static void write_file(const char *data, size_t n)
{
	FILE *f = fopen("./damaged", "wb");

	if (f) {
		fwrite(data, 1, n, f);
		fclose(f);
	}
}

static void use_site(struct dmodule *m, const struct dsite *site)
{
	struct dscope *sc = dscope_at_site(m, site);
	struct dvar_list vars = { 0 };
	const struct dmember *members;

	if (!sc)
		return;
	dscope_vars(sc, DSCOPE_VARS, &vars);
	for (size_t i = 0; i < vars.count; i++) {
		dloc_text(arena, dscope_location(sc, vars.data[i]));
		dtype_text(vars.data[i]->type);
		dtype_members(vars.data[i]->type, &members);
	}
}

static void use_everything(void)
{
	struct dquery all, lines;
	struct dfunc_list funcs = { 0 };
	struct dsite_list sites = { 0 };
	struct dinline_list copies = { 0 };
	const struct dsdt *marks;
	const struct dplt *plt;
	struct dmodule *m;

	kit_begin("");
	m = dmodule_open(ds, "./damaged");
	if (m) {
		dquery_parse(ds, "*", &all);
		dquery_parse(ds, "*@vars.c:*", &lines);
		dfunc_match(m, &all, &funcs);
		for (size_t i = 0; i < funcs.count; i++) {
			use_site(m, dfunc_site(funcs.data[i]));
			dfunc_inlines(funcs.data[i], &copies);
		}
		for (size_t i = 0; i < copies.count; i++)
			use_site(m, &copies.data[i]->site);
		dline_sites(m, &lines, false, &sites);
		dtype_find(m, "struct rec");
		dsdt_list(m, &marks);
		dplt_list(m, &plt);
	}
	dsession_close(ds);
	arena_free(arena);
	ds = NULL;
}

int main(void)
{
	char *copy;

	if (!read_target()) {
		printf("Bail out! no target\n");
		return 1;
	}
	copy = malloc(size);
	for (int i = 0; i < 24; i++) {
		write_file(whole, size * i / 24);
		use_everything();
	}
	ok(true, "files cut at 24 places");
	for (int i = 0; i < 100; i++) {
		memcpy(copy, whole, size);
		for (int j = 0; j < 1 << i % 7; j++)
			copy[random_number(size)] = i & 1 ? random_number(256) : 0xff;
		write_file(copy, size);
		use_everything();
	}
	ok(true, "files with up to 64 bytes changed");
	unlink("./damaged");
	printf("1..%d\n", tests);
	return 0;
}
