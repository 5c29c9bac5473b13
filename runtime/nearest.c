/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/nearest.h"

#include <string.h>

enum { NEAREST_LONGEST = 64 };

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* Edit distance with swapped neighbours counted once; both words at most NEAREST_LONGEST. */
static int distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int rows[3][NEAREST_LONGEST + 1];
	int *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		last[j] = (int)j;
	for (size_t i = 1; i <= a_length; i++) {
		int *spare = before;

		now[0] = (int)i;
		for (size_t j = 1; j <= b_length; j++) {
			int changed = last[j - 1] + (a[i - 1] != b[j - 1]);

			now[j] = smaller(changed, smaller(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = smaller(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b_length];
}

const char *nearest_text(const char *word, const char *const *candidates, size_t count)
{
	size_t length = strlen(word);
	int best = length <= 2 ? 1 : length <= 5 ? 2 : 3;	/* accepted distance: below + 1 */
	const char *found = NULL;

	if (!length || length > NEAREST_LONGEST)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(candidates[i]);
		int d;

		if (other > NEAREST_LONGEST || other > length + 3 || length > other + 3)
			continue;
		d = distance(word, length, candidates[i], other);
		/* What shares no letter in place is not near, however short. */
		if (d && d <= best && (size_t)d < (length > other ? length : other)) {
			best = d - 1;
			found = candidates[i];
		}
	}
	return found;
}
