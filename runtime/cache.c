/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/buf.h"
#include "runtime/hash128.h"
#include "runtime/image.h"
#include "runtime/program.h"
#include "runtime/say.h"

#define CACHE_SUFFIX ".sonde"
#define CACHE_BYTES_MAX (256ll << 20)
#define CACHE_CLEAN_SECONDS 3600
#define CACHE_MAGIC 0x31454843454e4453ull

/* An entry is the program, then a struct cache_dep and its path for each file, then this. */
struct cache_footer {
	uint64_t program_size, dep_count;
	struct hash128 hash;	/* of everything before it */
	uint64_t magic;
};

struct cache_dep {
	uint64_t size, mtime_s, mtime_ns, device, inode;	/* all 0: the file is not there */
	uint64_t path_size;	/* of the path that follows, with NULs up to a multiple of 8 */
};

/* ---- the directory ---- */

static bool directory_make(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return false;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Only a directory that nobody else can write to: what lies there is run. */
static bool directory_is_ours(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022);
}

static bool cache_directory(char *path, size_t size)
{
	const char *own = getenv("SONDE_DIR"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	int n;

	if (own && *own) {
		directory_make(own);
		n = snprintf(path, size, "%s/cache", own);
	} else if (xdg && *xdg == '/') {
		directory_make(xdg);
		n = snprintf(path, size, "%s/sonde", xdg);
	} else if (home && *home == '/') {
		n = snprintf(path, size, "%s/.cache", home);
		if (n > 0 && (size_t)n < size)
			directory_make(path);
		n = snprintf(path, size, "%s/.cache/sonde", home);
	} else {
		return false;
	}
	if (n < 0 || (size_t)n >= size || !directory_make(path))
		return false;
	if (directory_is_ours(path))
		return true;
	say_verbose(1, "The cache %s is not used: others can write there.", path);
	return false;
}

static bool entry_path(const struct cache_key *key, char *path, size_t size)
{
	char directory[PATH_MAX];
	int n;

	if (!key->text[0] || !cache_directory(directory, sizeof(directory)))
		return false;
	n = snprintf(path, size, "%s/%s" CACHE_SUFFIX, directory, key->text);
	return n > 0 && (size_t)n < size;
}

/* ---- what an entry depends on ---- */

static struct cache_dep dep_now(const char *path)
{
	struct cache_dep dep = { 0 };
	struct stat st;

	if (stat(path, &st) == 0)
		dep = (struct cache_dep){ .size = (uint64_t)st.st_size,
					  .mtime_s = (uint64_t)st.st_mtim.tv_sec,
					  .mtime_ns = (uint64_t)st.st_mtim.tv_nsec,
					  .device = st.st_dev,
					  .inode = st.st_ino };
	return dep;
}

static void dep_add(struct buf *buf, const char *path, uint64_t *count)
{
	struct cache_dep dep = dep_now(path);
	size_t length = strlen(path);

	dep.path_size = (length + 8) & ~7ul;
	buf_add(buf, &dep, sizeof(dep));
	buf_add(buf, path, length);
	buf_fill(buf, 0, dep.path_size - length);
	++*count;
}

/* The files that the program was made from; each once where that is easily seen. */
static void deps_collect(struct buf *buf, const struct program *program, uint64_t *count)
{
	const char *last = "";

	for (uint32_t i = 0; i < program->site_count; i++) {
		const char *path = program->sites[i].path;

		if (!*path || strcmp(path, last) == 0)
			continue;
		dep_add(buf, path, count);
		last = path;
	}
	for (uint32_t i = 0; i < program->dep_count; i++)
		dep_add(buf, program->deps[i], count);
}

/* Reads one dependency at @at; NULL: it does not hold. */
static const char *dep_check(const char *at, const char *end)
{
	struct cache_dep dep, now;
	const char *path = at + sizeof(dep);

	if ((size_t)(end - at) < sizeof(dep))
		return NULL;
	memcpy(&dep, at, sizeof(dep));
	if (!dep.path_size || dep.path_size > (size_t)(end - path) || path[dep.path_size - 1])
		return NULL;
	now = dep_now(path);
	now.path_size = dep.path_size;
	if (memcmp(&now, &dep, sizeof(dep)) != 0) {
		say_verbose(1, "The cache's program is outdated: %s has changed.", path);
		return NULL;
	}
	return path + dep.path_size;
}

static bool entry_check(struct image *image)
{
	const char *bytes = image->bytes, *at, *end;
	struct cache_footer footer;
	struct hash128 hash;

	if (image->size < sizeof(footer))
		return false;
	end = bytes + image->size - sizeof(footer);
	memcpy(&footer, end, sizeof(footer));
	if (footer.magic != CACHE_MAGIC || footer.program_size > (size_t)(end - bytes))
		return false;
	hash = hash128(bytes, (size_t)(end - bytes) + offsetof(struct cache_footer, hash));
	if (hash.a != footer.hash.a || hash.b != footer.hash.b)
		return false;
	at = bytes + footer.program_size;
	for (uint64_t i = 0; i < footer.dep_count; i++) {
		at = dep_check(at, end);
		if (!at)
			return false;
	}
	image->size = footer.program_size;
	return true;
}

/* ---- finding and keeping ---- */

bool cache_find(const struct cache_key *key, struct image *image)
{
	char path[PATH_MAX];
	int fd, rc;

	if (!entry_path(key, path, sizeof(path)))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	rc = image_map(image, fd);
	if (!rc && entry_check(image)) {
		futimens(fd, NULL);	/* the cleaner removes what was not used for long */
		close(fd);
		say_verbose(1, "Pass 1 to 4: using the program in the cache, %s.", path);
		return true;
	}
	close(fd);
	if (!rc)
		image_close(image);
	return false;
}

bool cache_keep(const struct cache_key *key, const struct image *image,
		const struct program *program, char *path, size_t size)
{
	struct cache_footer footer = { .program_size = image->size, .magic = CACHE_MAGIC };
	struct buf buf = { 0 };
	struct image entry;
	char own_path[PATH_MAX];
	int rc;

	if (!path) {
		path = own_path;
		size = sizeof(own_path);
	}
	if (!entry_path(key, path, size))
		return false;
	buf_add(&buf, image->bytes, image->size);
	deps_collect(&buf, program, &footer.dep_count);
	buf_add(&buf, &footer, offsetof(struct cache_footer, hash));
	footer.hash = hash128(buf.data, buf.size);
	buf_add(&buf, &footer.hash, sizeof(footer) - offsetof(struct cache_footer, hash));
	entry = (struct image){ .bytes = buf.data, .size = buf.size };
	rc = image_save(&entry, path);
	buf_free(&buf);
	if (rc)
		say_verbose(1, "The program is not kept in the cache: %s: %s.", path,
			    strerror(-rc));
	else
		cache_clean(false);
	return !rc;
}

/* ---- cleaning ---- */

struct cache_file {
	char name[NAME_MAX + 1];
	int64_t used_s, size;
};

static int by_use(const void *a, const void *b)
{
	const struct cache_file *x = a, *y = b;

	return x->used_s < y->used_s ? -1 : x->used_s > y->used_s;
}

static size_t files_list(DIR *directory, struct cache_file **files, int64_t *total)
{
	struct dirent *entry;
	size_t count = 0;

	while ((entry = readdir(directory))) {
		struct cache_file *more;
		struct stat st;

		if (entry->d_name[0] == '.' || !strstr(entry->d_name, CACHE_SUFFIX) ||
		    fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		more = reallocarray(*files, count + 1, sizeof(**files));
		if (!more)
			break;
		*files = more;
		snprintf(more[count].name, sizeof(more[count].name), "%s", entry->d_name);
		more[count].used_s = st.st_mtim.tv_sec;
		more[count++].size = st.st_size;
		*total += st.st_size;
	}
	return count;
}

/* Is it time? The stamp's own time says when it was done last. */
static bool clean_is_due(const char *directory)
{
	char stamp[PATH_MAX + 16];
	struct stat st;
	int fd;

	snprintf(stamp, sizeof(stamp), "%s/.cleaned", directory);
	if (stat(stamp, &st) == 0 && time(NULL) - st.st_mtim.tv_sec < CACHE_CLEAN_SECONDS)
		return false;
	fd = open(stamp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		futimens(fd, NULL);
		close(fd);
	}
	return true;
}

void cache_clean(bool all)
{
	struct cache_file *files = NULL;
	char path[PATH_MAX];
	int64_t total = 0;
	DIR *directory;
	size_t count, removed = 0;

	if (!cache_directory(path, sizeof(path)) || (!clean_is_due(path) && !all))
		return;
	directory = opendir(path);
	if (!directory)
		return;
	count = files_list(directory, &files, &total);
	if (count)
		qsort(files, count, sizeof(*files), by_use);
	/* Some room is made, so that the next entry does not need it again. */
	for (size_t i = 0; i < count && total > (all ? 0 : CACHE_BYTES_MAX / 8 * 7); i++) {
		if (!all && i == 0 && total <= CACHE_BYTES_MAX)
			break;
		if (unlinkat(dirfd(directory), files[i].name, 0) == 0)
			removed++;
		total -= files[i].size;
	}
	say_verbose(1, "The cache %s: %zu of %zu programs removed.", path, removed, count);
	free(files);
	closedir(directory);
}
