/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The function index on disk: finding, checking, mapping and writing it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

/* Below this many functions building is quicker than opening a file. */
enum { INDEX_WORTH_KEEPING = 512 };

/* Word by word over a few megabytes: a millisecond, and it catches torn pages. */
uint32_t dindex_checksum(const struct dindex_func *funcs, uint32_t n)
{
	const uint64_t *w = (const uint64_t *)funcs;
	uint64_t h = n;

	_Static_assert(sizeof(struct dindex_func) % 8 == 0, "summed by words");
	for (size_t i = 0; i < n * sizeof(*funcs) / 8; i++)
		h = (h << 5 | h >> 59) + w[i];
	return h ^ h >> 32;
}

bool dindex_parse(struct dindex *x, void *image, size_t size)
{
	const struct dindex_head *h = image;
	uint64_t total;

	if (size < sizeof(*h) || memcmp(h->magic, DINDEX_MAGIC, 8) || h->total != size)
		return false;
	total = sizeof(*h) + h->nfuncs * (uint64_t)sizeof(struct dindex_func) +
		h->ndies * 8ull + h->naliases * 4ull + h->nstrings;
	if (total != size || !h->nstrings || ((char *)image)[size - 1])
		return false;
	*x = (struct dindex){ .head = h, .image = image, .size = size };
	x->funcs = (const void *)(h + 1);
	x->dies = (const void *)(x->funcs + h->nfuncs);
	x->aliases = (const void *)(x->dies + h->ndies);
	x->strings = (const void *)(x->aliases + h->naliases);
	return h->checksum == dindex_checksum(x->funcs, h->nfuncs);
}

const char *dindex_string(const struct dindex *x, uint32_t offset)
{
	return x->strings + (offset < x->head->nstrings ? offset : 0);
}

void dindex_close(struct dindex *x)
{
	if (!x)
		return;
	if (x->mapped)
		munmap(x->image, x->size);
	else
		free(x->image);
	x->image = NULL;
}

/* By build-id; by name, size and time for a file without one. */
static const char *index_path(struct dmodule *m)
{
	struct arena *a = m->session->arena;
	uint64_t h = 1469598103934665603ull;

	if (!m->session->index_dir)
		return NULL;
	if (m->build_id)
		return arena_printf(a, "%s/%s.funcs", m->session->index_dir, m->build_id);
	for (const char *s = m->path; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211ull;
	return arena_printf(a, "%s/path-%016llx.funcs", m->session->index_dir,
			    (unsigned long long)h);
}

/* Does the index describe the files as they are now? */
static bool index_is_current(struct dmodule *m, const struct dindex *x)
{
	const struct dindex_head *h = x->head;
	const char *debug;
	struct dfile_id id;

	if (h->main_size != m->priv->file_id.size || h->main_mtime_ns != m->priv->file_id.mtime_ns)
		return false;
	if (!h->debug_path)
		return !dmodule_dwarf(m);
	debug = dindex_string(x, h->debug_path);
	dfile_id_of(debug, &id);
	return id.size == h->debug_size && id.mtime_ns == h->debug_mtime_ns;
}

static bool index_map(struct dmodule *m, const char *path, struct dindex *x)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *image;

	if (fd < 0)
		return false;
	image = MAP_FAILED;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		image = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (image == MAP_FAILED)
		return false;
	if (dindex_parse(x, image, st.st_size) && index_is_current(m, x)) {
		x->mapped = true;
		if (x->head->debug_path && !m->priv->debug_file)
			m->priv->debug_file = arena_strdup(m->session->arena,
							   dindex_string(x, x->head->debug_path));
		return true;
	}
	munmap(image, st.st_size);
	return false;
}

static void index_mkdirs(struct arena *a, const char *dir)
{
	char *path = arena_strdup(a, dir);

	for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		mkdir(path, 0700);
	}
	mkdir(path, 0700);
}

/* Renamed into place when whole; a cache that cannot be written is not an error. */
static void index_write(struct dmodule *m, const char *path, const struct dindex *x)
{
	const char *temp = arena_printf(m->session->arena, "%s.%d", path, (int)getpid());
	size_t done = 0;
	int fd;

	index_mkdirs(m->session->arena, m->session->index_dir);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	while (done < x->size) {
		ssize_t n = write(fd, (char *)x->image + done, x->size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += n;
	}
	if (close(fd) || done < x->size || rename(temp, path))
		unlink(temp);
}

struct dindex *dmodule_index(struct dmodule *m)
{
	struct dmodule_priv *p = m->priv;
	struct arena *a = m->session->arena;
	const char *path;
	struct dindex x;
	size_t size;
	void *image;

	if (p->index_tried)
		return p->index;
	p->index_tried = true;
	path = index_path(m);
	if (!path || !index_map(m, path, &x)) {
		image = dindex_build(m, &size);
		if (!image)
			return NULL;
		if (!dindex_parse(&x, image, size)) {
			free(image);
			dsession_fail(m->session, "the function index of %s is too large",
				      m->path);
			return NULL;
		}
		if (path && x.head->nfuncs >= INDEX_WORTH_KEEPING)
			index_write(m, path, &x);
	}
	p->index = arena_alloc(a, sizeof(x));
	*p->index = x;
	p->funcs = arena_alloc(a, (x.head->nfuncs + 1) * sizeof(*p->funcs));
	return p->index;
}
