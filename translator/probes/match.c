/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "translator/probes/probe-kind.h"

const struct probe_arg *probe_match_arg(const struct probe_match *match, const char *functor)
{
	for (size_t i = 0; i < match->arg_count; i++)
		if (strcmp(match->args[i].functor, functor) == 0)
			return &match->args[i];
	return NULL;
}
