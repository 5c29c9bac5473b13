/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "translator/elab/debuginfo.h"

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/debuginfo/kallsyms.h"
#include "translator/session.h"

enum { DEFAULT_HZ = 250 };

struct dsession *elab_debuginfo(struct session *session)
{
	struct dsession_options options = { .sysroot = session->options.sysroot,
					    .debug_path = session->options.debuginfo_path };
	static const char *const variables[] = {
		"SYSTEMTAP_DEBUGINFO_PATH", "SONDE_DEBUGINFO_PATH"
	};

	for (int i = 0; i < 2 && !session->options.debuginfo_path; i++)
		if (getenv(variables[i]) && *getenv(variables[i]))
			options.debug_path = getenv(variables[i]);
	if (!session->debuginfo)
		session->debuginfo = dsession_open(session->arena, &options);
	return session->debuginfo;
}

struct dbtf *elab_btf(struct session *session)
{
	return dbtf_open(elab_debuginfo(session), session->kernel.btf_path);
}

struct dmodule *elab_kernel(struct session *session)
{
	struct dsession *ds = elab_debuginfo(session);
	struct dmodule *kernel = NULL;

	if (session->kernel.debug_path)
		kernel = dmodule_open_kernel(ds, session->kernel.debug_path,
					     session->kernel.release);
	return kernel ? kernel : dmodule_open_kernel(ds, NULL, session->kernel.release);
}

bool elab_module_loaded(struct session *session, const char *name)
{
	struct kallsyms *symbols = kallsyms_open(elab_debuginfo(session),
						 session->kernel.symbols_path);
	const struct ksym **found;

	return symbols && kallsyms_match(symbols, "*", name, &found) > 0;
}

uint64_t elab_kernel_text(struct session *session)
{
	struct dmodule *kernel = elab_kernel(session);
	const struct elfsym *text = kernel->path ? elfsym_find(kernel, "_stext") : NULL;

	return text ? text->vaddr : 0;
}

bool elab_kernel_at_least(const struct session *session, int major, int minor)
{
	int has_major = 0, has_minor = 0;

	if (!session->kernel.release ||
	    sscanf(session->kernel.release, "%d.%d", &has_major, &has_minor) != 2)
		return false;
	return has_major > major || (has_major == major && has_minor >= minor);
}

/* zlib reads plain files as they are, so /boot/config-* and /proc/config.gz are one case. */
int elab_kernel_hz(const struct session *session)
{
	gzFile file = session->kernel.config_path ? gzopen(session->kernel.config_path, "r") : NULL;
	char line[256];
	int hz = 0;

	while (file && !hz && gzgets(file, line, sizeof line))
		if (strncmp(line, "CONFIG_HZ=", 10) == 0)
			hz = atoi(line + 10);
	if (file)
		gzclose(file);
	return hz > 0 ? hz : DEFAULT_HZ;
}
