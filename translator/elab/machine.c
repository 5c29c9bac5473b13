/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine a row. */
#include "translator/elab/machine.h"

#include <string.h>

#include "translator/session.h"

static const struct machine machines[] = {
	{ "x86_64", { 5, 4, 1, 2, 8, 9 }, 6, 0, 7, 16, 1 },
	{ "aarch64", { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 0, 31, 32, 0 },
	{ "arm64", { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 0, 31, 32, 0 },
};

const struct machine *machine_of(const struct session *session)
{
	const char *arch = session->kernel.arch;

	for (size_t i = 0; arch && i < sizeof(machines) / sizeof(machines[0]); i++)
		if (!strcmp(machines[i].arch, arch))
			return &machines[i];
	return &machines[0];
}
