/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a program: a file mapped into memory. image_close() unmaps; it may be called on a
 * zeroed one.
 */
#ifndef SONDE_RUNTIME_IMAGE_H
#define SONDE_RUNTIME_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

struct image {
	const void *bytes;
	size_t size;		/* what counts; */
	size_t mapped;		/* what is mapped */
};

/* Maps the file of @fd. 0 or a negative errno; an empty file is -ENODATA. */
int image_map(struct image *image, int fd);
bool image_is_elf(const struct image *image);
/* Writes the image to @path, which appears whole or not at all. 0 or a negative errno. */
int image_save(const struct image *image, const char *path);
void image_close(struct image *image);

/* Writes all of @size bytes. 0 or a negative errno. */
int image_write(int fd, const void *bytes, size_t size);

#endif
