/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: the index on disk: made, used, and made again when it is stale, cut or torn
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debuginfo-kit.h"
#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"

static char path[4096];

/* Opens libc with the cache in ./cache; its number of functions, and whether it was mapped. */
static int count(bool *mapped)
{
	struct dmodule *m;
	int n;

	kit_begin("./cache");
	m = dmodule_open_library(ds, "libc.so.6", NULL);
	n = m ? kit_count(m, "*") : -1;
	*mapped = m && m->priv->index && m->priv->index->mapped;
	dsession_close(ds);
	arena_free(arena);
	ds = NULL;
	return n;
}

static bool find_file(void)
{
	glob_t g;

	if (glob("./cache/*.funcs", 0, NULL, &g) || g.gl_pathc != 1)
		return false;
	snprintf(path, sizeof(path), "%s", g.gl_pathv[0]);
	globfree(&g);
	return true;
}

static void damage(off_t offset, int value)
{
	int fd = open(path, O_RDWR);
	unsigned char byte = value;

	ok(fd >= 0 && pwrite(fd, &byte, 1, offset) == 1, "a byte is changed");
	close(fd);
}

int main(void)
{
	struct stat st;
	bool mapped;
	int n = count(&mapped);

	ok(n > 1000 && !mapped, "built the first time");
	ok(find_file(), "and kept");
	ok(count(&mapped) == n && mapped, "mapped the second time");
	stat(path, &st);
	ok(truncate(path, st.st_size / 2) == 0 && count(&mapped) == n && !mapped,
	   "a cut file is not used");
	ok(count(&mapped) == n && mapped, "but replaced");
	damage(sizeof(struct dindex_head) + 100, 0x55);
	damage(sizeof(struct dindex_head) + 101, 0xaa);
	ok(count(&mapped) == n && !mapped, "a torn file is not used");
	damage(offsetof(struct dindex_head, main_mtime_ns), 0x11);
	damage(offsetof(struct dindex_head, main_mtime_ns) + 1, 0x12);
	ok(count(&mapped) == n && !mapped, "nor one of another version of the library");
	ok(truncate(path, 0) == 0 && count(&mapped) == n, "nor an empty one");
	printf("1..%d\n", tests);
	return failures != 0;
}
