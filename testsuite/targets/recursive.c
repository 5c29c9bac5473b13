/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: a function that calls itself
#include <stdio.h>

__attribute__((noinline)) long factorial(int n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

int main(void)
{
	printf("%ld\n", factorial(4));
	return 0;
}
