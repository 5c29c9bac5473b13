/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <string.h>
#include <zlib.h>

#include "translator/parse/parse.h"
#include "translator/parse/state.h"
#include "translator/session.h"
#include "translator/util/diag.h"
#include "translator/util/intern.h"

struct parse_state *state_get(struct session *session)
{
	struct parse_state *state = session->parse;

	if (state)
		return state;
	state = arena_new_of(session->arena, struct parse_state);
	map_init(&state->macros, session->arena);
	map_init(&state->sought, session->arena);
	map_init(&state->kconfig, session->arena);
	state->argument_used = arena_alloc(session->arena, session->options.args.count + 1);
	session->parse = state;
	return state;
}

void parse_set_macro_finder(struct session *session,
			    void (*find)(struct session *session, const char *name))
{
	state_get(session)->find_macro = find;
}

void state_argument_used(struct session *session, size_t index)
{
	state_get(session)->argument_used[index] = true;
}

void parse_check_arguments(struct session *session)
{
	struct parse_state *state = state_get(session);
	struct span nowhere = { 0 };

	for (size_t i = 0; i < session->options.args.count; i++)
		if (!state->argument_used[i])
			diag(session->diags, DIAG_PRE_ARGUMENT_UNUSED, nowhere, (int)i + 1,
			     session->options.args.data[i]);
}

const char *state_language_version(struct session *session)
{
	return session->options.compatible ? session->options.compatible : LANGUAGE_VERSION;
}

bool state_is_before(struct session *session, const struct source *source, const char *version)
{
	return session->options.compatible && !(source && source->tapset) &&
	       strverscmp(session->options.compatible, version) < 0;
}

/* One line of a configuration: CONFIG_X=value. */
static void kconfig_line(struct session *session, struct map *map, char *line)
{
	char *value = strchr(line, '=');
	size_t length;

	if (strncmp(line, "CONFIG_", 7) || !value)
		return;
	*value++ = '\0';
	length = strcspn(value, "\r\n");
	if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
		value++;
		length -= 2;
	}
	map_put(map, intern_str(session->names, line),
		arena_strndup(session->arena, value, length));
}

static void kconfig_read(struct session *session, struct parse_state *state)
{
	char line[4096];
	gzFile file;	/* reads a file that is not compressed as it is */

	state->kconfig_read = true;
	if (!session->kernel.config_path)
		return;
	file = gzopen(session->kernel.config_path, "r");
	if (!file)
		return;
	while (gzgets(file, line, sizeof line))
		kconfig_line(session, &state->kconfig, line);
	gzclose(file);
}

const char *state_kconfig(struct session *session, const char *name)
{
	struct parse_state *state = state_get(session);
	const char *value;

	if (!state->kconfig_read)
		kconfig_read(session, state);
	value = map_get(&state->kconfig, name);
	return value ? value : "";
}
