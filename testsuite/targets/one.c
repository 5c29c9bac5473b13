/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: calls hit() once, or as often as its argument says; run-both puts its handler there
//# cc: gcc
//# opt: O2
#include <stdlib.h>

__attribute__((noinline)) void hit(int n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

int main(int argc, char **argv)
{
	int times = argc > 1 ? atoi(argv[1]) : 1;

	for (int i = 0; i < times; i++)
		hit(i);
	return 0;
}
