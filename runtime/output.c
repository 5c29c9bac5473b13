/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/say.h"

static int name_make(const struct output *output, char *name, size_t size)
{
	time_t now = time(NULL);
	struct tm local;
	size_t n;

	localtime_r(&now, &local);
	n = strftime(name, size, output->pattern, &local);
	if (!n || n + 12 > size) {
		say_error("-o: the name is empty or too long");
		return -EINVAL;
	}
	if (output->limit)
		snprintf(name + n, size - n, ".%u", (unsigned int)output->number);
	return 0;
}

/* Notes the name in the place of the one that is too many now, and removes that file. */
static int name_keep(struct output *output, const char *name)
{
	char **slot;

	if (!output->keep)
		return 0;
	if (!output->names)
		output->names = calloc(output->keep, sizeof(*output->names));
	if (!output->names)
		return -ENOMEM;
	slot = &output->names[output->number % output->keep];
	if (*slot && unlink(*slot) && errno != ENOENT)
		say_warning("cannot remove %s: %s", *slot, strerror(errno));
	free(*slot);
	*slot = strdup(name);
	return *slot ? 0 : -ENOMEM;
}

static int file_open(struct output *output, int mode)
{
	char name[PATH_MAX];
	int rc = name_make(output, name, sizeof(name)), fd;

	if (rc)
		return rc;
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0644);
	if (fd < 0) {
		rc = -errno;
		say_error("cannot write %s: %s", name, strerror(errno));
		return rc;
	}
	rc = name_keep(output, name);
	if (rc) {
		close(fd);
		return rc;
	}
	if (output->fd >= 0)
		close(output->fd);
	output->fd = fd;
	output->number++;
	return fd;
}

int output_open(struct output *output)
{
	output->fd = -1;
	return file_open(output, O_TRUNC);
}

int output_next(struct output *output)
{
	return file_open(output, output->limit ? O_TRUNC : O_APPEND);
}

void output_close(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	for (uint32_t i = 0; output->names && i < output->keep; i++)
		free(output->names[i]);
	free(output->names);
}
