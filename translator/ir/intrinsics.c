/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

#include "runtime/program.h"
#include "translator/ir/intrinsics.h"

static const struct intrinsic intrinsics[] = {
#define INTRINSIC(name, signature, effects, how, arg, text, where, width) \
	{ #name, signature, effects, how, arg, text, where, width },
#include "translator/ir/intrinsics.def"
};

const struct intrinsic *intrinsic_find(const char *name)
{
	for (size_t i = 0; i < sizeof(intrinsics) / sizeof(intrinsics[0]); i++)
		if (!strcmp(intrinsics[i].name, name))
			return &intrinsics[i];
	return NULL;
}
