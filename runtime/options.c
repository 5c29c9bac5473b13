/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/nearest.h"
#include "runtime/say.h"

enum { NO = no_argument, YES = required_argument, MAYBE = optional_argument };
enum option_flag { PASS = 1, KEY = 2, RUN = 4, HIDE = 8 };

struct option_row;
typedef int option_parse(struct options *options, const struct option_row *row, const char *value);

struct option_row {
	char letter;
	const char *name;
	int argument;
	option_parse *parse;
	size_t field;
	unsigned int flags;
	const char *metavar, *help;
};

static option_parse parse_flag, parse_count, parse_text, parse_nothing, parse_lists,
	parse_pass, parse_include, parse_pid, parse_seconds, parse_name, parse_megabytes,
	parse_rotation, parse_refused, parse_namespaces, parse_vp, parse_color, parse_accepted,
	parse_runtime, parse_kernel_only;

static const struct option_row rows[] = {
#define OPTION(letter, name, argument, parse, field, flags, metavar, help) \
	{ letter, name,	 argument, parse_##parse, offsetof(struct options, field),          \
	  flags,  metavar, help },
#include "runtime/options.def"
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* How the user wrote an option, for messages. */
static const char *row_spelling(const struct option_row *row, char *buf, size_t size)
{
	if (row->letter)
		snprintf(buf, size, "-%c", row->letter);
	else
		snprintf(buf, size, "--%s", row->name);
	return buf;
}

static int row_error(const struct option_row *row, const char *what, const char *value)
{
	char buf[64];

	say_error("%s: %s, not \"%s\"", row_spelling(row, buf, sizeof(buf)), what, value);
	return -EINVAL;
}

static void *row_field(struct options *options, const struct option_row *row)
{
	return (char *)options + row->field;
}

static int list_add(struct options_list *list, const char *text)
{
	const char **items = reallocarray(list->items, list->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->count++] = text;
	return 0;
}

static int parse_flag(struct options *options, const struct option_row *row, const char *value)
{
	(void)value;
	*(bool *)row_field(options, row) = true;
	return 0;
}

static int parse_count(struct options *options, const struct option_row *row, const char *value)
{
	(void)value;
	++*(int *)row_field(options, row);
	return 0;
}

/* What the rc file says can be said otherwise on the command line. */
static bool is_from_rc(const struct options *options, const char *text)
{
	for (size_t i = 0; i < options->rc.count; i++) {
		const char *word = options->rc.items[i];

		if (text >= word && text <= word + strlen(word))
			return true;
	}
	return false;
}

static int parse_text(struct options *options, const struct option_row *row, const char *value)
{
	const char **field = row_field(options, row);
	char buf[64];

	if (*field && !is_from_rc(options, *field)) {
		say_error("%s is given twice", row_spelling(row, buf, sizeof(buf)));
		return -EINVAL;
	}
	*field = value;
	return 0;
}

static int parse_nothing(struct options *options, const struct option_row *row, const char *value)
{
	(void)options;
	(void)row;
	(void)value;
	return 0;
}

static int parse_lists(struct options *options, const struct option_row *row, const char *value)
{
	(void)row;
	(void)value;
	options->lists = true;
	return 0;
}

static int parse_pass(struct options *options, const struct option_row *row, const char *value)
{
	if (value[0] < '1' || value[0] > '5' || value[1])
		return row_error(row, "the pass is a number from 1 to 5", value);
	options->last_pass = value[0] - '0';
	return 0;
}

static int parse_include(struct options *options, const struct option_row *row, const char *value)
{
	if (access(value, R_OK | X_OK))
		say_warning("-I %s: %s", value, strerror(errno));
	return list_add(row_field(options, row), value);
}

static int parse_pid(struct options *options, const struct option_row *row, const char *value)
{
	char *end;
	long pid = strtol(value, &end, 10);

	if (!*value || *end || pid <= 0 || pid > INT_MAX)
		return row_error(row, "a process number is wanted", value);
	options->pid = pid;
	return 0;
}

static int parse_seconds(struct options *options, const struct option_row *row, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	if (!isdigit((unsigned char)value[0]) || *end || !(seconds > 0) || seconds > 4e9)
		return row_error(row, "a time in seconds above 0 is wanted", value);
	options->time_limit_ns = (int64_t)(seconds * 1e9);
	return 0;
}

static int parse_name(struct options *options, const struct option_row *row, const char *value)
{
	size_t n = 0;

	while (isalnum((unsigned char)value[n]) || value[n] == '_' || value[n] == '-')
		n++;
	if (!n || value[n])
		return row_error(row, "a name of letters, digits, '_' and '-' is wanted", value);
	return parse_text(options, row, value);
}

static int parse_megabytes(struct options *options, const struct option_row *row, const char *value)
{
	char *end;
	long mb = strtol(value, &end, 10);

	if (!*value || *end || mb < 1 || mb > 4095)
		return row_error(row, "a number of megabytes from 1 to 4095 is wanted", value);
	options->ring_mb = mb;
	return 0;
}

static int parse_rotation(struct options *options, const struct option_row *row, const char *value)
{
	char *end;
	long mb = strtol(value, &end, 10), keep = *end == ',' ? strtol(end + 1, &end, 10) : 0;

	if (!isdigit((unsigned char)value[0]) || *end || end[-1] == ',' || mb < 1 ||
	    mb > 1 << 20 || keep < 0 || keep > 1 << 20 || (!keep && strchr(value, ',')))
		return row_error(row, "megabytes of a file are wanted, or MB,FILES", value);
	options->rotate_bytes = (int64_t)mb << 20;
	options->rotate_keep = keep;
	return 0;
}

static int parse_refused(struct options *options, const struct option_row *row, const char *value)
{
	char name[64];

	(void)options;
	(void)value;
	say_error("%s is not supported: %s", row_spelling(row, name, sizeof(name)), row->help);
	return -EINVAL;
}

static int parse_vp(struct options *options, const struct option_row *row, const char *value)
{
	size_t n = strspn(value, "0123456789");

	if (!n || n > 5 || value[n])
		return row_error(row, "one digit for each of up to five passes is wanted", value);
	if (n == 5)
		options->verbose += value[4] - '0';
	return 0;
}

static int parse_color(struct options *options, const struct option_row *row, const char *value)
{
	static const struct {
		const char *word;
		enum say_color color;
	} words[] = { { "auto", SAY_AUTO }, { "always", SAY_ALWAYS }, { "never", SAY_NEVER } };

	if (!value)
		value = "always";
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, value) == 0) {
			options->color = words[i].color;
			return 0;
		}
	return row_error(row, "auto, always or never is wanted", value);
}

