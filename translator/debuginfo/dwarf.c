/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's DWARF: finding it, and reading attributes of its entries. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

void dfile_id_of(const char *path, struct dfile_id *id)
{
	struct stat st;

	memset(id, 0, sizeof(*id));
	if (path && stat(path, &st) == 0) {
		id->size = st.st_size;
		id->mtime_ns = st.st_mtim.tv_sec * 1000000000ull + st.st_mtim.tv_nsec;
	}
}

static const char *dwarf_missing(struct dmodule *m)
{
	struct arena *a = m->session->arena;
	const char *urls = getenv("DEBUGINFOD_URLS");
	const char *asked = urls && *urls ? "debuginfod had none either"
		: "or set DEBUGINFOD_URLS to fetch it";

	if (!m->build_id)
		return arena_printf(a, "%s has no debug information and no build-id to find "
				    "it by: compile it with -g", m->path);
	return arena_printf(a, "%s has no debug information: install its debug package (%s/"
			    ".build-id/%.2s/%s.debug), %s", m->path, m->session->debug_path,
			    m->build_id, m->build_id + 2, asked);
}

/*
 * A DWARF without a compilation unit is none; one whose units are all
 * skeletons has its contents elsewhere (*SPLIT).
 */
static bool dwarf_has_units(Dwarf *dw, bool *split)
{
	Dwarf_CU *cu = NULL;
	uint8_t type;

	*split = false;
	while (!dwarf_get_units(dw, cu, &cu, NULL, &type, NULL, NULL)) {
		if (type != DW_UT_skeleton)
			return true;
		*split = true;
	}
	return false;
}

Dwarf *dmodule_dwarf(struct dmodule *m)
{
	struct dmodule_priv *p = m->priv;
	const char *main_file = NULL, *debug_file = NULL;
	Dwarf_Addr bias = 0;
	bool split = false;

	if (p->dwarf_tried)
		return p->dw;
	p->dwarf_tried = true;
	p->dw = dwfl_module_getdwarf(p->mod, &bias);
	if (p->dw && !dwarf_has_units(p->dw, &split))
		p->dw = NULL;
	if (!p->dw) {
		p->no_dwarf = split ? arena_printf(m->session->arena, "the debug information of "
			"%s is split into .dwo files, which Sonde does not read: compile it "
			"without -gsplit-dwarf", m->path) : dwarf_missing(m);
		return NULL;
	}
	p->delta = bias - p->elf_bias;
	dwfl_module_info(p->mod, NULL, NULL, NULL, NULL, NULL, &main_file, &debug_file);
	p->debug_file = debug_file ? arena_strdup(m->session->arena, debug_file) : m->path;
	return p->dw;
}

bool dmodule_has_dwarf(struct dmodule *m)
{
	return dmodule_dwarf(m) != NULL;
}

const char *dmodule_no_dwarf_reason(struct dmodule *m)
{
	return dmodule_dwarf(m) ? NULL : m->priv->no_dwarf;
}

const char *dmodule_debug_path(struct dmodule *m)
{
	return dmodule_dwarf(m) ? m->priv->debug_file : NULL;
}

bool dmodule_die(struct dmodule *m, uint64_t offset, bool alt, Dwarf_Die *die)
{
	Dwarf *dw = dmodule_dwarf(m);

	if (dw && alt)
		dw = dwarf_getalt(dw);
	return dw && dwarf_offdie(dw, offset, die) != NULL;
}

/* The compilation unit that PC (DWARF's) is in: by aranges, else by asking each. */
bool dmodule_cu_at(struct dmodule *m, Dwarf_Addr pc, Dwarf_Die *out)
{
	Dwarf *dw = dmodule_dwarf(m);
	Dwarf_CU *cu = NULL;
	uint8_t type;

	if (!dw)
		return false;
	if (dwarf_addrdie(dw, pc, out))
		return true;
	while (!dwarf_get_units(dw, cu, &cu, NULL, &type, out, NULL))
		if (type == DW_UT_compile && dwarf_haspc(out, pc) > 0)
			return true;
	return false;
}

bool die_is_alt(struct dmodule *m, Dwarf_Die *die)
{
	return dwarf_cu_getdwarf(die->cu) != m->priv->dw;
}

bool die_flag(Dwarf_Die *die, unsigned int attr)
{
	Dwarf_Attribute at;
	bool flag = false;

	return dwarf_attr_integrate(die, attr, &at) && !dwarf_formflag(&at, &flag) && flag;
}

bool die_number(Dwarf_Die *die, unsigned int attr, uint64_t *value)
{
	Dwarf_Attribute at;
	Dwarf_Word w;

	if (!dwarf_attr_integrate(die, attr, &at) || dwarf_formudata(&at, &w))
		return false;
	*value = w;
	return true;
}

bool die_ref(Dwarf_Die *die, unsigned int attr, Dwarf_Die *out)
{
	Dwarf_Attribute at;

	return dwarf_attr(die, attr, &at) && dwarf_formref_die(&at, out);
}

const char *die_name(Dwarf_Die *die)
{
	Dwarf_Attribute at;

	return dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &at));
}

const char *die_decl_file(Dwarf_Die *die)
{
	return dwarf_decl_file(die);
}

int die_decl_line(Dwarf_Die *die)
{
	int line;

	return dwarf_decl_line(die, &line) ? 0 : line;
}
