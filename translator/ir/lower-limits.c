/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits: SystemTap's names, by -D NAME=VALUE. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/abi.h"
#include "translator/elab/library.h"
#include "translator/ir/lower-priv.h"
#include "translator/ir/lower.h"
#include "translator/session.h"
#include "translator/util/diag.h"

#define DEFAULT_MAXSTRINGLEN 512
#define DEFAULT_MAXMAPENTRIES 65536
#define DEFAULT_MAXACTION 100000
#define DEFAULT_MAXACTION_USER (1 << 26)
#define DEFAULT_MAXSKIPPED 100
#define DEFAULT_HIST_WIDTH 50
#define DEFAULT_HIST_ELISION 2
#define NO_EFFECT SIZE_MAX

/* Where a limit is kept in struct program; what is accepted without effect has no place. */
static const struct limit {
	const char *name;
	size_t offset;
	int64_t least, most;
} limits[] = {
	{ "MAXSTRINGLEN", offsetof(struct program, max_string), 8, PROGRAM_MAX_WIDTH },
	{ "MAXMAPENTRIES", offsetof(struct program, max_map_entries), 1, INT32_MAX },
	{ "MAXACTION", offsetof(struct program, max_action), 1, INT64_MAX / 16 },
	{ "MAXACTION_INTERRUPTIBLE", offsetof(struct program, max_action_user), 1, INT64_MAX },
	{ "MAXNESTING", offsetof(struct program, max_nesting), 1, 1 << 20 },
	{ "MAXERRORS", offsetof(struct program, max_errors), 0, INT64_MAX },
	{ "MAXSKIPPED", offsetof(struct program, max_skipped), 0, INT64_MAX },
	{ "MAXBACKTRACE", offsetof(struct program, max_backtrace), 1, STACK_FRAMES_MOST },
	{ "MAXSTACKBYTES", offsetof(struct program, stack_bytes), 4096, 1 << 18 },
	{ "TRYLOCKDELAY", NO_EFFECT, 0, 0 },
	{ "MINSTACKSPACE", NO_EFFECT, 0, 0 }, { "MAXTRYLOCK", NO_EFFECT, 0, 0 },
	{ "KRETACTIVE", NO_EFFECT, 0, 0 }, { "INTERRUPTIBLE", NO_EFFECT, 0, 0 },
	{ "STP_NO_OVERLOAD", NO_EFFECT, 0, 0 }, { "STP_OVERLOAD_THRESHOLD", NO_EFFECT, 0, 0 },
	{ "STP_OVERLOAD_INTERVAL", NO_EFFECT, 0, 0 }, { "STP_MAX_BUCKETS", NO_EFFECT, 0, 0 },
	{ "STP_TIMING_NSECS", NO_EFFECT, 0, 0 }, { "STP_FORCE_STDOUT_TTY", NO_EFFECT, 0, 0 },
	{ "STP_NO_BUILDID_CHECK", NO_EFFECT, 0, 0 }, { "STP_BUFFER_SIZE", NO_EFFECT, 0, 0 },
	{ "STP_OVERLOAD", NO_EFFECT, 0, 0 },
	{ "HIST_WIDTH", offsetof(struct program, hist_width), 1, PROGRAM_MAX_HIST_WIDTH },
	{ "HIST_ELISION", offsetof(struct program, hist_elision), -1, PROGRAM_MAX_HIST_WIDTH },
};

/* The row of "NAME[=VALUE]", and where the value begins (NULL: none). */
static const struct limit *limit_find(const char *define, const char **value)
{
	size_t length = strcspn(define, "=");

	*value = define[length] ? define + length + 1 : NULL;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (strlen(limits[i].name) == length && !strncmp(limits[i].name, define, length))
			return &limits[i];
	return NULL;
}

static bool limit_parse(const struct limit *limit, const char *value, int64_t *number)
{
	char *end;

	errno = 0;
	*number = value ? strtoll(value, &end, 0) : 1;
	return (!value || (!errno && *value && !*end)) && *number >= limit->least &&
	       *number <= limit->most;
}

static void limit_suggest(struct session *session, const char *define)
{
	const char *names[sizeof(limits) / sizeof(limits[0])], *near;
	const size_t count = sizeof(limits) / sizeof(limits[0]);

	for (size_t i = 0; i < count; i++)
		names[i] = limits[i].name;
	near = diag_nearest(arena_strndup(session->arena, define, strcspn(define, "=")), names,
			    count);
	if (near)
		diag_hint(session->diags, "did you mean %s?", near);
}

static bool limit_apply(struct session *session, struct program *head, const char *define)
{
	const char *value;
	const struct limit *limit = limit_find(define, &value);
	int64_t number;

	if (!limit) {
		diag(session->diags, DIAG_LOWER_DEFINE, (struct span){ 0 }, define);
		limit_suggest(session, define);
		return true;
	}
	if (limit->offset == NO_EFFECT)
		return true;
	if (!limit_parse(limit, value, &number))
		return diag(session->diags, DIAG_LOWER_DEFINE_VALUE, (struct span){ 0 }, define,
			    arena_printf(session->arena, "the value has to be %lld to %lld",
					 (long long)limit->least, (long long)limit->most));
	*(int64_t *)((char *)head + limit->offset) = number;
	/* As SystemTap: handlers that may be interrupted get ten times as much. */
	if (limit->offset == offsetof(struct program, max_action))
		head->max_action_user = 10 * number;
	return true;
}

bool lower_limits(struct lower *l)
{
	struct options *options = &l->session->options;
	struct program *head = &l->program->head;
	bool good = true;

	*head = (struct program){ .max_string = l->session->max_string,
		.max_map_entries = DEFAULT_MAXMAPENTRIES, .max_action = DEFAULT_MAXACTION,
		.max_action_user = DEFAULT_MAXACTION_USER, .max_skipped = DEFAULT_MAXSKIPPED,
		.max_backtrace = STACK_FRAMES_DEFAULT, .stack_bytes = STACK_BYTES_DEFAULT,
		.hist_width = DEFAULT_HIST_WIDTH, .hist_elision = DEFAULT_HIST_ELISION };
	for (size_t i = 0; i < options->defines.count; i++)
		good &= limit_apply(l->session, head, options->defines.data[i]);
	head->name = options->script_path ? options->script_path : "<input>";
	head->kernel_release = l->session->kernel.release;
	head->autoprint = !options->no_autoprint;
	head->suppress_errors = options->suppress_handler_errors;
	head->ring_bytes = options->ring_bytes;
	if (l->session->library)
		library_deps(l->session->library, &head->deps, &head->dep_count);
	return good;
}

void lower_max_string_option(struct session *session)
{
	if (!session->max_string)
		session->max_string = DEFAULT_MAXSTRINGLEN;
	for (size_t i = 0; i < session->options.defines.count; i++) {
		const char *value;
		const struct limit *limit = limit_find(session->options.defines.data[i], &value);
		int64_t number;

		if (limit && limit->offset == offsetof(struct program, max_string) &&
		    limit_parse(limit, value, &number))
			session->max_string = number;
	}
}
