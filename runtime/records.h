/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of the ring buffer (runtime/abi.h) become text, actions and error messages here, in the
 * order they come. The kernel handlers count their own errors in struct abi_session; decoding only
 * prints. Nothing in a record is trusted: counts and sizes are checked against the record's own
 * size and the program's tables. records_free() frees; program, sink and session stay the caller's.
 */
#ifndef SONDE_RECORDS_H
#define SONDE_RECORDS_H

#include <stddef.h>

struct abi_session;
struct program;
struct records;
struct sink;
struct stacks;

/* @stacks: makes texts of tokens; NULL: there are none. */
struct records *records_new(const struct program *program, struct sink *sink,
			    struct abi_session *session, struct stacks *stacks);
/* One record. 0, or -EPROTO when it is damaged (counted, the caller may go on with the next). */
int records_decode(struct records *records, const void *record, size_t size);
/* Damaged records so far. */
unsigned long records_damaged(const struct records *records);
void records_free(struct records *records);

/* How one kind of action treats the text of a print: rows by enum program_action. */
struct record_action {
	const char *name;
	void (*run)(struct sink *sink, const char *text, size_t size);
};
extern const struct record_action record_actions[];

#endif
