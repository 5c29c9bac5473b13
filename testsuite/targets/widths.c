/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: a parameter of each width and sign, more of them than there are registers
#include <stdbool.h>

enum colour { RED, BLUE = -3 };
typedef unsigned long word;
typedef word number;

__attribute__((noinline)) int widths(signed char sc, unsigned char uc, short s, unsigned short us,
				     int i, unsigned int u, long l, number ul, bool b,
				     enum colour colour, char c)
{
	volatile int sum = sc + uc + s + us + i + u + l + ul + b + colour + c;

	return sum;
}

/* nobody knows who calls it, so that no parameter becomes a constant */
int (*volatile call)(signed char, unsigned char, short, unsigned short, int, unsigned int, long,
		     number, bool, enum colour, char) = widths;

int main(void)
{
	call(-5, 250, -300, 65000, -70000, 4000000000u, -5000000000L, 12345678901234567890ul,
	       true, BLUE, 'Z');
	return 0;
}
