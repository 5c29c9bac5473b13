/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/program.h"
#include "runtime/say.h"

#define LOOK_NS 10000000ull	/* for readers of pipes */
#define READ_SIZE 65536

enum source_kind { SOURCE_STDIN, SOURCE_WRITTEN, SOURCE_READ };

/* Standard input, or a pipe. The pipe that somebody has begun to use is moved out of the way and a
 * new one takes its name: two users do not get into each other's texts. */
struct source {
	enum source_kind kind;
	char path[256];
	mode_t mode;
	int fd, old_fd;		/* WRITTEN: its new pipe, and the one in use; -1 */
	bool always_ready;	/* a plain file, which epoll does not take */
	bool ended;
	char text[READ_SIZE];	/* read, and not taken by every site yet */
	size_t size;
};

struct inputs {
	const struct program *program;
	uint32_t most;			/* bytes of a string */
	int epoll;
	char directory[128];
	struct source *sources;
	uint32_t count;
	struct cursor {			/* by site */
		struct source *source;
		size_t at;		/* of its text the site has taken as much */
	} *cursors;
	int answer_fd;
	size_t answer_most;
	struct termios terminal;
	bool terminal_changed;
};

/* ---- pipes ---- */

static int pipe_make(struct inputs *inputs, struct source *source)
{
	struct epoll_event event = { .events = EPOLLIN };

	unlink(source->path);
	if (mkfifo(source->path, 0600) || chmod(source->path, source->mode)) {
		say_error("cannot make the named pipe %s: %s", source->path, strerror(errno));
		return -errno;
	}
	if (source->kind != SOURCE_WRITTEN)
		return 0;
	source->fd = open(source->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (source->fd < 0)
		return -errno;
	return epoll_ctl(inputs->epoll, EPOLL_CTL_ADD, source->fd, &event) ? -errno : 0;
}

static int directory_make(struct inputs *inputs, const char *name)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char base[96];
	struct stat st;

	if (runtime && *runtime == '/' && strlen(runtime) < sizeof(base) - 8)
		snprintf(base, sizeof(base), "%s/sonde", runtime);
	else
		snprintf(base, sizeof(base), "/var/tmp/sonde-%u", (unsigned int)geteuid());
	snprintf(inputs->directory, sizeof(inputs->directory), "%s/%.24s", base, name);
	if ((mkdir(base, 0755) && errno != EEXIST) || lstat(base, &st))
		goto failed;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		say_error("%s is somebody else's", base);
		return -EPERM;
	}
	if (!mkdir(inputs->directory, 0755) || errno == EEXIST)
		return 0;
failed:
	say_error("cannot make the directory %s: %s", inputs->directory, strerror(errno));
	return -errno;
}

/* ---- standard input ---- */

/* Characters as they are typed, when a handler wants single ones. */
static void terminal_begin(struct inputs *inputs)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &inputs->terminal))
		return;
	raw = inputs->terminal;
	raw.c_lflag &= ~(tcflag_t)ICANON;
	inputs->terminal_changed = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static int stdin_open(struct inputs *inputs, struct source *source)
{
	struct epoll_event event = { .events = EPOLLIN };

	source->fd = STDIN_FILENO;
	if (epoll_ctl(inputs->epoll, EPOLL_CTL_ADD, source->fd, &event)) {
		if (errno != EPERM)
			source->ended = true;
		source->always_ready = errno == EPERM;
	}
	return 0;
}

/* ---- opening ---- */

static bool is_input(const struct program_site *site)
{
	return site->mech == MECH_INPUT || site->mech == MECH_FILE;
}

static enum source_kind kind_for(const struct program_site *site)
{
	if (site->mech == MECH_INPUT)
		return SOURCE_STDIN;
	return site->is_return ? SOURCE_READ : SOURCE_WRITTEN;
}

/* A pipe cannot tell who reads from it while we do: a file that is read and written is two. */
static bool is_read_too(const struct inputs *inputs, const struct program_site *site)
{
	for (uint32_t i = 0; i < inputs->program->site_count; i++) {
		const struct program_site *other = &inputs->program->sites[i];

		if (kind_for(site) == SOURCE_WRITTEN && other->mech == MECH_FILE &&
		    other->is_return && strcmp(other->path, site->path) == 0)
			return true;
	}
	return false;
}

static void source_name(const struct inputs *inputs, const struct program_site *site, char *path,
			size_t size)
{
	snprintf(path, size, "%s/%.60s%s", inputs->directory, site->path,
		 is_read_too(inputs, site) ? ".write" : "");
}

