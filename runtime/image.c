/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int image_map(struct image *image, int fd)
{
	struct stat st;
	void *bytes;

	memset(image, 0, sizeof(*image));
	if (fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (st.st_size <= 0)
		return -ENODATA;
	/* Private and writable: libelf may convert in place. */
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	image->bytes = bytes;
	image->size = image->mapped = (size_t)st.st_size;
	return 0;
}

bool image_is_elf(const struct image *image)
{
	return image->size >= SELFMAG && memcmp(image->bytes, ELFMAG, SELFMAG) == 0;
}

int image_write(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Into what is there already and no regular file, such as /dev/stdout or a pipe. */
static int image_fill(const struct image *image, const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), rc;

	if (fd < 0)
		return -errno;
	rc = image_write(fd, image->bytes, image->size);
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

int image_save(const struct image *image, const char *path)
{
	char temporary[PATH_MAX];
	int fd, rc, n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	struct stat st;
	mode_t mask;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return image_fill(image, path);
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	mask = umask(0);
	umask(mask);
	rc = image_write(fd, image->bytes, image->size);
	if (!rc && fchmod(fd, 0666 & ~mask))
		rc = -errno;
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(temporary, path))
		rc = -errno;
	if (rc)
		unlink(temporary);
	return rc;
}

void image_close(struct image *image)
{
	if (image->bytes)
		munmap((void *)image->bytes, image->mapped);
	memset(image, 0, sizeof(*image));
}