static int parse_accepted(struct options *options, const struct option_row *row, const char *value)
{
	(void)options;
	(void)row;
	(void)value;
	return 0;
}

static int parse_runtime(struct options *options, const struct option_row *row, const char *value)
{
	(void)options;
	(void)row;
	if (strcmp(value, "bpf") != 0)
		say_warning("--runtime=%s has no effect: everything runs as BPF", value);
	return 0;
}

static int parse_kernel_only(struct options *options, const struct option_row *row,
			     const char *value)
{
	(void)options;
	(void)value;
	say_warning("%s has no effect: there is no kernel module to build, sign or send",
		    row->help);
	return 0;
}

/* Notes what the translator gets, as one argument: -Xvalue, --name=value. */
static int row_pass(struct options *options, const struct option_row *row, const char *value)
{
	char *text;
	int n;

	if (!(row->flags & PASS))
		return 0;
	n = row->letter ? asprintf(&text, "-%c%s", row->letter, value ? value : "")
			: asprintf(&text, "--%s%s%s", row->name, value ? "=" : "",
				   value ? value : "");
	if (n < 0)
		return -ENOMEM;
	if (list_add(&options->pass, text)) {
		free(text);
		return -ENOMEM;
	}
	if (row->flags & KEY && list_add(&options->key, text))
		return -ENOMEM;
	return (row->flags & (KEY | RUN)) == KEY ? list_add(&options->fixed, text) : 0;
}

