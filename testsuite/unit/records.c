/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: records become text and errors; damaged ones are counted and do no harm
//# link: sonde
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/program.h"
#include "runtime/records.h"
#include "runtime/sink.h"

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static const struct program_piece pieces[] = {
	{ .conv = 'd' }, { .literal = " ", .literal_length = 1 }, { .conv = 's' },
	{ .literal = "\n", .literal_length = 1 },
};
static const uint32_t types[] = { PROGRAM_LONG, PROGRAM_STRING };
static const struct program_print prints[] = {
	{ .pieces = pieces, .piece_count = 4, .arg_types = types, .arg_count = 2 },
};
static const struct program_place places[] = { { "operator '/'", "a.stp", 3, 9 },
					       { "identifier 'f'", "a.stp", 7, 2 } };
static const struct program_handler handlers[] = { { .name = "process(\"x\").mark(\"y\")" } };
static const struct program program = {
	.prints = prints, .print_count = 1, .places = places, .place_count = 2,
	.handlers = handlers, .handler_count = 1,
};

struct output_record {
	struct abi_record head;
	struct abi_item item;
	int64_t number;
	struct abi_text text;
	char bytes[8];
};

static struct output_record output_make(void)
{
	return (struct output_record){
		.head = { RECORD_OUTPUT, 0,
			  sizeof(struct output_record) - sizeof(struct abi_record) },
		.item = { 0,
			  sizeof(struct output_record) - offsetof(struct output_record, number) },
		.number = -5,
		.text = { 3, 8 },
		.bytes = "abc",
	};
}

/* What has been written to @name since the last call. */
static const char *written(int fd)
{
	static char text[4096];
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);

	text[size > 0 ? size : 0] = '\0';
	if (ftruncate(fd, 0))
		abort();
	return text;
}

static void test_good(struct records *records, struct sink *sink, int out, int err)
{
	struct output_record output = output_make();
	struct {
		struct abi_record head;
		struct abi_error error;
	} failure = { { RECORD_ERROR, 0, sizeof(failure.error) },
		      { .fault = FAULT_DIVISION, .chain_length = 1, .chain = { 1 } } };

	ok(!records_decode(records, &output, sizeof(output)), "output is taken");
	sink_flush(sink);
	ok(!strcmp(written(out), "-5 abc\n"), "and printed");
	ok(!records_decode(records, &failure, sizeof(failure)), "an error is taken");
	ok(!strcmp(written(err),
		   "ERROR: division by 0 near operator '/' at a.stp:3:9 (called from "
		   "identifier 'f' at a.stp:7:2) in probe process(\"x\").mark(\"y\")\n"),
	   "and told");
}

static void test_damaged(struct records *records, struct sink *sink, int out)
{
	struct output_record output;

	for (size_t size = 0; size < sizeof(output); size++) {
		output = output_make();
		records_decode(records, &output, size);
	}
	ok(records_damaged(records) == sizeof(output), "shortened records are counted");
	output = output_make();
	output.text.length = 9;
	ok(records_decode(records, &output, sizeof(output)) == -EPROTO, "a string past its room");
	output = output_make();
	output.item.print = 1;
	ok(records_decode(records, &output, sizeof(output)) == -EPROTO, "an unknown print");
	output = output_make();
	output.head.kind = 99;
	ok(records_decode(records, &output, sizeof(output)) == -EPROTO, "an unknown kind");
	for (size_t i = 0; i < 8 * sizeof(output); i++) {
		output = output_make();
		((unsigned char *)&output)[i / 8] ^= (unsigned char)(1 << i % 8);
		records_decode(records, &output, sizeof(output));
	}
	ok(true, "flipped bits do no harm");
	sink_flush(sink);
	written(out);
}

int main(void)
{
	int out = open("out", O_RDWR | O_CREAT | O_APPEND, 0600);
	int err = open("err", O_RDWR | O_CREAT | O_APPEND, 0600);
	struct sink_config config = { .out = out, .err = err };
	struct sink *sink = sink_open(&sink_kind_text, &config);
	struct abi_session session = { 0 };
	struct records *records = records_new(&program, sink, &session, NULL);

	test_good(records, sink, out, err);
	test_damaged(records, sink, out);
	records_free(records);
	sink_close(sink);
	printf("1..%d\n", tests);
	return failures != 0;
}
