/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The build-id of an ELF file, from its notes, in hexadecimal. Nothing to free. */
#ifndef SONDE_RUNTIME_BUILD_ID_H
#define SONDE_RUNTIME_BUILD_ID_H

#define BUILD_ID_TEXT 129	/* bytes with the NUL */

/* 0; -ENODATA: it has none (@text is "" then); another negative errno: it could not be read. */
int build_id_read(const char *path, char text[BUILD_ID_TEXT]);
/* That of the running kernel, likewise. */
int build_id_of_kernel(char text[BUILD_ID_TEXT]);

#endif
