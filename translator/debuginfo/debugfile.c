/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is there a separate debug file? libdwfl finds it, but where there is none it loads libdebuginfod
 * with its thirty libraries, which takes longer than all of our own work, even if no server is
 * known. So it is asked only when it can find something.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "translator/debuginfo/debugfile.h"
#include "translator/debuginfo/priv.h"

static bool debugfile_exists(const char *path)
{
	return access(path, R_OK) == 0;
}

/* DIR is one of the debug directories, as long as N: by build-id, then by the link's NAME. */
static bool debugfile_below(const struct dmodule *m, const char *dir, int n, const char *name)
{
	struct arena *a = m->session->arena;
	const char *at = m->path, *slash = strrchr(m->path, '/');

	if (m->build_id && strlen(m->build_id) > 2 &&
	    debugfile_exists(arena_printf(a, "%.*s/.build-id/%.2s/%s.debug", n, dir, m->build_id,
					  m->build_id + 2)))
		return true;
	/* /usr/lib/x is looked for as usr/lib/x, lib/x and x */
	while (at && at <= slash) {
		if (debugfile_exists(arena_printf(a, "%.*s%.*s/%s", n, dir, (int)(slash - at), at,
						  name)))
			return true;
		at = strchr(at + 1, '/');
	}
	return false;
}

static bool debugfile_is_possible(const struct dmodule *m, const char *link)
{
	struct arena *a = m->session->arena;
	const char *slash = strrchr(m->path, '/');
	int dir = slash - m->path;
	const char *name = link ? link : arena_printf(a, "%s.debug", slash + 1);

	if (debugfile_exists(arena_printf(a, "%.*s/%s", dir, m->path, name)) ||
	    debugfile_exists(arena_printf(a, "%.*s/.debug/%s", dir, m->path, name)))
		return true;
	for (const char *p = m->session->debug_path; *p; ) {
		int n;

		p += strspn(p, "-+:");
		n = strcspn(p, ":");
		if (n && debugfile_below(m, p, n, name))
			return true;
		p += n;
	}
	return false;
}

int debugfile_find(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
		   const char *file, const char *link, GElf_Word crc, char **found)
{
	const struct dmodule *m = *userdata;
	const char *urls = getenv("DEBUGINFOD_URLS");

	if (m && m->path && strchr(m->path, '/') && !(urls && *urls) &&
	    !debugfile_is_possible(m, link))
		return -1;
	return dwfl_standard_find_debuginfo(mod, userdata, name, base, file, link, crc, found);
}