/* The name space is a global of the tapset: -G sets it. */
static int parse_namespaces(struct options *options, const struct option_row *row,
			    const char *value)
{
	char path[64], link[64] = "", text[64];
	unsigned long long number;
	int32_t pid = 0;
	char *end;

	if (isdigit((unsigned char)*value))
		pid = (int32_t)strtol(value, &end, 10);
	if (pid <= 0 || *end)
		return row_error(row, "a process number is wanted", value);
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	if (readlink(path, link, sizeof(link) - 1) < 0 ||
	    sscanf(link, "pid:[%llu]", &number) != 1)
		return row_error(row, "its name spaces cannot be read", value);
	snprintf(text, sizeof(text), "__target_namespace=%llu", number);
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter == 'G')
			return row_pass(options, &rows[i], text);
	return -EINVAL;
}

/* getopt's tables, made from ours. The value of a long option is its row's index behind all
 * characters. */
struct getopt_tables {
	char letters[3 * ROW_COUNT + 2];
	struct option names[ROW_COUNT + 1];
	int row_of_letter[128];
};

static void tables_make(struct getopt_tables *tables)
{
	size_t at = 0, names = 0;

	memset(tables, 0, sizeof(*tables));
	tables->letters[at++] = ':';	/* a missing argument is told from an unknown option */
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_row *row = &rows[i];

		if (row->letter) {
			tables->row_of_letter[(int)row->letter] = (int)i + 1;
			tables->letters[at++] = row->letter;
			if (row->argument == YES)
				tables->letters[at++] = ':';
		}
		if (row->name)
			tables->names[names++] = (struct option){ row->name, row->argument, NULL,
								  128 + (int)i };
	}
}

/* Does @text look like a script rather than a file's name? */
static bool looks_like_script(const char *text)
{
	return strchr(text, '{') || strchr(text, '(') || strncmp(text, "probe ", 6) == 0;
}

static int script_find(struct options *options, int argc, char **argv, int at)
{
	if (options->script_text || options->lists) {
		options->args = (const char *const *)argv + at;
		options->arg_count = (size_t)(argc - at);
		return 0;
	}
	if (at == argc) {
		if (options->help || options->version || options->clean_cache)
			return 0;
		say_error("a script is wanted: a file, - for standard input, or -e 'SCRIPT'; "
			  "see sonde --help");
		return -EINVAL;
	}
	if (strcmp(argv[at], "-") != 0 && access(argv[at], F_OK) && looks_like_script(argv[at]))
		options->script_text = argv[at];
	else
		options->script_file = argv[at];
	options->args = (const char *const *)argv + at + 1;
	options->arg_count = (size_t)(argc - at - 1);
	return 0;
}

static int options_check(const struct options *options)
{
	if (options->command && options->pid) {
		say_error("-c and -x cannot be given together: there is one target");
		return -EINVAL;
	}
	if ((options->background || options->rotate_bytes) && !options->output) {
		say_error("%s needs -o FILE, where the output is to go",
			  options->background ? "-F" : "-S");
		return -EINVAL;
	}
	return 0;
}

/* ---- what getopt does not know ---- */

static int missing_argument(int c)
{
	const struct option_row *row;
	struct getopt_tables tables;
	char buf[64];

	tables_make(&tables);
	row = c < 128 ? &rows[tables.row_of_letter[c] - 1] : &rows[c - 128];
	say_error("%s lacks its argument, %s", c < 128 ? row_spelling(row, buf, sizeof(buf))
						       : strcat(strcpy(buf, "--"), row->name),
		  row->metavar ? row->metavar : "VALUE");
	return -EINVAL;
}

/* @text: what was given behind "--". */
static int unknown_name(const char *text)
{
	const char *names[ROW_COUNT], *nearest;
	size_t count = 0, starts = 0, length = strcspn(text, "=");
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)length, text);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (!rows[i].name)
			continue;
		names[count++] = rows[i].name;
		starts += strncmp(rows[i].name, text, length) == 0;
	}
	nearest = nearest_text(word, names, count);
	if (starts > 1)
		say_error("--%s begins several options' names; see sonde --help", word);
	else if (nearest)
		say_error("option --%s is not known; did you mean --%s?", word, nearest);
	else
		say_error("option --%s is not known; see sonde --help", word);
	return -EINVAL;
}

static int unknown_option(const char *given)
{
	if (optopt >= 128)
		say_error("--%s takes no argument", rows[optopt - 128].name);
	else if (optopt)
		say_error("option -%c is not known; see sonde --help (the script's own words that "
			  "begin with - stand behind --)", optopt);
	else
		return unknown_name(given + 2);
	return -EINVAL;
}

