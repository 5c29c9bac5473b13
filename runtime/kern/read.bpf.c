/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text of the traced process of which a page is not in memory. */
#include "runtime/kern/kern.h"

enum { PAGE = 4096, PAGES_MAX = 3 };

/*
 * Like bpf_probe_read_user_str(), but waits for the pages: one byte of each is fetched by a helper
 * that may sleep, until the text can be read. Only as far as the text goes, which may end right
 * before what is not mapped.
 */
KERN_CALL long sonde_read_paged(void *to, u64 size, u64 address)
{
	u64 at = address;
	long got = -1;

	for (int i = 0; i < PAGES_MAX && got < 0; i++) {
		u8 byte;

		if (bpf_copy_from_user(&byte, 1, (const void *)at))
			return -1;
		got = bpf_probe_read_user_str(to, size, (const void *)address);
		at = (at | (PAGE - 1)) + 1;
	}
	return got;
}
