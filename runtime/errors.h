/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of run-time errors, as SystemTap words them:
 *   division by 0 near operator '/' at <input>:1:53 (called from …) in probe begin
 */
#ifndef SONDE_ERRORS_H
#define SONDE_ERRORS_H

#include <stdbool.h>
#include <stdint.h>

struct abi_error;
struct abi_frames;
struct buf;
struct program;

/* Appends what went wrong, without the place: what catch (message) sees. @text: of FAULT_USER. */
void error_what(struct buf *out, const struct program *program, const struct abi_error *error,
		const char *text, uint32_t length);
/* Appends the whole message, without "ERROR: ". Indices out of range are left out. */
void error_describe(struct buf *out, const struct program *program, uint32_t handler,
		    const struct abi_error *error, const char *text, uint32_t length);
/* Puts the calls that only the run knew among the error's. */
void error_add_frames(struct abi_error *error, const struct abi_frames *frames);
/* May try/catch catch it? */
bool error_is_catchable(uint32_t fault);
/* Does it count, and is it shown? abort() is no error. */
bool error_is_counted(uint32_t fault);

#endif
