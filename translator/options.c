/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/options.h"
#include "translator/util/arena.h"

struct option_row;

typedef bool option_parser(struct command *command, const struct option_row *row,
			   const char *value);

struct option_row {
	char letter;
	const char *name;
	int argument;
	option_parser *parse;
	size_t field;
};

static option_parser parse_script, parse_list, parse_define, parse_list_point, parse_pass,
	parse_flag, parse_prologue, parse_text, parse_nothing, parse_language, parse_download,
	parse_pid, parse_number, parse_megabytes, parse_count, parse_vp, parse_color;

static const struct option_row rows[] = {
#define NO no_argument
#define YES required_argument
#define MAYBE optional_argument
#define OPTION(letter, name, argument, parse, field)                                         \
	{ letter, name, argument, parse_##parse, offsetof(struct command, field) },
#include "translator/options.def"
#undef NO
#undef YES
#undef MAYBE
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void *row_field(struct command *command, const struct option_row *row)
{
	return (char *)command + row->field;
}

static bool row_error(const struct option_row *row, const char *why, const char *value)
{
	if (row->letter)
		fprintf(stderr, "error: -%c: %s, not '%s'\n", row->letter, why, value);
	else
		fprintf(stderr, "error: --%s: %s, not '%s'\n", row->name, why, value);
	return false;
}

static bool parse_flag(struct command *command, const struct option_row *row, const char *value)
{
	(void)value;
	*(bool *)row_field(command, row) = true;
	return true;
}

static bool parse_count(struct command *command, const struct option_row *row, const char *value)
{
	(void)value;
	++*(int *)row_field(command, row);
	return true;
}

static bool parse_text(struct command *command, const struct option_row *row, const char *value)
{
	*(const char **)row_field(command, row) = value;
	return true;
}

static bool parse_language(struct command *command, const struct option_row *row,
			   const char *value)
{
	if (!isdigit((unsigned char)*value) || value[strspn(value, "0123456789.")])
		return row_error(row, "a version such as 4.8 is wanted", value);
	if (strverscmp(value, LANGUAGE_VERSION) > 0)
		return row_error(row, "the newest version known is " LANGUAGE_VERSION, value);
	return parse_text(command, row, value);
}

static bool parse_nothing(struct command *command, const struct option_row *row, const char *value)
{
	(void)command;
	(void)row;
	(void)value;
	return true;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* NAME[=VALUE]: what it names is looked at when the program is made. */
static bool parse_define(struct command *command, const struct option_row *row, const char *value)
{
	const char *p = value;

	if (isdigit((unsigned char)*p) || !is_word(*p))
		return row_error(row, "expected NAME or NAME=VALUE", value);
	while (is_word(*p))
		p++;
	if (*p == '=') {
		p += p[1] == '-' ? 2 : 1;
		if (!is_word(*p))
			return row_error(row, "a word or a number is wanted behind '='", value);
		while (is_word(*p))
			p++;
	}
	if (*p)
		return row_error(row, "expected NAME or NAME=VALUE", value);
	return parse_list(command, row, value);
}

static bool parse_list(struct command *command, const struct option_row *row, const char *value)
{
	VEC(const char *) *list = row_field(command, row);

	*vec_push(command->session.arena, list) = value;
	return true;
}

static bool parse_script(struct command *command, const struct option_row *row, const char *value)
{
	const char **field = row_field(command, row);

	if (*field) {
		fputs("error: there is one script: -e, -l or -L was given twice; "
		      "-E adds another\n", stderr);
		return false;
	}
	*field = value;
	command->session.options.one_liner = true;
	return true;
}

/* -l and -L: a probe without a handler, of which only the points are wanted. */
static bool parse_list_point(struct command *command, const struct option_row *row,
			     const char *value)
{
	struct options *options = &command->session.options;

	if (options->script_text)
		return parse_script(command, row, value);
	options->script_text = arena_printf(command->session.arena, "probe %s { }", value);
	return parse_flag(command, row, value);
}

/* A whole number from @least to @most. */
static bool number_parse(const struct option_row *row, const char *value, long least, long most,
			 const char *why, int64_t *out)
{
	char *end;
	long number = strtol(value, &end, 10);

	if (!isdigit((unsigned char)*value) || *end || number < least || number > most)
		return row_error(row, why, value);
	*out = number;
	return true;
}

static bool parse_pass(struct command *command, const struct option_row *row, const char *value)
{
	int64_t pass;

	if (!number_parse(row, value, 1, PASSES, "the pass is a number from 1 to 5", &pass))
		return false;
	*(int *)row_field(command, row) = (int)pass;
	return true;
}

static bool parse_pid(struct command *command, const struct option_row *row, const char *value)
{
	return number_parse(row, value, 1, INT_MAX, "a process number is wanted",
			    row_field(command, row));
}

static bool parse_number(struct command *command, const struct option_row *row, const char *value)
{
	return number_parse(row, value, 0, INT_MAX, "a number is wanted", row_field(command, row));
}

static bool parse_megabytes(struct command *command, const struct option_row *row,
			    const char *value)
{
	int64_t *bytes = row_field(command, row);

	if (!number_parse(row, value, 1, 4095, "a number of megabytes from 1 to 4095 is wanted",
			  bytes))
		return false;
	*bytes <<= 20;
	return true;
}

static bool parse_vp(struct command *command, const struct option_row *row, const char *value)
{
	int *passes = row_field(command, row);
	size_t count = strspn(value, "0123456789");

	if (!count || count > PASSES || value[count])
		return row_error(row, "one digit for each of up to five passes is wanted", value);
	for (size_t i = 0; i < count; i++)
		passes[i] += value[i] - '0';
	return true;
}

/* A word's index in @words, which ends with NULL; -1 and a message if it is none. */
static int word_find(const struct option_row *row, const char *value, const char *const *words,
		     const char *why)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return i;
	row_error(row, why, value);
	return -1;
}

static bool parse_prologue(struct command *command, const struct option_row *row,
			   const char *value)
{
	static const char *const words[] = { "never", "always", "auto", NULL };
	int word = word_find(row, value && *value ? value : "always", words,
			     "never, always or auto is wanted");

	*(bool *)row_field(command, row) = word == 1;
	return word >= 0;
}

static bool parse_color(struct command *command, const struct option_row *row, const char *value)
{
	static const char *const words[] = { "auto", "always", "never", NULL };
	int word = word_find(row, value ? value : "always", words,
			     "auto, always or never is wanted");

	*(enum color_when *)row_field(command, row) = (enum color_when)(word < 0 ? 0 : word);
	return word >= 0;
}

/* libdebuginfod asks the servers that the environment names; without the name it asks none. */
static bool parse_download(struct command *command, const struct option_row *row, const char *value)
{
	static const char *const words[] = { "no", "yes", "ask", NULL };
	int word = word_find(row, value ? value : "yes", words, "yes, no or ask is wanted");

	(void)command;
	if (!word)
		unsetenv("DEBUGINFOD_URLS");
	return word >= 0;
}

/* getopt's tables, made from ours. A long option's value is its row's index behind all letters. */
struct getopt_tables {
	char letters[3 * ROWS + 2];
	struct option names[ROWS + 1];
	const struct option_row *of_letter[128];
};

static void tables_make(struct getopt_tables *tables)
{
	size_t at = 0, names = 0;

	memset(tables, 0, sizeof *tables);
	tables->letters[at++] = '+';	/* what follows the script is its own */
	for (int i = 0; i < ROWS; i++) {
		if (rows[i].letter) {
			tables->of_letter[(int)rows[i].letter] = &rows[i];
			tables->letters[at++] = rows[i].letter;
			for (int colons = rows[i].argument; colons > 0; colons--)
				tables->letters[at++] = ':';
		}
		if (rows[i].name)
			tables->names[names++] = (struct option){ rows[i].name, rows[i].argument,
								  NULL, 128 + i };
	}
}
_Static_assert(required_argument == 1 && optional_argument == 2, "as many as getopt's colons");

static bool script_find(struct command *command, int argc, char **argv, int at)
{
	struct options *options = &command->session.options;

	if (!options->script_text && at < argc)
		options->script_path = argv[at++];
	for (; at < argc; at++)
		*vec_push(command->session.arena, &options->args) = argv[at];
	if (options->script_text || options->script_path || command->dump_types ||
	    command->dump_aliases || command->dump_functions || command->index_dir ||
	    command->help || command->version)
		return true;
	fputs("error: a script is wanted: a file, - for standard input, or -e 'SCRIPT'\n", stderr);
	return false;
}

bool options_parse(struct command *command, int argc, char **argv)
{
	struct getopt_tables tables;
	int c;

	tables_make(&tables);
	command->output_fd = command->script_fd = -1;
	command->session.options.last_pass = PASSES;
	while ((c = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		const struct option_row *row;

		if (c == '?')
			return false;	/* getopt has said it */
		row = c < 128 ? tables.of_letter[c] : &rows[c - 128];
		if (!row->parse(command, row, optarg))
			return false;
	}
	return script_find(command, argc, argv, optind);
}

void options_print_help(void)
{
	puts("sonde-translate [OPTION]… FILE|-|-e SCRIPT [ARGUMENT]…\n"
	     "Translates a script into a program for sonde, which runs it; see sonde --help.\n"
	     "  -pN -o FILE --output-fd=N      how far to go, and where the program goes\n"
	     "  --dump=tokens|tree|ir          what a stage made\n"
	     "  --index-tapsets=DIR            write DIR/index");
}
