/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of -o. With -S it is a row of files NAME.0, NAME.1 …, of which the last few are kept;
 * without, output_next() opens the file of the name again, as strftime() makes it now.
 *
 * output_open() and output_next() give a descriptor that stays theirs until the next call or
 * output_close(), or a negative errno after an error message.
 */
#ifndef SONDE_RUNTIME_OUTPUT_H
#define SONDE_RUNTIME_OUTPUT_H

#include <stdint.h>

struct output {
	const char *pattern;		/* -o */
	uint64_t limit;			/* bytes of a file; 0: no limit, one file */
	uint32_t keep;			/* files that are kept; 0: all */
	uint32_t number;		/* of files opened so far */
	char **names;			/* of those that are kept, by number modulo keep */
	int fd;				/* -1: none */
};

int output_open(struct output *output);
int output_next(struct output *output);
void output_close(struct output *output);

#endif
