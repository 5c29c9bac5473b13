/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/attach.h"
#include "runtime/load.h"
#include "runtime/program.h"
#include "runtime/say.h"

/* The alternatives of a place need not stand side by side: sites of one handler do. */
static bool group_goes_on(const struct load *load, uint32_t index)
{
	const struct program_site *sites = load->program->sites;

	for (uint32_t i = index + 1; sites[index].group && i < load->program->site_count; i++)
		if (sites[i].group == sites[index].group)
			return true;
	return false;
}

/* Has one of the alternatives before site @index been taken? */
static bool group_is_served(const struct load *load, uint32_t index)
{
	const struct program_site *sites = load->program->sites;

	for (uint32_t i = 0; sites[index].group && i < index; i++)
		if (sites[i].group == sites[index].group && load->programs[i])
			return true;
	return false;
}

/* No mechanism is there for site @index, the last of its group. */
static int choose_failed(const struct load *load, uint32_t index, const char *missing)
{
	const struct program_site *site = &load->program->sites[index];
	char where[512] = "";

	if (site->optional) {
		say_verbose(1, "Probe %s is optional and left out: this kernel lacks %s.",
			    site->name, missing);
		return 0;
	}
	if (site->place < load->program->place_count) {
		const struct program_place *place = &load->program->places[site->place];

		snprintf(where, sizeof(where), " at %s:%u:%u", place->file, place->line,
			 place->column);
	}
	say_error("probe %s%s cannot be set: this kernel lacks %s", site->name, where, missing);
	return -ENOTSUP;
}

/* Is site @index usable here? *missing says what is not there. */
static bool choose_usable(const struct load *load, uint32_t index, const char **missing, char *buf,
			  size_t size)
{
	const struct program_site *site = &load->program->sites[index];

	*missing = "a mechanism for it";
	if (load->excluded[index])
		return false;
	*missing = attach_mechs[site->mech]->missing(site, buf, size);
	return !*missing;
}

static int choose_site(struct load *load, uint32_t index)
{
	const struct program_site *site = &load->program->sites[index];
	struct bpf_program *program =
		bpf_object__find_program_by_name(load->object, site->program);
	int rc;

	if (!program) {
		say_error("the program is damaged: it lacks the code of %s (%s)", site->name,
			  site->program);
		return -EINVAL;
	}
	rc = attach_mechs[site->mech]->prepare(program, site);
	if (rc) {
		say_error("probe %s cannot be set: %s: %s", site->name, site->symbol,
			  rc == -ESRCH ? "the kernel has no such function" : strerror(-rc));
		return rc;
	}
	load->programs[index] = program;
	return 0;
}

/* Programs that belong to sites are loaded when one of their sites is used; others (the
 * runtime's own) always. */
static void choose_autoload(struct load *load)
{
	for (uint32_t i = 0; i < load->program->site_count; i++) {
		struct bpf_program *program;

		if (load->programs[i] || !attach_mechs[load->program->sites[i].mech]->in_kernel)
			continue;
		program = bpf_object__find_program_by_name(load->object,
							   load->program->sites[i].program);
		if (program)
			bpf_program__set_autoload(program, false);
	}
	for (uint32_t i = 0; i < load->program->site_count; i++)
		if (load->programs[i])
			bpf_program__set_autoload(load->programs[i], true);
}

int load_choose(struct load *load)
{
	const struct program *program = load->program;

	memset(load->programs, 0, (program->site_count + 1) * sizeof(struct bpf_program *));
	for (uint32_t i = 0; i < program->site_count; i++) {
		const char *missing;
		char buf[160];
		int rc;

		if (!attach_mechs[program->sites[i].mech]->in_kernel || group_is_served(load, i))
			continue;
		if (!choose_usable(load, i, &missing, buf, sizeof(buf))) {
			if (group_goes_on(load, i)) {
				say_verbose(2, "Probe %s: %s is not there, trying the next way.",
					    program->sites[i].name, missing);
				continue;
			}
			rc = choose_failed(load, i, missing);
		} else {
			rc = choose_site(load, i);
		}
		if (rc)
			return rc;
	}
	choose_autoload(load);
	return 0;
}

bool load_exclude(struct load *load, const char *name)
{
	bool excluded = false;

	for (uint32_t i = 0; i < load->program->site_count; i++) {
		const struct program_site *site = &load->program->sites[i];

		if (!load->programs[i] || strcmp(site->program, name) != 0)
			continue;
		if (!group_goes_on(load, i) && !site->optional)
			return false;
		load->excluded[i] = excluded = true;
	}
	return excluded;
}
