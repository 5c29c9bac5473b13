/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "translator/kernel.h"
#include "translator/session.h"
#include "translator/util/source.h"

/* The first of the paths that can be read; a '%' stands for the release. */
static const char *first_readable(struct session *session, const char *const *patterns,
				  const char *release)
{
	const char *root = session->options.sysroot ? session->options.sysroot : "";

	for (; *patterns; patterns++) {
		const char *mark = strchr(*patterns, '%');
		int before = (int)(mark ? mark - *patterns : (long)strlen(*patterns));
		const char *path = arena_printf(session->arena, "%s%.*s%s%s", root, before,
						*patterns, mark ? release : "",
						mark ? mark + 1 : "");

		if (!access(path, R_OK))
			return path;
	}
	return NULL;
}

/* "6.1.0-56-cloud-amd64" → "6.1.0" */
static const char *base_version(struct session *session, const char *release)
{
	return arena_strndup(session->arena, release, strspn(release, "0123456789."));
}

static void find_files(struct session *session, const char *release, bool running)
{
	static const char *const btf_running[] = { "/sys/kernel/btf/vmlinux", NULL };
	static const char *const btf[] = {
		"/usr/lib/debug/boot/vmlinux-%", "/boot/vmlinux-%",
		"/usr/lib/debug/lib/modules/%/vmlinux", "/lib/modules/%/build/vmlinux", NULL
	};
	static const char *const config_running[] = { "/proc/config.gz", NULL };
	static const char *const config[] = {
		"/boot/config-%", "/lib/modules/%/build/.config", "/lib/modules/%/config", NULL
	};
	struct target_kernel *kernel = &session->kernel;

	if (running) {
		kernel->btf_path = first_readable(session, btf_running, release);
		kernel->config_path = first_readable(session, config_running, release);
	}
	if (!kernel->btf_path)
		kernel->btf_path = first_readable(session, btf, release);
	if (!kernel->config_path)
		kernel->config_path = first_readable(session, config, release);
}

static bool is_elf(const char *path)
{
	FILE *f = fopen(path, "re");
	char magic[4] = "";
	bool elf = f && fread(magic, 1, sizeof(magic), f) == sizeof(magic) &&
		   !memcmp(magic, "\177ELF", sizeof(magic));

	if (f)
		fclose(f);
	return elf;
}

/* -r DIR: a build tree says itself what it is. */
static bool find_tree(struct session *session, const char *dir)
{
	struct target_kernel *kernel = &session->kernel;
	const char *path = arena_printf(session->arena, "%s/include/config/kernel.release", dir);
	struct source *release = source_read(session->arena, path);

	if (!release) {
		fprintf(stderr, "error: -r: no kernel build tree: cannot read '%s': %s\n", path,
			strerror(errno));
		return false;
	}
	kernel->release = arena_strndup(session->arena, release->text,
					strcspn(release->text, "\n"));
	path = arena_printf(session->arena, "%s/vmlinux", dir);
	kernel->btf_path = access(path, R_OK) ? NULL : path;
	kernel->debug_path = is_elf(path) ? path : NULL;
	path = arena_printf(session->arena, "%s/.config", dir);
	kernel->config_path = access(path, R_OK) ? NULL : path;
	kernel->symbols_path = arena_printf(session->arena, "%s/System.map", dir);
	return true;
}

bool kernel_find(struct session *session, const char *release, const char *arch)
{
	struct target_kernel *kernel = &session->kernel;
	struct utsname running;

	uname(&running);
	kernel->arch = arena_strdup(session->arena, running.machine);
	if (arch && strcmp(arch, kernel->arch)) {
		fprintf(stderr, "error: -a: programs are made for this machine's kind only: %s\n",
			kernel->arch);
		return false;
	}
	if (release && *release == '/') {
		if (!find_tree(session, release))
			return false;
	} else {
		bool same = !release || !strcmp(release, running.release);

		kernel->release = same ? arena_strdup(session->arena, running.release) : release;
		find_files(session, kernel->release, same);
	}
	kernel->version = base_version(session, kernel->release);
	return true;
}