/* Standard input is one source however many probes want it, and so is a pipe. */
static struct source *source_find(struct inputs *inputs, const struct program_site *site)
{
	char path[sizeof(inputs->sources->path)];

	for (uint32_t i = 0; i < inputs->count; i++) {
		struct source *source = &inputs->sources[i];

		source_name(inputs, site, path, sizeof(path));
		if (source->kind == kind_for(site) &&
		    (source->kind == SOURCE_STDIN || strcmp(source->path, path) == 0))
			return source;
	}
	return NULL;
}

static int source_open(struct inputs *inputs, const struct program_site *site)
{
	struct source *source = &inputs->sources[inputs->count++];

	source->fd = source->old_fd = -1;
	source->mode = (mode_t)site->perf_config & 0777;
	source->kind = kind_for(site);
	if (source->kind == SOURCE_STDIN)
		return stdin_open(inputs, source);
	if (strchr(site->path, '/') || !*site->path || *site->path == '.') {
		say_error("the program is damaged: a file's name is '%s'", site->path);
		return -EINVAL;
	}
	source_name(inputs, site, source->path, sizeof(source->path));
	if (is_read_too(inputs, site))
		say_warning("procfs(\"%s\") is read and written: what is written goes to %s",
			    site->path, source->path);
	return pipe_make(inputs, source);
}

static int sources_open(struct inputs *inputs)
{
	for (uint32_t i = 0; i < inputs->program->site_count; i++) {
		const struct program_site *site = &inputs->program->sites[i];
		int rc = 0;

		if (!is_input(site))
			continue;
		inputs->cursors[i].source = source_find(inputs, site);
		if (!inputs->cursors[i].source) {
			inputs->cursors[i].source = &inputs->sources[inputs->count];
			rc = source_open(inputs, site);
		}
		if (site->mech == MECH_INPUT && site->perf_period == 1 && !inputs->terminal_changed)
			terminal_begin(inputs);
		if (rc)
			return rc;
	}
	return 0;
}

int inputs_open(struct inputs **result, const struct program *program, const char *name)
{
	uint32_t wanted = 0, files = 0;
	struct inputs *inputs;
	int rc;

	*result = NULL;
	for (uint32_t i = 0; i < program->site_count; i++) {
		wanted += is_input(&program->sites[i]);
		files += program->sites[i].mech == MECH_FILE;
	}
	if (!wanted)
		return 0;
	inputs = calloc(1, sizeof(*inputs));
	if (!inputs)
		return -ENOMEM;
	*result = inputs;
	inputs->program = program;
	inputs->answer_fd = -1;
	inputs->most = (uint32_t)program->max_string - 1;
	inputs->sources = calloc(wanted, sizeof(*inputs->sources));
	inputs->cursors = calloc(program->site_count, sizeof(*inputs->cursors));
	inputs->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!inputs->sources || !inputs->cursors || inputs->epoll < 0)
		return -ENOMEM;
	rc = files ? directory_make(inputs, name) : 0;
	if (!rc)
		rc = sources_open(inputs);
	if (!rc && files)
		say_verbose(1, "The files of procfs probes are in %s.", inputs->directory);
	return rc;
}

/* ---- events ---- */

int inputs_descriptor(const struct inputs *inputs)
{
	return inputs ? inputs->epoll : -1;
}

uint64_t inputs_next(const struct inputs *inputs, uint64_t now_ns)
{
	for (uint32_t i = 0; inputs && i < inputs->count; i++) {
		const struct source *source = &inputs->sources[i];

		if (source->kind == SOURCE_READ)
			return now_ns + LOOK_NS;
		if (source->always_ready && !source->ended)
			return now_ns;
	}
	return UINT64_MAX;
}

static bool is_ready(const struct source *source, int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return source->always_ready || (poll(&poll_fd, 1, 0) > 0 && poll_fd.revents);
}

/* Reads what is there now. A pipe that somebody writes to gives its name to a new one; when they
 * are done it is closed. */
