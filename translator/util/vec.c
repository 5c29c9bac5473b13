/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "translator/util/vec.h"

void *vec_grow(struct arena *arena, void *data, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 4;
	/* An overflowing product asks the arena for more than there is, which ends the process. */
	void *grown = arena_alloc(arena, wanted > SIZE_MAX / size ? SIZE_MAX : wanted * size);

	if (count)
		memcpy(grown, data, count * size);
	*capacity = wanted;
	return grown;
}
