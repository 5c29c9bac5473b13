/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: what a program needs and this kernel or this version has not is said, with the place
//# link: sonde
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/features.h"
#include "runtime/program.h"

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static const struct program_place places[] = { { "", "", 0, 0 },
					       { "identifier 'f'", "a.stp", 7, 2 } };

/* What is written to stderr when a program needs @name; *@fine: whether it may run. */
static const char *answer(const char *name, uint32_t place, bool *fine)
{
	static char text[512];
	const struct program_need need = { .feature = name, .place = place };
	const struct program program = {
		.places = places, .place_count = 2, .needs = &need, .need_count = 1
	};
	int keep = dup(2), file = open("err", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ssize_t size;

	dup2(file, 2);
	*fine = features_check(&program);
	fflush(stderr);
	dup2(keep, 2);
	size = pread(file, text, sizeof(text) - 1, 0);
	text[size > 0 ? size : 0] = '\0';
	close(file);
	close(keep);
	return text;
}

static void test_row(enum feature feature, const char *name, const char *said)
{
	bool fine, has = feature_has(feature);
	const char *text = answer(name, 1, &fine);
	char what[160];

	snprintf(what, sizeof(what), "%s: %s", name, has ? "there, nothing is said" : "missing");
	if (has)
		ok(fine && !*text, what);
	else
		ok(!fine && strstr(text, said) &&
			   strstr(text, ": needed by identifier 'f' at a.stp:7:2\n"), what);
}

int main(void)
{
	bool fine;

	ok(strstr(answer("tomorrow", 1, &fine),
		  "this program needs \"tomorrow\", which this version of sonde does not know: "
		  "needed by identifier 'f' at a.stp:7:2") && !fine, "an unknown need");
	ok(strstr(answer("tomorrow", 99, &fine), "does not know\n") && !fine,
	   "a place that is none");
#define FEATURE(id, name, probe, argument, since, what) \
	test_row(FEATURE_##id, name, " lacks " what " (in Linux since " since ")");
#include "runtime/features.def"
	printf("1..%d\n", tests);
	return failures != 0;
}
