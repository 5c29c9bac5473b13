/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "runtime/vm-intrinsics.h"

static const struct vm_intrinsic table[] = {
#define VM_INTRINSIC(name, result, args, function) { #name, result, args, builtin_##function },
#include "runtime/vm-intrinsics.def"
};

static int name_compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct vm_intrinsic *)row)->name);
}

const struct vm_intrinsic *vm_intrinsic_find(const char *name)
{
	return bsearch(name, table, sizeof(table) / sizeof(*table), sizeof(*table), name_compare);
}
