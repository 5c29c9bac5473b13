/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "translator/util/arena.h"
#include "translator/util/source.h"

enum {
	SOURCE_FIRST_READ = 64 * 1024,		/* for what has no size: pipes, /proc */
	SOURCE_LIMIT = 256 * 1024 * 1024,	/* offsets are 32-bit; no script is near it */
};

struct source *source_new(struct arena *arena, const char *name, const char *text, size_t length)
{
	struct source *source = arena_new_of(arena, struct source);

	source->name = arena_strdup(arena, name);
	source->text = text;
	source->length = length;
	source->arena = arena;
	return source;
}

/* Reads to the end; *@length is the buffer's size before and the text's length after. */
static char *read_all(struct arena *arena, int fd, size_t *length)
{
	size_t size = *length + 1, used = 0;
	char *buffer = arena_alloc(arena, size);

	for (;;) {
		ssize_t got = read(fd, buffer + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (!got)
			break;
		used += (size_t)got;
		if (used > SOURCE_LIMIT) {
			errno = EFBIG;
			return NULL;
		}
		if (used == size) {
			char *bigger = arena_alloc(arena, size * 2);

			memcpy(bigger, buffer, used);
			buffer = bigger;
			size *= 2;
		}
	}
	buffer[used] = '\0';
	*length = used;
	return buffer;
}

struct source *source_read_fd(struct arena *arena, const char *name, int fd)
{
	static const char mark[] = "\xef\xbb\xbf";	/* editors of other systems put it first */
	size_t length = SOURCE_FIRST_READ, skip = 0;
	struct stat st;
	char *text;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
		length = st.st_size < SOURCE_LIMIT ? (size_t)st.st_size : SOURCE_LIMIT;
	text = read_all(arena, fd, &length);
	if (!text)
		return NULL;
	if (!strncmp(text, mark, strlen(mark)))
		skip = strlen(mark);
	return source_new(arena, name, text + skip, length - skip);
}

struct source *source_read(struct arena *arena, const char *path)
{
	struct source *source;
	int fd, error;

	if (!strcmp(path, "-"))
		return source_read_fd(arena, "<input>", STDIN_FILENO);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	source = source_read_fd(arena, path, fd);
	error = errno;
	close(fd);
	errno = error;
	return source;
}

static void index_lines(struct source *source)
{
	const char *text = source->text, *end = text + source->length;
	size_t count = 1;

	for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		count++;
	source->lines = arena_alloc(source->arena, count * sizeof *source->lines);
	source->line_count = count;
	count = 1;
	for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		source->lines[count++] = (uint32_t)(p + 1 - text);
}

struct position source_position(struct source *source, uint32_t offset)
{
	size_t low = 0, high;

	if (!source->lines)
		index_lines(source);
	high = source->line_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (source->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return (struct position){ (unsigned int)low + 1, offset - source->lines[low] + 1 };
}

const char *source_line(struct source *source, unsigned int line, size_t *length)
{
	const char *start, *end;

	if (!source->lines)
		index_lines(source);
	if (!line || line > source->line_count) {
		*length = 0;
		return "";
	}
	start = source->text + source->lines[line - 1];
	end = memchr(start, '\n', (size_t)(source->text + source->length - start));
	if (!end)
		end = source->text + source->length;
	if (end > start && end[-1] == '\r')
		end--;
	*length = (size_t)(end - start);
	return start;
}

struct span span_join(struct span a, struct span b)
{
	/* Text of an argument or of a macro is elsewhere: a range over both would show neither. */
	if (a.source != b.source || a.origin != b.origin)
		return a;
	if (b.begin < a.begin)
		a.begin = b.begin;
	if (b.end > a.end)
		a.end = b.end;
	return a;
}
