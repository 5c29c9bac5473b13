/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions: options, the last error, and what is open. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/index.h"
#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

/* $SONDE_DIR, or sonde in the user's cache directory. */
static const char *session_cache_dir(struct arena *a)
{
	const char *dir = getenv("SONDE_DIR");

	if (dir && *dir)
		return arena_printf(a, "%s/index", dir);
	dir = getenv("XDG_CACHE_HOME");
	if (dir && *dir == '/')
		return arena_printf(a, "%s/sonde/index", dir);
	dir = getenv("HOME");
	if (dir && *dir == '/')
		return arena_printf(a, "%s/.cache/sonde/index", dir);
	return NULL;
}

struct dsession *dsession_open(struct arena *arena, const struct dsession_options *opts)
{
	static const struct dsession_options defaults;
	struct dsession *ds = arena_alloc(arena, sizeof(*ds));

	if (!opts)
		opts = &defaults;
	ds->arena = arena;
	ds->error = "no error";
	ds->sysroot = "";
	if (opts->sysroot && strcmp(opts->sysroot, "/"))
		ds->sysroot = arena_strdup(arena, opts->sysroot);
	ds->debug_path = opts->debug_path ? arena_strdup(arena, opts->debug_path)
		: arena_printf(arena, "%s/usr/lib/debug", ds->sysroot);
	/* Beside the file, in .debug there, then below each directory. */
	ds->dwfl_path = arena_printf(arena, ":.debug:%s", ds->debug_path);
	if (!opts->index_dir)
		ds->index_dir = session_cache_dir(arena);
	else if (*opts->index_dir)
		ds->index_dir = arena_strdup(arena, opts->index_dir);
	/* libdwfl loads libdebuginfod by itself whenever this variable is set. */
	if (opts->no_debuginfod)
		unsetenv("DEBUGINFOD_URLS");
	elf_version(EV_CURRENT);
	return ds;
}

void dsession_close(struct dsession *ds)
{
	for (size_t i = 0; i < ds->modules.count; i++) {
		struct dmodule_priv *p = ds->modules.data[i]->priv;

		dindex_close(p->index);
		p->index = NULL;
		if (p->dwfl)
			dwfl_end(p->dwfl);
		p->dwfl = NULL;
		p->dw = NULL;
		p->elf = NULL;
	}
	ds->modules.count = 0;
	for (size_t i = 0; i < ds->btfs.count; i++)
		dbtf_close(ds->btfs.data[i]);
	ds->btfs.count = 0;
}

/* The first of the debug path, as libdwfl looks there. */
static const char *expected_debug_file(struct dsession *ds, const struct dmodule *m)
{
	const char *dir = ds->debug_path + strspn(ds->debug_path, "-+:");

	return arena_printf(ds->arena, "%.*s/.build-id/%.2s/%s.debug", (int)strcspn(dir, ":"), dir,
			    m->build_id, m->build_id + 2);
}

size_t dsession_files(struct dsession *ds, const char *const **paths)
{
	VEC(const char *) files = { 0 };

	for (size_t i = 0; i < ds->modules.count; i++) {
		const struct dmodule *m = ds->modules.data[i];

		if (m->priv->header)
			continue;
		if (m->path)
			*vec_push(ds->arena, &files) = m->path;
		if (m->priv->debug_file && m->priv->debug_file != m->path)
			*vec_push(ds->arena, &files) = m->priv->debug_file;
		else if (m->build_id && strlen(m->build_id) > 2)
			*vec_push(ds->arena, &files) = expected_debug_file(ds, m);
	}
	for (size_t i = 0; i < ds->depends.count; i++)
		*vec_push(ds->arena, &files) = ds->depends.data[i];
	for (size_t i = 0; i < ds->absent.count; i++)
		*vec_push(ds->arena, &files) = ds->absent.data[i];
	*paths = files.data;
	return files.count;
}

const char *dsession_error(const struct dsession *ds)
{
	return ds->error;
}

int dsession_fail(struct dsession *ds, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ds->error = arena_vprintf(ds->arena, fmt, ap);
	va_end(ap);
	return -1;
}

static size_t hash_slot(const struct dhash *h, uint64_t key)
{
	size_t i = (key * 0x9e3779b97f4a7c15ull) >> 20 & (h->size - 1);

	while (h->slots[i].value && h->slots[i].key != key)
		i = (i + 1) & (h->size - 1);
	return i;
}

void *dhash_get(const struct dhash *h, uint64_t key)
{
	return h->size ? h->slots[hash_slot(h, key)].value : NULL;
}

void dhash_put(struct arena *a, struct dhash *h, uint64_t key, void *value)
{
	size_t i;

	if (h->used * 2 >= h->size) {
		struct dhash bigger = { .size = h->size ? h->size * 2 : 64 };

		bigger.slots = arena_alloc(a, bigger.size * sizeof(*bigger.slots));
		for (i = 0; i < h->size; i++)
			if (h->slots[i].value)
				bigger.slots[hash_slot(&bigger, h->slots[i].key)] = h->slots[i];
		bigger.used = h->used;
		*h = bigger;
	}
	i = hash_slot(h, key);
	h->used += !h->slots[i].value;
	h->slots[i].key = key;
	h->slots[i].value = value;
}