/* An option, after its argument was seen to be one. */
static int option_take(struct options *options, const struct option_row *row, const char *value)
{
	char buf[64];
	int rc;

	if (row->argument == YES && !*value) {
		say_error("%s: its argument is empty", row_spelling(row, buf, sizeof(buf)));
		return -EINVAL;
	}
	rc = row->parse(options, row, value);
	if (!rc)
		rc = row_pass(options, row, value);
	if (rc == -ENOMEM)
		say_error("out of memory");
	say_setup(options->verbose, (enum say_color)options->color, options->no_warnings);
	return rc;
}

/* Takes options wherever they stand before "--", behind the script too, as stap does; puts the
 * other words behind them: optind says where these begin. */
static int options_take(struct options *options, int argc, char **argv)
{
	struct getopt_tables tables;
	int c, rc = 0;

	tables_make(&tables);
	opterr = 0;
	optind = 0;	/* begins anew */
	while (!rc && (c = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		if (c == ':')
			rc = missing_argument(optopt);
		else if (c == '?')
			rc = unknown_option(argv[optind - 1]);
		else
			rc = option_take(options,
					 c < 128 ? &rows[tables.row_of_letter[c] - 1]
						 : &rows[c - 128],
					 optarg);
	}
	return rc;
}

static int take_rc(struct options *options, char *program)
{
	char path[PATH_MAX], **argv;
	int argc = 1, rc = options_read_rc(&options->rc, path, sizeof(path));

	if (rc || !options->rc.count)
		return rc;
	argv = calloc(options->rc.count + 2, sizeof(*argv));
	if (!argv)
		return -ENOMEM;
	argv[0] = program;
	for (size_t i = 0; i < options->rc.count; i++)
		argv[argc++] = (char *)options->rc.items[i];
	rc = options_take(options, argc, argv);
	if (rc)
		say_error("that is in %s", path);
	else if (optind < argc) {
		say_error("%s: options only, not \"%s\"", path, argv[optind]);
		rc = -EINVAL;
	}
	free(argv);
	return rc;
}

int options_parse(struct options *options, int argc, char **argv)
{
	int rc;

	memset(options, 0, sizeof(*options));
	options->last_pass = 5;
	rc = take_rc(options, argv[0]);
	if (!rc)
		rc = options_take(options, argc, argv);
	if (!rc)
		rc = script_find(options, argc, argv, optind);
	return rc ? rc : options_check(options);
}

void options_free(struct options *options)
{
	for (size_t i = 0; i < options->pass.count; i++)
		free((char *)options->pass.items[i]);
	free(options->pass.items);
	free(options->key.items);
	free(options->fixed.items);
	free(options->include_dirs.items);
	for (size_t i = 0; i < options->rc.count; i++)
		free((char *)options->rc.items[i]);
	free(options->rc.items);
}

void options_warn_translated(const struct options *options)
{
	for (size_t i = 0; i < options->fixed.count; i++)
		say_warning("%s has no effect: the program is already translated",
			    options->fixed.items[i]);
}

void options_print_help(void)
{
	printf("Usage: sonde [options] FILE|-|-e 'SCRIPT'|'ONE-LINER'|PROGRAM.sonde [arguments]\n"
	       "Traces programs and the kernel with SystemTap scripts, run as eBPF.\n\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_row *row = &rows[i];
		char left[80];
		int n = 0;

		if (row->flags & HIDE || row->parse == parse_refused)
			continue;
		if (row->letter)
			n = snprintf(left, sizeof(left), "-%c", row->letter);
		if (row->name)
			n += snprintf(left + n, sizeof(left) - (size_t)n, "%s--%s", n ? ", " : "",
				      row->name);
		if (row->metavar)
			snprintf(left + n, sizeof(left) - (size_t)n,
				 row->argument == MAYBE ? "[=%s]" : row->letter ? " %s" : "=%s",
				 row->metavar);
		printf("  %-28s %s\n", left, row->help);
	}
	printf("\nSee sonde(1) for what each does, and doc/language.md for the language.\n");
}