static bool source_fill(struct inputs *inputs, struct source *source)
{
	int *fd = source->old_fd >= 0 ? &source->old_fd : &source->fd;
	ssize_t n;

	if (source->ended || *fd < 0 || source->size == sizeof(source->text) ||
	    !is_ready(source, *fd))
		return false;
	n = read(*fd, source->text + source->size, sizeof(source->text) - source->size);
	if (n > 0) {
		source->size += (size_t)n;
		if (source->kind == SOURCE_WRITTEN && fd == &source->fd) {
			source->old_fd = source->fd;
			source->ended = pipe_make(inputs, source) != 0;
		}
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (source->kind == SOURCE_STDIN) {
		source->ended = true;
		epoll_ctl(inputs->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	} else if (fd == &source->old_fd) {
		close(source->old_fd);
		source->old_fd = -1;
	}
	return source->ended;
}

/* How much of its source's text @site gets in one run; 0: it waits for more. */
static size_t piece_of(const struct program_site *site, const struct cursor *cursor, size_t most)
{
	const struct source *source = cursor->source;
	size_t left = source->size - cursor->at;
	const char *text = source->text + cursor->at, *end;

	if (!left || site->perf_period == 1)
		return left ? 1 : 0;
	if (source->kind == SOURCE_WRITTEN)
		return left < most ? left : most;
	end = memchr(text, '\n', left);
	if (end)
		return (size_t)(end - text) + 1;
	return source->ended || left == sizeof(source->text) ? left : 0;
}

static bool take_text(struct inputs *inputs, struct inputs_event *event)
{
	for (uint32_t i = 0; i < inputs->program->site_count; i++) {
		const struct program_site *site = &inputs->program->sites[i];
		struct cursor *cursor = &inputs->cursors[i];
		size_t piece;

		if (!cursor->source || cursor->source->kind == SOURCE_READ)
			continue;
		piece = piece_of(site, cursor, inputs->most);
		if (!piece)
			continue;
		*event = (struct inputs_event){
			.handler = site->handler, .text = cursor->source->text + cursor->at,
			.length = piece < inputs->most ? piece : inputs->most
		};
		cursor->at += piece;
		return true;
	}
	return false;
}

/* Drops what all sites have taken. */
static void source_compact(struct inputs *inputs, struct source *source)
{
	size_t least = source->size;

	for (uint32_t i = 0; i < inputs->program->site_count; i++)
		if (inputs->cursors[i].source == source && inputs->cursors[i].at < least)
			least = inputs->cursors[i].at;
	for (uint32_t i = 0; i < inputs->program->site_count; i++)
		if (inputs->cursors[i].source == source)
			inputs->cursors[i].at -= least;
	source->size -= least;
	memmove(source->text, source->text + least, source->size);
}

/* Has somebody opened the pipe for reading? Then it is theirs. */
static bool take_reader(struct inputs *inputs, struct inputs_event *event)
{
	for (uint32_t i = 0; i < inputs->program->site_count; i++) {
		const struct program_site *site = &inputs->program->sites[i];
		struct source *source = inputs->cursors[i].source;

		if (!source || source->kind != SOURCE_READ || source->ended)
			continue;
		inputs->answer_fd = open(source->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (inputs->answer_fd < 0)
			continue;
		source->ended = pipe_make(inputs, source) != 0;
		inputs->answer_most = site->perf_period ? site->perf_period : inputs->most;
		*event = (struct inputs_event){ .handler = site->handler, .text = "",
						.wants_answer = true };
		return true;
	}
	return false;
}

bool inputs_take(struct inputs *inputs, struct inputs_event *event)
{
	bool more;

	if (!inputs)
		return false;
	do {
		if (take_text(inputs, event))
			return true;
		more = false;
		for (uint32_t i = 0; i < inputs->count; i++) {
			source_compact(inputs, &inputs->sources[i]);
			more |= source_fill(inputs, &inputs->sources[i]);
		}
	} while (more);
	return take_reader(inputs, event);
}

void inputs_answer(struct inputs *inputs, const char *text, size_t length)
{
	if (length > inputs->answer_most)
		length = inputs->answer_most;
	while (length) {
		ssize_t n = write(inputs->answer_fd, text, length);

		if (n <= 0)
			break;
		text += n;
		length -= (size_t)n;
	}
	close(inputs->answer_fd);
	inputs->answer_fd = -1;
}

void inputs_close(struct inputs *inputs)
{
	if (!inputs)
		return;
	for (uint32_t i = 0; i < inputs->count; i++) {
		struct source *source = &inputs->sources[i];

		if (source->kind == SOURCE_STDIN)
			continue;
		unlink(source->path);
		if (source->fd >= 0)
			close(source->fd);
		if (source->old_fd >= 0)
			close(source->old_fd);
	}
	if (*inputs->directory)
		rmdir(inputs->directory);
	if (inputs->terminal_changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &inputs->terminal);
	if (inputs->epoll >= 0)
		close(inputs->epoll);
	free(inputs->cursors);
	free(inputs->sources);
	free(inputs);
}
