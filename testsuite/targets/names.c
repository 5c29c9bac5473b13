/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: calls hit() under names of different lengths, long ones first
//# cc: gcc
//# opt: O2
#include <sys/prctl.h>

__attribute__((noinline)) void hit(int n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

int main(void)
{
	static const char *const names[] = { "fifteen letters", "much too long to be kept",
					     "nine chrs", "8 chars.", "7 chars", "a", "",
					     "8 chars.", "a" };

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
		prctl(PR_SET_NAME, names[i]);
		hit((int)i);
	}
	return 0;
}
